/**
 * The chat itself: its panel, what happens in it, and what happens when the line is down.
 *
 * `start` is called once by waymark.js, at the first press of its button. The danger screen runs
 * here before anything is sent, so that the number shows at once, with or without a server.
 */

import { compile, findDanger } from "./danger.js";
import { aboutSheet, build } from "./panel.js";
import { planSheet } from "./plan.js";
import { Broken, Refused, Talk, newId } from "./talk.js";
import { unpack } from "./unpack.js";
import { dialLink, element, filled, messageBox, ownBox, spoken } from "./view.js";

const MOST_LETTERS = 12_000;
const RECENT = 600_000;
const SPOKEN_FOR = 12_000;
const ASK_EVERY = 3000;
const ASK_RARELY = 20_000;
const SMALL = "(max-width: 30rem), (max-height: 30rem)";
const TOUCH = "(pointer: coarse)";

/** Builds the panel and returns what the stub may do with it. */
export function start(given) {
  const chat = new Chat(given);
  return { open: () => chat.open(), wipe: () => chat.wipe() };
}

class Chat {
  #given;
  #strings;
  #numbers;
  #look;
  #talk;
  #home;
  #patterns = null;
  #recent = [];
  #unscreened = [];
  #messages = [];
  #lost = new Set();
  #queue = Promise.resolve();
  #started = null;
  #moved = false;
  #small = matchMedia(SMALL);
  #deleting = false;
  #asking = 0;
  #parts = {};

