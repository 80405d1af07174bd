/**
 * The web protocol (docs/protocol.md) as the widget speaks it: one message at a time, no message
 * lost or shown twice, and nothing taken from a server that is not what the protocol says.
 */

const MOST_BYTES = 1_000_000;
const MOST_TEXT = 20_000;
const MOST_MESSAGES = 60;
const MOST_TRIES = 5;
const PAUSE = 800;
const SILENCE = 25_000;
const KINDS = new Set(["answer", "question", "emergency", "crisis", "notice", "fallback"]);
const VIAS = new Set(["call", "sms", "tty", "relay"]);
const DIAL = /^[+*]?[0-9*#]{2,24}$/;

/** The line is down or the server is not well: the same request can be made again. */
export class Broken extends Error {
  constructor(why, { again = true } = {}) {
    super(why);
    this.again = again;
  }
}

/** The server read the request and refused it; `text` is for the person and holds numbers. */
export class Refused extends Error {
  constructor(code, text, numbers) {
    super(code);
    this.code = code;
    this.text = text;
    this.numbers = numbers;
  }
}

const string = (value, most = 400) => (typeof value === "string" ? value.slice(0, most) : "");
const list = (value, most) => (Array.isArray(value) ? value.slice(0, most) : []);

function secure(address) {
  try {
    const url = new URL(string(address, 2000));
    return url.protocol === "https:" ? url.href : "";
  } catch {
    return "";
  }
}

function numbersOf(value, text) {
  const kept = [];
  let from = 0;
  for (const one of list(value, 200)) {
    const { at, length, dial, via } = one ?? {};
    const fits = Number.isInteger(at) && Number.isInteger(length) && at >= from && length > 1;
    if (!fits || at + length > text.length || !VIAS.has(via) || !DIAL.test(dial)) continue;
    const shown = text.slice(at, at + length).replace(/\D/g, "");
    if (shown.length < 2 || shown.slice(-2) !== dial.replace(/\D/g, "").slice(-2)) continue;
    kept.push({ at, length, dial, via });
    from = at + length;
  }
  return kept;
}

/** A message with the protocol's fields and nothing else, or null. */
export function message(data) {
  if (!data || typeof data !== "object" || typeof data.text !== "string") return null;
  const text = data.text.slice(0, MOST_TEXT);
  const id = string(data.id, 64);
  if (!text.trim() || !id) return null;
  return {
    id,
    text,
    kind: data.from === "person" ? "person" : KINDS.has(data.kind) ? data.kind : "answer",
    choices: list(data.choices, 20)
      .map((one) => ({ id: string(one?.id, 64), title: string(one?.title, 200) }))
      .filter((one) => one.id && one.title),
    citations: list(data.citations, 99)
      .filter((one) => Number.isInteger(one?.n))
      .map((one) => ({
        n: one.n,
        title: string(one.title),
        section: string(one.section),
        url: secure(one.url),
        checked_on: /^\d{4}-\d\d-\d\d$/.test(one.checked_on) ? one.checked_on : "",
      })),
    numbers: numbersOf(data.numbers, text),
  };
}

const messages = (value) => list(value, MOST_MESSAGES).map(message).filter(Boolean);

/** An id that nobody can guess; randomUUID exists on secure pages only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Calls `onText` with what arrives; a flood or a long silence ends it. */
async function read(response, stop, onText) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let size = 0;
  for (;;) {
    const timer = setTimeout(stop, SILENCE);
    const { value, done } = await reader.read().finally(() => clearTimeout(timer));
    if (done) break;
    size += value.length;
    if (size > MOST_BYTES) {
      stop();
      throw new Broken("too much", { again: false });
    }
    onText(decoder.decode(value, { stream: true }));
  }
}

async function json(response, stop) {
  let text = "";
  await read(response, stop, (piece) => (text += piece));
  try {
    const data = JSON.parse(text);
    if (data && typeof data === "object") return data;
  } catch {
    // Told below: what is no JSON comes from something that is not the guide.
  }
  throw new Broken("nonsense");
}

/** One conversation with the guide. */
export class Talk {
  token = "";
  /** Who has the conversation: "" is the guide, else "waiting" or "person". */
  who = "";
  #base;
  #first;
  #keep;
  #seen = new Set();
  #last = "";
  #open = new Set();
  #life = 0;
  #hurry = () => {};

  constructor({ server, home, language, keep }) {
    this.#base = new URL("webhooks/web/", server);
    this.#first = { ...(home && { home }), language };
    this.#keep = keep;
    if (keep) this.token = string(sessionStorage.getItem(keep), 2000);
  }

