"""What ``waymark check`` says of a helpline's file: a line for each problem, or what it holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.channel_keys import channel_keys
from bot.helpline.agree import agree, with_secrets
from bot.helpline.load import load_helpline
from bot.helpline.model import Helpline
from bot.settings import helpline_from
from knowledge.model import Fact
from knowledge.yaml_lines import DataError


@dataclass(frozen=True, slots=True)
class Checked:
    """The problems found, the helpline's own facts, and one line on what the file holds."""

    problems: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    told: str = ""


def check_helpline(path: Path | None, values: Mapping[str, str] | None = None) -> Checked:
    """Check a file by itself, or without a path the one that serves, with its secrets.

    Args:
        path: the file to look at; its secrets may be on another machine.
        values: the environment.
    """
    values = os.environ if values is None else values
    problems: list[str] = []
    helpline: Helpline | None = None
    if path is None:
        helpline = helpline_from(values, problems)
        if helpline is not None:
            problems += agree(helpline, values, channel_keys(values, problems))
            with_secrets(helpline, values, problems)
    else:
        try:
            helpline = load_helpline(path)
        except DataError as error:
            problems += map(str, error.problems)
    if helpline is None:
        return Checked(tuple(problems))
    return Checked(tuple(problems), helpline.facts, _told(helpline))


def _told(helpline: Helpline) -> str:
    numbers = len({fact.where for fact in helpline.facts})
    parts = [
        f"{numbers} of its own numbers",
        f"{len(helpline.words)} of its own sentences",
        f"channels: {', '.join(helpline.channels)}",
    ]
    return f"{helpline.path} holds for {helpline.name}: {'; '.join(parts)}."
