"""The danger data, loaded once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.danger import DangerPatterns, load_patterns

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "knowledge" / "danger"


@pytest.fixture(scope="session")
def patterns() -> DangerPatterns:
    return load_patterns(FOLDER)


@pytest.fixture(scope="session")
def cases() -> dict[str, Any]:
    return yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
