"""Rules for places that no person in the sentence is near: alone, of messages, of a name."""

from __future__ import annotations

from bot.places import cues
from bot.places.find import narrower
from bot.places.look import Judged, Look
from bot.places.model import Role


def stands_alone(look: Look) -> bool:
    """Return whether the place is a clause of its own, about nobody: "... , leeds"."""
    first, last = look.segment()
    inside = look.words[first : look.first] + look.words[look.last : last]
    thought = [word for word in inside if word not in cues.BARE]
    if thought and thought != ["i"]:
        return False
    if first == look.start:
        return not _does_after(look, last) and not open_question(look)
    mark = look.words[first - 1]
    goes_on = mark in ("but", "and", "&") and inside[:1] != ("from",)
    if goes_on or {"now", "currently", "living", "live"}.intersection(inside):
        return False
    last_place = look.before[-1] if look.before else None
    if last_place and last_place.place.last == first - 1 and last_place.role == "none":
        return False
    return not _does_after(look, last) and not open_question(look)


def _does_after(look: Look, last: int) -> bool:
    """An Afrikaans guy, Mossel Bay I think, keeps on at me."""
    after = look.words[last + 1 : last + 2] if last < look.end else ()
    first, _ = look.segment()
    return bool(after) and after[0] in cues.DOES and first > look.start


def open_question(look: Look) -> bool:
    """Return whether it was just left open where he is: I don't know where he is, maybe Leeds."""
    first, _ = look.segment()
    before = look.words[max(0, first - 6) : max(0, first - 1)]
    return (
        bool(before)
        and before[-1] in cues.UNSURE
        and not {"he", "she", "they"}.isdisjoint(before)
        and not any(place.last > first - 6 for place in look.said.found if place.first < first)
    )


def follows(look: Look) -> Role | None:
    """Return the role of what the place goes with, if it does.

    He is American, Texas: the second place goes with the first. Him: Toronto.
    """
    at = look.segment()[0]
    labelled = at > 1 and look.word(at - 1) in (":", "-", "–", "=")
    if labelled and look.word(at - 2) in ("him", "her", "he", "she", "them", "ex", "perpetrator"):
        return "perpetrator"
    if not look.before:
        return None
    last = look.before[-1]
    first, _ = look.segment()
    if last.place.type == "dial_code" and look.first - last.place.last <= 4:
        return last.role
    one, other = last.place.settled, look.place.settled
    if last.place.last == first - 1 and one and other and narrower(one, other):
        return last.role if last.role != "none" else None
    return None


def messages(look: Look) -> Judged | None:
    """Messages from Nigeria, a login came from Moscow, a page run from India, traced to Perth."""
    traced = {"traced", "traces", "linked"}
    if look.prep == "to" and traced.intersection((look.word(look.gov_at - 1), look.gov)):
        return look.judged("perpetrator", 3)
    if look.prep != "from":
        return None
    near = look.words[max(look.start, look.gov_at - 4) : look.gov_at]
    if look.gov in cues.COMES_FROM:
        direct = (look.word(look.gov_at - 1),)
        if not cues.I.intersection(near if look.gov in cues.SENT else direct):
            return look.judged("perpetrator", 3)
    elif look.gov in ("came", "comes", "coming", "come") and cues.MESSAGES.intersection(near):
        return look.judged("perpetrator", 3)
    return None


def here(look: Look) -> Judged | None:
    """Here in Wollongong, unless it is somebody else who is said to be here."""
    if look.prep not in cues.IN or look.word(look.p - 1) != "here":
        return None
    said_of = look.word(look.p - 2)
    return None if said_of in cues.BE_OR_LIVE else look.judged("home", 4)


def _named(look: Look) -> bool:
    """Return whether the place hangs on a word that may be a person's name or a new noun."""
    return (
        look.prep in ("from", "in")
        and look.gov.isalpha()
        and look.place_at(look.gov_at) is None
        and look.gov not in cues.NO_NAMES
    )


def doer(look: Look) -> Judged | None:
    """By some eejit in Leeds; a viewer in Ohio keeps ..."""
    if not _named(look):
        return None
    before = look.word(look.gov_at - 1)
    whose = look.word(look.gov_at - 2)
    after = look.after
    if before == "some" or (before in ("a", "an", "this") and whose == "by"):
        return look.judged("perpetrator", 3)
    if before in ("a", "an", "this", "one", "another") and after in cues.DOES_TO_ME:
        return look.judged("perpetrator", 3)
    return None


def subject_unknown(look: Look) -> Judged:
    """Dave is in Leeds; lives in Leeds; Dave from Leeds keeps ..."""
    words = look.words
    before = look.word(look.gov_at - 1)
    is_where = look.prep and look.gov in cues.THIRD and before not in cues.THINGS
    if is_where and not (look.gov in ("is", "'s") and not before):
        return look.judged("perpetrator", 3)
    after = words[look.last] if look.last < look.end else ""
    if _named(look) and after in cues.DOES_TO_ME:
        return look.judged("perpetrator", 2)
    if "both" in words[look.start : look.end]:
        return look.judged("both", 3)
    settled = bool(look.prep) and look.word(look.p - 1) in cues.SETTLED
    return look.judged("unknown", 3 if settled else 2)
