"""The benchmark of the channels can still start its server."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.channels.run import settings_for
from bot.stores.desk import Desk
from tests.channels.support import KEYS


def test_the_benchmark_has_a_store_and_every_channel(tmp_path: Path) -> None:
    """A store without a key once kept it from starting, and nobody saw it for a week."""
    settings = settings_for(5005, tmp_path / "kept.db")
    assert settings.channels == KEYS
    desk = Desk(settings)
    desk.start()
    try:
        ends = time.monotonic() + 30
        while desk.trouble and time.monotonic() < ends:
            time.sleep(0.01)
        assert desk.trouble == ""
    finally:
        desk.stop()
