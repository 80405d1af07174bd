"""OpenTelemetry where it is configured: how long each part of a turn took, and nothing of it.

A span has a name of ours, times, and attributes from a closed list. The text of an exception may
hold what a person wrote, so that only its type is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
# Seconds that a stop waits for a collector that does not answer.
_PATIENCE = 2.0
_tracer: Any = None
_provider: Any = None


class TracingError(Exception):
    """Tracing is asked for and cannot be had."""

    def __init__(self, problem: str) -> None:
        self.problems = (problem,)
        super().__init__(problem)


def start_tracing(environment: Mapping[str, str]) -> None:
    """Send spans to the collector that the environment names; without one do nothing.

    Raises:
        TracingError: a collector is named, and OpenTelemetry is not installed.
    """
    global _tracer, _provider
    if not environment.get(ENDPOINT):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise TracingError(
            f"{ENDPOINT}: is set and OpenTelemetry is not installed: install waymark[otel] or "
            "unset it"
        ) from None
    # The exporter writes each failed try to the log, and it tries for ever.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    _provider = TracerProvider(
        resource=Resource.create({"service.name": "waymark"}), shutdown_on_exit=False
    )
    _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=2)))
    _tracer = _provider.get_tracer("waymark")


def stop_tracing() -> None:
    """Send what has not been sent, for two seconds at most."""
    global _tracer, _provider
    if _provider is not None:
        last = threading.Thread(target=_provider.shutdown, daemon=True)
        last.start()
        last.join(_PATIENCE)
    _tracer = _provider = None


@contextmanager
def span(name: str, **attributes: str | int | bool) -> Generator[None, None, None]:
    """Measure the block under this name, as a part of the span around it."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise
