"""Hold the model against messages with known labels: the figures, their intervals, the errors."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.thresholds import Case
from knowledge.schema import HARM_TYPES
from knowledge.yaml_lines import DataError, Node, Problem, did_you_mean, read_yaml

_FIELDS = {
    "text",
    "intent",
    "also_ok",
    "harm_types",
    "home",
    "perpetrator",
    "danger",
    "kind",
    "tags",
}
_LISTS = ("also_ok", "harm_types", "tags")
_KINDS = ("danger", "self_harm")


@dataclass(frozen=True, slots=True)
class Row:
    """One message and what should be understood; None where the file does not say."""

    text: str
    intent: str | None = None
    also_ok: tuple[str, ...] = ()
    harm_types: tuple[str, ...] | None = None
    home: str | None = None
    perpetrator: str | None = None
    danger: bool | None = None
    kind: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was understood.

    ``by_list`` and ``by_classifier`` are the layers of the danger screen; ``guess`` is the
    likeliest intent, also where it was not sure enough to be acted on.
    """

    text: str
    intent: str
    confidence: float
    harm_types: tuple[str, ...] = ()
    home: str | None = None
    perpetrator: str | None = None
    by_list: bool = False
    by_classifier: bool = False
    guess: str = ""

    @property
    def danger(self) -> bool:
        """Say whether either layer saw a present danger."""
        return self.by_list or self.by_classifier

    def as_dict(self) -> dict[str, Any]:
        """Return it as ``evaluate --json`` writes it."""
        return {
            "text": self.text,
            "intent": self.intent,
            "confidence": round(self.confidence, 4),
            "harm_types": list(self.harm_types),
            "home": self.home,
            "perpetrator": self.perpetrator,
            "danger": self.danger,
            "by_list": self.by_list,
            "by_classifier": self.by_classifier,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All figures by name, and the errors worth reading."""

    metrics: dict[str, Any]
    confusions: list[tuple[str, str, int]] = field(default_factory=list)


def load_rows(path: Path, *, intents: Iterable[str], places: Iterable[str]) -> list[Row]:
    """Return the rows of an evaluation file, or raise ``DataError`` with every bad line."""
    problems: list[Problem] = []
    node = read_yaml(path, root=path.parent, problems=problems)
    known = {
        "intent": set(intents),
        "also_ok": set(intents),
        "harm_types": set(HARM_TYPES),
        "home": set(places),
        "perpetrator": set(places),
    }
    rows = (
        [row for entry in node.entries() if (row := _row(entry, known, problems))] if node else []
    )
    if node is not None and not node.entries():
        problems.append(Problem(f"{path.name}:1", "is not a list of rows", "write '- text: ...'"))
    if problems:
        raise DataError(problems)
    return rows


def score(rows: Sequence[Row], predictions: Sequence[Prediction]) -> Report:
    """Return the figures that ``waymark evaluate`` prints."""
    metrics: dict[str, Any] = {"messages": len(rows)}
    pairs = list(zip(rows, predictions, strict=True))
    intent_pairs = [(row, p) for row, p in pairs if row.intent]
    confusions: Counter[tuple[str, str]] = Counter()
    if intent_pairs:
        right = sum(p.intent == r.intent or p.intent in r.also_ok for r, p in intent_pairs)
        metrics["intent_accuracy"] = _share(right, len(intent_pairs))
        metrics["intent_accuracy_strict"] = _share(
            sum(p.intent == r.intent for r, p in intent_pairs), len(intent_pairs)
        )
        metrics["intent_macro_f1"] = _macro_f1(intent_pairs)
        confusions.update(
            (str(r.intent), p.intent)
            for r, p in intent_pairs
            if p.intent != r.intent and p.intent not in r.also_ok
        )
    metrics.update(_harm_metrics([(r, p) for r, p in pairs if r.harm_types is not None]))
    metrics.update(
        _place_metrics([(r, p) for r, p in pairs if r.intent or r.home or r.perpetrator])
    )
    metrics.update(_danger_metrics([(r, p) for r, p in pairs if r.danger is not None]))
    worst = [(a, b, n) for (a, b), n in confusions.most_common(20)]
    return Report(metrics=metrics, confusions=worst)


def cases(rows: Sequence[Row], predictions: Sequence[Prediction]) -> list[Case]:
    """Return what the choice of thresholds needs of each row that has an intent."""
    return [
        Case(
            guess=p.guess or p.intent,
            confidence=p.confidence,
            right=(p.guess or p.intent) in (row.intent, *row.also_ok),
        )
        for row, p in zip(rows, predictions, strict=True)
        if row.intent
    ]


def worst_errors(
    rows: Sequence[Row], predictions: Sequence[Prediction], *, most: int = 20
) -> list[str]:
    """Return the surest wrong intents and missed dangers, one line each, missed dangers first."""
    pairs = list(zip(rows, predictions, strict=True))
    missed = [f"danger missed: {row.text}" for row, p in pairs if row.danger and not p.danger]
    wrong = sorted(
        (
            (p.confidence, f"{row.intent} read as {p.intent} ({p.confidence:.2f}): {row.text}")
            for row, p in pairs
            if row.intent and p.intent != row.intent and p.intent not in row.also_ok
        ),
        reverse=True,
    )
    return [*missed, *(line for _, line in wrong)][:most]


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    if not count:
        return (0.0, 1.0)
    z = 1.96
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    return (round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4))


def _share(hits: int, count: int) -> dict[str, Any]:
    low, high = interval(hits, count)
    share = round(hits / count, 4) if count else 0.0
    return {"value": share, "low": low, "high": high, "hits": hits, "of": count}


def _macro_f1(pairs: Sequence[tuple[Row, Prediction]]) -> float:
    labels = {str(row.intent) for row, _ in pairs}
    scores = []
    for label in labels:
        hit = sum(
            r.intent == label and (p.intent == label or p.intent in r.also_ok) for r, p in pairs
        )
        false = sum(
            p.intent == label and r.intent != label and label not in r.also_ok for r, p in pairs
        )
        miss = sum(r.intent == label for r, _ in pairs) - hit
        scores.append(2 * hit / (2 * hit + false + miss) if hit else 0.0)
    return round(sum(scores) / len(scores), 4) if scores else 0.0


def _harm_metrics(pairs: Sequence[tuple[Row, Prediction]]) -> dict[str, Any]:
    if not pairs:
        return {}
    counts = {harm: [0, 0, 0] for harm in HARM_TYPES}
    for row, prediction in pairs:
        wanted, found = set(row.harm_types or ()), set(prediction.harm_types)
        for harm in HARM_TYPES:
            counts[harm][0] += harm in wanted and harm in found
            counts[harm][1] += harm not in wanted and harm in found
            counts[harm][2] += harm in wanted and harm not in found
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    by_harm = {harm: _f1(*count) for harm, count in counts.items()}
    exact = sum(set(r.harm_types or ()) == set(p.harm_types) for r, p in pairs)
    return {
        "harm_micro_f1": _f1(*totals),
        "harm_macro_f1": round(sum(by_harm.values()) / len(by_harm), 4),
        "harm_subset_accuracy": _share(exact, len(pairs)),
        "harm_f1": by_harm,
    }


def _f1(hit: int, false: int, miss: int) -> float:
    return round(2 * hit / (2 * hit + false + miss), 4) if hit else 0.0


def _place_metrics(pairs: Sequence[tuple[Row, Prediction]]) -> dict[str, Any]:
    if not pairs:
        return {}
    homes = sum(r.home == p.home for r, p in pairs)
    others = sum(r.perpetrator == p.perpetrator for r, p in pairs)
    said = [(r, p) for r, p in pairs if r.home or r.perpetrator]
    both = sum(r.home == p.home and r.perpetrator == p.perpetrator for r, p in said)
    return {
        "home_accuracy": _share(homes, len(pairs)),
        "perpetrator_accuracy": _share(others, len(pairs)),
        "place_accuracy": _share(homes + others, 2 * len(pairs)),
        "places_where_said": _share(both, len(said)),
    }


def _danger_metrics(pairs: Sequence[tuple[Row, Prediction]]) -> dict[str, Any]:
    if not pairs:
        return {}
    found: dict[str, Any] = {}
    layers: dict[str, Callable[[Prediction], bool]] = {
        "both": lambda p: p.danger,
        "list": lambda p: p.by_list,
        "classifier": lambda p: p.by_classifier,
    }
    real = [p for r, p in pairs if r.danger]
    for name, layer in layers.items():
        found[f"danger_recall_{name}"] = _share(sum(layer(p) for p in real), len(real))
        for tag in ("ordinary", "hard_negative"):
            # Whatever else a row is tagged with, it is ordinary unless it is called hard.
            hard = tag == "hard_negative"
            other = [p for r, p in pairs if not r.danger and ("hard_negative" in r.tags) is hard]
            found[f"danger_alarms_{tag}_{name}"] = _share(sum(layer(p) for p in other), len(other))
    return found


def _row(entry: Node, known: dict[str, set[str]], problems: list[Problem]) -> Row | None:
    fields = entry.items()
    before = len(problems)
    for name, node in fields.items():
        if name not in _FIELDS:
            problems.append(
                Problem(node.where, f"unknown field '{name}'", did_you_mean(name, _FIELDS))
            )
        elif problem := _wrong_shape(name, node):
            problems.append(problem)
        elif name in known:
            values = node.plain() if isinstance(node.value, list) else [node.value]
            problems.extend(
                Problem(
                    node.where, f"unknown {name} '{value}'", did_you_mean(str(value), known[name])
                )
                for value in values
                if value is not None and value not in known[name]
            )
    if "text" not in fields or not str(fields["text"].value or "").strip():
        problems.append(Problem(entry.where, "a row without text", "write 'text: ...'"))
    if len(problems) > before:
        return None
    plain = entry.plain()
    harms = plain.get("harm_types")
    danger = plain.get("danger", False if plain.get("intent") else None)
    return Row(
        text=str(plain["text"]),
        intent=plain.get("intent"),
        also_ok=tuple(plain.get("also_ok") or ()),
        harm_types=tuple(harms or ()) if plain.get("intent") or harms is not None else None,
        home=plain.get("home"),
        perpetrator=plain.get("perpetrator"),
        danger=danger,
        kind=plain.get("kind"),
        tags=tuple(plain.get("tags") or ()),
    )


def _wrong_shape(name: str, node: Node) -> Problem | None:
    """Return what is wrong with a value that no list of known words can tell."""
    value = node.value
    if name in _LISTS:
        if value is not None and not _all_text(value):
            return Problem(node.where, f"{name} is not a list of words", "write [one, another]")
    elif name == "danger":
        if value is not None and not isinstance(value, bool):
            return Problem(node.where, f"danger is '{node.plain()}'", "write true or false")
    elif name == "kind" and value is not None and value not in _KINDS:
        return Problem(
            node.where, f"unknown kind '{node.plain()}'", did_you_mean(str(value), _KINDS)
        )
    elif isinstance(value, bool | list | dict):
        # An unquoted 'yes' is true in YAML; a number is what it looks like.
        return Problem(node.where, f"{name} is no text", "put it in quotes")
    return None


def _all_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one.value, str) for one in value)
