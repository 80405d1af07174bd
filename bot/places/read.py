"""Read a message: where the writer is, where the person doing it is, what must be asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from bot.places import cues
from bot.places.find import Found, Words, common, find_places, narrower
from bot.places.look import Judged
from bot.places.model import Ambiguity, Candidate, Gazetteer, Mention, PlaceReading, Role
from bot.places.roles import judge

_BROAD = ("country", "nation", "state", "province")
_CORRECTS = frozenset(
    ["actually", "no", "sorry", "wait", "mean", "meant", "correction", "rather", "nope"]
)
_POLICE_NEAR = frozenset(("police", "station", "report"))


def read_places(
    text: str,
    *,
    gazetteer: Gazetteer,
    known_home: str | None = None,
    asked: str | None = None,
) -> PlaceReading:
    """Return where the writer is and where the person doing it is, as far as the text says.

    Args:
        text: The message.
        gazetteer: From ``load_gazetteer``.
        known_home: The home as known before this message; it settles ambiguous names.
        asked: The question that was just put (``home_jurisdiction``, ``perpetrator_location``,
            ``australian_state``); a place without a word about whose it is answers it.
    """
    said = find_places(text, gazetteer=gazetteer, asked=asked)
    judged = [_answering(one, asked) for one in judge(said)]
    homes = _homes(judged, known_home)
    perpetrators = [one for one in judged if one.role in ("perpetrator", "both")]
    home = _pick(homes, said)
    perpetrator = _pick(perpetrators, said)
    home_is, home_asks = _settle(home, judged, "home", known_home)
    near = home_is[0] if home_is else known_home
    perpetrator_is, perpetrator_asks = _settle(perpetrator, judged, "perpetrator", near)
    if home_is:
        home_is = _refined(home_is, homes)
    if perpetrator_is:
        perpetrator_is = _refined(perpetrator_is, perpetrators)
    perpetrator_is = perpetrator_is or _law_of_other(judged, home_is, known_home)
    unplaced = perpetrator is None and perpetrator_is is None
    # A nationality says less than "he lives in my street".
    unplaced = unplaced or (perpetrator is not None and perpetrator.place.type == "demonym")
    if unplaced and _same_place(said, asked):
        perpetrator_is = home_is or ((known_home, None) if known_home else None)
        if perpetrator_is is None and home_asks:
            perpetrator_asks = replace(home_asks, role="perpetrator")
    elif home is None and perpetrator_is and _same_place(said, None):
        home_is = perpetrator_is
    if perpetrator and perpetrator.place.type == "currency" and perpetrator_is == home_is:
        perpetrator_is = None
    return PlaceReading(
        home=home_is[0] if home_is else None,
        state=home_is[1] if home_is else None,
        perpetrator=perpetrator_is[0] if perpetrator_is else None,
        ambiguous=tuple(ask for ask in (home_asks, perpetrator_asks) if ask),
        mentions=tuple(_mention(one, judged, known_home) for one in judged),
    )


def _answering(one: Judged, asked: str | None) -> Judged:
    """Return a place about nobody as what it answers: what was asked, else the home."""
    if one.role != "unknown" or one.place.type == "currency":
        return one
    role: Role = "perpetrator" if asked == "perpetrator_location" else "home"
    if one.place.weak:
        return replace(one, role=role) if asked else one
    # An answer to a question says more than a place dropped in a sentence, but "I'm in" says most.
    strength = 3 if asked and one.strength > 1 else one.strength
    return replace(one, role=role, strength=strength)


def _homes(judged: Sequence[Judged], known_home: str | None) -> list[Judged]:
    homes = [one for one in judged if one.role in ("home", "both") and not one.law]
    # "My sister is in Sydney": the writer's own place goes before it, said now or known.
    own = [one for one in homes if not one.relative and one.strength > 1]
    if own or (known_home and homes and all(one.relative for one in homes)):
        return own
    if homes:
        return homes
    law = [one for one in judged if one.law]
    return [] if known_home else law


def _law_of_other(
    judged: Sequence[Judged], home: Candidate | None, known_home: str | None
) -> Candidate | None:
    """Return where he would be tried, if that is not where the writer is."""
    mine = home[0] if home else known_home
    for one in judged:
        place = one.place.settled
        if one.law and place and mine and narrower(place, (mine, None)) is None:
            return place
    return None


# "I'm from Leeds but live in Sydney": where somebody lives goes before where they come from.
_LIVING = frozenset({"live", "living", "stay", "staying", "reside", "residing", "moved"})


def _pick(places: Sequence[Judged], said: Words) -> Judged | None:
    """Return the strongest place; of two as strong the first, unless the second corrects it."""
    strong = [one for one in places if not one.place.weak] or list(places)
    if not strong:
        return None
    best = strong[0]
    for one in strong[1:]:
        between = said.words[best.place.last : one.place.first]
        corrects = not _CORRECTS.isdisjoint(between) and one.strength >= min(best.strength, 3)
        # "As an Aussie in London": where somebody is goes before what they are.
        named = best.place.type == "demonym" != one.place.type and one.strength >= best.strength
        lives = not _LIVING.isdisjoint(between) and one.strength >= 3
        if one.strength > best.strength or corrects or named or (lives and best.strength < 5):
            best = one
    return best


def _refined(place: Candidate, others: Iterable[Judged]) -> Candidate:
    """Return the place as narrow as the others of the same role make it: the UK, Leeds."""
    for one in others:
        settled = one.place.settled
        if settled and not one.place.weak:
            place = narrower(place, settled) or place
    return place


def _settle(
    one: Judged | None,
    judged: Sequence[Judged],
    role: Literal["home", "perpetrator"],
    known_home: str | None,
) -> tuple[Candidate | None, Ambiguity | None]:
    """Return what a name means, or the question to ask."""
    if one is None:
        return None, None
    if one.place.settled:
        return one.place.settled, None
    options = _left(one, judged, known_home)
    if one.place.weak and len(options) > 1:
        return None, None
    if len(options) == 1:
        return options[0], None
    return None, Ambiguity(one.place.name, role, options)


def _left(one: Judged, judged: Sequence[Judged], known_home: str | None) -> tuple[Candidate, ...]:
    """Return what an ambiguous name can still mean beside the rest of the message."""
    options = list(one.place.options)
    proofs: list[Candidate] = []
    for other in judged:
        settled = other.place.settled
        if other is one or settled is None:
            continue
        if other.role == "none":
            left = [option for option in options if narrower(option, settled) is None]
            options = left if other.place.first < one.place.first and left else options
        # "I'm in Perth, he's in Scotland" does not say that both are: nobody says it that way.
        elif other.role != "perpetrator" or one.role != "home" or other.place.type not in _BROAD:
            proofs.append(settled)
    for proof in proofs:
        fits = [found for option in options if (found := narrower(option, proof))]
        if fits:
            return (fits[0],)
    for other in judged:
        if other is not one and other.role == one.role and other.place.settled is None:
            both = common(other.place, one.place)
            if len(both) == 1:
                return both
    for other in judged:
        # "WA, he's in SA": two states are of one country.
        if other is not one and {"state"} <= {other.place.type, one.place.type} <= set(_BROAD):
            countries = {place for place, _ in other.place.options}
            fits = [option for option in options if option[0] in countries]
            if len(fits) == 1 and other.place.settled is None:
                return (fits[0],)
    if known_home:
        fits = [option for option in options if narrower(option, (known_home, None))]
        if fits:
            return (fits[0],)
    return tuple(options)


def _same_place(said: Words, asked: str | None) -> bool:
    """Return whether the text says that the person doing it is where the writer is."""
    spoken = " ".join(said.words)
    if asked == "perpetrator_location" and spoken.strip(" .!") in cues.SAME_ANSWERS:
        return True
    padded = f" {spoken} "
    for phrase in (*cues.SAME, *_shared(said.words)):
        at = padded.find(f" {phrase} ")
        if at < 0:
            continue
        sentence = padded[max(padded.rfind(mark, 0, at) for mark in ".!?\n") + 1 : at].split()
        someone = (
            not (cues.HE | cues.PERSON).isdisjoint(sentence) or asked == "perpetrator_location"
        )
        denied = bool({"not", "isnt", "doesnt", "dont"}.intersection(sentence[-4:]))
        someone = someone or phrase.split()[0] in cues.PERSON
        together = phrase.startswith("same ") and "we" in sentence
        if (someone or together or phrase.startswith(("both", "so ", "as "))) and not denied:
            return _POLICE_NEAR.isdisjoint(sentence)
    return False


def _shared(words: Sequence[str]) -> list[str]:
    """Return what is said to be shared: the same school, lads in my halls."""
    shared = [
        f"{word} {after}"
        for word, after in pairwise(words)
        if word == "same" and after in cues.SHARED
    ]
    for whose, who, too in zip(words, words[1:], words[2:], strict=False):
        if whose in ("my", "the", "his", "her") and who in cues.PERSON and too in ("too", "also"):
            shared.append(f"{who} {too}")
    for at in range(1, len(words) - 2):
        who, prep, whose, what = words[at - 1 : at + 3]
        mine = prep in ("in", "at", "from") and whose in ("my", "our") and what in cues.MEMBER
        if mine and who in cues.PERSON - cues.OWNABLE:
            shared.append(f"{prep} {whose} {what}")
    return shared


def _mention(one: Judged, judged: Sequence[Judged], known_home: str | None) -> Mention:
    place: Found = one.place
    settled = place.settled
    if settled is None:
        left = _left(one, judged, known_home)
        settled = left[0] if len(left) == 1 else None
    return Mention(
        start=place.start,
        end=place.end,
        text=place.name,
        place=settled[0] if settled else None,
        state=settled[1] if settled else None,
        role=one.role,
        weak=place.weak,
    )
