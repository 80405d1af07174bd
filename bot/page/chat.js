// A plain page on protocol v1 (docs/protocol.md). Text goes in as text nodes only; nothing is
// stored: reload or leave, and the conversation is gone from this browser.
"use strict";

const log = document.getElementById("log");
const state = document.getElementById("state");
const form = document.getElementById("form");
const field = document.getElementById("text");
const base = "webhooks/web";
// Numbers to tap: short codes, and longer ones in groups.
const NUMBER = /(?<![\w.£$#/-])(\+?\d[\d ]{1,15}\d)(?![\w.,%]?\d|[\w%])/g;
const SHORT = new Set(["999", "000", "112", "911", "111", "101", "105", "106", "10111", "10177", "988", "116"]);

let token = null;
let count = 0;
let busy = Promise.resolve();
let left = false;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.append(text);
  return made;
}

function link(href, text) {
  const made = element("a", "", text);
  made.href = href;
  if (href.startsWith("https:")) {
    made.target = "_blank";
    made.rel = "noopener noreferrer";
  }
  return made;
}

// Turns numbers and web addresses of a paragraph into links; all else stays text.
function paragraph(text) {
  const made = element("p");
  for (const piece of text.split(/(https:\/\/[^\s;)\]”]+)/)) {
    if (piece.startsWith("https://")) {
      made.append(link(piece, piece));
      continue;
    }
    let at = 0;
    for (const found of piece.matchAll(NUMBER)) {
      const digits = found[1].replace(/\D/g, "");
      if (!SHORT.has(digits) && digits.length < 6) continue;
      made.append(piece.slice(at, found.index), link(`tel:${found[1].replace(/ /g, "")}`, found[1]));
      at = found.index + found[1].length;
    }
    made.append(piece.slice(at));
  }
  return made;
}

function show(message) {
  const box = element("article", `message ${message.kind}`);
  for (const part of message.text.split("\n\n")) box.append(paragraph(part));
  if (message.citations.length) {
    const list = element("details");
    list.append(element("summary", "", `Sources (${message.citations.length})`));
    for (const cited of message.citations) {
      const line = element("p", "", `[${cited.n}] `);
      const title = cited.section ? `${cited.title} (${cited.section})` : cited.title;
      line.append(cited.url ? link(cited.url, title) : title, `. Checked on ${cited.checked_on}.`);
      list.append(line);
    }
    box.append(list);
  }
  if (message.choices.length) {
    const row = element("div", "choices");
    for (const choice of message.choices) {
      const button = element("button", "", choice.title);
      button.type = "button";
      button.addEventListener("click", () => {
        for (const other of row.children) other.disabled = true;
        send({ choice: choice.id }, choice.title);
      });
      row.append(button);
    }
    box.append(row);
  }
  log.append(box);
  box.scrollIntoView({ block: "nearest" });
}

function say(text) {
  log.append(element("article", "message mine", text));
}

async function open() {
  const reply = await fetch(`${base}/sessions`, { method: "POST", body: "{}" });
  if (!reply.ok) throw new Error(String(reply.status));
  const session = await reply.json();
  token = session.token;
  session.messages.forEach(show);
}

async function ask(body) {
  if (!token) await open();
  const reply = await fetch(`${base}/messages`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", Accept: "text/event-stream" },
    body: JSON.stringify({ id: `p${Date.now()}-${count++}`, ...body }),
  });
  if (!reply.ok) {
    const failed = await reply.json();
    show({ kind: "fallback", text: failed.error.message, citations: [], choices: [] });
    return;
  }
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data && !left) show(JSON.parse(data.slice(6)));
    }
  }
}

function send(body, shown) {
  say(shown);
  busy = busy.then(async () => {
    state.textContent = "Waymark is writing";
    try {
      await ask(body);
      state.textContent = "";
    } catch {
      state.textContent = "No connection to Waymark. If you are in danger, call your emergency number.";
    }
  });
}

function leave() {
  left = true;
  document.documentElement.replaceChildren();
  if (token) navigator.sendBeacon(`${base}/session/end`, token);
  token = null;
  location.replace("about:blank");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value;
  if (!text.trim()) return;
  field.value = "";
  send({ text }, text);
  field.focus();
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.getElementById("leave").addEventListener("click", leave);
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
open().catch(() => { state.textContent = "No connection to Waymark. If you are in danger, call your emergency number."; });
