"""The workflows and forms hold together: real commands, few rights, nothing of a person asked for."""

from __future__ import annotations

import os
import re
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
