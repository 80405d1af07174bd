/**
 * The danger screen in the browser: the same patterns and the same steps as bot/danger (Python).
 *
 * No dependencies, no network, nothing stored. `compile` reads what bot/danger/export.py wrote;
 * `findDanger` is pure. A test runs both languages on the same texts and compares.
 * No look-behind in expressions: older Safari refuses the whole file for one.
 */

const ODD_WORDS = 64;
const LONGEST_ODD = 24;
const LONGEST_DRAWN = 1000;
const INSIDE_SIGNS = 2000;
const SLIPS = 400;
const GLUED_LETTERS = 1200;
const GLUED_HITS = 80;
const SHORTEST_GLUE = 6;
const LONG_GLUE = 12;
const BLOB = 80;
const AROUND = 40;
const LONGEST_WORD = 16;
const TYPO_LETTERS = 5;
const FOLDED = [
  [0x80, 0x3000], [0xa720, 0xa800], [0xab30, 0xab70], [0xfb00, 0xfb07], [0xfe00, 0xfe30],
  [0xfeff, 0xff00], [0xff00, 0xfff0], [0x1d400, 0x1d800], [0x1f100, 0x1f200],
];
const MOST_PARTS = 4;
const EARLIER_TEXTS = 2;
const EARLIER_LETTERS = 600;
const EARLIER_WORDS = 60;
const LONGEST_CLAUSE = 128;
const SHORT = "am an as at be by do go he if im in is it me my no of on or so to up us we".split(" ");
const ALPHABET = "abcdefghijklmnopqrstuvwxyz";
const REPEAT = "\u0001";
const EITHER = "|";
const MARKS = new Set([".", ","]);
const ALONE = new Set(["i", "a", "u", "r", "*", ".", ",", ..."0123456789"]);
const HIDDEN = /[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
const STEPS = { 1: [1], 2: [1, 1], 3: [1, 2], 4: [1, 2, 1], 5: [1, 2, 2], 6: [1, 2, 2, 1], 7: [1, 2, 4] };

const list = (text) => (text ? text.split(" ") : []);
const isAlpha = (word) => /^[a-z]+$/.test(word);
const isDigits = (word) => /^[0-9]+$/.test(word);
const parts = (word) => word.match(/[a-z]+|[0-9]+/g) || [];

/** Patterns ready to scan, from the JSON of bot/danger/export.py. */
export function compile(data) {
  if (data.format !== 1) throw new Error(`danger patterns: unknown format ${data.format}`);
  const groups = data.groups.map(list);
  const lines = (many) =>
    many.map((line) =>
      line.map(([words, gap, only, optional]) => ({
        key: `${words}/${gap}/${only}/${optional}`, words, gap, only, optional,
      })),
    );
  const patterns = data.patterns.map((one) => ({ ...one, lines: lines(one.lines) }));
  const softeners = data.softeners.map((one) => ({
    ...one, lines: lines(one.lines), unless: lines(one.unless), softens: new Set(one.softens),
  }));
  const notNegation = lines(data.not_negation);
  const owned = (many, name) =>
    many.flatMap((one, at) => one[name].map((line) => ({ owner: at, line })));
  const danger = owned(patterns, "lines");
  const soft = owned(softeners, "lines");
  const unless = owned(softeners, "unless");

  const vocabulary = new Set(list(data.negators));
  const inDanger = new Set();
  const wordsOf = (slot, also) => [...groups[slot.words], ...(also && slot.only >= 0 ? groups[slot.only] : [])];
  for (const { line } of [...danger, ...soft, ...unless]) {
    for (const slot of line) for (const word of wordsOf(slot, true)) vocabulary.add(word);
  }
  for (const { line } of danger) {
    for (const slot of line) for (const word of wordsOf(slot, false)) inDanger.add(word);
  }
  for (const line of notNegation) {
    for (const slot of line) for (const word of wordsOf(slot, false)) vocabulary.add(word);
  }
  const lengths = new Map();
  for (const word of vocabulary) {
    if (word.length > 2 || SHORT.includes(word)) {
      const start = word.slice(0, 2);
      if (!lengths.has(start)) lengths.set(start, new Set());
      lengths.get(start).add(word.length);
    }
  }
  for (const [start, all] of lengths) lengths.set(start, [...all].sort((a, b) => b - a));
  const firsts = new Set([...vocabulary].map((word) => word[0]));
  const glueStarts = new Set([...vocabulary].filter((w) => w.length > 2).map((w) => w.slice(0, 3)));
  for (const first of firsts) {
    for (const word of SHORT) glueStarts.add(word + first);
    for (const pair of ["aa", "ai", "ia", "ii"]) glueStarts.add(pair + first);
  }
  for (const start of lengths.keys()) glueStarts.add("a" + start).add("i" + start);
  const keys = new Set([...list(data.glue), ...[...inDanger].filter((w) => w.length >= TYPO_LETTERS)]);
  const neverFold = new Set(list(data.never_fold));
  return {
    data, groups, patterns, softeners, notNegation, vocabulary, neverFold, lengths, glueStarts,
    neverSplit: new Set(list(data.never_split)),
    negators: list(data.negators),
    letters: new Map(Object.entries(data.letters)),
    spellings: new Map(Object.entries(data.spellings)),
    typos: typoIndex([...inDanger].sort(), inDanger, neverFold),
    starred: starredIndex([...inDanger].sort()),
    glueScan: scanFor([...keys].sort()) || "(?!)",
    danger: tree(danger), soft: tree(soft), unless: tree(unless),
  };
}

function tree(lines) {
  const heads = new Map();
  for (const { owner, line } of lines) {
    const head = line[0];
    if (!heads.has(head.key)) heads.set(head.key, { slot: head, group: [] });
    heads.get(head.key).group.push({ owner, line: line.slice(1) });
  }
  return [...heads.values()].map(({ slot, group }) => ({
    slot,
    ends: [...new Set(group.filter(({ line }) => !line.length).map(({ owner }) => owner))],
    children: tree(group.filter(({ line }) => line.length)),
  }));
}

function deletions(word) {
  const made = new Set();
  for (let at = 0; at < word.length; at++) made.add(word.slice(0, at) + word.slice(at + 1));
  return made;
}

function* quickSlips(word) {
  const size = word.length;
  if (size < TYPO_LETTERS - 1) return;
  for (let at = size < TYPO_LETTERS ? 1 : 0; at < size - 1; at++) {
    yield word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  }
  if (size >= TYPO_LETTERS) yield word.slice(1);
  if (size === TYPO_LETTERS) {
    yield word.slice(0, 2) + word.slice(3);
    for (const letter of ALPHABET) {
      yield word.slice(0, 2) + letter + word.slice(3);
      yield word.slice(0, 2) + letter + word.slice(2);
      yield word.slice(0, 3) + letter + word.slice(3);
    }
  }
}

function typoIndex(sorted, inDanger, neverFold) {
  const can = sorted.filter((word) => isAlpha(word) && !neverFold.has(word));
  const long = can.filter((word) => word.length >= TYPO_LETTERS);
  const shorter = new Map();
  for (const word of long) {
    for (const less of deletions(word)) {
      if (!shorter.has(less)) shorter.set(less, []);
      shorter.get(less).push(word);
    }
  }
  const slips = new Map();
  for (const word of can) {
    for (const slip of quickSlips(word)) {
      if (inDanger.has(slip) || neverFold.has(slip)) continue;
      if (!slips.has(slip)) slips.set(slip, new Set());
      slips.get(slip).add(word);
    }
  }
  return {
    words: new Set(long), shorter, slips,
    starts: new Set(long.map((word) => word.slice(0, 3))),
    ends: new Set(long.map((word) => word[0] + word.slice(-3))),
  };
}

function starredIndex(sorted) {
  const found = new Map();
  const add = (key, word) => found.has(key) || found.set(key, word);
  for (const word of sorted) {
    if (word.length < 4 || !isAlpha(word)) continue;
    for (let first = 1; first < word.length; first++) {
      const one = word.slice(0, first) + "*" + word.slice(first + 1);
      add(one, word);
      for (let second = first + 1; second < word.length; second++) {
        add(one.slice(0, second) + "*" + one.slice(second + 1), word);
      }
    }
  }
  return found;
}

function scanFor(words) {
  const byLetter = new Map();
  for (const word of words) {
    if (!word) return "";
    if (!byLetter.has(word[0])) byLetter.set(word[0], []);
    byLetter.get(word[0]).push(word.slice(1));
  }
  const branches = [...byLetter.keys()].sort().map((letter) => letter + scanFor(byLetter.get(letter)));
  return branches.length === 1 ? branches[0] : branches.length ? `(?:${branches.join("|")})` : "";
}

// --- from text to words --------------------------------------------------------------------

function foldOne(char, letters) {
  if (letters.has(char)) return letters.get(char);
  const code = char.codePointAt(0);
  if (code >= 0xe0000 && code < 0xe01f0) return "";
  if (!FOLDED.some(([from, to]) => code >= from && code < to)) return " ";
  const lower = char.toLowerCase();
  if (letters.has(lower)) return letters.get(lower);
  let read = "";
  for (const part of char.normalize("NFKD")) {
    if (part.codePointAt(0) < 128) read += part;
    else if (HIDDEN.test(part)) continue;
    else if (letters.has(part)) read += letters.get(part);
    else if (letters.has(part.toLowerCase())) read += letters.get(part.toLowerCase());
    else read += " ";
  }
  return read.slice(0, MOST_PARTS);
}

function plainLetters(text, { letters }) {
  const table = new Map();
  let folded = "";
  for (const char of text) {
    if (char.codePointAt(0) < 128) {
      folded += char;
    } else {
      if (!table.has(char)) table.set(char, foldOne(char, letters));
      folded += table.get(char);
    }
  }
  folded = folded.toLowerCase();
  let inside = 0;
  folded = folded.replace(/([a-z])[!|](?=[a-z*])/g, (all, letter) =>
    inside++ < INSIDE_SIGNS ? `${letter}1` : all,
  );
  let plain = "";
  for (const char of folded) {
    if ((char >= "a" && char <= "z") || (char >= "0" && char <= "9") || char === "*") plain += char;
    else if (".!?;\n\r".includes(char)) plain += " . ";
    else if (char === ",") plain += " , ";
    else if (char === "@") plain += "4";
    else if (char === "$") plain += "5";
    else if (char === "'" || char === "`") continue;
    else if (char === "\t" || char === "\v" || char === "\f") plain += " ";
    else if (char < " " || char === "\x7f") continue;
    else plain += " ";
  }
  return plain;
}

/** Join letters that stand alone: "k i l l", "k.n.i.f.e". */
function joinLetters(tokens) {
  const single = (token) => token !== undefined && token.length === 1 && isAlpha(token);
  const made = [];
  for (let at = 0; at < tokens.length; at++) {
    if (!single(tokens[at])) {
      made.push(tokens[at]);
      continue;
    }
    let word = tokens[at];
    let end = at;
    for (;;) {
      if (single(tokens[end + 1])) end += 1;
      else if (MARKS.has(tokens[end + 1]) && single(tokens[end + 2])) end += 2;
      else break;
      word += tokens[end];
    }
    if (word.length >= 3) {
      made.push(word);
      at = end;
    } else {
      made.push(tokens[at]);
    }
  }
  return made;
}

function said(text, patterns) {
  let tokens = plainLetters(text, patterns).split(" ").filter(Boolean);
  let distinct = new Set(tokens);
  if ([...distinct].some((token) => token.length === 1 && !ALONE.has(token))) {
    tokens = joinLetters(tokens);
    distinct = new Set(tokens);
  }
  for (const repairs of [oddWords, slipsAndGlue]) {
    const read = repairs(distinct, patterns);
    if (read.size) {
      tokens = tokens.flatMap((token) => read.get(token) || [token]);
      distinct = new Set(tokens);
    }
  }
  const words = [];
  const clauses = [];
  const sentences = [];
  for (const token of tokens) {
    if (MARKS.has(token)) {
      clauses.push(words.length);
      if (token === ".") sentences.push(words.length);
    } else {
      words.push(token);
    }
  }
  return { words, clauses, sentences };
}

function bothEnds(words, most) {
  if (words.length <= most) return words;
  return [...words.slice(0, most / 2), ...words.slice(-most / 2)];
}

function oddWords(words, patterns) {
  const odd = [...words].filter(
    (word) =>
      ((!isAlpha(word) && !isDigits(word) && !patterns.vocabulary.has(word)) ||
        /([a-z])\1\1/.test(word)) &&
      !MARKS.has(word),
  );
  const read = new Map();
  for (const word of bothEnds(odd, ODD_WORDS)) {
    const made = oddWord(word, patterns);
    if (made.length !== 1 || made[0] !== word) read.set(word, made);
  }
  return read;
}

function oddWord(given, patterns) {
  let word = given;
  if (word.length <= LONGEST_DRAWN) word = word.replace(/([a-z])\1\1+/g, `$1${REPEAT}`);
  if (word.length > LONGEST_ODD) return parts(word.replaceAll(REPEAT, ""));
  if (word.includes("*")) {
    word = patterns.starred.get(word) ?? word.replace(/^\*+|\*+$/g, "");
    if (!word || patterns.vocabulary.has(word)) return word ? [word] : [];
  }
  let tries = [word];
  if (word.includes(REPEAT)) {
    const doubled = [...word].map((c, at) => (c === REPEAT ? word.at(at - 1) : c)).join("");
    const at = word.lastIndexOf(REPEAT);
    const last = word.slice(0, at).replaceAll(REPEAT, "") + word.at(at - 1) + word.slice(at + 1);
    tries = [word.replaceAll(REPEAT, ""), doubled, last];
  }
  const leet = patterns.data.leet;
  const digits = [...word].some((c) => leet[c] !== undefined);
  if (digits) {
    const first = tries[0];
    tries = [0, 1].map((pick) =>
      [...first].map((c) => (leet[c] ? leet[c][pick % leet[c].length] : c)).join(""),
    );
    if (tries[0] === tries[1]) tries.pop();
  }
  for (const attempt of tries) {
    if (patterns.vocabulary.has(attempt)) return [attempt];
    if (patterns.spellings.has(attempt)) return [patterns.spellings.get(attempt)];
  }
  for (const attempt of tries) {
    const meant = meantBy(attempt, patterns);
    if (meant.length) return [meant.join(EITHER)];
  }
  if (digits && word.length >= SHORTEST_GLUE) {
    for (const attempt of tries) {
      const made = segments(attempt, patterns);
      if (made) return made;
    }
  }
  return parts(word.replaceAll(REPEAT, ""));
}

function slipsAndGlue(words, patterns) {
  const { vocabulary, spellings, typos, neverSplit } = patterns;
  const unknown = [...words].filter((word) => !vocabulary.has(word));
  const read = new Map();
  for (const word of unknown) if (spellings.has(word)) read.set(word, [spellings.get(word)]);
  const likely = unknown.filter(
    (word) =>
      word.length > 3 &&
      (typos.starts.has(word.slice(0, 3)) || typos.slips.has(word) ||
        typos.ends.has(word[0] + word.slice(-3))),
  );
  for (const word of bothEnds(likely, SLIPS)) {
    const meant = meantBy(word, patterns);
    if (meant.length && !read.has(word)) read.set(word, [meant.join(EITHER)]);
  }
  const glued = unknown.filter(
    (word) =>
      word.length >= SHORTEST_GLUE &&
      (word.length >= LONG_GLUE || patterns.glueStarts.has(word.slice(0, 3))) &&
      !read.has(word) && !neverSplit.has(word),
  );
  for (const [word, made] of unglued(glued, patterns)) read.set(word, made);
  return read;
}

function meantBy(word, { typos, neverFold }) {
  const size = word.length;
  if (size < 4 || size > LONGEST_WORD || neverFold.has(word)) return [];
  const found = new Set([...(typos.slips.get(word) || []), ...(typos.shorter.get(word) || [])]);
  for (let at = 1; at < size; at++) {
    const less = word.slice(0, at) + word.slice(at + 1);
    if (typos.words.has(less)) found.add(less);
    for (const full of typos.shorter.get(less) || []) {
      if (full.length === size && full.slice(at + 1) === word.slice(at + 1)) found.add(full);
    }
  }
  return [...found].sort();
}

function hitsIn(joined, source, from) {
  const scan = new RegExp(source, "g");
  scan.lastIndex = from;
  const hits = [];
  let found;
  while (hits.length < GLUED_HITS && (found = scan.exec(joined))) hits.push(found.index);
  return hits;
}

function unglued(words, patterns) {
  const read = new Map();
  if (!words.length) return read;
  const joined = words.join(" ");
  let hits = hitsIn(joined, patterns.glueScan, 0);
  if (hits.length === GLUED_HITS) {
    const tail = Math.max(hits[hits.length - 1], joined.length - GLUED_LETTERS);
    hits = hits.concat(hitsIn(joined, patterns.glueScan, tail));
  }
  const pieces = new Map();
  let start = 0;
  let end = -1;
  for (const at of [...new Set(hits)].sort((a, b) => a - b)) {
    if (at > end) {
      start = joined.lastIndexOf(" ", at) + 1;
      end = joined.indexOf(" ", at);
      if (end < 0) end = joined.length;
    }
    const whole = joined.slice(start, end);
    if (end - start <= BLOB) {
      pieces.set(whole, [[start, end]]);
      continue;
    }
    const window = [Math.max(start, at - AROUND), Math.min(end, at + AROUND)];
    if (!pieces.has(whole)) pieces.set(whole, []);
    const spans = pieces.get(whole);
    const last = spans[spans.length - 1];
    if (last && window[0] <= last[1]) last[1] = window[1];
    else spans.push(window);
  }
  let left = GLUED_LETTERS;
  for (const whole of bothEnds([...pieces.keys()], GLUED_HITS)) {
    const found = [];
    for (const [from, to] of pieces.get(whole)) {
      const part = joined.slice(from, Math.min(to, from + Math.max(left, 0)));
      left -= part.length;
      found.push(...(segments(part, patterns) || []));
    }
    if (found.length) read.set(whole, found);
  }
  return read;
}

function segments(text, { vocabulary, lengths }) {
  const size = text.length;
  const cost = new Array(size + 1).fill(0);
  const step = new Array(size + 1).fill(0);
  for (let at = size - 1; at >= 0; at--) {
    let best = cost[at + 1] + 5;
    let length = 0;
    for (const tried of lengths.get(text.slice(at, at + 2)) || []) {
      if (
        at + tried <= size && cost[at + tried] + 2 < best &&
        vocabulary.has(text.slice(at, at + tried))
      ) {
        best = cost[at + tried] + 2;
        length = tried;
      }
    }
    if ((text[at] === "a" || text[at] === "i") && cost[at + 1] + 3 < best) {
      best = cost[at + 1] + 3;
      length = 1;
    }
    cost[at] = best;
    step[at] = length;
  }
  const found = [];
  let strange = 0;
  let junk = "";
  for (let at = 0; at < size; ) {
    if (step[at]) {
      if (junk) found.push(junk);
      junk = "";
      found.push(text.slice(at, at + step[at]));
      at += step[at];
    } else {
      strange += 1;
      junk += text[at];
      at += 1;
    }
  }
  if (junk) found.push(junk);
  if (found.length < 2 || strange > (size < LONG_GLUE ? 0 : size * 0.4)) return null;
  return found;
}

// --- the scan: sets of places as whole numbers, bit p for word p ----------------------------

function bits(where, size) {
  if (!where.length) return 0n;
  const digits = new Uint8Array((size >> 2) + 1);
  for (const at of where) digits[at >> 2] |= 1 << (at & 3);
  let text = "";
  for (let at = digits.length - 1; at >= 0; at--) text += digits[at].toString(16);
  return BigInt(`0x${text}`);
}

function placesOf(group, here) {
  let found = 0n;
  if (group < 0) return found;
  for (const word of here.groups[group]) found |= here.places.get(word) || 0n;
  return found;
}

function readText(words, earlier, patterns) {
  const every = [];
  const clauses = [];
  const sentences = [];
  for (const old of earlier) {
    const cut = Math.max(0, old.words.length - EARLIER_WORDS);
    clauses.push(every.length);
    for (const at of old.clauses) if (at >= cut) clauses.push(every.length + at - cut);
    for (const at of old.sentences) if (at >= cut) sentences.push(every.length + at - cut);
    every.push(...old.words.slice(cut));
  }
  const oldSize = every.length;
  clauses.push(oldSize);
  const kept = sentences.filter((at) => at < oldSize);
  for (const at of words.clauses) clauses.push(oldSize + at);
  for (const at of words.sentences) kept.push(oldSize + at);
  for (const word of words.words) every.push(word);
  const size = every.length;
  const lists = new Map();
  every.forEach((token, at) => {
    for (const word of token.includes(EITHER) ? token.split(EITHER) : [token]) {
      if (!patterns.vocabulary.has(word)) continue;
      if (!lists.has(word)) lists.set(word, []);
      lists.get(word).push(at);
    }
  });
  const places = new Map();
  for (const [word, where] of lists) places.set(word, bits(where, size));
  const whole = (1n << BigInt(size)) - 1n;
  const here = {
    places, size, whole, groups: patterns.groups,
    fresh: whole ^ ((1n << BigInt(oldSize)) - 1n),
    clauses: bits(clauses.filter((at) => at < size), size),
    sentences: bits(kept.filter((at) => at < size), size),
    negators: 0n,
  };
  let negators = 0n;
  for (const word of patterns.negators) negators |= places.get(word) || 0n;
  if (negators) {
    let harmless = 0n;
    for (const line of patterns.notNegation) {
      const start = placesOf(line[0].words, here);
      let ends = start;
      for (const slot of line.slice(1)) ends = (ends << 1n) & placesOf(slot.words, here);
      harmless |= start & (ends >> BigInt(line.length - 1));
    }
    negators &= whole ^ harmless;
  }
  here.negators = negators;
  return here;
}

function gapMasks(here, throughNegators) {
  const inside = here.whole ^ here.sentences;
  const one = throughNegators ? inside : inside & (here.whole ^ (here.whole & (here.negators << 1n)));
  const two = one & (one << 1n);
  return { 0: inside, 1: one, 2: two, 4: two & (two << 2n) };
}

function narrowed(masks, through) {
  const one = masks[1] & (through << 1n);
  const two = one & (one << 1n);
  return { 0: masks[0], 1: one, 2: two, 4: two & (two << 2n) };
}

function spread(ends, gap, masks) {
  const found = ends << 1n;
  if (!gap) return found;
  let reached = found & masks[0];
  for (const step of STEPS[gap]) reached |= (reached << BigInt(step)) & masks[step];
  return found | reached;
}

function follow(nodes, here, gaps) {
  const found = new Map();
  const slots = new Map();
  const narrow = new Map([[-1, gaps]]);
  const masks = (only) => {
    if (!narrow.has(only)) narrow.set(only, narrowed(gaps, placesOf(only, here)));
    return narrow.get(only);
  };
  const walk = (children, ends) => {
    const spreads = new Map();
    for (const { slot, ends: owners, children: next } of children) {
      let where = slots.get(slot.words);
      if (where === undefined) {
        where = placesOf(slot.words, here);
        slots.set(slot.words, where);
      }
      let reached = where;
      if (ends !== null) {
        if (where) {
          const key = `${slot.gap}/${slot.only}`;
          if (!spreads.has(key)) spreads.set(key, spread(ends, slot.gap, masks(slot.only)));
          where &= spreads.get(key);
        }
        reached = slot.optional ? where | ends : where;
      }
      if (!reached) continue;
      for (const owner of owners) found.set(owner, (found.get(owner) || 0n) | (reached & here.whole));
      if (next.length) walk(next, reached);
    }
  };
  walk(nodes, null);
  return found;
}

function reachOf(ends, { unit, before, after }, here) {
  if (unit === "message") return here.whole;
  let inside = here.whole ^ (unit === "clause" ? here.clauses : here.sentences);
  let right = ends;
  let left = ends;
  if (unit === "words") {
    for (let at = 0; at < after; at++) right |= (right << 1n) & inside;
    for (let at = 0; at < before; at++) left |= (left & inside) >> 1n;
    return (right | left) & here.whole;
  }
  for (let step = 1; step < LONGEST_CLAUSE; step *= 2) {
    right |= (right << BigInt(step)) & inside;
    left |= (left & inside) >> BigInt(step);
    inside &= inside << BigInt(step);
  }
  return right | left;
}

/**
 * The most serious danger in a text, a present one before a softened one, or null.
 * `recent` holds up to two texts written before it, oldest first.
 */
export function findDanger(text, { recent = [], patterns }) {
  const words = said(text, patterns);
  const earlier = recent
    .slice(-EARLIER_TEXTS)
    .filter(Boolean)
    .map((old) => said([...old].slice(-EARLIER_LETTERS).join(""), patterns));
  const here = readText(words, earlier, patterns);
  if (!here.size) return null;
  const clean = follow(patterns.danger, here, gapMasks(here, false));
  const softened = [];
  if (clean.size) {
    const gaps = gapMasks(here, true);
    const soft = follow(patterns.soft, here, gaps);
    const unless = soft.size ? follow(patterns.unless, here, gaps) : new Map();
    for (const [at, ends] of soft) {
      const softener = patterns.softeners[at];
      let reached = reachOf(ends, softener, here);
      const kept = unless.get(at);
      if (kept) reached &= here.whole ^ reachOf(kept, softener, here);
      softened.push({ owners: softener.softens, reached });
    }
  }
  const rank = (at) =>
    patterns.data.categories.indexOf(patterns.patterns[at].category) * patterns.patterns.length + at;
  let best = null;
  for (const [at, ends] of clean) {
    let left = ends & here.fresh;
    for (const { owners, reached } of softened) if (owners.has(at)) left &= here.whole ^ reached;
    if (left && (best === null || rank(at) < rank(best))) best = at;
  }
  const present = best !== null;
  if (!present) {
    const anyWay = here.negators ? follow(patterns.danger, here, gapMasks(here, true)) : clean;
    for (const [at, ends] of anyWay) {
      if (ends & here.fresh && (best === null || rank(at) < rank(best))) best = at;
    }
    if (best === null) return null;
    // What was said before may complete a danger; it never makes light of a new one.
    const alone = earlier.length ? findDanger(text, { patterns }) : null;
    if (alone?.present) return alone;
  }
  const { id, kind, category } = patterns.patterns[best];
  return { kind, category, pattern_id: id, present };
}
