"""A secret from the environment, or from the file that a variable ending in ``_FILE`` names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def read_secret(name: str, values: Mapping[str, str], problems: list[str]) -> str:
    """Return the secret, or nothing; a file that cannot be read goes to ``problems``."""
    path = values.get(f"{name}_FILE")
    if values.get(name) or not path:
        return values.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        problems.append(f"{name}_FILE: cannot be read as text: check the path and its rights")
        return ""
