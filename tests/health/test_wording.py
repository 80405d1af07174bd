"""No sentence for users in Python, every sentence used, none with blame or a figure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from knowledge.base import Knowledge
from knowledge.words import Words

ROOT = Path(__file__).resolve().parent.parent.parent
BLAME = re.compile(
    r"\byou should have\b|\byour fault for\b|\bwhy did you\b|\byou let\b|\byou provoked\b", re.I
)
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
NAMED = re.compile(
    r"(?:words\(\s*|_say\(|fallback\(|sent\(self\._say\(|head=|lead=|name = |head\s*=\s*book\.words\()"
    r'"([a-z_]+)"'
)


def sources() -> str:
    """Return all Python that names sentences."""
    return "\n".join(
        path.read_text()
        for package in ("knowledge", "actions", "bot")
        for path in (ROOT / package).rglob("*.py")
    )


def test_every_sentence_that_code_names_exists(words: Words) -> None:
    named = set(re.findall(r'words\(\s*"([a-z_]+)"', sources()))
    assert len(named) > 50
    assert not {name for name in named if not words.has(name)}


def test_every_sentence_is_used(words: Words) -> None:
    """A sentence nobody says is a sentence nobody checks."""
    code = sources()
    unused = [
        name
        for name in words.texts
        if f'"{name}"' not in code and not re.match(r"(choice|topic|reason|choice_reason)_", name)
    ]
    assert not unused


def test_no_sentence_for_people_stands_in_an_answer() -> None:
    """String constants of the answers are names, payloads and joints, never sentences."""
    found = []
    for path in (ROOT / "actions").rglob("*.py"):
        tree = ast.parse(path.read_text())
        docs = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in docs
                and len(node.value.split()) > 4
            ):
                found.append(f"{path.name}:{node.lineno}: {node.value}")
    assert not found


@pytest.mark.parametrize("pattern", [BLAME, EMOJI], ids=["blame", "emoji"])
def test_nothing_we_say_blames_or_decorates(
    knowledge: Knowledge, words: Words, pattern: re.Pattern[str]
) -> None:
    said = {fact.id: fact.full_text for fact in knowledge.facts} | dict(words.texts)
    assert not [name for name, text in said.items() if pattern.search(text)]


def test_no_sentence_outside_the_knowledge_holds_a_number(words: Words) -> None:
    """Numbers, sections and addresses come from facts only."""
    holding = {name for name, text in words.texts.items() if re.search(r"\d|https?:", text)}
    assert not holding
