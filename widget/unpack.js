/** Makes the danger patterns whole that bot/danger/pack.py has packed: format 1 of danger.js. */

const FORMAT = "packed-1";
const LAST = 90;
const ONE = 50;
const TWO = ONE + (LAST - 1 - ONE) * LAST;

/** Reads signs one by one, as numbers. */
function reader(text) {
  let at = 0;
  const sign = () => {
    const code = text.charCodeAt(at++);
    return code - 35 - (code > 92);
  };
  return { sign, more: () => at < text.length };
}

/** The numbers of one list. */
function numbersOfList({ sign }) {
  const numbers = [];
  for (let at = -1; ; ) {
    const first = sign();
    if (first === LAST) return numbers;
    if (first === LAST - 1) at += sign() * LAST + sign() + 1;
    else at += first < ONE ? first + 1 : (first - ONE) * LAST + sign() + ONE + 1;
    numbers.push(at);
  }
}

function wordsOf(text) {
  let word = "";
  return Array.from(text.matchAll(/([A-Z])([^A-Z]*)/g), ([, length, rest]) =>
    (word = word.slice(0, length.charCodeAt(0) - 65) + rest));
}

/** The data as `compile` of danger.js reads it. */
export function unpack({ format, rest, words, shared, lists }) {
  if (format !== FORMAT) throw new Error(`danger patterns: unknown format ${format}`);
  const every = words.map(([flags, text]) => [flags, wordsOf(text)]);
  const flat = every.flatMap(([, some]) => some);
  const never = (flag) => every.flatMap(([flags, some]) => (flags & flag ? some : [])).sort().join(" ");
  const named = numbersOfList(reader(shared));
  const read = reader(lists);
  const numbers = [];
  while (read.more()) numbers.push(numbersOfList(read));
  const members = (at) =>
    numbers[at].flatMap((one) => (one < named.length ? members(named[one]) : flat[one - named.length]));

  let next = 0;
  const lines = (text) => {
    const { sign, more } = reader(text);
    const list = () => {
      const first = sign();
      return first === LAST ? next++ : first * LAST + sign();
    };
    const made = [];
    while (more()) {
      const line = [];
      for (let head = sign(); head !== LAST; head = sign()) {
        line.push([list(), head >> 2, head & 2 ? list() : -1, head & 1]);
      }
      made.push(line);
    }
    return made;
  };
  return {
    ...rest,
    never_fold: never(1),
    never_split: never(2),
    not_negation: lines(rest.not_negation),
    patterns: rest.patterns.map((one) => ({ ...one, lines: lines(one.lines) })),
    softeners: rest.softeners.map((one) => ({ ...one, lines: lines(one.lines), unless: lines(one.unless) })),
    groups: numbers.map((_, at) => [...new Set(members(at))].sort().join(" ")),
  };
}
