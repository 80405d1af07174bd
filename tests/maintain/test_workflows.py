"""The workflows and forms hold together: real commands, few rights, nothing of a person asked for."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def jobs(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    found: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows" / name).read_text())["jobs"]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_ends(path: Any) -> None:
    content = yaml.safe_load(path.read_text())
    assert content["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 60 for job in content["jobs"].values())


def test_the_job_that_may_write_runs_no_code_of_the_change() -> None:
    writing = [job for job in jobs("check.yml").values() if "write" in str(job.get("permissions"))]
    assert len(writing) == 1
    assert "checkout" not in str(writing) and "waymark" not in str(writing)


def test_a_change_is_checked_tested_evaluated_and_compared() -> None:
    said = (ROOT / ".github/workflows/check.yml").read_text()
    for command in (
        "make check",
        ".ci/run",
        "train --evaluate",
        "compare",
        "check --since",
        "diff",
    ):
        assert command in said, command


def step(name: str) -> str:
    """Return what a step of the job with the models runs."""
    found = (s["run"] for s in jobs("check.yml")["model"]["steps"] if s.get("name") == name)
    return str(next(found))


def test_danger_is_held_against_what_was_found_before_with_the_messages_of_the_change() -> None:
    before = step("Find danger as it was found before the change")
    assert "cd ../base" in before and 'PYTHONPATH="$PWD"' in before
    assert 'evaluate \\\n  "$OLDPWD/tests/danger_validation.yml" --json' in before
    assert "--then then.json" in step("Compare")
    assert "tests/danger_validation.yml" in (ROOT / "CONTRIBUTING.md").read_text()


def test_a_comment_that_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    """Its letters take two bytes, one of them across the cut."""
    said = "x" + "é" * 40_000
    for content in ("short", said):
        (tmp_path / "comment.md").write_text(content)
        cut = ["bash", "-eo", "pipefail", "-c", step("Cut the comment")]
        subprocess.run(cut, cwd=tmp_path, check=True)
        if content == "short":
            assert (tmp_path / "comment.md").read_text() == "short"
    made = (tmp_path / "comment.md").read_bytes()
    assert 50_000 < len(made) <= 60_000 and (tmp_path / "whole.md").read_text() == said
    assert made.decode().startswith("Cut at 60,000 bytes; ")


def test_the_tests_run_on_the_system_whose_packages_they_ask_for() -> None:
    assert "bookworm" in jobs("check.yml")["test"]["container"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_command_in_a_workflow_exists() -> None:
    from typer.main import get_command

    from bot.cli import build

    known = set(get_command(build()).commands)  # type: ignore[attr-defined]
    named = {
        name for path in WORKFLOWS for name in re.findall(r"waymark ([a-z]+)\b", path.read_text())
    }
    assert len(named) >= 4 and named <= known


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_warns_and_asks_for_what_is_needed(path: Any) -> None:
    form = yaml.safe_load(path.read_text())
    assert {"name", "description", "body"} <= set(form)
    assert form["body"][0]["type"] == "markdown"
    assert any(part.get("validations", {}).get("required") for part in form["body"])
    ids = [part["id"] for part in form["body"] if "id" in part]
    assert len(ids) == len(set(ids)) >= 3
