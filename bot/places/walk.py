"""The walk: left from a place to the nearest word that says whose it is."""

from __future__ import annotations

from collections.abc import Sequence

from bot.places import cues
from bot.places.look import Judged, Look
from bot.places.model import Role
from bot.places.people import (
    is_marked_victim,
    is_recipient,
    is_victim,
    is_victim_partner,
    pronoun_is_victim,
)


def walk(look: Look) -> Judged | None:
    """Go left from the place to the first word that says whose it is."""
    at = look.first - 1
    while at >= look.start:
        result = _cue(look, at)
        if result is not None:
            return result
        at -= 1
    return None


def _cue(look: Look, at: int) -> Judged | None:
    """Return the role that this one word gives the place, if it gives any."""
    word = look.words[at]
    if look.place_at(at):
        return None
    if word in cues.I:
        return None if _skips_i(look, at) else _mine(look, at)
    if word in ("him", "them") and at == look.first - 1:
        return look.judged("perpetrator", 3)
    if word in ("him", "her", "them") and at == look.gov_at and _begins(look, at):
        return look.judged("perpetrator", 3)
    if word == "me" and look.word(at - 1) == "and" and look.words[at + 1] in cues.LIVES:
        return look.judged("both", 4)
    if word in ("me", "us") and look.word(at - 1) != "from":  # "an hour from me in Leeds"
        if at == look.first - 1 and (not at or look.word(at - 1) not in cues.SPEECH):
            return look.judged("home", 3)
        near = look.prep in cues.IN and look.p - at <= 4
        near = near and look.gov not in cues.IS_OR_SETTLED
        return look.judged("home", 3) if near else None
    if (member := _member(look, at)) is not None:
        return member
    if word in ("my", "our"):
        if look.prep == "from" or cues.MINE.isdisjoint(look.words[at + 1 : at + 4]):
            return None
        return look.judged("home", 3)
    if word in cues.FAMILY:
        theirs = look.word(at - 1) in ("his", "her", "their")
        if theirs and look.word(at - 2) == "with":
            return None  # he lives with his mum in Leeds: it is he who is there
        if theirs and word in cues.COMPANY and look.gov_at == at and not _has_victim(look, at):
            return look.judged("perpetrator", 2)
        if at + 1 < look.first and look.words[at + 1] in cues.PERSON:
            return None
        if _is_self(look, at):
            both = "both" in look.words[look.start : at]
            return look.judged("both" if both else "home", 3 if look.prep == "from" else 4)
        if is_victim(look.words, at) or is_recipient(look.words, at):
            return _relative(look, at)
        return _person(look, at) if word in cues.PERSON else _theirs(look, at)
    if word in ("mine", "ours") and look.gov in cues.BE:
        return look.judged("home", 3)
    if word in ("hers", "theirs", "his") and look.gov in cues.BE and look.gov_at == at + 1:
        return look.judged("perpetrator", 3)
    if word in cues.HE:
        if pronoun_is_victim(look.words, at):
            return look.judged("home", 3)
        return _theirs(look, at)
    if word in ("his", "her", "their"):
        owns = not cues.POSSESSED.isdisjoint(look.words[at + 1 : at + 4])
        if owns and look.words[at + 1] in cues.KIN:
            if look.word(at - 1) == "to" and cues.MOVE.intersection(look.words[look.start : at]):
                return look.judged("perpetrator", 3)  # he went back to his family in Leeds
            # Where his family is says less than where he is.
            return look.judged("perpetrator", 2) if _attached(look, at) else None
        return _theirs(look, at) if owns and not _is_law(look, at) else None
    if word in cues.PERSON:
        return _person(look, at)
    if word == "who" and look.word(at - 2) in ("a", "an", "the", "some"):
        known = cues.KNOWN_NOUNS
        return _theirs(look, at) if look.word(at - 1) not in known else None
    if word == "doing" and look.words[at + 1 : at + 2] in (("it",), ("this",), ("that",)):
        return look.judged("perpetrator", 4) if look.gov in cues.IS else None
    return None


def _relative(look: Look, at: int) -> Judged:
    """Return the place of a relative who is not the one doing it.

    A child or one to whom something is done is the victim, whose place is the home. Others only
    hint at it, and those to whom something was sent or told do not even do that.
    """
    if is_recipient(look.words, at):
        return look.judged("none", 0)
    marked = is_marked_victim(look.words, at)
    return look.judged("home", 4 if marked else 3, relative=not marked)


