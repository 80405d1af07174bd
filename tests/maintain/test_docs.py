"""The commands of docs/maintaining.md print what the page says, on a copy of the project."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from bot.settings import ROOT

# Each command reads all that there is: on a busy machine that takes a while.
pytestmark = pytest.mark.timeout(1200)

PAGE = (ROOT / "docs" / "maintaining.md").read_text()
_BLOCK = re.compile(r"(<!-- tested -->\n)?```console\n(.*?)```", re.DOTALL)
BLOCKS = [found.group(2) for found in _BLOCK.finditer(PAGE) if found.group(1)]


def commands(block: str) -> list[tuple[str, str]]:
    """Return each command of a block, and what the page says it prints."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(part.partition("\n")[0], part.partition("\n")[2].strip()) for part in parts]


def pattern(said: str) -> re.Pattern[str]:
    """Return what fits the page: '...' is anything, a number any number, no output anything."""
    escaped = re.escape(said).replace(r"\.\.\.", ".*")
    return re.compile(re.sub(r"\d+", r"\\d+", escaped), re.DOTALL)


def test_the_page_has_commands_to_run() -> None:
    assert len(BLOCKS) >= 7


@pytest.mark.parametrize("block", BLOCKS, ids=[b.split("\n")[0][2:40] for b in BLOCKS])
def test_the_commands_print_what_the_page_says(block: str, clean: Path) -> None:
    for command, said in commands(block):
        done = subprocess.run(
            command,
            shell=True,
            cwd=clean,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            env={
                **os.environ,
                "PYTHONPATH": str(clean),
                "PATH": f"{clean}/bin:{os.environ['PATH']}",
            },
        )
        printed = (done.stdout + done.stderr).strip()
        assert "Traceback" not in printed
        assert pattern(said).fullmatch(printed), f"{command}\n{printed}"


def test_every_command_and_option_on_the_page_exists() -> None:
    import click
    from typer.main import get_command

    from bot.cli import build

    group = get_command(build())
    assert isinstance(group, click.Group)
    named = re.findall(r"waymark ((?:[a-z]+ ?){1,2})((?:[^`\n]*?--[a-z-]+)?)", PAGE)
    assert len(named) > 15
    for words, rest in named:
        first, *more = words.split()
        command = group.commands[first]
        if isinstance(command, click.Group):
            command = command.commands[more[0]] if more and more[0] in command.commands else command
        options = {name for param in command.params for name in param.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, (words, rest)
