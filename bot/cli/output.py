"""How commands print and end: one line a problem, no traceback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console

out = Console(highlight=False, soft_wrap=True)
PLAIN_ERRORS = ("ModelError", "EncoderError", "QueueError")
err = Console(stderr=True, highlight=False, soft_wrap=True)


def fail(problems: Iterable[object], *, code: int = 1) -> NoReturn:
    """Print each problem on its own line and end."""
    for problem in problems:
        err.print(str(problem), markup=False)
    raise typer.Exit(code)


def counted(count: int, what: str) -> str:
    """Return ``1 problem`` or ``3 problems``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


@contextmanager
def plainly() -> Iterator[None]:
    """Turn the errors that a person can mend into lines, and end.

    Our errors about data carry ``problems``; naming their classes here would import spaCy, and
    with it TensorFlow, for every command.
    """
    try:
        yield
    except typer.Exit:
        raise
    except Exception as error:
        problems = getattr(error, "problems", None)
        if problems:
            fail(problems)
        if isinstance(error, OSError) or type(error).__name__ in PLAIN_ERRORS:
            fail([error])
        raise
