"""Whose place a place is: read from the words around it, the surest rule first."""

from __future__ import annotations

from bot.places import alone, beside
from bot.places.find import Words
from bot.places.look import Judged, Look, look_at
from bot.places.walk import walk

_BESIDE = (
    alone.also_called,
    beside.weak,
    beside.denied,
    beside.where_somebody_is,
    beside.noun_after,
    beside.past,
)
_AROUND = (alone.messages, alone.here, alone.doer, walk)


def judge(said: Words) -> list[Judged]:
    """Return every place with its role, in the order of the text."""
    judged: list[Judged] = []
    for at in range(len(said.found)):
        judged.append(_judged(look_at(said, at, before=tuple(judged))))
    return alone.somebody_there(said, judged)


def _judged(look: Look) -> Judged:
    for rule in _BESIDE:
        if result := rule(look):
            return result
    if alone.stands_alone(look):
        return look.judged(alone.follows(look) or "unknown", 2)
    if alone.open_question(look):
        return look.judged("perpetrator", 3)
    for rule in _AROUND:
        if result := rule(look):
            return result
    return alone.subject_unknown(look)
