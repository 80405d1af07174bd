/**
 * The part of the widget that every page loads: a button to open the chat, and a way out.
 *
 * The emergency card in the page stays where it is; this only adds to it. All else (chat.js, words,
 * patterns, styles) is fetched at the first press of the button. Nothing is stored.
 */

{
// Filled in by the server: the hashes of the code below, and this file's own words by language.
const GIVEN = { hashes: {}, words: {} };
// A module has no current script; then the files are found by the element's own `server`.
const SCRIPT = document.currentScript?.src;
const PRESSES = 3;
const WITHIN = 5000;
const NOWHERE = "about:blank";
const KEPT = "waymark";
const QUIET = { credentials: "omit", referrerPolicy: "no-referrer" };

const STYLE = `
:host { display: block; }
:host([hidden]) { display: none; }
.dock { position: fixed; z-index: 2147483000; inset-block-end: max(1rem, env(safe-area-inset-bottom));
  inset-inline-end: 1rem; display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .5rem;
  max-inline-size: calc(100vw - 2rem); font: 1rem/1.4 var(--waymark-font, system-ui, sans-serif); }
:host([inline]) .dock { position: static; justify-content: flex-start; margin-block-start: 1rem; }
button { min-block-size: 48px; min-inline-size: 48px; padding: .5rem 1.1rem; cursor: pointer;
  font: inherit; font-weight: 600; border-radius: 999px; border: 2px solid transparent; }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #10222b; outline-offset: 0; }
[part=launcher] { background: var(--waymark-accent, #0b5563); color: var(--waymark-on-accent, #fff);
  border-color: #fff; }
[part=exit] { background: var(--waymark-exit, #fff); color: var(--waymark-on-exit, #8c1d18);
  border-color: currentColor; }
.told { flex-basis: 100%; margin: 0; padding: .75rem 1rem; border-radius: 12px; background: #fff;
  color: #17242c; border: 2px solid #8c1d18; }
.told a { display: inline-block; padding: .6rem .8rem; color: #8c1d18; font-weight: 700; }
[hidden] { display: none; }
`;

/** A page of the site's choice to land on; anything but a web address becomes an empty page. */
function harmless(chosen) {
  try {
    const url = new URL(chosen, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : NOWHERE;
  } catch {
    return NOWHERE;
  }
}

/** Loads a module under its pinned hash; the browser keeps what was checked for the import. */
function checked(url, integrity) {
  return new Promise((resolve, reject) => {
    const link = document.createElement("link");
    if (!link.relList?.supports?.("modulepreload")) {
      resolve();
      return;
    }
    link.rel = "modulepreload";
    link.crossOrigin = "anonymous";
    link.referrerPolicy = "no-referrer";
    link.integrity = integrity;
    link.href = url;
    link.onload = resolve;
    link.onerror = () => reject(new Error(url));
    document.head.append(link);
    setTimeout(() => link.remove());
  });
}

async function fetched(url, as, integrity) {
  const reply = await fetch(url, integrity ? { ...QUIET, integrity } : QUIET);
  if (!reply.ok) throw new Error(url);
  return reply[as]();
}

class WaymarkChat extends HTMLElement {
  #chat = null;
  #presses = [];
  #left = false;
  #tries = 0;
  #language = "en";

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    addEventListener("keydown", this.#pressed, true);
    addEventListener("pagehide", this.#hidden);
    addEventListener("pageshow", this.#shown);
  }

  disconnectedCallback() {
    removeEventListener("keydown", this.#pressed, true);
    removeEventListener("pagehide", this.#hidden);
    removeEventListener("pageshow", this.#shown);
  }

  /** Opens the chat, as its button does. */
  async open() {
    if (this.dataset.state === "opening" || this.#left) return;
    if (this.#chat) {
      this.#chat.open();
      return;
    }
    const words = this.#words();
    this.dataset.state = "opening";
    this.launcher.setAttribute("aria-busy", "true");
    this.launcher.textContent = words.loading;
    this.told.hidden = true;
    try {
      const start = await this.#load();
      this.launcher.textContent = words.launch;
      if (this.#left) return;
      this.#chat = start;
      this.#chat.open();
    } catch {
      this.#unreachable(words);
    }
    this.launcher.removeAttribute("aria-busy");
  }

  /** Goes away: empty first, then elsewhere; the server is told to delete. */
  leave() {
    if (this.#left) return;
    this.#left = true;
    document.documentElement.replaceChildren();
    this.#end();
    location.replace(this.hasAttribute("exit-to") ? harmless(this.getAttribute("exit-to")) : NOWHERE);
  }

  #words() {
    return GIVEN.words[this.#language] ?? {};
  }

  #server() {
    const url = new URL(this.getAttribute("server") || new URL("..", SCRIPT ?? location), location);
    if (!url.pathname.endsWith("/")) url.pathname += "/";
    return url;
  }

  #build() {
    const asked = (this.lang || document.documentElement.lang || "en").toLowerCase();
    const known = [asked, asked.split("-")[0]].find((name) => GIVEN.words[name]);
    this.#language = known ?? "en";
    const words = this.#words();
    const root = this.attachShadow({ mode: "open" });
    if ("adoptedStyleSheets" in root) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    }
    const button = (part, text, press) => {
      const made = document.createElement("button");
      made.type = "button";
      made.setAttribute("part", part);
      made.textContent = text;
      made.addEventListener("click", press);
      return made;
    };
    const dock = document.createElement("div");
    dock.className = "dock";
    this.told = document.createElement("p");
    this.told.className = "told";
    this.told.setAttribute("role", "status");
    this.told.hidden = true;
    this.exit = button("exit", words.exit, () => this.leave());
    this.launcher = button("launcher", words.launch, () => this.open());
    this.launcher.setAttribute("aria-haspopup", "dialog");
    dock.append(this.told, this.exit, this.launcher);
    root.append(document.createElement("slot"), dock);
    this.dataset.state = "closed";
  }

  async #load() {
    const again = this.#tries++ ? `?${this.#tries}` : "";
    const at = (name) => new URL(`widget/${name}`, this.#server()).href;
    const code = Object.entries(GIVEN.hashes).filter(([name]) => name.endsWith(".js"));
    const modules = Promise.all(code.map(([name, hash]) => checked(at(name), hash)));
    const [{ start }, style, strings, numbers] = await Promise.all([
      modules.then(() => import(at(`chat.js${again}`))),
      fetched(at("chat.css"), "text", GIVEN.hashes["chat.css"]),
      fetched(at(`strings/${this.#language}.json`), "json"),
      fetched(at("numbers.json"), "json"),
    ]);
    return start({
      host: this,
      exit: this.exit,
      launcher: this.launcher,
      server: this.#server(),
      home: this.getAttribute("home") ?? "",
      language: this.#language,
      remember: this.getAttribute("remember") === "tab" ? KEPT : "",
      danger: () => fetched(at("danger.json"), "json"),
      style,
      strings,
      numbers,
    });
  }

  #unreachable(words) {
    this.dataset.state = "offline";
    this.launcher.textContent = words.again;
    this.told.replaceChildren(words.offline);
    for (const link of this.querySelectorAll('a[href^="tel:"], a[href^="sms:"]')) {
      this.told.append(" ", link.cloneNode(true));
    }
    this.told.hidden = false;
  }

  /** Forgets the conversation, here and on the server. */
  #end() {
    const token = this.#chat?.wipe() ?? "";
    if (this.getAttribute("remember") === "tab") sessionStorage.removeItem(KEPT);
    if (!token) return;
    const end = new URL("webhooks/web/session/end", this.#server());
    if (!navigator.sendBeacon?.(end, token)) {
      fetch(end, { ...QUIET, method: "POST", body: token, keepalive: true }).catch(() => {});
    }
  }

  // Any other key in between starts the count anew: capital letters must not end a conversation.
  #pressed = (event) => {
    if (event.key !== "Shift") {
      this.#presses = [];
      return;
    }
    if (event.repeat) return;
    const now = event.timeStamp;
    this.#presses = [...this.#presses.filter((at) => now - at < WITHIN), now];
    if (this.#presses.length >= PRESSES) this.leave();
  };

  #hidden = () => {
    if (!this.#left && this.getAttribute("remember") !== "tab") this.#end();
  };

  #shown = (event) => {
    if (!event.persisted) return;
    if (this.#left) location.reload();
    else if (this.getAttribute("remember") !== "tab") this.#end();
  };
}

if (!customElements.get("waymark-chat")) customElements.define("waymark-chat", WaymarkChat);
}
