"""A stop in the middle of a conversation: what was begun is answered, and nobody new is taken."""

from __future__ import annotations

import concurrent.futures
import uuid
from pathlib import Path

import pytest
import requests

from tests.support.scripted import FIRST, SECOND, THIRD, ScriptedServer
from tests.support.services import until


@pytest.fixture
def server(tmp_path: Path) -> ScriptedServer:
    return ScriptedServer(tmp_path, WAYMARK_DRAIN="2", WAYMARK_PROXIES="1")


def test_a_turn_under_way_is_answered_before_the_end(server: ScriptedServer) -> None:
    with server:
        talk = server.talk()
        server.hold()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            body = {"id": uuid.uuid4().hex, "text": "tell me in parts"}
            waiting = pool.submit(talk.post, body)
            until(lambda: server.asked() != [], seconds=20, what="a turn")
            process = server._process
            assert process is not None
            process.terminate()
            until(lambda: "stopping" in why(server), seconds=20, what="a red /ready")
            for probe in ("ready", "ready/process"):
                assert requests.get(f"{server.url}/{probe}", timeout=5).status_code == 503
            # Whom the load balancer still sends is answered, on a connection that is not kept.
            late = server.talk()
            answer = late.post({"id": "1", "text": "hello there"})
            assert answer.json()["messages"][0]["kind"] == "answer"
            assert answer.headers["connection"] == "close"
            server.release()
            texts = [message["text"] for message in waiting.result().json()["messages"]]
        assert texts == [FIRST, SECOND, THIRD]
        assert process.wait(timeout=30) == 0
    assert "ERROR" not in server.log.read_text(), "an ordered stop is no fault"


def test_who_sits_behind_a_proxy_is_counted_apart(tmp_path: Path) -> None:
    """Not by what they write into the header themselves: only the proxy's own entry counts."""
    with ScriptedServer(tmp_path, WAYMARK_PROXIES="1", WAYMARK_SESSIONS_A_MINUTE="2") as server:
        assert [opened(server, "203.0.113.7") for _ in range(3)] == [201, 201, 429]
        assert opened(server, "203.0.113.8") == 201
        assert opened(server, "198.51.100.1, 203.0.113.7") == 429


def opened(server: ScriptedServer, forwarded: str) -> int:
    return requests.post(
        f"{server.url}/webhooks/web/sessions",
        headers={"X-Forwarded-For": forwarded},
        timeout=10,
    ).status_code


def why(server: ScriptedServer) -> str:
    return str(requests.get(f"{server.url}/ready", timeout=5).json()["why"])