def _member(look: Look, at: int) -> Judged | None:
    """The lads at my school in Leeds: they are where the writer is; at my old school: they were."""
    words = look.words
    whose = words[at]
    if whose not in ("my", "our", "his", "her", "their") or look.prep not in cues.IN:
        return None
    if look.word(at - 1) not in ("from", "at", "in", "on") or look.gov not in cues.MEMBER:
        return None
    former = not {"old", "former", "last", "ex", "previous"}.isdisjoint(words[at + 1 : look.gov_at])
    if former and look.word(at - 1) == "from" and cues.I.isdisjoint(words[look.start : at]):
        return look.judged("perpetrator", 3)  # Jordan from my old job in Leeds
    who = at - 2
    while who >= look.start and words[who] in cues.BE | {"all", "both"}:
        who -= 1
    if look.word(who) not in cues.SOMEBODY | cues.PARENTS or len(words[at + 1 : look.gov_at]) > 2:
        return None
    if former:
        return look.judged("perpetrator", 3)
    if whose in ("my", "our"):
        return look.judged("both", 3)
    victims = [word for word in words[look.start : who] if word in cues.CHILD]
    return look.judged("both", 3) if victims else None


def _person(look: Look, at: int) -> Judged | None:
    """Return the role by a noun for a person or an account, unless it is none here."""
    word = look.words[at]
    before = look.word(at - 1)
    if before in ("your", "role", "for"):
        return None
    if before == "my" and word in cues.TOLD_OF and look.word(at - 2) in cues.TELLS:
        return look.judged("home", 3) if look.prep in cues.IN else None
    # "On a gossip page in Paisley": where it was put, not who put it.
    if word in cues.OWNABLE and {"on", "in", "onto"}.intersection(look.words[max(0, at - 4) : at]):
        return None
    if word in cues.NUMBERLIKE and cues.HELP.intersection(look.words[look.start : look.end]):
        return None
    if before in ("my", "our") and (word in cues.NUMBERLIKE or word in ("page", "profile")):
        return look.judged("home", 3) if look.prep in cues.IN else None
    if word in cues.CROWD:
        after = look.after
        doing = after in cues.DOES or after in ("are", "keep", "have")
        if before in cues.TO_CROWD or not (doing or before in cues.FROM_CROWD):
            return None
    if word in cues.OWNABLE and {"i", "we", "our"}.intersection(look.words[max(0, at - 6) : at]):
        return None
    if _is_self(look, at):
        return look.judged("home", 4)
    if word in ("page", "group") and look.gov_at == at and look.prep in cues.IN:
        return look.judged("unknown", 2)
    if word in cues.SOMEONE and cues.TALK.intersection(look.words[look.start : at]):
        return None
    if word in cues.NEIGHBOUR and before not in ("former", "ex", "old"):
        return look.judged("both", 3) if _attached(look, at) else None
    if word in cues.PARTNER and before == "my" and is_victim_partner(look.words, at):
        return look.judged("home", 3)
    return _theirs(look, at)


def _is_self(look: Look, at: int) -> bool:
    """I'm a form tutor in Paisley; as a teacher in Leeds."""
    for where in range(at - 1, max(look.start, at - 6) - 1, -1):
        word = look.words[where]
        if word in ("'m", "am") or (word == "'re" and look.word(where - 1) == "we"):
            return True
        if word == "as":
            return where + 1 < at and look.words[where + 1] in cues.AS_A
        if word in cues.SOMEBODY or word in cues.NOT_SELF:
            return False
    return False


def _skips_i(look: Look, at: int) -> bool:
    """Return whether this "I" is not who is there: I think he, a guy I met, I know lives."""
    then = at + 1
    while then < look.first and look.words[then] in cues.BETWEEN_THINK:
        then += 1
    verb = look.words[then] if then < look.first else ""
    if verb in cues.THINK:
        return True
    before = look.word(at - 1)
    related = before in cues.ANYBODY or before in ("that", "who", "whom")
    if related and verb in cues.RELATIVE and then != look.gov_at:
        return True
    return look.gov in cues.THIRD and look.gov_at > at + 1


def _mine(look: Look, at: int) -> Judged:
    """Return the place as the writer's, as strong as its verb makes it."""
    between = look.words[at + 1 : look.first]
    role: Role = "home"
    before = look.word(at - 1)
    with_me = before == "and" and look.word(at - 2) in cues.SOMEBODY | {"him", "her"}
    with_me = with_me and between[:1] != ("'m",)
    if "both" in between or with_me:
        role = "both"
    after = look.words[look.last : look.last + 4]
    travels = not cues.TRAVEL.isdisjoint(between)
    travels = travels or not {"now", "moment", "currently"}.isdisjoint(after)
    if {"was", "were", "went"}.intersection(between[:2]) and not travels:
        if before == "if":
            return look.judged(role, 2)
        # "I was in Paris when he took it": not where the writer is.
        return look.judged("none", 0) if look.gov in cues.WAS_THERE else look.judged(role, 1)
    if cues.WALKS.intersection(between[:4]):
        return look.judged(role, 1)
    if look.prep == "to":
        if look.gov in cues.FUTURE:
            return look.judged(role, 1)
        return look.judged(role, 4 if cues.MOVE.intersection(between) else 3)
    if travels:
        return look.judged(role, 5)
    if look.prep == "from" or not look.prep or look.place.type == "demonym":
        living = look.gov in ("live", "living")
        return look.judged(role, 4 if living else 3)
    living = look.gov in cues.I_AM_THERE or look.word(look.p - 1) in cues.SETTLED
    return look.judged(role, 4 if living else 3)