  /** Starts a conversation and returns its first messages. */
  async start() {
    const data = await this.#json("sessions", { method: "POST", body: JSON.stringify(this.#first) });
    this.token = string(data.token, 2000);
    if (!this.token) throw new Broken("no token");
    if (this.#keep) sessionStorage.setItem(this.#keep, this.token);
    return messages(data.messages).filter((one) => this.#isNew(one));
  }

  /**
   * Sends `{id, text}` or `{id, choice, text}` and calls `onMessage` for each new message, in order.
   * Returns the home that is now known, or undefined. Tries again by itself where the line breaks:
   * the id stays the same, so that the guide answers once.
   */
  async send(what, { onMessage, onBroken = () => {}, onRenewed = () => {} }) {
    let body = what.choice ? { choice: what.choice } : { text: what.text };
    let renewed = false;
    let life = this.#life;
    for (let tries = 1; ; tries++) {
      try {
        if (!this.token) await this.start();
        return await this.#post({ id: what.id, ...body }, onMessage);
      } catch (error) {
        // Deleted or left meanwhile: nothing may start it again.
        if (life !== this.#life) throw new Broken("ended", { again: false });
        if (error.code === "no_session" && !renewed) {
          renewed = true;
          this.forget();
          life = this.#life;
          // A choice belongs to the conversation that has ended; its words still say it.
          body = { text: what.text };
          onRenewed();
          continue;
        }
        if (!(error instanceof Broken) || !error.again || tries >= MOST_TRIES) throw error;
        onBroken();
        await this.#pause(tries);
        if (life !== this.#life) throw new Broken("ended", { again: false });
        await this.#catchUp(onMessage);
      }
    }
  }

  /** Returns what the guide has said so far, for a page that was loaded again in its tab. */
  async before() {
    return this.#news(await this.#json("messages"));
  }

  /** Returns what was said since the last message, while a person has the conversation. */
  async news() {
    return this.#news(await this.#json(`messages?after=${encodeURIComponent(this.#last)}`));
  }

  /** Returns all that is kept, as it came. */
  async export() {
    return (await this.#json("export")).kept;
  }

  /** Deletes all that is kept. */
  async delete() {
    if (this.token) await this.#json("session", { method: "DELETE" });
    this.forget();
  }

  /** Forgets the conversation here and stops what is under way. */
  forget() {
    this.#life += 1;
    for (const controller of this.#open) controller.abort();
    this.hurry();
    if (this.#keep) sessionStorage.removeItem(this.#keep);
    this.token = this.who = "";
    this.#last = "";
    this.#seen.clear();
  }

  /** Ends a wait between two tries. */
  hurry() {
    this.#hurry();
  }

  #news(data) {
    this.#state(data);
    return messages(data.messages).filter((one) => this.#isNew(one));
  }

  /** Keeps who has the conversation, and returns the home that is known. */
  #state(data) {
    this.who = ["waiting", "person"].includes(data.with) ? data.with : "";
    return data.home;
  }

  #isNew({ id }) {
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    this.#last = id;
    return true;
  }

  async #catchUp(onMessage) {
    if (!this.token || !this.#last) return;
    try {
      (await this.news()).forEach(onMessage);
    } catch {
      // The next try says what is wrong.
    }
  }

  async #post(body, onMessage) {
    const options = { method: "POST", body: JSON.stringify(body), stream: true };
    return this.#call("messages", options, async (response, stop) => {
      const give = (data) => {
        const made = message(data);
        if (made && this.#isNew(made)) onMessage(made);
      };
      if (!(response.headers.get("content-type") ?? "").includes("event-stream")) {
        const data = await json(response, stop);
        if (!Array.isArray(data.messages)) throw new Broken("nonsense");
        data.messages.slice(0, MOST_MESSAGES).forEach(give);
        return this.#state(data);
      }
      return this.#events(response, stop, give);
    });
  }

  async #events(response, stop, give) {
    let rest = "";
    let count = 0;
    let end = null;
    await read(response, stop, (piece) => {
      const events = (rest + piece).replace(/\r\n?/g, "\n").split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const lines = event.split("\n");
        const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
        let made = null;
        try {
          made = JSON.parse(data.join("\n"));
        } catch {
          continue;
        }
        if (lines.some((line) => /^event: ?end$/.test(line))) end = made ?? {};
        else if (count++ < MOST_MESSAGES) give(made);
      }
    });
    if (!end) throw new Broken("half");
    return this.#state(end);
  }

  #json(path, options = {}) {
    return this.#call(path, options, (response, stop) =>
      response.status === 204 ? {} : json(response, stop));
  }

  async #call(path, { stream = false, ...options }, then) {
    const controller = new AbortController();
    const stop = () => controller.abort();
    this.#open.add(controller);
    const timer = setTimeout(stop, SILENCE);
    const headers = { Accept: stream ? "text/event-stream" : "application/json" };
    if (options.body) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    try {
      const response = await fetch(new URL(path, this.#base), {
        ...options,
        headers,
        signal: controller.signal,
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
      });
      clearTimeout(timer);
      if (response.ok) return await then(response, stop);
      const data = response.status < 500 ? await json(response, stop) : {};
      const text = string(data.error?.message, MOST_TEXT);
      if (response.status >= 500 || !text) throw new Broken(String(response.status));
      throw new Refused(string(data.error.code), text, numbersOf(data.numbers, text));
    } catch (error) {
      if (error instanceof Broken || error instanceof Refused) throw error;
      throw new Broken(error.name);
    } finally {
      clearTimeout(timer);
      this.#open.delete(controller);
    }
  }

  /** Waits longer each time, until it is told to hurry: by the browser, a press, or the end. */
  #pause(tries) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PAUSE * 2 ** (tries - 1));
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
