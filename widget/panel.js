/** The panel: every element of the chat that is there from the start, and its names. */

import { dateText, element, filled } from "./view.js";

/** What leaving cannot erase, as a list. */
function limits(s) {
  const lines = [s.safe_tip_history, s.safe_tip_spyware, s.safe_tip_device];
  return element("ul", {}, ...lines.map((line) => element("li", {}, line)));
}

/** What "Leaving and privacy" says. */
export function aboutSheet(s, madeOn) {
  const lines = [s.about_lead, s.about_shift, s.about_back, s.about_kept, s.about_cannot];
  const date = filled(s.numbers_checked, { date: dateText(madeOn, s) });
  return [...lines.map((line) => element("p", {}, line)), limits(s), element("p", { class: "quiet" }, date)];
}

function button(part, text, onclick, more = {}) {
  return element("button", { part, type: "button", onclick, ...more }, text);
}

function styled(root, style) {
  if (!("adoptedStyleSheets" in root)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/** "Is it safe to chat?": one press, or none, for somebody who just writes. */
function safeBox(s, exit, leave, ready) {
  const row = element("div", { class: "row" });
  const done = () => {
    box.remove();
    ready();
  };
  const unsure = () => {
    const tips = element("div", { tabindex: "-1" }, element("p", {}, s.safe_tips), limits(s));
    row.replaceChildren(
      button("safe-leave", exit.textContent, leave),
      button("safe-start", s.safe_start, done),
    );
    row.before(tips);
    tips.focus();
  };
  row.append(button("safe-yes", s.safe_yes, done), button("safe-no", s.safe_no, unsure));
  const box = element(
    "section",
    { part: "safe", "aria-labelledby": "safe" },
    element("h3", { id: "safe" }, s.safe_title),
    element("p", {}, s.safe_text),
    row,
    element("p", { class: "quiet" }, s.safe_skip),
  );
  return box;
}

/** Builds the panel in the element's shadow root; `on` holds what each press does. */
export function build({ host, exit, language, strings: s, style }, on) {
  const p = {};
  p.heading = element("h2", { id: "title", tabindex: "-1" }, s.title);
  p.menuButton = button("menu", s.menu, on.menu, { "aria-expanded": "false", "aria-controls": "menu" });
  p.delete = button("delete", s.delete, on.delete);
  p.menu = element(
    "div",
    { id: "menu", class: "menu", hidden: true },
    button("plan", s.plan, on.plan),
    button("export", s.export, on.export),
    button("about", s.about, on.about),
    p.delete,
  );
  p.bar = element("div", { part: "emergency-bar", role: "group", "aria-label": s.bar });
  p.calls = element("div", { class: "calls" });
  p.why = element("strong");
  p.offline = element(
    "div",
    { part: "offline", hidden: true },
    element("p", {}, p.why),
    p.calls,
    element("p", {}, s.offline_wait),
    button("reconnect", s.again, on.again),
  );
  p.whose = element("p");
  p.handed = element(
    "div",
    { part: "handed", role: "status", hidden: true },
    p.whose,
    button("resume", s.resume, on.resume),
  );
  p.log = element("div", {
    part: "log", role: "log", "aria-live": "off", "aria-label": s.log, tabindex: "0",
  });
  p.typing = element(
    "div",
    { part: "typing", hidden: true },
    element("span", { class: "unseen" }, s.typing),
    ...[1, 2, 3].map(() => element("i")),
  );
  p.sheet = element("section", { class: "sheet", hidden: true });
  p.input = element("textarea", {
    part: "input", id: "input", rows: "1", placeholder: s.placeholder, autocomplete: "off",
    spellcheck: "false", enterkeyhint: "send", onkeydown: on.typed,
  });
  p.safe = safeBox(s, exit, on.leave, () => p.input.focus());
  p.log.append(p.safe);
  p.form = element(
    "form",
    { class: "write", onsubmit: on.submit },
    element("label", { for: "input" }, s.input),
    element("div", { class: "row" }, p.input, element("button", { part: "send", type: "submit" }, s.send)),
  );
  p.announcer = element("div", {
    part: "announcer", class: "unseen", role: "status", "aria-live": "polite",
    "aria-atomic": "false", "aria-relevant": "additions",
  });
  p.exitPlace = element("span");
  p.header = element(
    "header",
    {},
    p.heading,
    p.exitPlace,
    p.menuButton,
    button("close", "\u00d7", on.close, { "aria-label": s.close }),
  );
  p.panel = element(
    "dialog",
    {
      part: "panel", "aria-labelledby": "title", lang: language, dir: s.dir,
      onkeydown: on.key, oncancel: (event) => event.preventDefault(),
    },
    p.header, p.bar, p.menu, p.offline, p.handed, p.log, p.sheet, p.form, p.announcer,
  );
  styled(host.shadowRoot, style);
  host.shadowRoot.append(p.panel);
  return p;
}
