"""One copy of the project under git, which every test finds as it was committed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.maintain.project import copy_of_project, git_in


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the copy, with a 'waymark' of its own."""
    made = copy_of_project(tmp_path_factory.mktemp("maintain") / "project")
    command = made / "bin" / "waymark"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "from bot.cli import main; main()" "$@"\n'
    )
    command.chmod(0o755)
    git_in(made, "init", "-q")
    git_in(made, "add", ".")
    git_in(made, "commit", "-q", "-m", "as it was")
    return made


@pytest.fixture
def clean(project: Path) -> Iterator[Path]:
    """Return the copy, and put it back afterwards."""
    yield project
    git_in(project, "checkout", "-q", ".")
    git_in(project, "clean", "-fdq")
