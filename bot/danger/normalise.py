"""From what a person typed to plain lower-case words, however it was spelt or disguised.

Every step is linear in the text. Repairs of single words (typos, leetspeak, missing spaces) are
looked up once for each different word, and the dear ones have a budget, so that no text can make
the screen slow. Words that are plainly there are always seen, however long the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TypeVar

from bot.danger.model import DangerPatterns

# Budgets for the dear repairs, per text: how many different words are looked at, half of them from
# each end. A person writes far fewer; a text that holds more is made by a machine, and the words
# that stand in it plainly still count.
ODD_WORDS = 64
LONGEST_ODD = 24
LONGEST_DRAWN = 1000
INSIDE_SIGNS = 2000
SLIPS = 400
GLUED_LETTERS = 1200
GLUED_HITS = 80
SHORTEST_GLUE = 6
LONG_GLUE = 12
# Run-together words longer than this are looked at around their danger words only.
BLOB = 80
AROUND = 40
LONGEST_WORD = 16
# The blocks of Unicode where letters, marks and styled letters stand.
FOLDED = (
    (0x80, 0x3000), (0xA720, 0xA800), (0xAB30, 0xAB70), (0xFB00, 0xFB07), (0xFE00, 0xFE30),
    (0xFEFF, 0xFF00), (0xFF00, 0xFFF0), (0x1D400, 0x1D800), (0x1F100, 0x1F200),
)  # fmt: skip
MOST_PARTS = 4
FEW = 24

STOP = "."
COMMA = ","
REPEAT = "\x01"
# Between the words that a misspelt one may mean; all of them stand in its place.
EITHER = "|"
Thing = TypeVar("Thing")
_MARKS = frozenset((STOP, COMMA))
_ALONE = frozenset(("i", "a", "u", "r", "*", STOP, COMMA, *"0123456789"))
_ASCII_SET = frozenset(map(chr, range(128)))
_TRIPLE = re.compile(r"([a-z])\1\1+")
_LETTER_RUN = re.compile(r"(?<![^ ])[a-z](?: (?:[.,] )?[a-z](?![^ ])){2,}")
_INSIDE = re.compile(r"(?<=[a-z])[!|](?=[a-z*])")
_PARTS = re.compile(r"[a-z]+|[0-9]+")

# Plain letters, digits and the star stay; signs that people write for letters become digits, which
# are read as letters later; what ends a sentence or a clause becomes a word of its own.
_ASCII: dict[int, str] = {code: "" if code < 32 or code == 127 else " " for code in range(128)}
_ASCII.update({ord(char): char for char in "abcdefghijklmnopqrstuvwxyz0123456789*"})
_ASCII.update({ord(char): f" {STOP} " for char in ".!?;\n\r"})
_ASCII.update({ord(char): " " for char in "\t\x0b\x0c"})
_ASCII.update({ord(char): "" for char in "'`"})
_ASCII.update({ord(","): f" {COMMA} ", ord("@"): "4", ord("$"): "5"})


@dataclass(frozen=True)
class Said:
    """A text as words, with the places where a clause or a sentence begins anew.

    `misspelt` are those of its words that name several, one of which was meant.
    """

    words: tuple[str, ...]
    clauses: tuple[int, ...]
    sentences: tuple[int, ...]
    misspelt: tuple[str, ...] = ()


def letter_table(explicit: Mapping[str, str]) -> dict[str, str]:
    """Return what every character that can stand for a letter is read as.

    Marks, format and control characters are read as nothing: nobody sees them. Styled and
    accented letters are read as Unicode decomposes them. What is not here is read as a space.
    """
    table: dict[str, str] = {}
    for block in FOLDED:
        for char in map(chr, range(*block)):
            read = "".join(
                _read_part(part, explicit) for part in unicodedata.normalize("NFKD", char)
            )
            table[char] = explicit.get(char, explicit.get(char.lower(), read[:MOST_PARTS]))
    table.update({char: "" for char in map(chr, range(0xE0000, 0xE01F0))})
    table.update(explicit)
    return table


def _read_part(part: str, explicit: Mapping[str, str]) -> str:
    if part.isascii():
        return part
    if unicodedata.category(part) in ("Mn", "Me", "Cf", "Cc"):
        return ""
    return explicit.get(part, explicit.get(part.lower(), " "))


def plain_letters(text: str, *, patterns: DangerPatterns) -> str:
    """Return a text in lower-case ASCII: look-alikes folded, hidden characters gone."""
    if not text.isascii():
        # Look-alikes go before the case: a Greek capital looks like another letter than its small.
        fold = patterns.letters.fold
        strange = set(text) - _ASCII_SET
        if len(strange) < FEW:
            for char in strange:
                text = text.replace(char, fold.get(char, " "))
        else:
            text = text.translate({ord(char): fold.get(char, " ") for char in strange})
    text = text.lower()
    if "!" in text or "|" in text:
        text = _INSIDE.sub("1", text, count=INSIDE_SIGNS)
    return text.translate(_ASCII)


def said(text: str, *, patterns: DangerPatterns) -> Said:
    """Return the words of a text as a reader would see them."""
    tokens = plain_letters(text, patterns=patterns).split()
    distinct = dict.fromkeys(tokens)
    # "k i l l" and "k.n.i.f.e" have letters alone that are no words (i, a, u and r may be).
    alone = [token for token in distinct if len(token) == 1 and token not in _ALONE]
    if alone and _three_together([at for at, token in enumerate(tokens) if len(token) == 1]):
        tokens = _LETTER_RUN.sub(_join_letters, " ".join(tokens)).split()
        distinct = dict.fromkeys(tokens)
    misspelt: tuple[str, ...] = ()
    for repairs in (_odd_words, _slips_and_glue):
        read = repairs(distinct, patterns=patterns)
        if read:
            tokens = _replaced(tokens, read)
            distinct = dict.fromkeys(tokens)
            misspelt += tuple(parts[0] for parts in read.values() if parts and EITHER in parts[0])
    misspelt = tuple(dict.fromkeys(misspelt))
    if STOP not in distinct and COMMA not in distinct:
        return Said(tuple(tokens), (), (), misspelt)
    marks = [at for at, token in enumerate(tokens) if token in _MARKS]
    places = tuple([at - before for before, at in enumerate(marks)])
    stops = places
    if COMMA in distinct:
        stops = tuple([at - before for before, at in enumerate(marks) if tokens[at] == STOP])
    return Said(
        tuple([token for token in tokens if token not in _MARKS]),
        places,
        stops,
        misspelt,
    )


def _three_together(places: Sequence[int]) -> bool:
    """Return whether three of these places stand close, with a full stop between at most."""
    return any(third - first <= 4 for first, third in zip(places, places[2:], strict=False))


def _replaced(tokens: Sequence[str], read: Mapping[str, tuple[str, ...]]) -> list[str]:
    if all(len(parts) == 1 for parts in read.values()):
        single = {word: parts[0] for word, parts in read.items()}
        return [single.get(token, token) for token in tokens]
    return [part for token in tokens for part in read.get(token, (token,))]


def _join_letters(found: re.Match[str]) -> str:
    return found[0].replace(" ", "").replace(".", "").replace(",", "")


def _odd_words(words: Iterable[str], *, patterns: DangerPatterns) -> dict[str, tuple[str, ...]]:
    """Return what to read for words with digits, stars or drawn-out letters in them."""
    vocabulary = patterns.machine.vocabulary
    words = list(words)
    drawn_out = _drawn_out(words)
    odd = [
        word
        for word in words
        if (not word.isalpha() and not word.isdigit() and word not in vocabulary)
        or word in drawn_out
        if word not in _MARKS
    ]
    read = {word: _odd_word(word, patterns=patterns) for word in _both_ends(odd, ODD_WORDS)}
    return {word: parts for word, parts in read.items() if parts != (word,)}


def _drawn_out(words: Sequence[str]) -> Collection[str]:
    """Return the words with a letter three times or more in a row, looked for all at once.

    Each character is a byte of one whole number; a byte that equals the next one leaves zero.
    """
    joined = " ".join(words)
    number = int.from_bytes(joined.encode("ascii"), "little")
    steps = number ^ (number >> 8)
    signs = (steps | (steps >> 8)).to_bytes(len(joined) + 1, "little")
    found: set[str] = set()
    at = signs.find(0, 0, len(joined) - 2) if len(joined) > 2 else -1
    while at >= 0:
        end = joined.find(" ", at)
        word = joined[joined.rfind(" ", 0, at) + 1 : end if end >= 0 else len(joined)]
        if _TRIPLE.search(word):
            found.add(word)
        at = signs.find(0, end, len(joined) - 2) if end >= 0 else -1
    return found


def _slips_and_glue(
    words: Iterable[str], *, patterns: DangerPatterns
) -> dict[str, tuple[str, ...]]:
    """Return what to read for misspelt words and for words run together."""
    machine, known = patterns.machine, patterns.words
    unknown = [word for word in words if word not in machine.vocabulary]
    read: dict[str, tuple[str, ...]] = {
        word: (known.spellings[word],) for word in unknown if word in known.spellings
    }
    starts, ends, slips = machine.typos.starts, machine.typos.ends, machine.typos.slips
    likely = [
        word
        for word in unknown
        if len(word) > 3 and (word[:3] in starts or word in slips or word[0] + word[-3:] in ends)
    ]
    for word in _both_ends(likely, SLIPS):
        meant = meant_by(word, patterns=patterns)
        if meant:
            read.setdefault(word, (EITHER.join(meant),))
    glued = [
        word
        for word in unknown
        if len(word) >= SHORTEST_GLUE
        and (len(word) >= LONG_GLUE or word[:3] in machine.glue_starts)
        and word not in read
        and word not in known.never_split
    ]
    read.update(_glued(glued, patterns=patterns))
    return read


def meant_by(word: str, *, patterns: DangerPatterns) -> tuple[str, ...]:
    """Return the words of the patterns that may be meant, a slip of the finger away.

    A letter left out, put in, swapped with its neighbour, or mistaken for another. The first
    letter is never taken for another: people seldom miss it, and night would become fight.
    """
    typos = patterns.machine.typos
    size = len(word)
    if size < 4 or size > LONGEST_WORD or word in patterns.words.never_fold:
        return ()
    found = {*typos.slips.get(word, ()), *typos.shorter.get(word, ())}
    for at in range(1, size):
        less = word[:at] + word[at + 1 :]
        if less in typos.words:
            found.add(less)
        for full in typos.shorter.get(less, ()):
            if len(full) == size and full[at + 1 :] == word[at + 1 :]:
                found.add(full)
    return tuple(sorted(found))


def _both_ends(words: Sequence[Thing], most: int) -> Sequence[Thing]:
    """Return the words, or the first and last of too many: danger stands at either end."""
    return words if len(words) <= most else (*words[: most // 2], *words[-most // 2 :])


def _odd_word(word: str, *, patterns: DangerPatterns) -> tuple[str, ...]:
    """Return the word or words behind digits, stars or drawn-out letters (k1ll, r*pe, heeelp)."""
    if len(word) <= LONGEST_DRAWN:
        word = _TRIPLE.sub(r"\1" + REPEAT, word)
    if len(word) > LONGEST_ODD:
        return tuple(_PARTS.findall(word.replace(REPEAT, "")))
    if "*" in word:
        word = patterns.machine.starred.get(word, word.strip("*"))
        if not word or word in patterns.machine.vocabulary:
            return (word,) if word else ()
    tries = [word]
    if REPEAT in word:
        # Most drawn-out words have the letter once (heeelp); some had it twice (kiiilll).
        doubled = "".join(word[at - 1] if c == REPEAT else c for at, c in enumerate(word))
        at = word.rindex(REPEAT)
        last = word[:at].replace(REPEAT, "") + word[at - 1] + word[at + 1 :]
        tries = [word.replace(REPEAT, ""), doubled, last]
    digits = any(c in patterns.letters.leet for c in word)
    if digits:
        tries = _leet(tries[0], patterns=patterns)
    spellings = patterns.words.spellings
    for attempt in tries:
        if attempt in patterns.machine.vocabulary:
            return (attempt,)
        if attempt in spellings:
            return (spellings[attempt],)
    for attempt in tries:
        meant = meant_by(attempt, patterns=patterns)
        if meant:
            return (EITHER.join(meant),)
    if digits and len(word) >= SHORTEST_GLUE:
        for attempt in tries:
            parts = segments(attempt, patterns=patterns)
            if parts:
                return parts
    # What is left is read as its parts; run-together letters among them are looked at later.
    return tuple(_PARTS.findall(word.replace(REPEAT, "")))


def _leet(word: str, *, patterns: DangerPatterns) -> list[str]:
    """Return a word with its digits read as letters; a digit that is two letters gives two."""
    leet = patterns.letters.leet
    read = [
        "".join(leet[c][pick % len(leet[c])] if c in leet else c for c in word) for pick in (0, 1)
    ]
    return read if read[0] != read[1] else read[:1]


def _glued(words: Sequence[str], *, patterns: DangerPatterns) -> dict[str, tuple[str, ...]]:
    """Return the words inside run-together text that holds a danger word."""
    if not words:
        return {}
    scan = _glue_scan(patterns.machine.glue_scan)
    joined = " ".join(words)
    hits = [found.start() for found in islice(scan.finditer(joined), GLUED_HITS)]
    if len(hits) == GLUED_HITS:
        tail = max(hits[-1], len(joined) - GLUED_LETTERS)
        hits += [found.start() for found in islice(scan.finditer(joined, tail), GLUED_HITS)]
    pieces: dict[tuple[int, int], list[tuple[int, int]]] = {}
    start, end = 0, -1
    for at in sorted(set(hits)):
        if at > end:
            start = joined.rfind(" ", 0, at) + 1
            end = joined.find(" ", at)
            end = len(joined) if end < 0 else end
        if end - start <= BLOB:
            pieces[start, end] = [(start, end)]
            continue
        window = (max(start, at - AROUND), min(end, at + AROUND))
        spans = pieces.setdefault((start, end), [])
        if spans and window[0] <= spans[-1][1]:
            spans[-1] = (spans[-1][0], window[1])
        else:
            spans.append(window)
    read: dict[str, tuple[str, ...]] = {}
    left = GLUED_LETTERS
    for whole in _both_ends(tuple(pieces), GLUED_HITS):
        found: list[str] = []
        for start, end in pieces[whole]:
            part = joined[start : min(end, start + max(left, 0))]
            left -= len(part)
            found += segments(part, patterns=patterns) or ()
        if found:
            read[joined[slice(*whole)]] = tuple(found)
    return read


@lru_cache(maxsize=8)
def _glue_scan(source: str) -> re.Pattern[str]:
    return re.compile(source)


def segments(text: str, *, patterns: DangerPatterns) -> tuple[str, ...] | None:
    """Return run-together text as words, or None if it is not made of known words.

    The cheapest way through: a word costs 2, a letter outside any word 5. Short text must be
    known words from end to end; long text may hold a name or two.
    """
    vocabulary, lengths = patterns.machine.vocabulary, patterns.machine.lengths
    size = len(text)
    cost = [0] * (size + 1)
    step = [0] * (size + 1)
    for at in range(size - 1, -1, -1):
        best, length = cost[at + 1] + 5, 0
        for tried in lengths.get(text[at : at + 2], ()):
            if (
                at + tried <= size
                and cost[at + tried] + 2 < best
                and text[at : at + tried] in vocabulary
            ):
                best, length = cost[at + tried] + 2, tried
        if text[at] in "ai" and cost[at + 1] + 3 < best:
            best, length = cost[at + 1] + 3, 1
        cost[at], step[at] = best, length
    found: list[str] = []
    strange, at, junk = 0, 0, ""
    while at < size:
        if step[at]:
            if junk:
                found.append(junk)
                junk = ""
            found.append(text[at : at + step[at]])
            at += step[at]
        else:
            strange += 1
            junk += text[at]
            at += 1
    if junk:
        found.append(junk)
    if len(found) < 2 or strange > (0 if size < LONG_GLUE else size * 0.4):
        return None
    return tuple(found)
