"""Read sections of a helpline's file by their rules; every field that does not hold is noted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from knowledge.schema import FieldRule
from knowledge.yaml_lines import Node, Problem, did_you_mean

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class Reader:
    """Collects problems while the parts of a file are read."""

    problems: list[Problem] = field(default_factory=list)

    def note(self, node: Node, what: str, to_do: str) -> None:
        """Note one thing that is wrong where a node stands."""
        self.problems.append(Problem(node.where, what, to_do))

    def section(self, node: Node, rules: Iterable[FieldRule], *, name: str) -> dict[str, Node]:
        """Return the fields of a mapping that are known and filled."""
        known = {rule.name: rule for rule in rules}
        if not node.items():
            self.note(node, f"{name} is no set of fields", f"write {', '.join(known)} below it")
            return {}
        for given, item in node.items().items():
            if given not in known:
                self.note(item, f"unknown field '{given}'", did_you_mean(given, known))
        found = {
            given: item
            for given, item in node.items().items()
            if given in known and item.value is not None
        }
        for rule in known.values():
            if rule.required and rule.name not in found:
                where = node.items().get(rule.name, node)
                self.note(where, f"'{rule.name}' is missing", f"add it: {rule.meaning}")
        return found

    def line(self, node: Node | None, name: str) -> str:
        """Return a text on one line, or an empty one."""
        if node is None:
            return ""
        text = "" if isinstance(node.value, dict | list | bool) else str(node.value).strip()
        if not text or "\n" in text:
            self.note(node, f"'{name}' is not a line of text", "write it on one line")
            return ""
        return text

    def identity(self, node: Node | None, name: str) -> str:
        """Return an id, or an empty text."""
        text = self.line(node, name)
        if node is not None and text and not _ID.fullmatch(text):
            self.note(node, f"'{text}' is no id", "use lower-case words joined by '-'")
            return ""
        return text

    def whole(self, node: Node | None, name: str, *, low: int, high: int) -> int | None:
        """Return a whole number within bounds, or None."""
        if node is None:
            return None
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.note(node, f"'{name}' is no whole number from {low} to {high}", "write one")
            return None
        return value

    def one_of(self, node: Node | None, name: str, allowed: Iterable[str]) -> str:
        """Return a word from a list, or an empty one."""
        text = self.line(node, name)
        if node is not None and text and text not in set(allowed):
            self.note(node, f"'{name}' cannot be '{text}'", did_you_mean(text, allowed))
            return ""
        return text

    def several_of(self, node: Node | None, name: str, allowed: Iterable[str]) -> tuple[str, ...]:
        """Return the words of a list, each from another list and once."""
        if node is None:
            return ()
        known = list(allowed)
        if not node.entries():
            self.note(node, f"'{name}' is not a list", f"write [a, b]; {did_you_mean('', known)}")
        found: list[str] = []
        for item in node.entries():
            word = self.one_of(item, name, known)
            if word in found:
                self.note(item, f"'{word}' stands twice in '{name}'", "keep one")
            elif word:
                found.append(word)
        return tuple(found)

    def address(self, node: Node | None, name: str, *, here: bool = False) -> str:
        """Return an https address, or an empty text; ``here``: http to this machine is one too."""
        text = self.line(node, name)
        if node is None or not text:
            return ""
        try:
            parts = urlsplit(text)
            host, whole = parts.hostname or "", parts.port != 0
        except ValueError:
            host, whole = "", False
        safe = text.startswith("https://") or (
            here and text.startswith("http://") and host in _LOOPBACK
        )
        if not (safe and host and whole) or re.search(r"[\s@]", text):
            self.note(node, f"'{name}' is no https address", "write it as https://host/path")
            return ""
        return text
