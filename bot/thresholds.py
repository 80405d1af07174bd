"""Ask rather than guess: from which confidence on an intent is acted on.

A threshold trades wrong answers against questions asked. It is chosen on messages that the model
has not learnt from (``tests/validation.yml``), never on the held-out file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# What is said about the law, or not said in a danger, costs more than a question too many.
LAW = frozenset(
    {
        "ask_offence",
        "ask_penalty",
        "ask_recording_calls",
        "ask_doxxing_status",
        "ask_protection_order",
        "ask_cross_border",
        "ask_anonymous_unmask",
        "ask_swatting",
    }
)
COST_OF_WRONG = 2.0
COST_OF_WRONG_LAW = 4.0
GRID = tuple(step / 100 for step in range(10, 81, 5))
FAR = 0.15
ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Case:
    """One message: the likeliest intent, how sure it was, and whether it was right."""

    guess: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold does: shares of all messages asked about, answered wrong, and right."""

    threshold: float
    asked: float
    wrong: float
    right: float


def curve(cases: Sequence[Case], *, grid: Sequence[float] = GRID) -> list[Point]:
    """Return what each threshold would do to these messages."""
    count = max(1, len(cases))
    points = []
    for threshold in grid:
        answered = [case for case in cases if case.confidence >= threshold]
        right = sum(case.right for case in answered)
        points.append(
            Point(
                threshold=threshold,
                asked=(len(cases) - len(answered)) / count,
                wrong=(len(answered) - right) / count,
                right=right / count,
            )
        )
    return points


def choose(cases: Sequence[Case]) -> tuple[float, dict[str, float]]:
    """Return the threshold for all intents, and those of single intents that differ from it.

    The one for all costs least on all messages; an intent's own may differ by 0.15 at most, and
    only with six messages or more, since few messages prove little.
    """
    general = _cheapest(cases, GRID)
    own: dict[str, float] = {}
    near = [threshold for threshold in GRID if abs(threshold - general) <= FAR + 1e-9]
    for intent in sorted({case.guess for case in cases}):
        mine = [case for case in cases if case.guess == intent]
        best = _cheapest(mine, near)
        if len(mine) >= ENOUGH and _cost(mine, best) < _cost(mine, general):
            own[intent] = best
    return general, own


def _cheapest(cases: Sequence[Case], grid: Sequence[float]) -> float:
    return min(grid, key=lambda threshold: (_cost(cases, threshold), threshold))


def _cost(cases: Sequence[Case], threshold: float) -> float:
    cost = 0.0
    for case in cases:
        if case.confidence < threshold:
            cost += 1.0
        elif not case.right:
            cost += COST_OF_WRONG_LAW if case.guess in LAW else COST_OF_WRONG
    return cost
