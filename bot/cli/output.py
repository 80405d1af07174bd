"""How commands print and end: one line a problem, no traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(problems: Iterable[object], *, code: int = 1) -> NoReturn:
    """Print each problem on its own line and end."""
    for problem in problems:
        err.print(str(problem), markup=False)
    raise typer.Exit(code)


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the errors that a person can mend into lines, and end."""
    from bot.danger import PatternErrors
    from bot.model import ModelError
    from bot.places import GazetteerError
    from bot.settings import SettingsError
    from knowledge.yaml_lines import DataError

    try:
        yield
    except (DataError, SettingsError, PatternErrors, GazetteerError) as error:
        fail(getattr(error, "problems", None) or str(error).splitlines())
    except (ModelError, OSError) as error:
        fail([error])
