// One group at a time. All words stand in the page; texts are only ever set as text.
const MOST_SHOWN = 5;
const find = (id) => document.getElementById(id);
const key = location.hash.slice(1);
// Out of the address bar, where somebody who looks over a shoulder could read it.
history.replaceState(null, "", location.pathname);

let groups = [];
let at = 0;
let busy = false;

const word = (name) =>
  find("words").content.querySelector(`[data-word="${name}"]`).textContent;

function say(name, said = "") {
  find("said").textContent = word(name).replace("{said}", () => said);
}

function element(name, text, kind = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

async function ask(path, body) {
  const answer = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${key}` },
    body: body && JSON.stringify(body),
  });
  if (![200, 409, 422].includes(answer.status)) throw new Error(String(answer.status));
  return answer.json();
}

function show(id) {
  for (const one of document.querySelectorAll("main > section")) one.hidden = one.id !== id;
  find(id).querySelector("h2").focus();
}

async function load() {
  const { groups: found, intents, harm_types: harms } = await ask("/queue");
  groups = found;
  if (!find("intent").options.length) {
    find("intent").append(...intents.map((name) => element("option", name)));
    find("harms").append(...harms.map(tick));
  }
  draw();
}

function tick(harm) {
  const label = element("label", "", "tick");
  const box = document.createElement("input");
  box.type = "checkbox";
  box.value = harm;
  label.append(box, harm);
  return label;
}

function fill(values) {
  for (const [name, value] of Object.entries(values))
    for (const one of find("group").querySelectorAll(`[data-fill="${name}"]`))
      one.textContent = value;
}

function draw() {
  find("refused").textContent = "";
  if (!groups.length) return show("empty");
  at = Math.min(at, groups.length - 1);
  const group = groups[at];
  fill({
    at: at + 1,
    groups: groups.length,
    count: group.messages.length,
    intent: group.intent,
    sure: Math.round(group.confidence * 100),
    harms: group.harm_types.join(", ") || word("none"),
    home: group.home ?? word("unsaid"),
    other: group.other ?? word("unsaid"),
  });
  const items = group.messages.map((text) => element("li", text));
  find("messages").replaceChildren(...items.slice(0, MOST_SHOWN));
  find("rest").hidden = items.length <= MOST_SHOWN;
  find("rest").open = false;
  find("others").replaceChildren(...items.slice(MOST_SHOWN));
  find("nearest").replaceChildren(...group.nearest.map(near));
  find("text").value = group.text;
  find("intent").value = group.intent;
  find("danger").checked = group.danger;
  for (const box of boxes()) box.checked = group.harm_types.includes(box.value);
  show("group");
}

function near({ alike, intent, harm_types: harms, text, where }) {
  const item = element("li", text);
  const meant = [intent, ...harms].join(", ");
  item.append(document.createElement("br"), element("span", `${meant} · ${Math.round(alike * 100)} % · ${where}`, "where"));
  return item;
}

const boxes = () => [...find("harms").querySelectorAll("input")];

// The file that a message goes into hangs on its first harm: the proposed ones keep their order.
function chosen() {
  const ticked = boxes().filter((box) => box.checked).map((box) => box.value);
  const proposed = groups[at].harm_types.filter((harm) => ticked.includes(harm));
  return [...proposed, ...ticked.filter((harm) => !proposed.includes(harm))];
}

async function settle(path, body) {
  if (busy || !groups.length) return;
  working(true);
  try {
    const { ending, said } = await ask(path, { id: groups[at].id, ...body });
    if (ending === "refused") {
      find("said").textContent = "";
      find("refused").textContent = word("refused").replace("{said}", () => said);
    } else {
      say(ending, said);
      await load();
    }
  } catch {
    show("cut");
  } finally {
    working(false);
  }
}

function working(now) {
  busy = now;
  for (const one of document.querySelectorAll("button")) one.setAttribute("aria-disabled", now);
}

const accept = () =>
  settle("/accept", {
    text: find("text").value,
    intent: find("intent").value,
    harm_types: chosen(),
    danger: find("danger").checked,
  });
const discard = () => settle("/discard", {});

function step(by) {
  if (busy || !groups.length) return;
  find("said").textContent = "";
  at = (at + by + groups.length) % groups.length;
  draw();
}

const KEYS = {
  a: accept,
  x: discard,
  s: () => step(1),
  b: () => step(-1),
  t: () => find("text").focus(),
  i: () => find("intent").focus(),
  h: () => boxes()[0].focus(),
  d: () => find("danger").click(),
};

find("lesson").addEventListener("submit", (event) => {
  event.preventDefault();
  accept();
});
find("discard").addEventListener("click", discard);
find("skip").addEventListener("click", () => step(1));
find("back").addEventListener("click", () => step(-1));
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, select");
  if (event.key === "Escape" && typing) find("place").focus();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (!find("single").checked || find("group").hidden) return;
  const act = KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});

if (!key) {
  show("locked");
} else {
  say("loading");
  load().then(
    () => (find("said").textContent = ""),
    (error) => show(error.message === "401" ? "locked" : "cut"),
  );
}
