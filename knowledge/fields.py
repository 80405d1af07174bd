"""Turn one YAML entry into one fact, noting every field that does not hold."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from knowledge.model import Citation, Fact, Number, Place
from knowledge.schema import (
    CITATION_FIELDS,
    NUMBER_FIELDS,
    SEEN_IN,
    VIA,
    FieldRule,
    fields_for,
)
from knowledge.yaml_lines import Node, Problem, did_you_mean

GUIDE_HOST = "falseos.com"
GUIDE_TITLE = "FalseOS online harassment reporting guide"
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DIAL = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,8}|\*[0-9*]+#")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+", re.IGNORECASE)
_SHORT = 160


class FactReader:
    """Builds facts from entries of one place; collects problems as it goes."""

    def __init__(self, *, hosts: frozenset[str], problems: list[Problem]) -> None:
        self._hosts = hosts
        self._problems = problems

    def read(
        self, entry: Node, *, kind: str, place: Place, defaults: dict[str, Node]
    ) -> Fact | None:
        """Return the fact an entry states, or None when it cannot be used."""
        rules = fields_for(kind)
        before = len(self._problems)
        nodes = {**defaults, **entry.items()}
        self._unknown_fields(entry, kind, rules)
        values: dict[str, Any] = {}
        for name, rule in rules.items():
            node = nodes.get(name)
            if node is None or node.value is None:
                if rule.required:
                    self._note(entry, f"'{name}' is missing", f"add it: {rule.meaning}")
                continue
            values[name] = self._value(node, rule)
        if len(self._problems) > before:
            return None
        return self._fact(entry, kind, place, values)

    def _fact(self, entry: Node, kind: str, place: Place, values: dict[str, Any]) -> Fact | None:
        values.pop("nations", None)
        fact = Fact(kind=kind, jurisdiction=place.id, where=entry.where, **values)
        before = len(self._problems)
        if fact.state and fact.state not in place.states:
            self._note(entry, f"state '{fact.state}' is not in {place.name}", "remove it")
        if len(fact.guide_units) > 4:
            self._note(entry, "names more than four guide units", "split the fact")
        if fact.kind == "emergency_number" and not fact.numbers:
            self._note(entry, "an emergency entry without a number", "add 'numbers'")
        if fact.standing in {"crime", "order"} and not (fact.statute and fact.max_penalty):
            self._note(entry, "an offence without statute or max_penalty", "add both")
        if fact.rests_on_guide_alone and fact.confidence == "certain":
            self._note(
                entry, "'certain' rests on the guide alone", "cite a second page or say 'likely'"
            )
        return fact if len(self._problems) == before else None

    def _unknown_fields(self, entry: Node, kind: str, rules: dict[str, FieldRule]) -> None:
        for name, node in entry.items().items():
            if name not in rules:
                hint = f"{did_you_mean(name, rules)} Fields of a {kind}: docs/knowledge.md"
                self._note(node, f"unknown field '{name}'", hint)

    def _value(self, node: Node, rule: FieldRule) -> Any:
        reader: Callable[[Node, FieldRule], Any] = getattr(self, f"_read_{rule.type}")
        return reader(node, rule)

    def _read_id(self, node: Node, rule: FieldRule) -> str:
        text = self._read_line(node, rule)
        if not _ID.fullmatch(text):
            self._note(node, f"'{text}' is not an id", rule.meaning)
        return text

    def _read_line(self, node: Node, rule: FieldRule) -> str:
        text = self._read_text(node, rule)
        if "\n" in text:
            self._note(node, f"'{rule.name}' has line breaks", "write it on one line")
        return text

    def _read_text(self, node: Node, rule: FieldRule) -> str:
        if isinstance(node.value, dict | list | bool) or not str(node.value).strip():
            self._note(node, f"'{rule.name}' is not text", rule.meaning)
            return ""
        return str(node.value).strip()

    def _read_word(self, node: Node, rule: FieldRule) -> str:
        return self._allowed(node, self._read_line(node, rule), rule)

    def _read_words(self, node: Node, rule: FieldRule) -> tuple[str, ...]:
        return tuple(self._allowed(item, str(item.value), rule) for item in self._list(node, rule))

    def _read_lines(self, node: Node, rule: FieldRule) -> tuple[str, ...]:
        return tuple(self._read_line(item, rule) for item in self._list(node, rule))

    def _read_whole(self, node: Node, rule: FieldRule) -> int:
        if not isinstance(node.value, int) or isinstance(node.value, bool):
            self._note(node, f"'{rule.name}' is not a whole number", rule.meaning)
            return 0
        return node.value

    def _read_flag(self, node: Node, rule: FieldRule) -> bool:
        if not isinstance(node.value, bool):
            self._note(node, f"'{rule.name}' is neither true nor false", rule.meaning)
            return False
        return node.value

    def _read_date(self, node: Node, rule: FieldRule) -> date:
        if isinstance(node.value, date) and not isinstance(node.value, datetime):
            return node.value
        self._note(node, f"'{rule.name}' is not a date", "write it as 2026-11-22")
        return date.min

    def _read_urls(self, node: Node, rule: FieldRule) -> tuple[str, ...]:
        return tuple(self._url(item) for item in self._list(node, rule))

    def _read_emails(self, node: Node, rule: FieldRule) -> tuple[str, ...]:
        for item in self._list(node, rule):
            if not _EMAIL.fullmatch(str(item.value)):
                self._note(item, f"'{item.value}' is not a mail address", "check it")
        return tuple(str(item.value) for item in self._list(node, rule))

    def _read_numbers(self, node: Node, rule: FieldRule) -> tuple[Number, ...]:
        return tuple(
            number for item in self._list(node, rule) if (number := self._number(item)) is not None
        )

    def _read_citations(self, node: Node, rule: FieldRule) -> tuple[Citation, ...]:
        found = tuple(self._citation(item) for item in self._list(node, rule))
        if not found:
            self._note(node, "no citation", "say where it can be read")
        return found

    def _number(self, node: Node) -> Number | None:
        values = self._sub_fields(node, NUMBER_FIELDS)
        display, dial = str(values.get("display", "")), str(values.get("dial", ""))
        via = str(values.get("via", "call"))
        if not display or not _DIAL.fullmatch(dial):
            self._note(
                node,
                f"'{dial}' cannot be dialled",
                "write +country and digits, or the short code's digits, in quotes",
            )
            return None
        if not _same_digits(display, dial):
            self._note(
                node, f"display '{display}' and dial '{dial}' differ", "make them the same number"
            )
        if via not in VIA:
            self._note(node, f"via '{via}' is unknown", did_you_mean(via, VIA))
        return Number(display, dial, via, str(values.get("label", "")))

    def _citation(self, node: Node) -> Citation:
        values = {key: str(value) for key, value in self._sub_fields(node, CITATION_FIELDS).items()}
        if values.get("source") == "guide":
            title = values.get("title", GUIDE_TITLE)
            return Citation(title, f"https://{GUIDE_HOST}", "guide", values.get("section", ""))
        for name in ("title", "url", "seen_in"):
            if not values.get(name):
                self._note(node, f"citation without '{name}'", CITATION_FIELDS[name])
        if values.get("seen_in", "guide") not in SEEN_IN:
            self._note(
                node, f"seen_in '{values['seen_in']}'", did_you_mean(values["seen_in"], SEEN_IN)
            )
        url = values.get("url", "")
        if url:
            self._url(Node(url, node.path, node.line))
        return Citation(
            values.get("title", ""), url, values.get("seen_in", ""), values.get("section", "")
        )

    def _sub_fields(self, node: Node, known: dict[str, str]) -> dict[str, Any]:
        if not node.items():
            self._note(node, "is not a mapping", f"write {', '.join(known)}")
        for name, item in node.items().items():
            if name not in known:
                self._note(item, f"unknown field '{name}'", did_you_mean(name, known))
        return {
            name: item.value
            for name, item in node.items().items()
            if name in known and item.value is not None
        }

    def _url(self, node: Node) -> str:
        url = str(node.value)
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or " " in url:
            self._note(node, f"'{url}' is not an https address", "copy it from the source")
        elif parts.hostname not in self._hosts:
            self._note(
                node,
                f"host '{parts.hostname}' is not in knowledge/sources.yml",
                "add it with its publisher",
            )
        return url

    def _list(self, node: Node, rule: FieldRule) -> list[Node]:
        if not isinstance(node.value, list):
            self._note(node, f"'{rule.name}' is not a list", f"write [a, b]: {rule.meaning}")
        return node.entries()

    def _allowed(self, node: Node, value: str, rule: FieldRule) -> str:
        if rule.allowed and value not in rule.allowed:
            self._note(node, f"{rule.name} '{value}' is unknown", did_you_mean(value, rule.allowed))
        return value

    def _note(self, node: Node, what: str, to_do: str) -> None:
        self._problems.append(Problem(node.where, what, to_do))


def _same_digits(display: str, dial: str) -> bool:
    shown = re.sub(r"\D", "", display.replace("(0)", ""))
    dialled = re.sub(r"\D", "", dial)
    return dialled == shown or (dialled.endswith(shown.lstrip("0")) and bool(shown.lstrip("0")))
