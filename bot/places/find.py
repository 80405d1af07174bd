"""Find the places in a message: names by their longest match, gates, and qualifiers joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.places import cues
from bot.places.gates import STREET, is_language, is_person, is_place
from bot.places.model import UK_NATIONS, WEAK, Candidate, Gazetteer, Name
from bot.places.spoken import little_words
from bot.places.tokens import FUZZY_LETTERS, LONGEST_NAME_WORD, Token, mended, tokens

if TYPE_CHECKING:
    from spacy.tokens import Doc

_NO_NAME = "\N{MIDDLE DOT}"
_DIAL = re.compile(r"(?<![\d+])(?:\+|\b00)([1-9]\d{0,3})")
_JOINED_TYPES = frozenset(("country", "nation", "state", "province", "region", "city", "suburb"))
_JOINS = ("", ",", "(", "in", "in the", ", in", ", the", "/", "-", "the")


@dataclass(frozen=True, slots=True)
class Found:
    """A place in the text, one name or a name with what qualifies it (Perth, Scotland)."""

    first: int
    last: int
    """The words it stands on: first to last, last not included."""
    start: int
    end: int
    name: str
    type: str
    options: tuple[Candidate, ...]
    usually: Candidate | None

    @property
    def weak(self) -> bool:
        """Return whether it only hints (a currency, a dial code)."""
        return self.type in WEAK

    @property
    def settled(self) -> Candidate | None:
        """Return the one place that it means as far as it says itself."""
        return self.usually or (self.options[0] if len(self.options) == 1 else None)


@dataclass(frozen=True, slots=True)
class Words:
    """A message as words, and the places in it."""

    words: tuple[str, ...]
    tokens: tuple[Token, ...]
    found: tuple[Found, ...]
    bare: bool
    """The message says nothing but places."""


def find_places(text: str, *, gazetteer: Gazetteer, asked: str | None) -> Words:
    """Return the words of a text and every place named in it."""
    said = tokens(text)
    lower = little_words([token.low for token in said])
    if not said:
        return Words((), (), (), True)
    spans = _longest(_matches(said, gazetteer))
    inside = {at for first, last, _ in spans for at in range(first, last)}
    bare = len(said) - len(inside) <= 8 and all(
        word in cues.FILLER or word.isdigit() for at, word in enumerate(lower) if at not in inside
    )
    shouting = len(text) > 4 and text.isupper() and not bare
    kept: list[tuple[int, int, Name]] = []
    starts = {first for first, _, name in spans if name.type in _JOINED_TYPES}
    ends = {last for _, last, name in spans if name.type in _JOINED_TYPES}
    for first, last, name in spans:
        if name.gate and not is_place(
            said, lower, first, last, name, bare=bare, shouting=shouting, starts=starts, ends=ends
        ):
            continue
        if last < len(lower) and lower[last] in STREET and name.type != "suburb":
            continue
        if is_person(said, lower, first, last, name):
            continue
        if name.type == "demonym" and is_language(lower, first, last):
            continue
        kept.append((first, last, name))
    found = [
        Found(
            first, last, said[first].start, said[last - 1].end, name.text, name.type,
            name.candidates, name.usually,
        )
        for first, last, name in kept
    ]  # fmt: skip
    found = [*_joined(found, lower), *_dialled(text, said, gazetteer)]
    found.sort(key=lambda place: place.start)
    if asked == "australian_state":
        found = [_australian(place) for place in found]
    return Words(lower, tuple(said), tuple(found), bare)


def _matches(said: Sequence[Token], gazetteer: Gazetteer) -> Iterable[tuple[int, int, Name]]:
    words = [_name_word(token.low, gazetteer) for token in said]
    # A compiled class of spaCy's; imported late for the same reason as in load.py.
    from spacy.tokens import Doc

    doc: Doc = Doc(gazetteer.vocab, words=words)
    for _, first, last in gazetteer.matcher(doc):
        yield first, last, gazetteer.names[" ".join(words[first:last])]


def _name_word(word: str, gazetteer: Gazetteer) -> str:
    """Return a word of a name, put right if it is misspelt; every other word as one mark.

    The mark keeps the person's own words out of spaCy's string store, which never forgets.
    """
    if word in gazetteer.words:
        return word
    if not FUZZY_LETTERS - 1 <= len(word) <= LONGEST_NAME_WORD or not word.isalpha():
        return _NO_NAME
    if word in gazetteer.never_fuzzy:
        return _NO_NAME
    return mended(word, shorter=gazetteer.shorter) or _NO_NAME


def _longest(matches: Iterable[tuple[int, int, Name]]) -> list[tuple[int, int, Name]]:
    """Return the matches without those inside or across a longer one."""
    kept: list[tuple[int, int, Name]] = []
    taken: set[int] = set()
    for first, last, name in sorted(matches, key=lambda match: (match[0] - match[1], match[0])):
        if taken.isdisjoint(range(first, last)):
            taken.update(range(first, last))
            kept.append((first, last, name))
    return sorted(kept, key=lambda match: match[0])


def _joined(found: Sequence[Found], words: Sequence[str]) -> list[Found]:
    """Return the places with those that qualify each other made one: London, Ontario."""
    joined: list[Found] = []
    for place in found:
        before = joined[-1] if joined else None
        if before and {before.type, place.type} <= _JOINED_TYPES:
            between = " ".join(words[before.last : place.first])
            options = common(before, place) if between in _JOINS else ()
            if options:
                joined[-1] = replace(
                    before, last=place.last, end=place.end, options=options,
                    usually=options[0] if len(options) == 1 or _is_uk(place) else None,
                )  # fmt: skip
                continue
        joined.append(place)
    return joined


def _is_uk(place: Found) -> bool:
    """Return whether the qualifier is the UK: of two Newcastles there, the large one is meant."""
    return place.settled == ("united_kingdom", None)


def common(one: Found, other: Found) -> tuple[Candidate, ...]:
    """Return the places that both can mean, if one of them is sure of itself."""
    sure_one = (one.usually,) if one.usually else one.options
    sure_other = (other.usually,) if other.usually else other.options
    both = _narrowed(sure_one, sure_other)
    return both or _narrowed(one.options, sure_other) or _narrowed(sure_one, other.options)


def _narrowed(ones: Sequence[Candidate], others: Sequence[Candidate]) -> tuple[Candidate, ...]:
    found = (narrower(one, other) for one in ones for other in others)
    return tuple(dict.fromkeys(place for place in found if place))


def narrower(one: Candidate, other: Candidate) -> Candidate | None:
    """Return the narrower of two places that agree (the UK and Scotland), or None."""
    if one[0] == other[0]:
        if one[1] and other[1] and one[1] != other[1]:
            return None
        return one[0], one[1] or other[1]
    if one[0] == "united_kingdom" and other[0] in UK_NATIONS:
        return other
    if other[0] == "united_kingdom" and one[0] in UK_NATIONS:
        return one
    return None


def _dialled(text: str, said: Sequence[Token], gazetteer: Gazetteer) -> Iterable[Found]:
    for match in _DIAL.finditer(text):
        digits = match.group(1)
        for size in range(len(digits), 0, -1):
            name = gazetteer.dial_codes.get("+" + digits[:size])
            if name is None:
                continue
            end = match.start(1) + size
            on = [
                at for at, t in enumerate(said) if t.start < match.end() and t.end > match.start()
            ]
            yield Found(
                on[0], on[-1] + 1, match.start(), end, name.text, name.type, name.candidates,
                name.usually,
            )  # fmt: skip
            break


def _australian(place: Found) -> Found:
    """Return the place as an answer to "which state?" means it."""
    options = tuple(option for option in place.options if option[0] == "australia")
    return replace(place, options=options, usually=options[0]) if options else place
