"""One of several processes: its port opens when it is known what works, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.bot.test_faults import in_danger
from tests.support.server import Server

pytestmark = pytest.mark.timeout(600)


class Patient(Server):
    """A server that may take as long to open its port as a model takes to load."""

    def _wait(self, path: str, status: int, *, seconds: float) -> None:
        super()._wait(path, status, seconds=300)


def test_nobody_reaches_a_process_whose_model_is_loading(tmp_path: Path) -> None:
    with Patient(tmp_path, WAYMARK_WAIT="600") as server:
        first = requests.get(f"{server.url}/ready/process", timeout=5)
        assert first.status_code == 200, first.text


def test_what_is_broken_is_not_waited_for(tmp_path: Path) -> None:
    """With the same fault at every process, people get the numbers from each of them."""
    with Patient(
        tmp_path, WAYMARK_WAIT="600", WAYMARK_MODEL=str(tmp_path / "none.tar.gz")
    ) as server:
        assert "no model" in requests.get(f"{server.url}/ready", timeout=5).json()["why"]
        in_danger(server, within=2)
