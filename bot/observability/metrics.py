"""Figures in Prometheus' text format. A label takes one of a few values, none of them a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
# Seconds. The bar for danger is 10 ms; a turn ends at its deadline, 8 s where nothing is set.
_DANGER = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0)
_TURN = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)

# Events that docs/operations.md has somebody woken for. They stand here from the start: of a figure
# that appears at 1, Prometheus sees no increase.
_CHANNELS = ("messenger", "slack", "telegram", "twilio")
ALERTED = (
    *("delete_failed", "failed", "late", "refused", "silent"),
    *(f"handoff_{what}" for what in ("reply_lost", "unsaid", "unsaved")),
    *(f"{at}_{what}" for at in _CHANNELS for what in ("failed", "no_room")),
    *(
        f"{at}_{what}"
        for at in (*_CHANNELS, "handoff_desk")
        for what in ("send_dropped", "send_failed")
    ),
)


class Times:
    """How long turns took, counted in steps."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turn = Histogram(
            "waymark_turn_seconds",
            "From a message's arrival to the end of its answer.",
            buckets=_TURN,
            registry=self.registry,
        )
        self.danger = Histogram(
            "waymark_danger_seconds",
            "From a message's arrival to its emergency message, where the list found a danger.",
            buckets=_DANGER,
            registry=self.registry,
        )


class Metrics:
    """All figures of one process."""

    def __init__(
        self,
        times: Times,
        *,
        counts: Mapping[str, int],
        parts: Callable[[], Mapping[str, str]],
        under_way: Callable[[], int],
    ) -> None:
        self._registry = times.registry
        self._registry.register(_Own(counts, parts, under_way))
        ProcessCollector(registry=self._registry)

    def text(self) -> str:
        """Return the page that Prometheus reads."""
        return generate_latest(self._registry).decode()


class _Own(Collector):
    """Reads the turn's own counts and the parts' states at the moment somebody asks."""

    def __init__(
        self,
        counts: Mapping[str, int],
        parts: Callable[[], Mapping[str, str]],
        under_way: Callable[[], int],
    ) -> None:
        self._counts = counts
        self._parts = parts
        self._under_way = under_way

    def collect(self) -> Iterable[Metric]:
        """Yield the figures."""
        parts = self._parts()
        ready = GaugeMetricFamily("waymark_ready", "1 while every question can be answered.")
        ready.add_metric([], float(not any(parts.values())))
        yield ready
        part = GaugeMetricFamily(
            "waymark_part_ready", "1 while this part works; /ready says why not.", labels=["part"]
        )
        for name, trouble in parts.items():
            part.add_metric([name], float(not trouble))
        yield part
        turns = GaugeMetricFamily("waymark_turns_under_way", "Turns that are not answered yet.")
        turns.add_metric([], self._under_way())
        yield turns
        events = CounterMetricFamily(
            "waymark_events", "What happened, by kind: docs/operations.md.", labels=["event"]
        )
        for name, count in sorted({**dict.fromkeys(ALERTED, 0), **self._counts}.items()):
            events.add_metric([name], count)
        yield events
