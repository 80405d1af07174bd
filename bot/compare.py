"""A new model against the released one, message by message: what got better, what got worse.

Shares carry 95 % intervals (Wilson 1927); a change on the same messages is judged by the exact test
of McNemar (1947): only messages that one model reads right and the other wrong say anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.evaluation import Prediction, Row, interval
from knowledge.schema import HARM_TYPES
from knowledge.yaml_lines import DataError, Problem, did_you_mean, read_yaml

Pair = tuple[Row, Prediction]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with its 95 % interval."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """Return the share, 0 where there is nothing to count."""
        return self.hits / self.of if self.of else 0.0

    def __str__(self) -> str:
        """Return it as the tables print it."""
        low, high = interval(self.hits, self.of)
        return f"{self.value:.3f} [{low:.3f}, {high:.3f}] {self.hits}/{self.of}"


@dataclass(frozen=True, slots=True)
class Change:
    """One figure of both models; ``chance`` is how often chance alone changes as much (or None).

    ``gained`` and ``lost`` count the messages that only the new or only the old model reads right.
    """

    group: str
    name: str
    new: Share
    old: Share | None = None
    gained: int = 0
    lost: int = 0
    chance: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A message that the released model read right and the new one reads wrong."""

    text: str
    what: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class Floors:
    """The least that a model may do: danger recall, and recall of single intents."""

    danger_recall: float
    intents: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes, what was lost, and why the new model may not be released (or nothing)."""

    changes: tuple[Change, ...]
    lost: tuple[Lost, ...]
    danger_problems: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing stands against a release."""
        return not self.problems and not self.danger_problems

    def beside(self, danger_problems: Iterable[str], lost: Iterable[Lost]) -> Comparison:
        """Return it with what was found in another way, each lost message once."""
        return replace(
            self,
            lost=tuple(dict.fromkeys((*lost, *self.lost))),
            danger_problems=(*self.danger_problems, *danger_problems),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what a model card keeps of it."""
        return {
            "holds": self.holds,
            "problems": [*self.danger_problems, *self.problems],
            "lost": len(self.lost),
            "figures": {
                f"{c.group} {c.name}": {"new": str(c.new), "old": str(c.old) if c.old else None}
                for c in self.changes
                if c.group in ("all", "danger")
            },
        }


def compare(
    rows: Sequence[Row],
    new: Sequence[Prediction],
    old: Sequence[Prediction] | None,
    *,
    floors: Floors,
) -> Comparison:
    """Return how the new model does beside the old one, or alone where there is no old one."""
    changes = list(_changes(rows, new, old))
    lost = () if old is None else tuple(_lost(rows, new, old))
    return Comparison(
        changes=tuple(changes),
        lost=lost,
        danger_problems=tuple(_danger_problems(changes, floors)),
        problems=tuple(_floor_problems(changes, floors)),
    )


def load_floors(path: Path, *, intents: Iterable[str]) -> Floors:
    """Return the floors of a file, or raise ``DataError`` with every bad line."""
    problems: list[Problem] = []
    node = read_yaml(path, root=path.parent.parent, problems=problems)
    fields = node.items() if node else {}
    known = set(intents)
    for name, item in fields.items():
        if name not in ("danger_recall", "intents"):
            problems.append(
                Problem(item.where, f"unknown field '{name}'", "use danger_recall and intents")
            )
    found: dict[str, float] = {}
    entries = dict(fields["intents"].items()) if "intents" in fields else {}
    if "danger_recall" in fields:
        entries["danger_recall"] = fields["danger_recall"]
    elif node is not None:
        problems.append(Problem(f"{node.path}:1", "no 'danger_recall'", "write it, from 0 to 1"))
    for name, item in entries.items():
        if name != "danger_recall" and name not in known:
            problems.append(
                Problem(item.where, f"unknown intent '{name}'", did_you_mean(name, known))
            )
        try:
            found[name] = float(item.value)
        except (TypeError, ValueError):
            found[name] = -1.0
        if not 0 <= found[name] <= 1:
            problems.append(
                Problem(item.where, f"'{item.value}' is no share", "write one from 0 to 1")
            )
    if problems:
        raise DataError(problems)
    danger = found.pop("danger_recall")
    return Floors(danger_recall=danger, intents=found)


def by_chance(gained: int, lost: int) -> float:
    """Return how often a fair coin splits so many changes at least as unevenly (two-sided)."""
    count, least = gained + lost, min(gained, lost)
    tail = float(sum(math.comb(count, k) for k in range(least + 1)) / 2**count)
    return min(1.0, 2 * tail)


def _changes(
    rows: Sequence[Row], new: Sequence[Prediction], old: Sequence[Prediction] | None
) -> Iterable[Change]:
    with_intent = [at for at, row in enumerate(rows) if row.intent]
    dangers = [at for at, row in enumerate(rows) if row.danger]
    calm = [at for at, row in enumerate(rows) if row.danger is False]
    harmed = [at for at, row in enumerate(rows) if row.harm_types is not None]

    def change(
        group: str, name: str, where: Sequence[int], right: Callable[[Pair], bool]
    ) -> Change:
        now = [right((rows[at], new[at])) for at in where]
        if old is None:
            return Change(group, name, Share(sum(now), len(where)))
        then = [right((rows[at], old[at])) for at in where]
        gained = sum(a and not b for a, b in zip(now, then, strict=True))
        lost = sum(b and not a for a, b in zip(now, then, strict=True))
        return Change(
            group,
            name,
            Share(sum(now), len(where)),
            Share(sum(then), len(where)),
            gained,
            lost,
            by_chance(gained, lost),
        )

    yield change("danger", "recall", dangers, lambda p: p[1].danger)
    yield change("danger", "recall of the classifier alone", dangers, lambda p: p[1].by_classifier)
    yield change("danger", "left in peace where there is none", calm, lambda p: not p[1].danger)
    yield change("all", "intent", with_intent, intent_right)
    yield change("all", "exact set of harm types", harmed, harms_right)
    yield change("all", "home", with_intent, lambda p: p[0].home == p[1].home)
    yield change(
        "all", "place of the other", with_intent, lambda p: p[0].perpetrator == p[1].perpetrator
    )
    for intent in sorted({str(rows[at].intent) for at in with_intent}):
        yield change(
            "intent", intent, [at for at in with_intent if rows[at].intent == intent], intent_right
        )
    for harm in HARM_TYPES:
        wanted = [at for at in harmed if harm in (rows[at].harm_types or ())]
        if not wanted:
            continue
        yield change("harm found", harm, wanted, lambda p, harm=harm: harm in p[1].harm_types)  # type: ignore[misc]
        yield Change(
            "harm right where said",
            harm,
            _precision(rows, new, harmed, harm),
            None if old is None else _precision(rows, old, harmed, harm),
        )


def _precision(
    rows: Sequence[Row], made: Sequence[Prediction], where: Sequence[int], harm: str
) -> Share:
    said = [at for at in where if harm in made[at].harm_types]
    return Share(sum(harm in (rows[at].harm_types or ()) for at in said), len(said))


def intent_right(pair: Pair) -> bool:
    """Say whether the intent is the one wanted, or one that is also acceptable."""
    row, made = pair
    return made.intent == row.intent or made.intent in row.also_ok


def harms_right(pair: Pair) -> bool:
    """Say whether just the wanted harm types were found."""
    return set(pair[0].harm_types or ()) == set(pair[1].harm_types)


def _lost(
    rows: Sequence[Row], new: Sequence[Prediction], old: Sequence[Prediction]
) -> Iterable[Lost]:
    """Yield what only the old model read right, missed dangers first."""
    found: list[tuple[int, Lost]] = []
    for row, now, then in zip(rows, new, old, strict=True):
        if row.danger and then.danger and not now.danger:
            found.append((0, Lost(row.text, "danger", "danger", "none")))
        if row.intent and intent_right((row, then)) and not intent_right((row, now)):
            found.append((1, Lost(row.text, "intent", row.intent, now.intent)))
        if row.harm_types is not None and harms_right((row, then)) and not harms_right((row, now)):
            wanted, made = (", ".join(h) or "none" for h in (row.harm_types, now.harm_types))
            found.append((2, Lost(row.text, "harm types", wanted, made)))
        if row.intent:
            for what, right, is_, was in (
                ("home", row.home, now.home, then.home),
                ("place of the other", row.perpetrator, now.perpetrator, then.perpetrator),
            ):
                if was == right != is_:
                    found.append((3, Lost(row.text, what, str(right), str(is_))))
        if row.danger is False and now.danger and not then.danger:
            found.append((4, Lost(row.text, "danger", "none", "danger")))
    return [lost for _, lost in sorted(found, key=lambda item: item[0])]


def _danger_problems(changes: Iterable[Change], floors: Floors) -> Iterable[str]:
    recall = next(c for c in changes if c.group == "danger" and c.name == "recall")
    if not recall.new.of:
        yield "danger recall: no message holds a danger: add tests/danger_validation.yml with --on"
        return
    if recall.old and recall.new.hits < recall.old.hits:
        yield (
            f"danger recall: fell from {recall.old.hits} to {recall.new.hits} of "
            f"{recall.new.of}: see the messages under 'lost' and teach them"
        )
    if recall.new.value < floors.danger_recall:
        yield (
            f"danger recall: {recall.new.value:.3f} is below its floor of "
            f"{floors.danger_recall:.3f}: teach the missed messages"
        )


def _floor_problems(changes: Iterable[Change], floors: Floors) -> Iterable[str]:
    for change in changes:
        least = floors.intents.get(change.name, 0.0) if change.group == "intent" else 0.0
        if change.new.value < least:
            yield (
                f"{change.name}: {change.new.value:.3f} is below its floor of {least:.2f}: "
                f"see the messages under 'lost', or change the floor with a reason"
            )
