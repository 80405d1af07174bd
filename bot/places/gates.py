"""Whether a word is meant as a place: names of people, ordinary words, languages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.places import cues
from bot.places.model import Name
from bot.places.tokens import Token

_GOOD_AFTER_WORD = cues.words(
    ", . ! ? ; : ) ( ... .. / - and but he she they i my who where is so with now for since "
    "right uk england because cos police keeps keep has when while though if or too as then "
    "at"
) | {"\n"}
_DETERMINERS = cues.words("his her my the their your our this that it about a an all what some")
_CALLED = cues.words(
    "friend mate sister daughter called named named: by with is's ex miss mrs mr ms hi dear "
    "hey name wife girlfriend boyfriend cousin colleague boss aunt brother son and's flatmate "
    "sent tell told blocked block against"
)
_PLACE_BEFORE = cues.words(
    "in near around outside from across throughout leaving within inside via live living "
    "based visiting"
)
_PART_OF = cues.words("city town state north south part outskirts suburb centre center parts side")
_BEFORE_US = cues.words("in from a an some to uk / , ( or and 's 'm am is near") | {""}
# "us girls", "us lads": the writer and others, unless it is written in capitals.
_MANY_OF_US = cues.words(
    "women girls boys lads men guys kids teens teenagers folk people persons ones members "
    "neighbours neighbors colleagues tenants fans users"
)
_TITLES = cues.words("mr mrs ms miss dr prof professor sgt sergeant constable detective sir")
_IS_IN = cues.words("me him i he she 'm 's am")
_ASKS_OF = cues.words("can could will would should did does tell told make stop if of when")
STREET = cues.words("road rd street avenue ave lane drive terrace crescent pub arms inn park")


def is_place(
    said: Sequence[Token],
    words: Sequence[str],
    first: int,
    last: int,
    name: Name,
    *,
    bare: bool,
    shouting: bool,
    starts: set[int],
    ends: set[int],
) -> bool:
    """Return whether a word or a person's name is meant as a place here."""
    before = words[first - 1] if first else ""
    after = words[last] if last < len(words) else ""
    if bare and (len(starts) <= 1 or name.gate != "word"):
        return True
    # Melbourne Victoria; Victoria, Australia. A word is vouched for only by what comes after it.
    if last in starts or (after == "," and last + 1 in starts):
        return True
    if name.gate != "word" and (first in ends or (before == "," and first - 1 in ends)):
        return True
    if name.gate == "capitals":
        if name.text == "us":
            noun = cues.POLICE | cues.NUMBERLIKE | cues.LAW | cues.PERSON - cues.SOMEONE
            noun -= _MANY_OF_US
            shown = said[first].capitals and not shouting and before in _BEFORE_US
            return shown or before == "the" or after in noun or after == "based"
        if said[first].capitals and not shouting:
            return True
        if name.type in ("police", "court") and before == "the":
            return True
        if before in _IS_IN:
            return True
        return _place_before(words, first, skip_the=True) or after in cues.POLICE
    if name.gate == "word":
        if after in cues.POLICE or after in ("council", "university", "uni"):
            return True
        if not _place_before(words, first, skip_the=False) or after in _DETERMINERS:
            return False
        return not after or after in _GOOD_AFTER_WORD or said[first].title
    if before == "the" and not cues.GROUP.isdisjoint(words[last : last + 2]):
        return True
    if before == "on" and first > 1 and words[first - 2] in cues.BE_OR_LIVE:
        return True  # an island: he's on Skye
    if _place_before(words, first, skip_the=True):
        return before != "from" or first < 2 or words[first - 2] not in cues.MESSAGES
    if after in cues.PLACE_NOUN or before in cues.LAW:
        return True
    if name.gate == "person":
        if before in cues.MAYBE and any(end < first for end in ends):
            return True  # somewhere in the UK, probably Kent
        # "Kent. He is in Essex": a name with nothing beside it, and another place is named.
        return not first and after in (".", ",", "\n") and len(starts) > 1
    surname = said[last].title if last < len(words) else False
    if surname and words[last + 1 : last + 2] and words[last + 1] in cues.DOES:
        return False  # Sydney Smith is posting my number
    asks_of = before in _ASKS_OF and after not in ("", "?", ",", ".")
    if (
        before in cues.PERSON
        or asks_of
        or (after in ("from", "at", "in") and _own(words, last + 1))
    ):
        return False
    if after == "'s" or after in cues.DOES or before in _CALLED:
        return last + 1 < len(words) and words[last + 1] == "where"
    return True


def is_person(
    said: Sequence[Token], words: Sequence[str], first: int, last: int, name: Name
) -> bool:
    """Return whether what could be a place is a person whatever the place: Mr Bradford, "ek"."""
    if name.type == "demonym":
        return False
    # A little word in another spelling: "ek" is I in Afrikaans, and East Kilbride.
    if last - first == 1 and words[first] == "i":
        return True
    at = first - 1
    if at >= 0 and words[at] == "." and said[at].start == said[at - 1].end:
        at -= 1  # Mr. Bradford
    return at >= 0 and words[at] in _TITLES and said[at].end != said[first].start


def _own(words: Sequence[str], at: int) -> bool:
    """Return whether the writer's own school or work follows: Sydney from my class."""
    return at < len(words) and words[at] in ("my", "our", "work", "school")


def _place_before(words: Sequence[str], first: int, *, skip_the: bool) -> bool:
    at = first - 1
    while skip_the and at >= 0 and words[at] in cues.SKIP_BEFORE:
        if words[at] == "of" and at and words[at - 1] in _PART_OF:
            return True
        at -= 1
    if at < 0:
        return False
    if words[at] == "to":
        return not cues.MOVE.isdisjoint(words[max(0, at - 3) : at])
    return words[at] in _PLACE_BEFORE


def is_language(words: Sequence[str], first: int, last: int) -> bool:
    """Return whether a demonym is the name of a language here: in English, speaks French."""
    before = words[first - 1] if first else ""
    after = words[last] if last < len(words) else ""
    if before == "to" and after in _DETERMINERS:  # to polish my statement
        return True
    if before in ("learn", "into", "learning", "understand", "praat"):
        return True
    if before in ("speak", "speaks", "speaking", "spoke", "his", "her", "their", "broken", "bad"):
        return after not in cues.PERSON | cues.NUMBERLIKE | cues.POLICE
    return before == "in" and after not in cues.PERSON | cues.PLACE_NOUN | cues.GROUP
