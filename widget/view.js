/** What a message looks like: plain elements around text nodes; nothing is ever read as HTML. */

const FOLD_AFTER = 1100;
const ADDRESS = /https:\/\/[^\s;)\]”]+/g;
const MARK = /\[(\d{1,3})\]/g;

/** An element with attributes, listeners (`onclick`) and children; text becomes text nodes. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** A sentence of the strings file with its {blanks} filled. */
export function filled(text, blanks = {}) {
  return (text ?? "").replace(/\{(\w+)\}/g, (_, name) => blanks[name] ?? "");
}

/** A link that dials or texts; `*` and `#` codes are written so that telephones read them. */
export function dialLink({ dial, via }, strings, ...shown) {
  const number = shown.map((part) => part.textContent ?? part).join(", ");
  const label = filled(via === "sms" ? strings.text : strings.call, { number });
  const href = `${via === "sms" ? "sms" : "tel"}:${dial.replaceAll("#", "%23")}`;
  return element("a", { href, "aria-label": label }, ...shown);
}

/** A link to somewhere else, which learns nothing of where it was followed from. */
export function outsideLink(url, shown, strings) {
  const note = element("span", { class: "unseen" }, ` ${strings.new_tab}`);
  return element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, shown, note);
}

/** A date in words, as the strings file says (`locale`). */
export function dateText(iso, { locale }) {
  const day = new Date(`${iso}T12:00:00`);
  return Number.isNaN(day.getTime()) ? iso : day.toLocaleDateString(locale, { dateStyle: "long" });
}

/** The text of a message without its source marks, to be spoken. */
export const spoken = (text) => text.replace(/ ?\[\d{1,3}\]/g, "");

/**
 * The paragraphs of a message, with numbers, addresses and source marks as links. Which digits are
 * a number to dial is what the server said (`message.numbers`), never what they look like.
 */
export function paragraphs(message, { strings, onSource }) {
  const marks = message.numbers.map((one) => ({
    at: one.at,
    end: one.at + one.length,
    make: (shown) => (one.via === "tty" ? shown : dialLink(one, strings, shown)),
  }));
  for (const found of message.text.matchAll(ADDRESS)) {
    const address = found[0].replace(/[.,:!?'"]+$/, "");
    marks.push({
      at: found.index,
      end: found.index + address.length,
      make: (shown) => outsideLink(address, shown, strings),
    });
  }
  const known = new Set(message.citations.map((cited) => cited.n));
  for (const found of message.text.matchAll(MARK)) {
    const n = Number(found[1]);
    if (!known.has(n)) continue;
    marks.push({ at: found.index, end: found.index + found[0].length, make: (shown) => onSource(n, shown) });
  }
  marks.sort((one, other) => one.at - other.at);

  const made = [];
  let start = 0;
  for (const part of message.text.split("\n\n")) {
    const end = start + part.length;
    const paragraph = element("p", { dir: "auto" });
    let at = start;
    for (const mark of marks) {
      if (mark.at < at || mark.end > end) continue;
      paragraph.append(message.text.slice(at, mark.at), mark.make(message.text.slice(mark.at, mark.end)));
      at = mark.end;
    }
    paragraph.append(message.text.slice(at, end));
    if (part.trim()) made.push(paragraph);
    start = end + 2;
  }
  return made;
}

/** One source: its title as a link, the section, and when it was checked. */
export function sourceLine(cited, strings) {
  const line = cited.section ? strings.source_line : strings.source_line_plain;
  const date = cited.checked_on && dateText(cited.checked_on, strings);
  const title = cited.url ? outsideLink(cited.url, cited.title, strings) : cited.title;
  const more = date ? filled(line, { section: cited.section, date }) : cited.section;
  return [title, more && element("span", { class: "quiet" }, ` ${more}`)].filter(Boolean);
}

function sourcesBox(message, look) {
  const { strings } = look;
  const items = new Map();
  for (const cited of message.citations) {
    const number = element("span", { class: "n" }, `[${cited.n}] `);
    items.set(cited.n, element("li", { tabindex: "-1" }, number, ...sourceLine(cited, strings)));
  }
  const summary = element("summary", {}, filled(strings.sources, { count: message.citations.length }));
  const box = element("details", { part: "sources" }, summary, element("ul", {}, ...items.values()));
  return {
    box,
    show(n) {
      box.open = true;
      const item = items.get(n);
      (item.querySelector("a") ?? item).focus();
    },
  };
}

function choicesBox(choices, { strings, onChoice }) {
  const box = element("div", { part: "choices", role: "group", "aria-label": strings.choices });
  let used = false;
  for (const choice of choices) {
    const button = element("button", { part: "choice", type: "button" }, choice.title);
    button.addEventListener("click", () => {
      if (used) return;
      used = true;
      for (const other of box.children) other.setAttribute("aria-disabled", "true");
      button.setAttribute("aria-pressed", "true");
      onChoice(choice);
    });
    box.append(button);
  }
  return box;
}

/** Folds a long answer: what is read first stays, the rest is one press away. No emergency comes here. */
function folded(parts, { strings }) {
  let length = 0;
  const at = parts.findIndex((part) => (length += part.textContent.length) > FOLD_AFTER);
  if (at < 2 || at >= parts.length - 1) return parts;
  const rest = parts.slice(at);
  const more = element("button", { part: "more", type: "button", class: "plain" }, strings.more);
  for (const part of rest) part.hidden = true;
  more.addEventListener("click", () => {
    for (const part of rest) part.hidden = false;
    rest[0].tabIndex = -1;
    rest[0].focus();
    more.remove();
  });
  return [...parts.slice(0, at), more, ...rest];
}

/** The element of one message from the guide. */
export function messageBox(message, look) {
  const sources = message.citations.length ? sourcesBox(message, look) : null;
  const onSource = (n, shown) =>
    element(
      "button",
      {
        part: "citation", type: "button", "aria-label": filled(look.strings.source, { n }),
        onclick: () => sources.show(n),
      },
      shown,
    );
  const urgent = message.kind === "emergency" || message.kind === "crisis";
  const parts = paragraphs(message, { ...look, onSource });
  const box = element("article", { part: "message", "data-kind": message.kind, "data-id": message.id });
  const person = message.kind === "person";
  box.append(
    person
      ? element("strong", {}, look.strings.helpline)
      : element("span", { class: "unseen" }, `${look.strings.guide}: `),
  );
  box.append(...(urgent ? parts : folded(parts, look)));
  if (sources) box.append(sources.box);
  if (message.choices.length) box.append(choicesBox(message.choices, look));
  return box;
}

/** The element of what the person wrote. */
export function ownBox(id, text, { strings }) {
  return element(
    "article",
    { part: "message", "data-kind": "own", "data-id": id },
    element("span", { class: "unseen" }, `${strings.you}: `),
    element("p", { dir: "auto" }, text),
  );
}
