"""Whose place a place is: read from the words around it, nearest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.places import cues
from bot.places.find import Found, Words, narrower
from bot.places.model import Role
from bot.places.people import is_victim, pronoun_is_victim

_SENTENCE = frozenset((".", "!", "?", "\n", ";"))
_SEGMENT = _SENTENCE | frozenset(
    (",", "(", ")", "-", "–", "—", ":", "/", "...", "..", "and", "but", "plus", "while", "&")
)
_BARE = cues.FILLER - frozenset("i 'm am is 's my me live living what what's be this it".split())
_NOT_BEFORE = frozenset(  # words that may stand between "not" and the place
    "in at from to the a been living live based even actually really currently near by 's 're is "
    "are anywhere of any us what said about that said in the".split()
)
_ADVERBS = frozenset(
    "now currently back over up down out here living based just still also actually originally "
    "away right only both somewhere off live located situated staying there all too apparently "
    "supposedly maybe probably definitely permanently alone together settled hiding".split()
)
_THINGS = frozenset(
    "it this that there case home location address what where which court school it's name city "
    "town area number suburb everything incident hearing all place state country jurisdiction "
    "here server postcode how law".split()
)
_UNSURE = frozenset(
    "overseas abroad away foreign somewhere where is's is 's he she they might be lives live from".split()
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A place with its role.

    Attributes:
        place: What was found.
        role: Whose place it is; "none" is nobody's (denied, past, met there).
        strength: 5 being there now, 4 living there, 3 coming from there, 2 nothing said, 1 a hint.
        law: Named only as the law that is asked about.
    """

    place: Found
    role: Role
    strength: int
    law: bool = False


def judge(said: Words) -> list[Judged]:
    """Return every place with its role, in the order of the text."""
    judged: list[Judged] = []
    for at in range(len(said.found)):
        judged.append(_Look(said, at, judged).judged())
    return judged


