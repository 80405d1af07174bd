"""Hold the facts against a list of units: is each number, address, section and penalty there?

A unit's value stands in a fact that names the unit, or in ``corrections.yml`` under the unit's id
(what the law has overtaken), or in ``left_out.yml`` with a reason (ten at most).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.base import Knowledge
from knowledge.model import Fact
from knowledge.yaml_lines import DataError, Node, Problem, read_yaml

FOLDER = Path(__file__).resolve().parent
MOST_LEFT_OUT = 10
_SECTION = re.compile(r"(?<![\w/])\d{1,3}[A-Z]{0,3}(?:\.\d+[A-Z]{0,2})?(?:\(\w{1,3}\))*(?!\d)")
_ACT_NUMBER = re.compile(
    r"\b(?:Act|Proc\.?|GG|Proclamation) \d+(?: of \d{4})?|\b(?:1[89]|20)\d\d\b"
)
_PENALTY = re.compile(
    r"\d[\d,]*(?:\.\d+)? ?(?:years?|months?|weeks?|penalty units|%)|level \d"
    r"|R ?\d[\d,]*(?: million)?|\$\d[\d,]*|GBP \d[\d,]*(?: million)?"
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A place where the law stands and the guide does not: what it says, what holds now."""

    unit: str
    guide_says: str
    now: str
    why: str
    url: str
    ref: str
    values: tuple[str, ...]


def corrections(folder: Path = FOLDER) -> tuple[Correction, ...]:
    """Return every correction, in the order of the file."""
    problems: list[Problem] = []
    node = read_yaml(folder / "corrections.yml", root=folder.parent, problems=problems)
    found: list[Correction] = []
    for entry in node.items().get("corrections", node).entries() if node else []:
        found.extend(_correction(entry, problems))
    if problems:
        raise DataError(problems)
    return tuple(found)


def left_out(folder: Path = FOLDER) -> dict[tuple[str, str], str]:
    """Return what is left out on purpose: (unit, value) to the reason."""
    node = read_yaml(folder / "left_out.yml", root=folder.parent, problems=[])
    entries = node.items().get("left_out", node).entries() if node else []
    return {
        (str(values["unit"]), str(values["value"])): str(values["reason"])
        for values in (entry.plain() for entry in entries)
    }


def compare(knowledge: Knowledge, units_file: Path) -> list[Problem]:
    """Return one problem for each value of a unit that stands nowhere, and for unknown units."""
    units: list[dict[str, Any]] = yaml.safe_load(units_file.read_text(encoding="utf-8"))["units"]
    ids = {unit["id"] for unit in units}
    named: dict[str, list[Fact]] = {}
    problems: list[Problem] = []
    for fact in knowledge.facts:
        for unit_id in fact.guide_units:
            named.setdefault(unit_id, []).append(fact)
            if unit_id not in ids:
                problems.append(
                    Problem(fact.where, f"'{unit_id}' is no unit of the list", "correct the id")
                )
    corrected: dict[str, str] = {}
    for correction in corrections():
        corrected[correction.unit] = "\n".join(
            [corrected.get(correction.unit, ""), correction.guide_says, *correction.values]
        )
    skipped = left_out()
    if len(skipped) > MOST_LEFT_OUT:
        problems.append(
            Problem("knowledge/left_out.yml:1", f"{len(skipped)} entries", "ten at the most")
        )
    for unit in units:
        problems.extend(_unit(unit, named.get(unit["id"], []), corrected, skipped))
    return problems


def _unit(
    unit: dict[str, Any],
    facts: list[Fact],
    corrected: dict[str, str],
    skipped: dict[tuple[str, str], str],
) -> Iterator[Problem]:
    unit_id = unit["id"]
    if not facts and (unit_id, "*") not in skipped:
        yield Problem(unit_id, "no fact names this unit", "add it to a fact's guide_units")
        return
    for what, value in _values(unit):
        if (unit_id, value) in skipped or _stands(what, value, facts):
            continue
        if value.lower() in corrected.get(unit_id, "").lower():
            continue
        where = ", ".join(fact.id for fact in facts)
        yield Problem(unit_id, f"{what} '{value}' is in none of {where}", "add it or correct it")


def _values(unit: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for phone in unit.get("phones", ()):
        yield "phone", str(phone)
    for url in unit.get("urls", ()):
        yield "address", str(url)
    for email in unit.get("emails", ()):
        yield "address", str(email)
    for token in section_tokens(str(unit.get("sections") or "")):
        yield "section", token
    for token in penalty_tokens(str(unit.get("max_penalty") or "")):
        yield "penalty", token


def section_tokens(text: str) -> list[str]:
    """Return the section numbers a text names: '2A', '19(7)', '474.17'."""
    return _once(_SECTION.findall(_ACT_NUMBER.sub(" ", text)))


def penalty_tokens(text: str) -> list[str]:
    """Return the measures of a penalty: '5 years', 'level 5', 'R40,000'."""
    without_sections = re.sub(r"\bss?\.\d+\w*(?:\(\w+\))*", " ", text)
    return _once(_PENALTY.findall(without_sections))


def _stands(what: str, value: str, facts: list[Fact]) -> bool:
    return any(_in_fact(what, value, fact) for fact in facts)


def _in_fact(what: str, value: str, fact: Fact) -> bool:
    if what == "phone":
        wanted = _digits(value)
        shown = [text for number in fact.numbers for text in (number.display, number.dial)]
        return any(_digits(text) == wanted for text in shown)
    if what == "address":
        addresses = [*fact.urls, *fact.emails, *(citation.url for citation in fact.citations)]
        return value.rstrip("/") in {address.rstrip("/") for address in addresses}
    said = " ".join([fact.title, fact.statute, fact.section, fact.max_penalty, fact.full_text])
    if what == "section":
        return _whole_token(value, said)
    return _measure(value) in {_measure(token) for token in penalty_tokens(said)}


def _whole_token(token: str, text: str) -> bool:
    return (
        re.search(rf"(?<![\w.]){re.escape(token)}(?![\w])|s\.{re.escape(token)}(?!\w)", text)
        is not None
    )


def _measure(token: str) -> str:
    return re.sub(r"[\s,]", "", token).lower().rstrip("s")


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _once(tokens: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tokens))


def _correction(entry: Node, problems: list[Problem]) -> Iterator[Correction]:
    values = entry.plain()
    needed = ("unit", "guide_says", "now", "why", "url")
    missing = (
        [name for name in needed if not values.get(name)] if isinstance(values, dict) else needed
    )
    if missing:
        problems.append(
            Problem(
                entry.where, f"a correction without {', '.join(missing)}", "add what is missing"
            )
        )
        return
    yield Correction(
        unit=str(values["unit"]),
        guide_says=str(values["guide_says"]),
        now=str(values["now"]),
        why=str(values["why"]),
        url=str(values["url"]),
        ref=str(values.get("ref", "")),
        values=tuple(str(value) for value in values.get("values") or ()),
    )
