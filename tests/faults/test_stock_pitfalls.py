"""What stock Rasa lets through is closed here; docs/reliability.md names the test of every row."""

from __future__ import annotations

import re
import secrets
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests

from bot.channels.events import conversation_id
from bot.channels.tokens import Tokens
from bot.stores.conversations import Conversations
from bot.stores.errors import StoreDown
from tests.stores.conftest import (  # noqa: F401
    one_postgres,
    open_store,
    postgres,
    settings,
    store,
    store_settings,
    turn,
)
from tests.support.scripted import ScriptedServer
from tests.support.server import ROOT
from tests.support.services import Postgres

SECRET = "for-tests-only-for-tests-only-for-tests"
ID = re.compile(r"[A-Za-z0-9_-]{16,128}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptedServer]:
    with ScriptedServer(tmp_path_factory.mktemp("scripted")) as running:
        yield running


def test_ids_of_conversations_are_ours_short_and_plain_on_every_channel() -> None:
    token, session = Tokens(SECRET.encode()).mint(None)
    assert ID.fullmatch(session.conversation) and session.conversation not in token
    for sender in ("a\x00b", "x" * 300, "\ud800", "+447700900123", "{'x': 1}", ""):
        for channel in ("twilio", "telegram", "messenger", "slack"):
            made = conversation_id(SECRET.encode(), channel, sender)
            assert ID.fullmatch(made) and made.startswith(f"{channel}-")


@pytest.mark.parametrize(
    "more",
    [
        {"sender": "web-somebody-else"},
        {"input_channel": "twilio"},
        {"metadata": {"danger_answered": True, "default_home": "australia"}},
        {"stream": True},
    ],
)
def test_a_client_chooses_neither_sender_nor_channel_nor_metadata(
    server: ScriptedServer, more: dict[str, Any]
) -> None:
    talk, other = server.talk(), server.talk()
    answered = talk.post({"id": uuid.uuid4().hex, "text": "what is stalking", **more})
    assert answered.status_code == 200 and answered.json()["messages"]
    kept = requests.get(f"{other.url}/export", headers=other.headers, timeout=5).json()
    assert kept == {"kept": []}
    own = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5).json()["kept"]
    assert [row["text"] for row in own] == ["what is stalking"]


@pytest.mark.parametrize("query", ["stream=true", "token=x", "sender=default"])
def test_no_query_changes_how_a_message_is_answered(server: ScriptedServer, query: str) -> None:
    talk = server.talk()
    body = {"id": uuid.uuid4().hex, "text": "what is stalking"}
    url = f"{talk.url}/messages?{query}"
    answered = requests.post(url, json=body, headers=talk.headers, timeout=10)
    assert answered.status_code == 200 and answered.json()["messages"]


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/version",
        "/domain",
        "/model",
        "/model/parse",
        "/model/train",
        "/model/test/intents",
        "/conversations/default/tracker",
        "/conversations/default/tracker/events",
        "/conversations/default/execute",
        "/conversations/default/trigger_intent",
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/webhooks/telegram/set_webhook",
        "/webhooks/telegram/",
        "/socket.io/?EIO=4&transport=polling",
    ],
)
def test_nothing_of_rasas_own_interface_is_there(server: ScriptedServer, path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE"):
        answer = requests.request(
            method, f"{server.url}{path}", params={"token": "rasaToken"}, timeout=5
        )
        assert answer.status_code == 404, f"{method} {path}"


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1"])
def test_no_answer_lets_another_site_use_a_browsers_credentials(
    server: ScriptedServer, origin: str | None
) -> None:
    headers = {"Origin": origin} if origin else {}
    for method, path in (
        ("POST", "/webhooks/web/sessions"),
        ("OPTIONS", "/webhooks/web/messages"),
        ("GET", "/ready"),
        ("GET", "/widget/chat.js"),
        ("POST", "/webhooks/twilio/webhook"),
    ):
        answer = requests.request(method, f"{server.url}{path}", headers=headers, timeout=5)
        assert "Access-Control-Allow-Credentials" not in answer.headers
        if origin and answer.headers.get("Access-Control-Allow-Origin"):
            # So that a page reads the numbers in a refusal; there is nothing else in it.
            assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("message", "status"),
    [
        (None, 400),
        ("", 200),
        ("   \n", 200),
        ({"text": "x"}, 400),
        (["x"], 400),
        (7, 400),
        (True, 400),
        ("a\x00b", 200),
        ("\ud83d", 200),
        ("h\u200be\u200bl\u200bp", 200),
        ("\u202etxet", 200),
    ],
)
def test_every_odd_message_of_stock_rasas_list_is_refused_or_answered(
    server: ScriptedServer, message: Any, status: int
) -> None:
    answered = server.talk().post({"id": "a", "text": message})
    assert answered.status_code == status
    if status == 200:
        assert answered.json()["messages"], "silence"
    else:
        assert answered.json()["error"]["code"] == "bad_message"


@pytest.mark.parametrize("disguise", ["\u200b", "\u202e", "\u00ad", "\ufeff"])
def test_a_disguise_hides_no_danger_from_a_server(server: ScriptedServer, disguise: str) -> None:
    talk = server.talk()
    talk.say(f"he is out{disguise}side my door with a kni{disguise}fe")
    assert talk.kinds[0] == "emergency"


@pytest.mark.parametrize("skew", [5.0, -5.0])
def test_a_processs_wrong_clock_loses_and_doubles_no_turn(
    store: Conversations,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    skew: float,
) -> None:
    """Two processes write by turns, one of them with a clock that is five seconds off."""
    clock = time.time
    for seq in range(10):
        off = skew if seq % 2 else 0.0
        monkeypatch.setattr(time, "time", lambda off=off: clock() + off)
        store.append("web-1", turn(str(seq), seq=seq, mark=secrets.token_hex(16)))
    kept = store.load("web-1", window=None)
    assert [event["text"] for event in kept.events] == [str(n) for n in range(10)]


def test_a_process_opens_four_connections_to_its_database_at_most(
    postgres: Postgres,  # noqa: F811
    tmp_path: Path,
) -> None:
    database, made = open_store(store_settings(tmp_path, database=postgres.url))
    ours = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    with ThreadPoolExecutor(16) as pool, psycopg2.connect(postgres.url) as watcher:
        watcher.autocommit = True
        cursor = watcher.cursor()
        most = 0
        writing = [pool.submit(made.append, f"web-{n}", turn(str(n))) for n in range(200)]
        while not all(one.done() for one in writing):
            cursor.execute(ours)
            most = max(most, cursor.fetchone()[0] - 1)
        # On a busy machine one may be refused after two seconds rather than open a fifth.
        failed = [error for one in writing if (error := one.exception())]
    watcher.close()
    database.close()
    assert 1 <= most <= 4
    assert len(failed) < len(writing) and all(isinstance(error, StoreDown) for error in failed)


def test_no_reminder_broker_or_model_server_is_used() -> None:
    """They overwrite, lose or leak in stock Rasa (P22, P26, P20): nothing here asks for them."""
    text = "\n".join(
        path.read_text("utf-8")
        for folder in ("bot", "actions")
        for path in (ROOT / folder).rglob("*.py")
    )
    for name in (
        "ReminderScheduled",
        "EventBroker",
        "enable_api",
        "remote_storage",
    ):
        assert name not in text
    assert not [path for path in ("endpoints.yml", "credentials.yml") if Path(ROOT, path).exists()]