class _Look:
    """A look at one place from inside its sentence."""

    def __init__(self, said: Words, at: int, before: Sequence[Judged]) -> None:
        self.said = said
        self.words = said.words
        self.place = said.found[at]
        self.before = before
        self.first, self.last = self.place.first, self.place.last
        self.start = self._start()
        self.end = self._end()
        self.p = self._preposition()
        self.prep = self.words[self.p] if self.p >= self.start else ""
        self.gov_at = self._governor()
        self.gov = self.words[self.gov_at] if self.gov_at >= self.start else ""

    def judged(self) -> Judged:
        """Return the place with its role."""
        for rule in (self._weak, self._denied, self._where, self._noun_after, self._past):
            result = rule()
            if result is not None:
                return result
        if self._stands_alone():
            return self._as(self._follows() or "unknown", 2)
        if self._open_question():
            return self._as("perpetrator", 3)
        return self._messages() or self._here() or self._doer() or self._walk() or self._subject()

    def _as(self, role: Role, strength: int, *, law: bool = False) -> Judged:
        return Judged(self.place, role, strength, law)

    def _start(self) -> int:
        at = self.first
        while at > 0 and self.words[at - 1] not in _SENTENCE:
            at -= 1
        return at

    def _end(self) -> int:
        at = self.last
        while at < len(self.words) and self.words[at] not in _SENTENCE:
            at += 1
        return at

    def _preposition(self) -> int:
        """Return where the preposition of the place stands; before the sentence if it has none."""
        at = self.first - 1
        while at >= self.start and self.words[at] in cues.SKIP_BEFORE:
            at -= 1
        if at >= self.start and (self.words[at] in cues.IN or self.words[at] in ("from", "to")):
            return at
        return self.start - 1

    def _governor(self) -> int:
        """Return where the word stands that the place hangs on: lives, moved, someone."""
        at = (self.p if self.prep else self.first) - 1
        while at >= self.start and self.words[at] in _ADVERBS:
            at -= 1
        return at

    def _weak(self) -> Judged | None:
        if not self.place.weak:
            return None
        near = self.words[self.start : self.first]
        after = self.words[self.last] if self.last < self.end else ""
        if self.place.type == "dial_code":
            if "my" in near[-4:]:
                return self._as("home", 1)
            tied = not cues.NUMBERLIKE.isdisjoint(near) or not cues.MESSAGES.isdisjoint(near)
            tied = tied or not (cues.HE | cues.PERSON).isdisjoint(near)
            tied = tied or after in cues.DOES | cues.NUMBERLIKE or after.isdigit()
            return self._as("perpetrator" if tied else "unknown", 1)
        mine = {"i", "my", "we", "our"}.intersection(near)
        his = (cues.HE | cues.PERSON).intersection(near)
        return self._as("home" if mine and not his else "unknown", 1)

    def _denied(self) -> Judged | None:
        after = self.words[self.last : self.last + 5]
        taken_back = after[:2] == ("by", "accident") or after[:2] == ("by", "mistake")
        if taken_back or ("but" in after and after[-2:] == ("'m", "not")):
            return self._as("none", 0)
        said_by_us = self.words[max(self.start, self.first - 6) : self.first]
        if "you" in said_by_us and {"think", "thought", "assumed", "keep"}.intersection(said_by_us):
            return self._as("none", 0)
        at = self.first - 1
        while at >= self.start and at > self.first - 7:
            word = self.words[at]
            if word in cues.NEGATORS or (word == "longer" and self.words[at - 1] == "no"):
                return self._as("none", 0)
            if word not in _NOT_BEFORE:
                return None
            at -= 1
        return None

    def _where(self) -> Judged | None:
        """Leeds, where I live; Leeds is where he is; Leeds is my home."""
        after = self.words[self.last : self.last + 6]
        if after[:1] == ("here",) and not {"he", "she", "they"}.intersection(after):
            return self._as("home", 3)
        if after[:1] == ("for",) and after[1:2]:
            if after[1] in ("me", "us"):
                return self._as("home", 4)
            if after[1] in ("him", "her", "them"):
                return self._as("perpetrator", 4)
        if "all" in after and "know" in self.words[self.last : self.end][:8]:
            return self._as("perpetrator", 3)
        for at, word in enumerate(after):
            if word == "where" and at + 1 < len(after):
                if after[at + 1] in cues.I:
                    return self._as("home", 4)
                theirs = after[at + 1] in cues.HE | cues.PERSON | {"my", "the", "his", "her"}
                return self._as("perpetrator", 4) if theirs else None
            if word == "my" and at and after[at - 1] in ("is", "'s") and at + 1 < len(after):
                if after[at + 1] in ("home", "hometown"):
                    return self._as("home", 3)
            if word not in (",", "which", "is", "'s", "thats", "that", "-", "(", "and", "the", "."):
                return None
        return None

    def _noun_after(self) -> Judged | None:
        """An American guy, Leeds police, a UK number, Scottish law."""
        if self.place.type in ("police", "court"):
            return self._as("home", 2)
        at = self.last
        if at < self.end and self.words[at] == "based":
            at += 1
        noun = self.words[at] if at < self.end else ""
        if noun in cues.POLICE or (noun in cues.LAW and self.prep not in cues.IN):
            return self._as("home", 2)
        before = self.words[self.first - 1] if self.first > self.start else ""
        mine = before in ("my", "our")
        if noun in cues.NUMBERLIKE and before not in cues.IN:
            has = self.words[max(self.start, self.first - 4) : self.first]
            if {"i", "we"}.intersection(has) and {"have", "hold", "got", "use", "'ve"}.intersection(
                has
            ):
                return self._as("home", 1)
            return self._as("home" if mine else "perpetrator", 2)
        if noun in cues.GROUP:
            return self._as("none" if self.place.type == "demonym" else "home", 1)
        article = before in (
            "a",
            "an",
            "some",
            "this",
            "two",
            "three",
            "another",
            "by",
            "any",
            "one",
        )
        direct = before in cues.IN or before in ("from", "to")
        direct = direct or (before == "the" and self.prep != "" and self.place.type != "demonym")
        if direct and at == self.last:
            return None
        next_noun = self.words[at + 1] if at + 1 < self.end else ""
        if noun not in cues.PERSON | cues.FAMILY and next_noun in cues.PERSON and noun.isalpha():
            if article or self.place.type == "demonym":
                at, noun = at + 1, next_noun
        if noun in cues.NEIGHBOUR:
            return self._as("both", 3)
        alone = at == self.last and (not noun or not noun.isalpha() or noun in cues.AFTER_PERSON)
        if noun in cues.PERSON or (self.place.type == "demonym" and article and alone):
            return self._as("home" if self._says_of_self() else "perpetrator", 3)
        if noun in cues.FAMILY and (mine or article):
            victim = is_victim(self.words, at)
            return self._as("home" if victim else "perpetrator", 3)
        return None

    def _says_of_self(self) -> bool:
        """I'm a Scottish girl; as an Australian woman."""
        at = self.first - 1
        while at >= max(self.start, self.first - 6):
            word = self.words[at]
            if word in ("'m", "am", "as"):
                return True
            if word in cues.HE or word in cues.PERSON or word in ("by", "with", "from", "me"):
                return False
            at -= 1
        return False

    def _past(self) -> Judged | None:
        before = self.words[max(self.start, self.gov_at - 3) : self.gov_at]
        if self.gov in cues.PAST and not {"'ve", "have", "has", "'s"}.intersection(before):
            return self._as("none", 0)
        near = self.words[max(self.start, self.p - 4) : self.p + 1] if self.prep else ()
        if "used" in near and "live" in near:
            return self._as("none", 0)
        if self.prep == "from":
            moved = self.words[max(self.start, self.p - 3) : self.p]
            to = self.words[self.last] if self.last < self.end else ""
            left = (cues.MOVE - {"came", "come", "coming", "run"}).intersection(moved)
            onward = to == "to" and self._place_at(self.last + 1) and self.gov not in cues.MESSAGES
            if left or onward:
                return self._as("none", 0)
        elif self.prep in cues.IN and cues.MET.intersection(near) and self.gov not in cues.THIRD:
            return self._as("none", 0)
        if self.gov in ("left", "leaving") and not self.prep:
            return self._as("none", 0)
        return None

    def _segment(self) -> tuple[int, int]:
        first, last = self.first, self.last
        while first > self.start and self.words[first - 1] not in _SEGMENT:
            first -= 1
        while last < self.end and self.words[last] not in _SEGMENT:
            last += 1
        return first, last

    def _stands_alone(self) -> bool:
        """Return whether the place is a clause of its own, about nobody: "... , leeds"."""
        first, last = self._segment()
        inside = self.words[first : self.first] + self.words[self.last : last]
        thought = [word for word in inside if word not in _BARE]
        if thought and thought != ["i"]:
            return False
        if first == self.start:
            return not self._does_after(last) and not self._open_question()
        mark = self.words[first - 1]
        goes_on = mark in ("but", "and", "&") and inside[:1] != ("from",)
        if goes_on or {"now", "currently", "living", "live"}.intersection(inside):
            return False
        last_place = self.before[-1] if self.before else None
        if last_place and last_place.place.last == first - 1:
            if last_place.role == "none":
                return False
        return not self._does_after(last) and not self._open_question()

    def _does_after(self, last: int) -> bool:
        """An Afrikaans guy, Mossel Bay I think, keeps on at me."""
        after = self.words[last + 1 : last + 2] if last < self.end else ()
        first, _ = self._segment()
        return bool(after) and after[0] in cues.DOES and first > self.start

    def _open_question(self) -> bool:
        """I don't know where he is, maybe Leeds."""
        first, _ = self._segment()
        before = self.words[max(0, first - 6) : max(0, first - 1)]
        return (
            bool(before)
            and before[-1] in _UNSURE
            and not {"he", "she", "they"}.isdisjoint(before)
            and not any(place.last > first - 6 for place in self.said.found if place.first < first)
        )

    def _follows(self) -> Role | None:
        """He is American, Texas: the second place goes with the first. Him: Toronto."""
        at = self._segment()[0]
        if at > 1 and self.words[at - 1] in (":", "-", "–", "="):
            if self.words[at - 2] in ("him", "her", "he", "she", "them", "ex", "perpetrator"):
                return "perpetrator"
        if not self.before:
            return None
        last = self.before[-1]
        first, _ = self._segment()
        if last.place.type == "dial_code" and self.first - last.place.last <= 4:
            return last.role
        one, other = last.place.settled, self.place.settled
        if last.place.last == first - 1 and one and other and narrower(one, other):
            return last.role if last.role != "none" else None
        return None

    def _messages(self) -> Judged | None:
        """Messages from Nigeria, a login came from Moscow, a page run from India, traced to Perth."""
        traced = {"traced", "traces", "linked"}
        if self.prep == "to" and traced.intersection(self.words[self.gov_at - 1 : self.gov_at + 1]):
            return self._as("perpetrator", 3)
        if self.prep != "from":
            return None
        near = self.words[max(self.start, self.gov_at - 4) : self.gov_at]
        if self.gov in cues.MESSAGES | cues.SENT:
            direct = self.words[self.gov_at - 1 : self.gov_at] if self.gov_at else ()
            if not cues.I.intersection(near if self.gov in cues.SENT else direct):
                return self._as("perpetrator", 3)
        elif self.gov in ("came", "comes", "coming", "come") and cues.MESSAGES.intersection(near):
            return self._as("perpetrator", 3)
        return None

    def _walk(self) -> Judged | None:
        """Go left from the place to the first word that says whose it is."""
        at = self.first - 1
        while at >= self.start:
            result = self._cue(at)
            if result is not None:
                return result
            at -= 1
        return None

    def _cue(self, at: int) -> Judged | None:
        word = self.words[at]
        if self._place_at(at):
            return None
        if word in cues.I:
            return None if self._skips_i(at) else self._mine(at)
        if word in ("him", "them") and at == self.first - 1:
            return self._as("perpetrator", 3)
        if word in ("me", "us"):
            if at == self.first - 1 and (not at or self.words[at - 1] not in cues.SPEECH):
                return self._as("home", 3)
            near = self.prep in cues.IN and self.p - at <= 4
            near = near and self.gov not in cues.BE | cues.THIRD | {"lives", "living"}
            return self._as("home", 3) if near else None
        if word in ("my", "our"):
            if self.prep == "from" or cues.MINE.isdisjoint(self.words[at + 1 : at + 4]):
                return None
            return self._as("home", 3)
        if word in cues.FAMILY:
            if at + 1 < self.first and self.words[at + 1] in cues.PERSON:
                return None
            if self._is_self(at) or is_victim(self.words, at):
                return self._as("home", 3)
            return self._theirs(at)
        if word in ("mine", "ours") and self.gov in cues.BE:
            return self._as("home", 3)
        if word in ("hers", "theirs", "his") and self.gov in cues.BE and self.gov_at == at + 1:
            return self._as("perpetrator", 3)
        if word in cues.HE:
            if pronoun_is_victim(self.words, at):
                return self._as("home", 3)
            return self._theirs(at)
        if word in ("his", "her", "their"):
            owns = not cues.POSSESSED.isdisjoint(self.words[at + 1 : at + 4])
            return self._theirs(at) if owns and not self._is_law(at) else None
        if word in cues.PERSON:
            return self._person(at)
        if word == "who" and self.words[at - 2 : at - 1] in (("a",), ("an",), ("the",), ("some",)):
            known = cues.PERSON | cues.FAMILY | cues.POLICE | cues.LAW
            return self._theirs(at) if self.words[at - 1] not in known else None
        if word == "doing" and self.words[at + 1 : at + 2] in (("it",), ("this",), ("that",)):
            return self._as("perpetrator", 4) if self.gov in cues.BE | cues.THIRD else None
        return None

    def _person(self, at: int) -> Judged | None:
        word = self.words[at]
        before = self.words[at - 1] if at else ""
        if before in ("your", "role"):
            return None
        if word in cues.NUMBERLIKE and cues.HELP.intersection(self.words[self.start : self.end]):
            return None
        if before in ("my", "our") and (word in cues.NUMBERLIKE or word in ("page", "profile")):
            return self._as("home", 3) if self.prep in cues.IN else None
        if word in cues.CROWD:
            after = self.words[self.last] if self.last < self.end else ""
            doing = after in cues.DOES or after in ("are", "keep", "have")
            if before in cues.TO_CROWD or not (doing or before in cues.FROM_CROWD):
                return None
        if word in cues.OWNABLE and {"i", "we", "our"}.intersection(
            self.words[max(0, at - 6) : at]
        ):
            return None
        if self._is_self(at):
            return self._as("home", 4)
        if word in cues.SOMEONE and cues.TALK.intersection(self.words[self.start : at]):
            return None
        if word in cues.NEIGHBOUR:
            return self._as("both", 3) if self._attached(at) else None
        return self._theirs(at)

    def _is_self(self, at: int) -> bool:
        """I'm a form tutor in Paisley; as a teacher in Leeds."""
        for where in range(at - 1, max(self.start, at - 6) - 1, -1):
            word = self.words[where]
            if word in ("'m", "am"):
                return True
            if word == "as":
                return where + 1 < at and self.words[where + 1] in (
                    "a",
                    "an",
                    "her",
                    "his",
                    "their",
                    "the",
                )
            if word in cues.HE | cues.PERSON or word in (
                "my",
                "by",
                "with",
                "from",
                "to",
                "of",
                ",",
            ):
                return False
        return False

    def _skips_i(self, at: int) -> bool:
        """Return whether this "I" is not who is there: I think he, a guy I met, I know lives."""
        then = at + 1
        while then < self.first and self.words[then] in cues.BETWEEN_THINK:
            then += 1
        verb = self.words[then] if then < self.first else ""
        if verb in cues.THINK:
            return True
        before = self.words[at - 1] if at else ""
        related = before in cues.PERSON | cues.FAMILY | cues.HE or before in ("that", "who", "whom")
        if related and verb in cues.RELATIVE and then != self.gov_at:
            return True
        return self.gov in cues.THIRD and self.gov_at > at + 1

    def _mine(self, at: int) -> Judged:
        between = self.words[at + 1 : self.first]
        role: Role = "home"
        before = self.words[at - 1] if at > self.start else ""
        with_me = before == "and" and self.words[at - 2] in cues.HE | cues.PERSON | {"him", "her"}
        with_me = with_me and between[:1] != ("'m",)
        if "both" in between or with_me:
            role = "both"
        if {"was", "were", "went"}.intersection(between[:2]) and not cues.TRAVEL.intersection(
            between
        ):
            return self._as(role, 1)
        if self.prep == "to":
            if self.gov in cues.FUTURE:
                return self._as(role, 1)
            return self._as(role, 4 if cues.MOVE.intersection(between) else 3)
        after = self.words[self.last : self.last + 4]
        if cues.TRAVEL.intersection(between) or {"now", "moment", "currently"}.intersection(after):
            return self._as(role, 5)
        if self.prep == "from" or not self.prep or self.place.type == "demonym":
            living = self.gov in ("live", "living")
            return self._as(role, 4 if living else 3)
        living = (
            self.gov in cues.BE | cues.LIVING | cues.I or self.words[self.p - 1] in cues.SETTLED
        )
        return self._as(role, 4 if living else 3)

    def _theirs(self, at: int) -> Judged:
        between = self.words[at + 1 : self.first]
        if self._is_law(at):
            return self._as("home", 2, law=True)
        company = self.words[max(self.start, at - 4) : at]
        attached = self._attached(at)
        if "here" in between and self.prep in cues.IN:
            return self._as("both", 4) if attached else self._as("home", 3)
        role: Role = "perpetrator"
        if "with" in company and {"live", "living", "share"}.intersection(
            self.words[max(self.start, at - 7) : at]
        ):
            role = "both"
        if "both" in between and {"me", "i", "us", "we"}.intersection(company):
            role = "both"
        if not attached:
            # "He waits by the tram stop in Sheffield", "he says he'll come to Leeds": it happens
            # there, and most of what happens to the writer happens where the writer is.
            return self._as("unknown", 1 if self.prep in ("to", "") else 2)
        if {"was", "were"}.intersection(between[:1]) and self.prep:
            return self._as(role, 2)
        if self.prep == "from" or not self.prep or self.place.type == "demonym":
            return self._as(role, 4 if cues.MOVE.intersection(between) else 3)
        return self._as(role, 4)

    def _attached(self, at: int) -> bool:
        """Return whether the place says where this person is, not where something happens."""
        between = self.words[at + 1 : self.first]
        if self.place.type == "demonym" or self.gov_at == at:
            return True
        if self.prep == "to":
            if not {"if", "would", "will", "'ll", "'d", "once"}.isdisjoint(
                self.words[at - 1 : self.p]
            ):
                return False
            return bool(cues.MOVE.intersection(between)) and self.gov not in cues.FUTURE
        if not self.prep:
            return self.gov in cues.BE | cues.LIVING | cues.THIRD | cues.SAYS
        if self.prep == "from":
            return self._place_at(self.gov_at) is None
        if self.gov in cues.BE | cues.LIVING | cues.THIRD or self.words[self.p - 1] in cues.SETTLED:
            return True
        if not cues.WORKING.isdisjoint(between):
            return True
        if between[:1] and between[0] in ("'s", "is", "are", "'re"):
            # "She's across the border in England", but not "she's posting it in a Leeds group".
            return not any(word.endswith(("ing", "ed")) or word == "been" for word in between[1:])
        # "My boss at a firm in Leeds", "someone at her school in Perth".
        return bool(between) and between[0] in ("at", "from", "of") and len(between) < 8

    def _place_at(self, at: int) -> Found | None:
        return next((one for one in self.said.found if one.first <= at < one.last), None)

    def _is_law(self, at: int) -> bool:
        """Return whether the place is where the law is asked about, not where this person is."""
        words = self.words
        between = words[at + 1 : self.first]
        if self.gov in cues.LAW | cues.POLICE or not cues.LAW.isdisjoint(between):
            return True
        before = words[at - 1] if at > self.start else ""
        if before in ("a", "an", "some") and at - 2 >= self.start:
            before = words[at - 2]
        someone = words[at] in cues.PERSON and words[at - 1 : at] != ("my",)
        if not someone:
            return False
        if before in cues.GENERIC_OBJECT:
            return True
        if {"me", "my", "us", "our", "i"}.intersection(words[self.start : self.end]):
            return False
        if self.gov_at == at and self.last < self.end:
            return False
        asks = not cues.LAW.isdisjoint(words[self.start : at]) or "your" in between
        return asks or before in ("if", "when")

    def _here(self) -> Judged | None:
        """Here in Wollongong, unless it is somebody else who is said to be here."""
        if self.prep not in cues.IN or self.words[self.p - 1 : self.p] != ("here",):
            return None
        said_of = self.words[self.p - 2] if self.p - 2 >= self.start else ""
        return None if said_of in cues.BE | cues.LIVING else self._as("home", 4)

    def _named(self) -> bool:
        """Return whether the place hangs on a word that may be a person's name or a new noun."""
        return (
            self.prep in ("from", "in")
            and self.gov.isalpha()
            and self._place_at(self.gov_at) is None
            and self.gov not in cues.NO_NAME | cues.FAMILY | cues.MINE | _THINGS
        )

    def _doer(self) -> Judged | None:
        """By some eejit in Leeds; a viewer in Ohio keeps ..."""
        if not self._named():
            return None
        before = self.words[self.gov_at - 1] if self.gov_at > self.start else ""
        whose = self.words[self.gov_at - 2] if self.gov_at - 2 >= self.start else ""
        after = self.words[self.last] if self.last < self.end else ""
        if before == "some" or (before in ("a", "an", "this") and whose == "by"):
            return self._as("perpetrator", 3)
        if before in ("a", "an", "this", "one", "another") and after in cues.DOES_TO_ME:
            return self._as("perpetrator", 3)
        return None

    def _subject(self) -> Judged:
        """Dave is in Leeds; lives in Leeds; Dave from Leeds keeps ..."""
        words = self.words
        before = words[self.gov_at - 1] if self.gov_at > self.start else ""
        if self.prep and self.gov in cues.THIRD and before not in _THINGS:
            if not (self.gov in ("is", "'s") and not before):
                return self._as("perpetrator", 3)
        after = words[self.last] if self.last < self.end else ""
        if self._named() and after in cues.DOES_TO_ME:
            return self._as("perpetrator", 2)
        if "both" in words[self.start : self.end]:
            return self._as("both", 3)
        settled = bool(self.prep) and words[self.p - 1] in cues.SETTLED
        return self._as("unknown", 3 if settled else 2)
