"""The figures that an operator's alerts are made of."""

from __future__ import annotations

import re

import pytest

from bot.observability.metrics import Metrics, Times
from bot.settings import ROOT

ALERTS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def alerted() -> list[str]:
    """Return every event that an alert of docs/operations.md names."""
    found = re.findall(r'event=~?"([^"]+)"', ALERTS)
    return [name for one in found for name in re.split(r"\\?\|", one)]


@pytest.mark.parametrize("event", alerted())
def test_the_first_event_of_an_alert_is_an_increase(event: str) -> None:
    figures = Metrics(Times(), counts={}, parts=dict, under_way=lambda: 0)
    assert f'waymark_events_total{{event="{event}"}} 0.0' in figures.text()
