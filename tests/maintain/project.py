"""A copy of the project that a test may change, and its command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT

FOLDERS = ("bot", "actions", "knowledge", "data", "deploy", "docs", "widget")
FILES = ("config.yml", "domain.yml", "pyproject.toml", ".gitignore")


def copy_of_project(target: Path) -> Path:
    """Return a copy with everything that the command line reads, without a model."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, target)
    (target / "tests").mkdir()
    for name in ("validation.yml", "danger_validation.yml", "floors.yml"):
        shutil.copy(ROOT / "tests" / name, target / "tests")
    return target


def with_model(project: Path) -> Path:
    """Give a copy the real model and its key, and what was computed once, to change as it likes."""
    for name in ("models", ".local"):
        (project / name).symlink_to(ROOT / name)
    (project / ".cache").mkdir()
    vectors = ROOT / ".cache" / "training_vectors.npz"
    if vectors.is_file():
        shutil.copy(vectors, project / ".cache")
    return project


def waymark_in(
    project: Path, *arguments: str, typed: str = "", seconds: float = 600, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the copy's own command line; ``seconds`` is when it hangs, not how long it may take."""
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project), **environment},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def git_in(project: Path, *arguments: str) -> None:
    """Run git in the copy, as somebody who is not known."""
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
        cwd=project,
        check=True,
        capture_output=True,
    )
