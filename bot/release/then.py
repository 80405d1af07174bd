"""Danger as it was found at another time: by that time's model, phrases and code together.

``waymark compare`` reads both models with the phrases and the code of today, so that a phrase that
goes shows in neither. What ``waymark evaluate --json`` wrote before the change shows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.compare import Lost
from bot.evaluation import Prediction, Row
from knowledge.yaml_lines import DataError, Problem

_MAKE = "make it with 'waymark evaluate tests/danger_validation.yml --json FILE'"


@dataclass(frozen=True, slots=True)
class Then:
    """How many dangers were found, and in which messages.

    ``by_list`` is None in a file of a time that did not say it of single messages.
    """

    path: str
    texts: frozenset[str]
    of: int
    found: int
    found_by_list: int
    by_both: frozenset[str]
    by_list: frozenset[str] | None


def load_then(path: Path) -> Then:
    """Return what a file of ``evaluate --json`` says of danger, or raise ``DataError``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        both, by_list = (content["metrics"][f"danger_recall_{name}"] for name in ("both", "list"))
        rows = content["predictions"]
        return Then(
            path=str(path),
            texts=frozenset(str(row["text"]) for row in rows),
            of=int(both["of"]),
            found=int(both["hits"]),
            found_by_list=int(by_list["hits"]),
            by_both=frozenset(str(row["text"]) for row in rows if row["danger"]),
            by_list=frozenset(str(row["text"]) for row in rows if row["by_list"])
            if all("by_list" in row for row in rows)
            else None,
        )
    except (ValueError, TypeError, KeyError):
        raise DataError(
            [Problem(f"{path}:1", "holds no figures of danger recall", _MAKE)]
        ) from None


def fallen(
    then: Then, rows: Sequence[Row], now: Sequence[Prediction]
) -> tuple[list[str], list[Lost]]:
    """Return what stands against a release, and the messages that are no longer found.

    Raises:
        DataError: the file was made with other messages.
    """
    dangers = [
        made for row, made in zip(rows, now, strict=True) if row.danger and row.text in then.texts
    ]
    known = {row.text for row in rows}
    if len(dangers) != then.of or not then.of or not then.texts <= known:
        what = "was made with other messages than these"
        raise DataError([Problem(f"{then.path}:1", what, _MAKE)])
    return list(_problems(then, dangers)), list(_lost(then, dangers))


def _problems(then: Then, dangers: Sequence[Prediction]) -> Iterator[str]:
    for name, was, is_ in (
        ("danger recall", then.found, sum(made.danger for made in dangers)),
        ("danger recall of the list alone", then.found_by_list, sum(m.by_list for m in dangers)),
    ):
        if is_ < was:
            yield (
                f"{name}: fell from {was} to {is_} of {then.of} since {then.path} was made: "
                "see the messages under 'lost', and give them a phrase"
            )


def _lost(then: Then, dangers: Sequence[Prediction]) -> Iterator[Lost]:
    layers: Mapping[str, frozenset[str]] = {
        "danger": then.by_both,
        "danger by the list": then.by_list or frozenset(),
    }
    for made in dangers:
        for what, before in layers.items():
            found = made.danger if what == "danger" else made.by_list
            if made.text in before and not found:
                yield Lost(made.text, what, "danger", "none")
