"""Imports point one way: knowledge imports nothing of ours; actions and bot never each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MAY_IMPORT = {
    "knowledge": {"knowledge"},
    "actions": {"actions", "knowledge"},
    "bot": {"bot", "knowledge"},
}
OURS = set(MAY_IMPORT) | {"tests", "benchmarks"}


def imports_of(source: str) -> set[str]:
    """Return the top packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def bad_imports(package: str, source: str) -> set[str]:
    """Return what a module of the package may not import."""
    return (imports_of(source) & OURS) - MAY_IMPORT[package]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_point_to_knowledge_only(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert len(files) > 5
    bad = {str(path): wrong for path in files if (wrong := bad_imports(package, path.read_text()))}
    assert not bad


def test_the_scan_finds_a_planted_import() -> None:
    assert bad_imports("knowledge", "from bot.turn import Turn") == {"bot"}
    assert bad_imports("bot", "import actions.registry") == {"actions"}
    assert not bad_imports("bot", "import knowledge.base")


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in MAY_IMPORT
        for path in (ROOT / package).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > 480
    }
    assert not long
