"""A canary word, sent in every way there is, is in no log, no error, no metric and no file."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis as Client

from bot.channels.tokens import Tokens
from tests.support.server import Server, Talk
from tests.support.services import Postgres, Redis, running_postgres

pytestmark = pytest.mark.timeout(600)
CANARY = "canaryword7731"
WAYS = (
    f"what evidence should i keep {CANARY}",
    f"he is outside my door with a knife {CANARY}",
    f'/report_harm{{"home": "{CANARY}"}}',
    f"my number is 07700 900123 and i am {CANARY}@example.org",
    "\u202e\ud83d\ude00 " + CANARY + "\x00",
    CANARY * 400,
)


BROKEN = {
    "WAYMARK_ACTIONS": "tests.support.broken_actions",
    "WAYMARK_TEST_FAULT": "raise",
    "WAYMARK_MESSAGES_IN_WINDOW": "8",
}


class LoudServer(Server):
    """A server whose libraries log all they can."""

    command = (sys.executable, "-m", "tests.support.loud")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that logs all that the settings let it."""
    folder = tmp_path_factory.mktemp("server")
    with Server(folder, WAYMARK_LOG_LEVEL="INFO", **BROKEN) as running:
        yield running.until_ready(seconds=300)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """Return a running PostgreSQL of its own."""
    with running_postgres() as service:
        yield service


def every_way(server: Server) -> Talk:
    """Send the canary in every way there is; assert that no answer but a person's own has it."""
    talk = server.talk()
    for text in WAYS:
        talk.post({"id": uuid.uuid4().hex, "text": text})
    for _ in range(6):
        talk.post({"id": uuid.uuid4().hex, "text": f"too fast {CANARY}"})
    broken = [
        requests.post(f"{talk.url}/messages", data=data, headers=talk.headers, timeout=20)
        for data in (
            f'{{"id": "{CANARY}"',
            json.dumps({"id": f"{CANARY} {CANARY}", "text": CANARY}),
            json.dumps({"id": "1", "choice": CANARY}),
            json.dumps({"id": "1", "text": {"more": CANARY}}),
            json.dumps({"id": "1", "text": CANARY * 10_000}),
        )
    ]
    forged = {"Authorization": f"Bearer {CANARY}", "Origin": f"https://{CANARY}.example"}
    broken += [
        requests.get(f"{server.url}/{CANARY}?q={CANARY}", timeout=10),
        requests.get(f"{talk.url}/export", headers=forged, timeout=10),
        requests.post(f"{talk.url}/sessions", json={"home": CANARY}, timeout=10),
        requests.post(f"{talk.url}/sessions", json={"home": [CANARY]}, timeout=10),
    ]
    assert all(400 <= response.status_code < 500 for response in broken)
    assert not [r.url for r in broken if CANARY in r.text]
    assert CANARY not in requests.get(f"{server.url}/metrics", timeout=10).text
    assert CANARY not in requests.get(f"{server.url}/ready", timeout=10).text
    exported = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=10).text
    assert CANARY in exported, "nothing was kept: the scan below would prove nothing"
    return talk


def test_no_word_of_a_person_is_left_anywhere(server: Server) -> None:
    every_way(server)
    found = [path.name for path in files(server.log.parent) if CANARY.encode() in path.read_bytes()]
    assert found == []
    assert {server.log.name, "conversations.db"} <= {path.name for path in files(server.log.parent)}


def test_at_debug_no_word_is_in_the_log_the_database_or_redis_whatever_breaks(
    tmp_path: Path, postgres: Postgres, redis: Redis
) -> None:
    shared = {"WAYMARK_DATABASE": postgres.url, "WAYMARK_REDIS": redis.url}
    with LoudServer(tmp_path, **shared, **BROKEN) as server:
        server.until_ready(seconds=300)
        talk = every_way(server)
        client = Client.from_url(redis.url)
        kept = [bytes(key) + (client.dump(key) or b"") for key in client.scan_iter("*")]
        assert kept, "Redis holds nothing: this would prove nothing"
        assert not [key for key in kept if CANARY.encode() in key]
        conversation = Tokens(b"for-tests-only-for-tests-only-for-tests").open(talk.token)
        assert conversation is not None
        assert not [key for key in kept if conversation.conversation.encode() in key]
        redis.kill()
        server.talk().say(f"what evidence should i keep, without redis {CANARY}")
        postgres.kill()
        server.talk().say(f"what evidence should i keep, without a store {CANARY}")
        assert CANARY not in requests.get(f"{server.url}/metrics", timeout=10).text
        log = server.log.read_text(errors="replace")
        assert "(debug)" in log, "nothing was logged at DEBUG: this would prove nothing"
        places = [*files(postgres.folder), *files(tmp_path)]
        assert [p.name for p in places if CANARY.encode() in p.read_bytes()] == []
        assert "Traceback" not in log


def test_the_server_says_what_it_keeps(server: Server) -> None:
    page = requests.get(f"{server.url}/privacy", timeout=10)
    assert page.status_code == 200 and "one day" in page.text
    assert page.headers["content-type"].startswith("text/plain")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
