"""Words of a message with their offsets, written one way, and misspelt names put right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

FUZZY_LETTERS = 7
LONGEST_NAME_WORD = 24

_TOKEN = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\w+|@\w+"  # addresses and handles name no place
    r"|(?:[A-Za-z]\.){1,}[A-Za-z]\b\.?"  # N.S.W.
    r"|[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*"
    r"|\d+(?:[^\W\d_]+)?"
    r"|\n|\.{2,}|[^\w\s]"
)
# Written without the apostrophe more often than with it.
_JOINED = {
    "im": ("i", "'m"),
    "iam": ("i", "'m"),
    "ima": ("i", "'m"),
    "ive": ("i", "'ve"),
    "hes": ("he", "'s"),
    "shes": ("she", "'s"),
    "theyre": ("they", "'re"),
    "theyve": ("they", "'ve"),
    "weve": ("we", "'ve"),
    "its": ("it", "'s"),
    "whos": ("who", "'s"),
    "thats": ("that", "'s"),
    "exs": ("ex", "'s"),
}
_JOINED_FIRST_LETTERS = {"ima": 1}
_SUFFIXES = frozenset(("m", "s", "re", "ve", "ll", "d"))
_ABBREVIATED = {"saint": "st", "mount": "mt", "fort": "ft"}


class Token(NamedTuple):
    """One word or mark: as normalised, with its place in the text."""

    low: str
    start: int
    end: int
    capitals: bool
    """All letters are capitals (and there are two or more, or full stops between)."""
    title: bool
    """The first letter is a capital."""


def plain(word: str) -> str:
    """Return a word in lower case without accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def tokens(text: str) -> list[Token]:
    """Return the words and marks of a text; hyphens inside words part them."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        raw = match.group()
        start, end = match.span()
        first = raw[0]
        if not first.isalpha():
            if raw in "-‐‑" and _inside_word(text, start, end):
                continue
            found.append(Token("@" if first == "@" else raw.lower(), start, end, False, False))
        elif "@" in raw or raw[:4] in ("http", "www."):
            found.append(Token("@", start, end, False, False))
        elif "." in raw:
            low = plain(raw.replace(".", ""))
            # "i.e" and "e.g" look like N.I.
            found.append(Token(low, start, end, low not in ("ie", "eg"), True))
        else:
            found.extend(_word(raw, start, end))
    return found


def _inside_word(text: str, start: int, end: int) -> bool:
    return start > 0 and end < len(text) and text[start - 1].isalnum() and text[end].isalnum()


def _word(raw: str, start: int, end: int) -> Iterable[Token]:
    low = plain(raw)
    capitals = len(raw) > 1 and raw.isupper()
    title = raw[0].isupper()
    if low in _JOINED:
        left, right = _JOINED[low]
        middle = start + _JOINED_FIRST_LETTERS.get(low, len(left))
        yield Token(left, start, middle, False, title)
        yield Token(right, middle, end, False, False)
        return
    parts = re.split("['’ʼ`]", low)
    if len(parts) == 2 and parts[1] in _SUFFIXES:
        middle = start + len(parts[0])
        yield Token(parts[0], start, middle, capitals, title)
        yield Token("'" + parts[1], middle, end, False, False)
        return
    yield Token("".join(parts), start, end, capitals, title)


def name_words(name: str) -> list[str]:
    """Return a name's words as they are looked up."""
    return [token.low for token in tokens(name)]


def variants(name: str) -> Iterable[str]:
    """Return a name as people shorten it: Saint or St, Mount or Mt."""
    words = name_words(name)
    yield " ".join(words)
    for long, short in _ABBREVIATED.items():
        if long in words or short in words:
            yield " ".join(short if word == long else word for word in words)
            yield " ".join(long if word == short else word for word in words)
            yield " ".join(x for word in words for x in ((short, ".") if word == long else (word,)))


def deletions(word: str) -> set[str]:
    """Return the word with each one of its letters left out."""
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def fuzzy_index(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what finds the words that have one slip in them."""
    index: dict[str, list[str]] = {}
    for word in words:
        for short in {word, *deletions(word)}:
            index.setdefault(short, []).append(word)
    return {short: tuple(sorted(meant)) for short, meant in index.items()}


def mended(word: str, *, shorter: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the one name word that this is a slip of, or None."""
    near: set[str] = set()
    for short in {word, *deletions(word)}:
        for meant in shorter.get(short, ()):
            if meant[0] == word[0] and one_slip(word, meant):
                near.add(meant)
    return near.pop() if len(near) == 1 else None


def one_slip(said: str, meant: str) -> bool:
    """Return whether one letter too many, too few or wrong, or two swapped, parts the words."""
    if abs(len(said) - len(meant)) > 1:
        return False
    at = 0
    while at < min(len(said), len(meant)) and said[at] == meant[at]:
        at += 1
    rest, wanted = said[at:], meant[at:]
    return (
        rest[1:] == wanted[1:]
        or rest[1:] == wanted
        or rest == wanted[1:]
        or (len(rest) > 1 and rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:])
    )
