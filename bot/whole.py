"""What has to stand in several files at once: a place, a guide, a harm type, a channel."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from knowledge.base import Knowledge

# A guide answers each of these; a place without one of them says that it has no guide.
OF_A_GUIDE = (
    "emergency_number",
    "reporting_channel",
    "offence",
    "doxxing_status",
    "recording_rule",
    "escalation_step",
    "protection_order",
    "helpline",
    "cross_border",
)
LEAST_OF_A_HARM = 20


def check_guides(knowledge: Knowledge) -> Iterator[str]:
    """Yield the kinds of facts that a guide still lacks."""
    for place in knowledge.guides():
        where = f"knowledge/jurisdictions/{place.id}/index.yml:1"
        for kind in OF_A_GUIDE:
            if not any(f.kind == kind and f.jurisdiction == place.id for f in knowledge.facts):
                yield f"{where}: a guide without '{kind}': add one, or say 'guide: false'"


def check_places(knowledge: Knowledge, *, root: Path) -> Iterator[str]:
    """Yield the places that the place reader or the slots do not know yet."""
    from bot.places import PLACES

    slots = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))["slots"]
    for place in knowledge.places.values():
        if place.id not in PLACES:
            yield f"bot/places/model.py:1: PLACES has no '{place.id}': add it"
        for slot, wanted in (
            ("home_jurisdiction", place.home and place.id != "united_kingdom"),
            ("perpetrator_location", place.perpetrator),
        ):
            if wanted and place.id not in slots[slot]["values"]:
                yield f"domain.yml:1: the slot {slot} has no '{place.id}': add it to its values"


def check_harms(knowledge: Knowledge, examples: Iterable[Any]) -> Iterator[str]:
    """Yield the harm types that too few training messages tell of."""
    counts = Counter(harm for example in examples for harm in example.harm_types)
    for harm in knowledge.harms:
        if counts[harm] < LEAST_OF_A_HARM:
            yield (
                f"data/nlu:1: {counts[harm]} messages tell of '{harm}': "
                f"write {LEAST_OF_A_HARM} or more in data/nlu/report_harm_{harm}.yml"
            )


def check_channels(folder: Path, *, root: Path) -> Iterator[str]:
    """Yield the functions of a channel that do nothing yet."""
    for path in sorted(folder.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_empty(node):
                doc = (ast.get_docstring(node) or "").splitlines()
                where = f"{path.relative_to(root).as_posix()}:{node.lineno}"
                yield f"{where}: '{node.name}' is empty: {doc[0] if doc else 'write it'}"


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    last = node.body[-1]
    return (
        isinstance(last, ast.Expr)
        and isinstance(last.value, ast.Constant)
        and last.value.value is Ellipsis
    )
