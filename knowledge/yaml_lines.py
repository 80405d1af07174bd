"""Read YAML and remember on which line each value stands, so that errors can say where."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 30
_TEXT = "tag:yaml.org,2002:str"
_COLLECTIONS = ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do about it."""

    where: str
    what: str
    to_do: str

    def __str__(self) -> str:
        """Return ``path:line: what: what to do``, on one line."""
        return f"{self.where}: {self.what}: {self.to_do}"


class DataError(Exception):
    """Data that cannot be used. Carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Node:
    """A YAML value with the file and line it stands on."""

    value: Any
    path: str
    line: int
    # False where YAML reads a number or a day and we keep its letters: 1.5, 012, 12:30.
    is_text: bool = True

    @property
    def where(self) -> str:
        """Return ``path:line``."""
        return f"{self.path}:{self.line}"

    def items(self) -> dict[str, Node]:
        """Return the entries of a mapping by key; nothing for any other value."""
        return self.value if isinstance(self.value, dict) else {}

    def entries(self) -> list[Node]:
        """Return the entries of a list; nothing for any other value."""
        return self.value if isinstance(self.value, list) else []

    def text(self) -> str | None:
        """Return a text as every reader of YAML has it; None for any other value."""
        return self.value if isinstance(self.value, str) and self.is_text else None

    def plain(self) -> Any:
        """Return the value without line numbers."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def read_yaml(path: Path, *, root: Path, problems: list[Problem]) -> Node | None:
    """Return the file's content with line numbers, or None after noting what is wrong."""
    shown = shown_path(path, root=root)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(f"{shown}:1", "cannot be read", f"save it as UTF-8 ({error})"))
        return None
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        what = getattr(error, "problem", None) or "is not YAML"
        mark = getattr(error, "problem_mark", None)
        if "end of stream" in what:
            # A quote that is never closed: the mistake is where it opens, not where the file ends.
            mark, what = getattr(error, "context_mark", None) or mark, "a quote is not closed"
        line = mark.line + 1 if mark else 1
        problems.append(Problem(f"{shown}:{line}", what, "check indentation, quotes and colons"))
        return None
    if node is None:
        problems.append(Problem(f"{shown}:1", "the file is empty", "fill it or delete it"))
        return None
    constructor = _LOADER("")
    built = _build(node, shown, constructor, problems)
    return built


def shown_path(path: Path, *, root: Path) -> str:
    """Return the path as errors show it: below the project's root where it can be."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return path.name


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return a hint that names the nearest valid word, or lists all of them."""
    names = sorted(options)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names)}"


def _build(
    node: yaml.Node, path: str, constructor: Any, problems: list[Problem], depth: int = 0
) -> Node:
    line = node.start_mark.line + 1
    if depth > _DEEPEST:
        # Also a list that names itself.
        problems.append(Problem(f"{path}:{line}", "is nested too deeply", "write it flatter"))
        return Node(None, path, line)
    if not isinstance(node, yaml.ScalarNode) and node.tag not in _COLLECTIONS:
        problems.append(Problem(f"{path}:{line}", f"the tag '{node.tag}'", "leave it out"))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in mapping:
                where = f"{path}:{key_node.start_mark.line + 1}"
                problems.append(Problem(where, f"'{key}' stands here twice", "keep one of them"))
            built = _build(value_node, path, constructor, problems, depth + 1)
            mapping[key] = Node(built.value, path, key_node.start_mark.line + 1, built.is_text)
        return Node(mapping, path, line)
    if isinstance(node, yaml.SequenceNode):
        items = [_build(item, path, constructor, problems, depth + 1) for item in node.value]
        return Node(items, path, line)
    try:
        return Node(_scalar(node, constructor), path, line, node.tag == _TEXT)
    except yaml.YAMLError:
        problems.append(Problem(f"{path}:{line}", f"the tag '{node.tag}'", "leave it out"))
        return Node(None, path, line)


def _scalar(node: yaml.Node, constructor: Any) -> Any:
    # Only these types mean anything in our files; the rest (octal 000, sexagesimal) stays text,
    # because 000 read as a number is 0 and would be dialled as that.
    try:
        value = constructor.construct_object(node)
        if isinstance(value, bool | date) or value is None:
            return value
        if isinstance(value, int) and str(value) == node.value:
            return value
    except (ValueError, OverflowError, KeyError, AttributeError):
        # A date that no calendar has, or a tag that its value does not fit.
        pass
    return str(node.value)
