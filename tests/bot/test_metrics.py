"""The figures that an operator's alerts are made of."""

from __future__ import annotations

import re

import pytest

from bot.observability.metrics import ALERTED, Metrics, Times
from bot.settings import ROOT

ALERTS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def alerted() -> list[str]:
    """Return every pattern of events that an alert of docs/operations.md names."""
    found = re.findall(r'event=~?"([^"]+)"', ALERTS)
    return [name for one in found for name in re.split(r"\\?\|", one)]


@pytest.mark.parametrize("pattern", alerted())
def test_the_first_event_of_an_alert_is_an_increase(pattern: str) -> None:
    figures = Metrics(Times(), counts={}, parts=dict, under_way=lambda: 0)
    shown = set(re.findall(r'waymark_events_total\{event="(\w+)"\} 0\.0', figures.text()))
    assert any(re.fullmatch(pattern, event) for event in shown)


def test_what_stands_at_nothing_is_counted_somewhere() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    for event in ALERTED:
        name = event.removeprefix("handoff_desk_").removeprefix("handoff_")
        for channel in ("messenger_", "slack_", "telegram_", "twilio_"):
            name = name.removeprefix(channel)
        assert f'count("{name}")' in code, event
