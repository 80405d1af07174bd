"""What an operator sees: every part by name, figures of bounded size, times, and never a word."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from bot.observability.tracing import TracingError, start_tracing
from tests.support.scripted import ScriptedServer
from tests.support.services import until

CANARY = "canaryword6614"
DANGER = f"he is outside my door with a knife {CANARY}"
LABELS = {"event", "part", "le"}


@dataclass
class Collector:
    """Takes what OpenTelemetry sends over HTTP, as a collector does."""

    bodies: list[bytes] = field(default_factory=list)
    url: str = ""

    def spans(self) -> list[Any]:
        requests_ = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for request in requests_
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def test_figures_are_in_the_form_that_prometheus_reads_and_grow_with_no_text(
    tmp_path: Path,
) -> None:
    with ScriptedServer(tmp_path) as server:
        talk = server.talk()
        for text in (DANGER, f"what evidence {CANARY}", f"/forged{{}} {CANARY}"):
            talk.say(text)
        page = requests.get(f"{server.url}/metrics", timeout=5)
        assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
        families = {one.name: one for one in text_string_to_metric_families(page.text)}
        samples = [sample for one in families.values() for sample in one.samples]
    assert all(one.documentation for one in families.values())
    assert {label for sample in samples for label in sample.labels} <= LABELS
    assert len(samples) < 100 and CANARY not in page.text
    values = {(s.name, tuple(s.labels.values())): s.value for s in samples}
    assert values["waymark_turn_seconds_count", ()] == 3
    assert values["waymark_danger_seconds_count", ()] == 1
    assert values["waymark_events_total", ("danger_danger",)] == 1
    assert values["waymark_events_total", ("turns",)] == 3
    assert values["waymark_ready", ()] == 1
    for part in ("process", "danger", "model", "order"):
        assert values["waymark_part_ready", (part,)] == 1


def test_ready_names_every_part(tmp_path: Path) -> None:
    with ScriptedServer(tmp_path) as server:
        body = requests.get(f"{server.url}/ready", timeout=5).json()
        assert body["ready"] is True
        assert {"process", "danger", "model", "order"} <= set(body["parts"])
        assert all(part == {"ready": True, "why": ""} for part in body["parts"].values())


def test_without_redis_ready_is_red_and_the_process_still_takes_people(tmp_path: Path) -> None:
    with ScriptedServer(tmp_path, WAYMARK_REDIS="redis://127.0.0.1:9/0") as server:
        ready = requests.get(f"{server.url}/ready", timeout=5)
        assert ready.status_code == 503
        assert "WAYMARK_REDIS" in ready.json()["parts"]["order"]["why"]
        assert requests.get(f"{server.url}/ready/process", timeout=5).status_code == 200


def test_the_times_of_a_turn_reach_a_collector_and_its_words_do_not(
    tmp_path: Path, collector: Collector
) -> None:
    with ScriptedServer(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url) as server:
        talk = server.talk()
        talk.say(f"what evidence {CANARY}")
        talk.say(DANGER)
    until(lambda: collector.bodies != [], seconds=20, what="a batch of spans")
    spans = {span.span_id: span for span in collector.spans()}
    names = sorted(span.name for span in spans.values())
    assert names == ["order", "order", "rasa", "rasa", "turn", "turn"]
    turns = [span for span in spans.values() if span.name == "turn"]
    for span in spans.values():
        assert span.end_time_unix_nano >= span.start_time_unix_nano > 0
        if span.name != "turn":
            assert spans[span.parent_span_id] in turns
    sent = b"".join(collector.bodies)
    for secret in (CANARY.encode(), b"knife", b"evidence", talk.token.encode(), b"web-"):
        assert secret not in sent


def test_a_collector_that_is_away_holds_up_nobody_and_no_stop(tmp_path: Path) -> None:
    with ScriptedServer(tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9") as server:
        talk = server.talk()
        talk.say("what evidence")
        assert talk.kinds == ["answer"]
        process = server._process
        assert process is not None
    assert process.returncode == 0, "it was killed, because the stop took too long"
    assert CANARY not in server.log.read_text()


def test_a_collector_without_its_package_stops_the_start_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(TracingError) as raised:
        start_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"})
    assert "install waymark[otel]" in raised.value.problems[0]