def _theirs(look: Look, at: int) -> Judged:
    """Return the place as that of the person named at ``at``, if it says where they are."""
    between = look.words[at + 1 : look.first]
    if _is_law(look, at):
        return look.judged("home", 2, law=True)
    company = look.words[max(look.start, at - 4) : at]
    there = _attached(look, at)
    if "here" in between and look.prep in cues.IN:
        return look.judged("both", 4) if there else look.judged("home", 3)
    role: Role = "perpetrator"
    if "with" in company and {"live", "living", "share"}.intersection(
        look.words[max(look.start, at - 7) : at]
    ):
        role = "both"
    if "both" in between and {"me", "i", "us", "we"}.intersection(company):
        role = "both"
    if not there:
        # "He waits by the tram stop in Sheffield", "he says he'll come to Leeds": it happens
        # there, and most of what happens to the writer happens where the writer is.
        return look.judged("unknown", 1 if look.prep in ("to", "") else 2)
    if {"was", "were"}.intersection(between[:1]) and look.prep:
        return look.judged(role, 2)
    if cues.TRIP.intersection(between):
        return look.judged(role, 2)
    if look.prep == "from" or not look.prep or look.place.type == "demonym":
        return look.judged(role, 4 if cues.MOVE.intersection(between) else 3)
    return look.judged(role, 4)


def _attached(look: Look, at: int) -> bool:
    """Return whether the place says where this person is, not where something happens."""
    between = look.words[at + 1 : look.first]
    if look.gov_at == at:
        return True
    if look.place.type == "demonym":
        return look.prep == "from" or look.gov in cues.SOUNDS
    if look.prep == "to":
        if not cues.IF.isdisjoint(look.words[max(0, at - 1) : look.p]):
            return False
        if "took" in between or "taken" in between:
            return not cues.KIDS.isdisjoint(between)
        return bool(cues.MOVE.intersection(between)) and look.gov not in cues.FUTURE
    if not look.prep:
        return look.gov in cues.IS_THERE_OR_SAYS
    if look.prep == "from":
        return look.place_at(look.gov_at) is None
    if look.gov in cues.IS_THERE or look.word(look.p - 1) in cues.SETTLED | cues.NOW:
        return True
    if not cues.WORKING.isdisjoint(between):
        return True
    if between[:1] and between[0] in ("'s", "is", "are", "'re"):
        # "She's across the border in England", but not "she's posting it in a Leeds group".
        return not any(word.endswith(("ing", "ed")) or word == "been" for word in between[1:])
    if between[:1] and between[0] in cues.LIVES:
        return True
    if "with" in between and not cues.LIVES.isdisjoint(between):
        return True
    if between[:1] and between[0] in cues.HAS and look.gov in cues.POSSESSED | cues.MINE:
        return len(between) < 6
    # "My boss at a firm in Leeds", "someone at her school in Perth".
    return bool(between) and between[0] in ("at", "from", "of") and len(between) < 8


def _is_law(look: Look, at: int) -> bool:
    """Return whether the place is where the law is asked about, not where this person is."""
    words = look.words
    between = words[at + 1 : look.first]
    if _is_jailed(look, between):
        return False
    if look.word(look.gov_at - 1) in ("a", "an") and look.word(look.gov_at - 2) in cues.BE:
        return False  # he is a cop in Leeds
    if "and" in between:
        between = between[len(between) - between[::-1].index("and") :]
    if look.gov in cues.LAW_OR_POLICE or not cues.LAW.isdisjoint(between):
        return True
    before = look.word(at - 1)
    if before in ("a", "an", "some") and at - 2 >= look.start:
        before = look.word(at - 2)
    someone = words[at] in cues.PERSON and look.word(at - 1) != "my"
    if not someone:
        return False
    if before in cues.GENERIC_OBJECT:
        return True
    if {"me", "my", "us", "our", "i"}.intersection(words[look.start : look.end]):
        return False
    if look.gov_at == at and look.last < look.end:
        return False
    asks = not cues.LAW.isdisjoint(words[look.start : at]) or "your" in between
    return asks or before in ("if", "when")


def _is_jailed(look: Look, between: Sequence[str]) -> bool:
    """He's in prison in Durban."""
    return (
        look.gov in ("prison", "jail", "custody")
        and look.word(look.gov_at - 1) in cues.IN
        and bool(between)
        and (between[0] in cues.BE or len(between) <= 4)
        and not {"would", "will", "can", "get", "go"}.intersection(between)
    )


def _begins(look: Look, at: int) -> bool:
    """Return whether a part of the sentence begins here: me in Leeds, him in Ohio."""
    return look.word(at - 1) in ("", ",", "and", "but", "-")


def _has_victim(look: Look, at: int) -> bool:
    """Return whether a relative whom it is done to was named before: her friends are theirs."""
    return any(
        look.words[where] in cues.FAMILY and look.word(where - 1) in ("my", "our")
        for where in range(look.start, at)
    )
