/** "My plan": the steps so far with their sources, made, copied and printed in the browser. */

import { dateText, element, filled, paragraphs, sourceLine } from "./view.js";

const PRINT = `
body { font: 12pt/1.45 Georgia, serif; margin: 2cm; color: #000; overflow-wrap: anywhere; }
h1 { font-size: 18pt; } h2 { font-size: 12pt; margin: 1em 0 .3em; }
p { margin: 0 0 .5em; white-space: pre-line; } section { break-inside: avoid-page; }
ul { margin: 0 0 1.2em; padding-inline-start: 1.2em; font-size: 9pt; } a { color: inherit; }
a[target]::after { content: " " attr(href); } .unseen { display: none; } button { all: unset; }
`;

/** The messages that are steps: those that say something with a source. */
const steps = (messages) =>
  messages.filter((one) => one.citations.length && one.kind !== "emergency" && one.kind !== "crisis");

/** The whole plan as elements. */
function planNodes(messages, look) {
  return steps(messages).map((message) =>
    element(
      "section",
      {},
      ...paragraphs(message, { ...look, onSource: (_, shown) => shown }),
      element("h3", { class: "small" }, look.strings.sources_name),
      element("ul", {}, ...message.citations.map((cited) =>
        element("li", {}, `[${cited.n}] `, ...sourceLine(cited, look.strings)))),
    ),
  );
}

/** The whole plan as plain text, for the clipboard. */
function planText(messages, { strings, calls }) {
  const source = (cited) => {
    const date = cited.checked_on && dateText(cited.checked_on, strings);
    const line = cited.section ? strings.source_line : strings.source_line_plain;
    return [`[${cited.n}] ${cited.title}`, date && filled(line, { section: cited.section, date }), cited.url]
      .filter(Boolean)
      .join(", ");
  };
  const parts = steps(messages).map((message) =>
    [message.text, "", strings.sources_name, ...message.citations.map(source)].join("\n"));
  return [strings.plan_title, ...calls, ...parts].join("\n\n");
}

/** What the plan's sheet shows: the steps, and how to take them along. */
export function planSheet(messages, look) {
  const s = look.strings;
  const nodes = planNodes(messages, look);
  if (!nodes.length) return [element("p", {}, s.plan_empty)];
  const text = element("textarea", { class: "copy", readonly: true, "aria-label": s.plan, rows: "6", hidden: true });
  const copy = async () => {
    text.value = planText(messages, look);
    try {
      await navigator.clipboard.writeText(text.value);
      look.announce(s.copied);
      copyButton.textContent = s.copied;
    } catch {
      text.hidden = false;
      text.select();
      look.announce(s.copy_failed);
    }
  };
  const copyButton = element("button", { part: "copy", type: "button", onclick: copy }, s.copy);
  const printButton = element("button", { part: "print", type: "button",
    onclick: () => print(planNodes(messages, look), look) }, s.print);
  return [
    element("p", { class: "quiet" }, s.plan_lead),
    element("div", { class: "row" }, copyButton, printButton),
    text,
    element("p", { class: "warn" }, s.plan_warn),
    element("div", { class: "steps" }, ...nodes),
  ];
}

/** Prints the plan alone, from a frame of its own, without a new window or an address. */
function print(nodes, { strings, language, calls }) {
  const frame = element("iframe", { title: strings.plan_title, "aria-hidden": "true", tabindex: "-1" });
  frame.width = 0;
  frame.height = 0;
  document.body.append(frame);
  const page = frame.contentDocument;
  const sheet = new frame.contentWindow.CSSStyleSheet();
  sheet.replaceSync(PRINT);
  page.adoptedStyleSheets = [sheet];
  page.documentElement.lang = language;
  page.body.append(
    element("h1", {}, strings.plan_title),
    ...calls.map((line) => element("p", {}, line)),
    ...nodes,
  );
  frame.contentWindow.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow.print();
}
