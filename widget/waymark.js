/**
 * The part of the widget that every page loads: a button to open the chat, and a way out.
 *
 * The emergency card in the page stays where it is; this only adds to it. All else (chat.js, words,
 * patterns, styles) is fetched at the first press of the button. Nothing is stored. It works as a
 * module and as a plain script.
 */
{
  // Filled in by the server: the hashes of the code below, and this file's own words by language.
  const GIVEN = { hashes: {}, words: {} };
  const SCRIPT = document.currentScript?.src;
  const KEPT = "waymark";
  const NOWHERE = "about:blank";
  const QUIET = { credentials: "omit", referrerPolicy: "no-referrer" };

  const STYLE = `
  :host { display: block }
  [hidden], :host([hidden]) { display: none }
  [part=dock] { position: fixed; z-index: 2147483000; inset-inline-end: 1rem;
    inset-block-end: max(1rem, env(safe-area-inset-bottom));
    display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .4rem;
    font: 600 1rem/1.4 var(--waymark-font, system-ui, sans-serif) }
  :host([inline]) [part=dock] { position: static; justify-content: flex-start; margin-block-start: 1rem }
  [part=dock] button { min-block-size: 48px; padding: .5rem 1.1rem; cursor: pointer; font: inherit;
    border-radius: 99px; border: 2px solid #fff;
    background: var(--waymark-accent, #0b5563); color: var(--waymark-on-accent, #fff) }
  [part=dock] [part=exit] { border-color: currentColor;
    background: var(--waymark-exit, #fff); color: var(--waymark-on-exit, #8c1d18) }
  [part=dock] :focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #10222b }
  [part=told] { box-sizing: border-box; max-inline-size: min(26rem, calc(100vw - 2rem));
    flex-basis: 100%; padding: 1rem; max-block-size: 60vh; overflow: auto;
    border: 2px solid #8c1d18; border-radius: 12px; background: #fff; color: #17242c }
  [part=told] a { display: inline-block; padding: .5rem 0; color: #8c1d18 }
  [part=told] * { margin-block: 0; font-weight: 400 }
  [part=told] ul { padding-inline-start: 1.2rem }
  @media (max-width: 22rem) { [part=dock] button { padding-inline: .6rem; font-size: .9rem } }
  `;

  /** A page of the site's choice to land on; anything but a web address becomes an empty page. */
  function harmless(chosen) {
    try {
      const url = new URL(chosen, location);
      return /^https?:$/.test(url.protocol) ? url.href : NOWHERE;
    } catch {
      return NOWHERE;
    }
  }

  /** Loads a module under its pinned hash; the browser keeps what was checked for the import. */
  function checked(href, integrity) {
    const link = document.createElement("link");
    if (!link.relList.supports("modulepreload")) return fetched(href, "text", integrity);
    return new Promise((onload, onerror) => {
      Object.assign(link, { rel: "modulepreload", crossOrigin: "", integrity, href, onload, onerror });
      link.referrerPolicy = QUIET.referrerPolicy;
      document.head.append(link);
      setTimeout(() => link.remove());
    });
  }

  async function fetched(url, as, integrity = "") {
    const reply = await fetch(url, { ...QUIET, integrity });
    if (!reply.ok) throw new Error(url);
    return reply[as]();
  }

  class WaymarkChat extends HTMLElement {
    #chat;
    #presses = [];
    #left;
    #language;
    #words;
    #parts;

    connectedCallback() {
      if (!this.shadowRoot) this.#build();
      addEventListener("keydown", this.#pressed, true);
      addEventListener("pagehide", this.#gone);
      addEventListener("pageshow", this.#gone);
    }

    disconnectedCallback() {
      removeEventListener("keydown", this.#pressed, true);
      removeEventListener("pagehide", this.#gone);
      removeEventListener("pageshow", this.#gone);
    }

    /** Opens the chat, as its button does. */
    async open() {
      if (this.#chat) return this.#chat.open();
      if (this.dataset.state === "opening") return;
      const { launcher, told } = this.#parts;
      this.dataset.state = "opening";
      launcher.textContent = this.#words.loading;
      told.hidden = true;
      try {
        const chat = await this.#load();
        launcher.textContent = this.#words.launch;
        if (this.#left) return;
        this.#chat = chat;
        chat.open();
      } catch {
        this.dataset.state = "offline";
        launcher.textContent = this.#words.again;
        const card = [...this.childNodes].map((node) => node.cloneNode(true));
        told.replaceChildren(this.#words.offline, ...card);
        told.hidden = false;
      }
    }

    /** Goes away: empty first, then elsewhere; the server is told to delete. */
    leave() {
      if (this.#left) return;
      this.#left = true;
      document.documentElement.replaceChildren();
      try {
        this.#end();
      } finally {
        location.replace(harmless(this.getAttribute("exit-to") ?? NOWHERE));
      }
    }

    #build() {
      const asked = (this.lang || document.documentElement.lang).toLowerCase();
      this.#language = [asked, asked.split("-")[0]].find((name) => GIVEN.words[name]) ?? "en";
      this.#words = GIVEN.words[this.#language] ?? {};
      const root = this.attachShadow({ mode: "open" });
      if (root.adoptedStyleSheets) {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        root.adoptedStyleSheets = [sheet];
      }
      const made = (name, part, textContent, onclick) => {
        const element = Object.assign(document.createElement(name), { type: "button", onclick });
        element.textContent = textContent;
        element.setAttribute("part", part);
        return element;
      };
      const told = made("div", "told");
      told.hidden = true;
      told.setAttribute("role", "status");
      const exit = made("button", "exit", this.#words.exit, () => this.leave());
      const launcher = made("button", "launcher", this.#words.launch, () => this.open());
      launcher.setAttribute("aria-haspopup", "dialog");
      this.#parts = { told, exit, launcher };
      const dock = made("div", "dock");
      dock.append(told, exit, launcher);
      root.append(document.createElement("slot"), dock);
      this.dataset.state = "closed";
    }

    #server() {
      const url = new URL(this.getAttribute("server") || new URL("..", SCRIPT ?? location), location);
      if (!url.pathname.endsWith("/")) url.pathname += "/";
      return url;
    }

    // A browser that lets nothing be stored throws at the very name.
    get #remember() {
      try {
        return this.getAttribute("remember") === "tab" && sessionStorage ? KEPT : "";
      } catch {
        return "";
      }
    }

    async #load() {
      const server = this.#server();
      const at = (name) => new URL(`widget/${name}`, server).href;
      const modules = Object.entries(GIVEN.hashes).map(([name, hash]) =>
        name.endsWith("js") && checked(at(name), hash));
      const [style, strings, numbers, { start }] = await Promise.all([
        fetched(at("chat.css"), "text", GIVEN.hashes["chat.css"]),
        fetched(at(`strings/${this.#language}.json`), "json"),
        fetched(at("numbers.json"), "json"),
        Promise.all(modules).then(() => import(at("chat.js"))),
      ]);
      return start({
        ...this.#parts,
        host: this,
        server,
        home: this.getAttribute("home"),
        language: this.#language,
        remember: this.#remember,
        danger: () => fetched(at("danger.json"), "json"),
        style,
        strings,
        numbers,
      });
    }

    /** Forgets the conversation, here and on the server. */
    #end() {
      const token = this.#chat?.wipe();
      if (this.#remember) sessionStorage.removeItem(KEPT);
      if (token) navigator.sendBeacon(new URL("webhooks/web/session/end", this.#server()), token);
    }

    // Three times within five seconds. Any other key in between starts the count anew: capital
    // letters must not end a conversation.
    #pressed = ({ key, repeat, timeStamp }) => {
      if (repeat) return;
      this.#presses = key === "Shift" ? [...this.#presses.filter((at) => timeStamp - at < 5000), timeStamp] : [];
      if (this.#presses.length > 2) this.leave();
    };

    // A page that is left, or comes back from the browser's memory, holds no conversation.
    #gone = ({ type, persisted }) => {
      if ((persisted || type === "pagehide") && !this.#remember) this.#end();
    };
  }

  if (!customElements.get("waymark-chat")) customElements.define("waymark-chat", WaymarkChat);
}