  constructor(given) {
    this.#given = given;
    this.#strings = given.strings;
    this.#numbers = given.numbers.homes;
    this.#home = this.#numbers[given.home] ? given.home : "";
    this.#talk = new Talk({ ...given, home: this.#home, keep: given.remember });
    this.#look = {
      strings: given.strings,
      language: given.language,
      onChoice: (choice) => this.#send({ choice: choice.id, text: choice.title }),
    };
    this.#parts = build(given, {
      close: () => this.#close(),
      key: (event) => this.#key(event),
      menu: () => this.#toggleMenu(this.#parts.menu.hidden),
      plan: () => this.#plan(),
      export: () => this.#export(),
      about: () => this.#about(),
      delete: () => this.#delete(),
      resume: () => this.#send({ text: this.#strings.resume }),
      again: () => this.#again(),
      typed: (event) => this.#typed(event),
      submit: (event) => this.#submit(event),
      leave: () => given.host.leave(),
    });
    this.#setHome(this.#home);
    for (const name of ["wheel", "touchmove", "keydown"]) {
      this.#parts.log.addEventListener(name, () => (this.#moved = true), { passive: true });
    }
    this.#small.addEventListener("change", () => this.#isOpen() && this.#showPanel());
    addEventListener("offline", () => this.#isOpen() && this.#offline(true));
    addEventListener("online", () => this.#isOpen() && this.#again());
  }

  /** Makes the danger screen ready between other things: it takes a slow telephone a second. */
  async #loadPatterns() {
    if (this.#patterns) return;
    const idle = () => new Promise((done) =>
      globalThis.requestIdleCallback ? requestIdleCallback(done, { timeout: 1000 }) : setTimeout(done, 50));
    try {
      const packed = await this.#given.danger();
      await idle();
      const data = unpack(packed);
      await idle();
      this.#patterns = compile(data);
    } catch {
      // Without patterns the server screens alone, until the next try of the line.
    }
    this.#unscreened.splice(0).forEach((turn) => turn.urgent ?? this.#screen(turn));
  }

  // --- open, close, wipe ---------------------------------------------------------------------

  open() {
    const { exitPlace, input, heading } = this.#parts;
    if (this.#isOpen()) return;
    exitPlace.after(this.#given.exit);
    this.#given.launcher.hidden = true;
    this.#given.launcher.setAttribute("aria-expanded", "true");
    this.#showPanel();
    this.#given.host.dataset.state = navigator.onLine === false ? "offline" : "open";
    // On a small or touch screen the field, or its keyboard, would hide the first question.
    (this.#small.matches || matchMedia(TOUCH).matches ? heading : input).focus();
    this.#again();
  }

  #close() {
    this.#toggleMenu(false);
    this.#sheet(null);
    this.#parts.panel.close();
    this.#given.launcher.before(this.#given.exit);
    this.#given.launcher.hidden = false;
    this.#given.launcher.setAttribute("aria-expanded", "false");
    this.#given.host.dataset.state = "closed";
    this.#given.launcher.focus();
  }

  /** Forgets everything here, closes, and returns the token that the server still knows. */
  wipe() {
    const token = this.#talk.token;
    this.#talk.forget();
    this.#forget();
    this.#parts.log.append(this.#parts.safe);
    this.#started = null;
    this.#setHome(this.#numbers[this.#given.home] ? this.#given.home : "");
    if (this.#isOpen()) this.#close();
    return token;
  }

  #forget() {
    const { log, input, announcer } = this.#parts;
    this.#messages = [];
    this.#recent = [];
    this.#unscreened = [];
    this.#lost.clear();
    input.value = "";
    log.replaceChildren();
    announcer.replaceChildren();
    this.#handed();
    this.#typing(false);
    this.#sheet(null);
  }

  #isOpen() {
    return this.#parts.panel.open;
  }

  #showPanel() {
    const { panel } = this.#parts;
    const focused = this.#given.host.shadowRoot.activeElement;
    if (panel.open) panel.close();
    // A panel that covers the page makes the page behind it inert; a small one leaves it usable.
    if (this.#small.matches) panel.showModal();
    else panel.show();
    if (focused && panel.contains(focused)) focused.focus();
  }

  // --- the conversation ----------------------------------------------------------------------

  /** Starts the conversation once; without a line it says whom to call. */
  #begin() {
    this.#started ??= this.#first().then(
      () => this.#offline(false),
      (error) => {
        this.#started = null;
        if (error instanceof Refused) this.#say({ kind: "fallback", text: error.text, numbers: error.numbers });
        else this.#offline(true);
      },
    );
    return this.#started;
  }

  async #first() {
    if (this.#talk.token) {
      try {
        const before = await this.#talk.before();
        if (before.length) this.#say({ kind: "notice", text: this.#strings.restored });
        before.forEach((one) => this.#add(one));
        this.#handed();
        return;
      } catch (error) {
        if (error.code !== "no_session") throw error;
        this.#talk.forget();
      }
    }
    (await this.#talk.start()).forEach((one) => this.#show(one));
  }

  /** Tries the line now: what was not fetched, not begun, waits or was not sent. */
  #again() {
    this.#loadPatterns();
    this.#talk.hurry();
    [...this.#lost].forEach((turn) => this.#put(turn));
    const waits = !this.#started || !this.#parts.typing.hidden;
    this.#begin();
    if (!waits) this.#offline(navigator.onLine === false);
  }

  #send(what) {
    const id = newId();
    const turn = { id, ...what, own: ownBox(id, what.text, this.#look), local: null, urgent: null, first: null };
    this.#parts.log.append(turn.own);
    if (!turn.choice) this.#screen(turn);
    this.#put(turn);
  }

  /** Sends a turn, for the first time or again: its id stays, so that the guide answers once. */
  #put(turn) {
    this.#lost.delete(turn);
    turn.own.querySelector(".failed")?.remove();
    this.#moved = false;
    this.#typing(true);
    this.#settle(turn);
    this.#queue = this.#queue.then(() => this.#take(turn));
  }

  async #take(turn) {
    // Deleted or left while it waited for the one before: it must not start a conversation anew.
    if (!turn.own.isConnected) return;
    this.#typing(true);
    try {
      await this.#started?.catch(() => {});
      const home = await this.#talk.send(turn, {
        onMessage: (one) => this.#answer(turn, one),
        onBroken: () => this.#offline(true),
        onRenewed: () => Object.assign(turn, { renewed: true, choice: "" }),
      });
      this.#handed();
      if (!turn.first && !turn.urgent && !this.#talk.who) throw new Broken("empty", { again: false });
      this.#offline(false);
      if (home !== undefined) this.#setHome(home);
    } catch (error) {
      this.#failed(turn, error);
    }
    if (turn.own.isConnected) this.#typing(false);
  }

  /** Says who has the conversation; while it is not the guide, asks for news, one thing at a time. */
  #handed() {
    const { handed, whose } = this.#parts;
    const text = { waiting: this.#strings.waiting, person: this.#strings.person }[this.#talk.who];
    clearTimeout(this.#asking);
    handed.hidden = !text;
    if (!text) return;
    if (whose.textContent !== text) whose.textContent = text;
    const ask = () => (this.#queue = this.#queue.then(() => this.#news()));
    this.#asking = setTimeout(ask, document.hidden ? ASK_RARELY : ASK_EVERY);
  }

  async #news() {
    if (!this.#talk.who) return;
    try {
      for (const one of await this.#talk.news()) {
        const box = this.#show(one);
        if (!this.#moved) box.scrollIntoView({ block: "nearest" });
      }
      this.#offline(false);
    } catch (error) {
      if (error.code === "no_session") this.#talk.who = "";
      else this.#offline(true);
    }
    this.#handed();
  }

  #failed(turn, error) {
    if (!turn.own.isConnected) return;
    let text = turn.first ?? turn.urgent ? this.#strings.incomplete : this.#strings.not_sent;
    if (error instanceof Refused) {
      this.#offline(false);
      this.#say({ kind: "fallback", text: error.text, numbers: error.numbers });
      text = this.#strings.not_sent;
    } else if (error instanceof Broken && error.again) {
      this.#offline(true);
      this.#lost.add(turn);
    }
    const send = () => {
      this.#parts.log.focus({ preventScroll: true });
      this.#put(turn);
    };
    const again = element("button", { part: "retry", type: "button", onclick: send }, this.#strings.send_again);
    turn.own.append(element("div", { class: "failed" }, element("p", {}, text), again));
    this.#announce(text);
  }

  #answer(turn, one) {
    if (!turn.own.isConnected) return;
    const urgent = one.kind === "emergency" || one.kind === "crisis";
    if (urgent && turn.local?.dataset.kind === one.kind) {
      // The same alarm was shown from here already: the fuller text takes its place in silence.
      this.#messages.push(one);
      turn.urgent = messageBox(one, this.#look);
      this.#replace(turn.local, turn.urgent);
      turn.local = null;
      return;
    }
    if (turn.renewed && !turn.first) this.#say({ kind: "notice", text: this.#strings.renewed });
    const box = this.#show(one);
    turn.first ??= box;
    if (urgent) turn.urgent ??= box;
    this.#settle(turn);
  }

  #replace(old, box) {
    const swap = () => old.isConnected && old.replaceWith(box);
    const root = this.#given.host.shadowRoot;
    if (old.contains(root.activeElement)) old.addEventListener("focusout", swap, { once: true });
    else swap();
  }

  /** The danger screen, before anything can fail; whatever fails in it, the message is sent. */
  #screen(turn) {
    if (!this.#patterns) {
      this.#unscreened.push(turn);
      return;
    }
    const now = Date.now();
    try {
      const recent = this.#recent.filter((one) => now - one.at < RECENT).map((one) => one.text);
      const found = findDanger(turn.text, { recent, patterns: this.#patterns });
      this.#recent = [...this.#recent, { at: now, text: turn.text }].slice(-2);
      if (!found?.present) return;
      const kind = found.kind === "self_harm" ? "crisis" : "emergency";
      turn.local = this.#say({ kind, ...this.#numbers[this.#home][kind] }, turn.own);
      this.#settle(turn);
    } catch {
      // The server screens the same text.
    }
  }

  /** Says something of the widget's own, after an element or at the end. */
  #say({ kind, text, numbers = [] }, after = null) {
    const own = { id: `here-${newId().slice(0, 8)}`, kind, text, numbers, citations: [], choices: [] };
    const box = messageBox(own, this.#look);
    if (after) after.after(box);
    else this.#parts.log.append(box);
    this.#announce(filled(this.#strings.says, { text: spoken(text) }));
    return box;
  }

  #add(one) {
    this.#messages.push(one);
    const box = messageBox(one, this.#look);
    this.#parts.log.append(box);
    return box;
  }

  #show(one) {
    const box = this.#add(one);
    const s = this.#strings;
    const frame = one.kind === "person" ? s.says_helpline : s.says;
    const said = [filled(frame, { text: spoken(one.text) })];
    if (one.choices.length) {
      const choices = one.choices.map((choice) => choice.title).join("; ");
      said.push(filled(s.choices_said, { choices }));
    }
    this.#announce(said.join(" "));
    return box;
  }

  // --- state that is seen and heard ----------------------------------------------------------

  #announce(text) {
    const line = element("p", {}, text);
    this.#parts.announcer.append(line);
    setTimeout(() => line.remove(), SPOKEN_FOR);
  }

  #typing(on) {
    this.#parts.typing.hidden = !on;
    if (on) this.#parts.log.append(this.#parts.typing);
  }

  #offline(on) {
    const { offline } = this.#parts;
    if (this.#isOpen()) this.#given.host.dataset.state = on ? "offline" : "open";
    if (offline.hidden === !on) return;
    offline.hidden = !on;
    const text = navigator.onLine === false ? this.#strings.offline : this.#strings.unreached;
    this.#parts.why.textContent = text;
    const calls = this.#numbers[this.#home].bar.map((one) => one.display).join(", ");
    this.#announce(on ? `${text} ${calls}` : this.#strings.online);
  }

  #setHome(home) {
    if (home !== null && !this.#numbers[home]) return;
    this.#home = home ?? "";
    const chips = () => this.#numbers[this.#home].bar.map((one) =>
      dialLink(one, this.#strings, element("b", {}, one.display), element("small", {}, one.name)));
    this.#parts.bar.classList.toggle("one", this.#numbers[this.#home].bar.length === 1);
    this.#parts.bar.replaceChildren(element("span", { class: "lead" }, this.#strings.bar), ...chips());
    this.#parts.calls.replaceChildren(...chips());
  }

  /** Brings what a turn is about to the top, until the person looks at something else. */
  #settle(turn) {
    if (this.#moved) return;
    const urgent = turn.local ?? turn.urgent;
    const long = turn.own.offsetHeight > innerHeight * 0.25 ? turn.first : null;
    (urgent ?? long ?? turn.own).scrollIntoView({ block: "start" });
  }

  // --- the menu and what it opens ------------------------------------------------------------

  #toggleMenu(on) {
    const { menu, menuButton } = this.#parts;
    menu.hidden = !on;
    menuButton.setAttribute("aria-expanded", String(on));
    this.#sure(false);
    if (on) menu.querySelector("button").focus();
  }

  #sure(on) {
    this.#deleting = on;
    this.#parts.delete.textContent = on ? this.#strings.delete_sure : this.#strings.delete;
    if (on) this.#announce(this.#strings.delete_sure);
  }

  #sheet(title, ...nodes) {
    const { sheet, log, form } = this.#parts;
    const show = title !== null;
    sheet.hidden = !show;
    log.hidden = show;
    form.hidden = show;
    sheet.replaceChildren();
    if (!show) return;
    const heading = element("h3", { tabindex: "-1" }, title);
    const back = element("button", { part: "back", type: "button", onclick: () => {
      this.#sheet(null);
      this.#parts.menuButton.focus();
    } }, this.#strings.back);
    sheet.append(heading, ...nodes, back);
    sheet.scrollTop = 0;
    heading.focus();
  }

  #plan() {
    const s = this.#strings;
    this.#toggleMenu(false);
    const calls = this.#numbers[this.#home].bar.map((one) =>
      filled(s.plan_number, { number: one.display, place: one.name }));
    const announce = (text) => this.#announce(text);
    this.#sheet(s.plan, ...planSheet(this.#messages, { ...this.#look, calls, announce }));
  }

  #about() {
    const s = this.#strings;
    this.#toggleMenu(false);
    this.#sheet(s.about, ...aboutSheet(s, this.#given.numbers.made_on));
  }

  async #export() {
    this.#toggleMenu(false);
    this.#parts.menuButton.focus();
    try {
      const kept = this.#talk.token ? await this.#talk.export() : [];
      const file = new Blob([JSON.stringify({ kept }, null, 1)], { type: "application/json" });
      const url = URL.createObjectURL(file);
      element("a", { href: url, download: "waymark.json" }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
      this.#say({ kind: "notice", text: this.#strings.export_done });
    } catch {
      this.#say({ kind: "notice", text: this.#strings.export_failed });
    }
  }

  async #delete() {
    if (!this.#deleting) {
      this.#sure(true);
      return;
    }
    this.#toggleMenu(false);
    this.#parts.menuButton.focus();
    // First here, so that nothing that waits is sent while the guide deletes.
    this.#forget();
    let text = this.#strings.deleted;
    try {
      await this.#talk.delete();
    } catch {
      text = this.#strings.delete_failed;
    }
    this.#handed();
    this.#started = null;
    this.#say({ kind: "notice", text });
  }

  // --- what is pressed -----------------------------------------------------------------------

  #typed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#parts.form.requestSubmit();
  }

  #submit(event) {
    event.preventDefault();
    const { input } = this.#parts;
    const text = input.value.trim();
    if (!text) return;
    if (text.length > MOST_LETTERS) {
      // Nothing is sent, and a danger in it still brings the number.
      const own = this.#say({ kind: "notice", text: this.#strings.too_long });
      this.#screen({ text, own });
      return;
    }
    input.value = "";
    this.#send({ text });
    // The keyboard of a telephone would cover the answer.
    if (matchMedia(TOUCH).matches) input.blur();
    else input.focus();
  }

  #key(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    const { menu, menuButton, sheet } = this.#parts;
    if (!menu.hidden) {
      this.#toggleMenu(false);
      menuButton.focus();
    } else if (!sheet.hidden) {
      this.#sheet(null);
      menuButton.focus();
    } else {
      this.#close();
    }
  }
}
