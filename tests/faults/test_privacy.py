"""A canary word, sent in every way there is, is in no log, no error, no metric and no file."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.server import Server

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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run a server that logs all it can: any other level writes a part of that."""
    with Server(
        tmp_path_factory.mktemp("server"),
        WAYMARK_LOG_LEVEL="INFO",
        WAYMARK_ACTIONS="tests.support.broken_actions",
        WAYMARK_TEST_FAULT="raise",
        WAYMARK_MESSAGES_IN_WINDOW="8",
    ) as running:
        yield running.until_ready(seconds=300)


def test_no_word_of_a_person_is_left_anywhere(server: Server) -> None:
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
    ]
    assert all(400 <= response.status_code < 500 for response in broken)
    assert not [r.url for r in broken if CANARY in r.text]
    assert CANARY not in requests.get(f"{server.url}/metrics", timeout=10).text
    assert CANARY not in requests.get(f"{server.url}/ready", timeout=10).text
    exported = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=10).text
    assert CANARY in exported, "nothing was kept: the scan below would prove nothing"
    found = [path.name for path in files(server.log.parent) if CANARY.encode() in path.read_bytes()]
    assert found == []
    assert {server.log.name, "conversations.db"} <= {path.name for path in files(server.log.parent)}


def test_the_server_says_what_it_keeps(server: Server) -> None:
    page = requests.get(f"{server.url}/privacy", timeout=10)
    assert page.status_code == 200 and "one day" in page.text
    assert page.headers["content-type"].startswith("text/plain")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
