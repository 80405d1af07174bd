"""Rules for places that no person in the sentence is near: alone, of messages, of a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.places import cues
from bot.places.find import Words, common, narrower
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
        and cues.I.isdisjoint(look.words[first : look.first])
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
    beside = last.place.last == first - 1 and last.role != "none"
    if beside and look.prep in ("near", "outside", "around") and look.p <= first + 1:
        return last.role
    if last.place.type == "dial_code" and look.first - last.place.last <= 4:
        return last.role
    one, other = last.place.settled, look.place.settled
    guessed = look.words[first] in cues.MAYBE and last.place.first >= look.start
    if guessed and one and other and narrower(one, other) and last.role != "none":
        return last.role  # he's in the UK somewhere, probably Kent
    goes_on = last.place.last == first - 1
    if goes_on and last.place.type == "demonym" and common(last.place, look.place):
        return last.role if last.role != "none" else None  # he's Aussie, from Perth
    if goes_on and one and other and narrower(one, other):
        return last.role if last.role != "none" else None
    return None


def also_called(look: Look) -> Judged | None:
    """He's half Irish half Scottish: both are his."""
    held = look.word(look.first - 1) in ("(", ",") and look.word(look.first - 2) in cues.PERSON
    if held and look.place.type == "demonym" and look.after in (")", ",", ""):
        return look.judged("perpetrator", 3)  # my boss (Irish)
    last = look.before[-1] if look.before else None
    if last and look.place.type == "demonym" and look.after == "one":
        return look.judged(last.role, 2)  # Perth, the Scottish one
    if last is None or {last.place.type, look.place.type} != {"demonym"}:
        return None
    between = look.words[last.place.last : look.first]
    return look.judged(last.role, last.strength) if cues.ALSO_A.issuperset(between) else None


def somebody_there(said: Words, judged: Sequence[Judged]) -> list[Judged]:
    """Return the places with the one where "a man there" is as his too.

    My mum lives in Durban and a man there is hounding her.
    """
    roles = list(judged)
    for at, word in enumerate(said.words):
        if word != "there":
            continue
        if at > 1 and said.words[at - 1] in cues.LIVES:
            _lives_there(said.words[at - 2], roles, at)
            continue
        who = at - 2 if at > 1 and said.words[at - 1] == "from" else at - 1
        if who < 0 or said.words[who] not in cues.PERSON:
            continue
        if cues.TALK.intersection(said.words[max(0, at - 5) : at]):
            continue
        named = [where for where, one in enumerate(roles) if one.place.last <= at]
        if not named:
            continue
        place = roles[named[-1]]
        if place.role == "home":
            roles[named[-1]] = replace(place, role="both")
        elif place.role == "none" and who < at - 1:
            roles[named[-1]] = replace(place, role="perpetrator", strength=3)
    return roles


def _lives_there(who: str, roles: list[Judged], at: int) -> None:
    """Leeds ..., I live there; Leeds ..., he lives there too."""
    named = [where for where, one in enumerate(roles) if one.place.last <= at]
    if not named:
        return
    place = roles[named[-1]]
    mine: Role = "home" if who in cues.I else "perpetrator"
    if who not in cues.I | cues.HE:
        return
    role: Role = mine if place.role in (mine, "none", "unknown") else "both"
    if role != place.role:
        roles[named[-1]] = replace(place, role=role, strength=4)


def messages(look: Look) -> Judged | None:
    """Messages from Nigeria, a login came from Moscow, a page run from India, traced to Perth."""
    traced = {"traced", "traces", "linked"}
    if look.prep == "to" and traced.intersection((look.word(look.gov_at - 1), look.gov)):
        return look.judged("perpetrator", 3)
    sent = look.words[max(look.start, look.gov_at - 4) : look.gov_at]
    somewhere = look.gov in cues.SOMEWHERE and "from" in sent[-2:]
    if look.word(look.p - 1) == "somewhere" and look.gov == "from":
        somewhere = True
    comes = not cues.COMES_FROM.isdisjoint(sent) and cues.I.isdisjoint(sent)
    if look.prep in cues.IN and somewhere and comes:
        return look.judged("perpetrator", 3)
    if look.prep != "from":
        return None
    if look.gov in cues.PICTURES and cues.USES.intersection(sent):
        return look.judged("none", 0)
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
    if look.prep in cues.IN and words[look.start] in cues.LIVES - {"live", "stay"}:
        return look.judged("perpetrator", 3)
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
