"""A helpline's file for tests: the example of the docs, and the same with a line changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.helpline.load import load_helpline
from bot.helpline.model import Helpline
from knowledge.yaml_lines import DataError

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = ROOT / "docs" / "example-helpline.yml"
SECRETS = {
    "WAYMARK_PUBLIC_URL": "https://help.example.org",
    "WAYMARK_TWILIO_ACCOUNT_SID": "AC1",
    "WAYMARK_TWILIO_AUTH_TOKEN": "canary-secret-1",
    "WAYMARK_TWILIO_FROM": "whatsapp:+447700900999",
    "WAYMARK_TELEGRAM_TOKEN": "42:canary-secret-2",
    "WAYMARK_TELEGRAM_SECRET": "canary-secret-of-telegram",
    "WAYMARK_HANDOFF_SECRET": "canary-secret-of-the-desk-32-letters",
}


def changed(folder: Path, old: str, new: str) -> Path:
    """Return the example with a piece of it replaced."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in the example"
    return written(folder, text.replace(old, new))


def written(folder: Path, text: str) -> Path:
    """Return a file with this text."""
    path = folder / "helpline.yml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    """Return what is wrong with a file, a line each; nothing for one that holds."""
    try:
        load_helpline(path)
    except DataError as error:
        return [str(problem) for problem in error.problems]
    return []


def line_of(path: Path, piece: str) -> int:
    """Return the number of the first line that begins with a piece, or else holds it."""
    lines = list(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
    begins = [at for at, line in lines if line.lstrip(" -").startswith(piece)]
    return next(iter(begins), 0) or next(at for at, line in lines if piece in line)


def example() -> Helpline:
    """Return the helpline of the docs."""
    return load_helpline(EXAMPLE)


def executor(**said: Any) -> dict[str, Any]:
    """Stand in for a module of actions: return what it was given."""
    return said
