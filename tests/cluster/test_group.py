"""Two processes behind nginx, updated and killed while people write: nobody notices."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import os
import shutil
import signal
import subprocess
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis as Client

from bot.channels.tokens import Tokens
from bot.cluster.members import postgres_data
from bot.stores.keys import Keyring
from knowledge.words import load_words
from tests.support.server import WAYMARK, Server, Talk, free_port
from tests.support.services import needed, postgres_is_installed, redis_is_installed, until

# Two servers load their models at once, and again.
pytestmark = pytest.mark.timeout(900)
CANARY = "canaryword8842"


class Group(Server):
    """``waymark cluster`` as a person starts it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder / "group"
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = (
            *(str(WAYMARK), "cluster", "--port", str(self.port)),
            *("--folder", str(self.folder)),
        )
        # Its settings are its own.
        self._environment = {
            name: value
            for name, value in self._environment.items()
            if not name.startswith("WAYMARK_")
        }

    def said(self, line: str) -> int:
        """Return how often the group has said something."""
        return self.log.read_text().count(line)

    def signal(self, number: int) -> None:
        """Send a signal to the group's own process."""
        assert self._process is not None
        self._process.send_signal(number)

    def member(self, name: str) -> dict[str, Any]:
        """Return the id and the port of a member."""
        rows = json.loads((self.folder / "group.json").read_text())
        return next(row for row in rows if row["name"] == name)

    def secret(self, name: str) -> str:
        return (self.folder / name).read_text()

    def _wait(self, path: str, status: int, *, seconds: float) -> None:
        super()._wait(path, status, seconds=300)


LATE = load_words()("too_slow")


def answered(message: dict[str, Any]) -> bool:
    """Say whether this is an answer, or says that one comes late: a full machine is no fault."""
    return message["kind"] == "answer" or message["text"].startswith(LATE)


@dataclass
class Person:
    """Somebody who goes on writing until told to stop."""

    talk: Talk
    sent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def write(self, stop: threading.Event) -> None:
        """Send one message after the other, with a pause that four of them make five a second."""
        while not stop.is_set():
            text = f"message {len(self.sent)} what evidence should i keep"
            self.sent.append(text)
            response = self.talk.post({"id": uuid.uuid4().hex, "text": text})
            if response.status_code != 200:
                self.faults.append(f"{text}: {response.status_code} {response.text}")
            elif not all(answered(message) for message in response.json()["messages"]):
                self.faults.append(f"{text}: {response.text}")
            stop.wait(0.7)


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    needed("postgres", present=postgres_is_installed())
    needed("redis", present=redis_is_installed())
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    needed("nginx", present=nginx is not None)
    made = Group(tmp_path_factory.mktemp("cluster"))
    try:
        with made:
            until(lambda: made.said("Waymark serves") == 1, seconds=30, what="a working group")
            yield made
    finally:
        shutil.rmtree(postgres_data(made.folder), ignore_errors=True)


def said(talk: Talk) -> list[str]:
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=10).json()["kept"]
    return [line["text"] for line in kept if line.get("from") == "you"]


@contextlib.contextmanager
def writing(people: list[Person]) -> Iterator[None]:
    """Have people write one message after the other, and hold afterwards that none was lost."""
    stop = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
        begun = [pool.submit(person.write, stop) for person in people]
        try:
            until(lambda: all(p.sent[3:] for p in people), seconds=60, what="messages")
            yield
        finally:
            stop.set()
        for one in begun:
            one.result()
    for person in people:
        assert person.faults == []
        until(lambda p=person: said(p.talk) == p.sent, seconds=60, what="every turn, in order")


def test_an_update_of_one_server_after_the_other_loses_no_turn(group: Group) -> None:
    people = [Person(group.talk()) for _ in range(4)]
    before = {name: group.member(name)["pid"] for name in ("waymark-1", "waymark-2")}
    with writing(people):
        group.signal(signal.SIGHUP)
        for name in before:
            until(lambda n=name: group.said(f"{n}: runs anew"), seconds=300, what="an update")
    assert all(group.member(name)["pid"] != pid for name, pid in before.items())


def test_after_a_server_was_killed_everybody_goes_on_and_it_is_started_again(group: Group) -> None:
    people = [Person(group.talk()) for _ in range(4)]
    killed = group.member("waymark-1")["pid"]
    with writing(people):
        os.kill(killed, signal.SIGKILL)
        counts = [len(p.sent) for p in people]
        # The next message of everybody is served within the ten seconds that a lost lease takes.
        until(
            lambda: all(len(p.sent) > n + 2 for p, n in zip(people, counts, strict=True)),
            seconds=30,
            what="the messages after it",
        )
    until(lambda: group.said("waymark-1: ended"), seconds=30, what="a new start")
    port = group.member("waymark-1")["port"]
    until(lambda: answers(f"http://127.0.0.1:{port}/ready"), seconds=300, what="its coming back")


def test_five_quick_messages_of_one_person_are_answered_in_order_at_any_process(
    group: Group,
) -> None:
    talk = group.talk()
    texts = [f"message {number} what evidence should i keep" for number in range(5)]
    session = Tokens(group.secret("secret").encode()).open(talk.token)
    assert session is not None
    name = Keyring(group.secret("store_key").encode()).name(session.conversation)
    shared = Client.from_url(group.secret("redis_url"))

    def arrived() -> bytes | None:
        number: bytes | None = shared.get(f"waymark:{{{name}}}:number")
        return number

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        waiting = []
        for text in texts:
            before = arrived()
            body = {"id": uuid.uuid4().hex, "text": text}
            waiting.append(pool.submit(talk.post, body))
            until(lambda b=before: arrived() != b, seconds=20, what="the arrival of a message")
        replies = [one.result().json()["messages"] for one in waiting]
    assert all(reply and all(map(answered, reply)) for reply in replies)
    until(lambda: said(talk) == texts, seconds=60, what="five turns in order")


def test_a_long_message_reaches_the_answer_that_holds_the_numbers(group: Group) -> None:
    talk = group.talk()
    for size, code in ((64 * 1024 + 1, "too_big"), (2 * 1024 * 1024, "unavailable")):
        response = talk.post(b"x" * size)
        assert response.status_code == 413
        assert response.json()["error"]["code"] == code
        assert "999" in response.json()["error"]["message"]


def test_what_is_for_the_operator_is_not_for_everybody(group: Group) -> None:
    for path in ("/ready", "/ready/process", "/metrics"):
        assert requests.get(f"{group.url}{path}", timeout=10).status_code == 404
    assert requests.get(f"{group.url}/live", timeout=10).text == "alive"


def test_a_stream_ends_whole_and_danger_is_its_first_event(group: Group) -> None:
    talk = group.talk()
    response = requests.post(
        f"{talk.url}/messages",
        json={"id": "1", "text": f"he is outside my door with a knife {CANARY}"},
        headers={**talk.headers, "Accept": "text/event-stream"},
        timeout=30,
    )
    events = response.text.strip().split("\n\n")
    first = json.loads(events[0].partition("data: ")[2])
    assert first["kind"] == "emergency" and "999" in first["text"]
    assert events[-1].startswith("event: end")


def test_with_no_server_left_the_numbers_are_there(group: Group) -> None:
    talk = group.talk()
    for name in ("waymark-1", "waymark-2"):
        os.kill(group.member(name)["pid"], signal.SIGKILL)
    response = talk.post({"id": "1", "text": "what evidence should i keep"})
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "unavailable"
    assert response.headers["access-control-allow-origin"] == "*"
    page = requests.get(group.url, timeout=10)
    assert page.status_code == 502 and "call 10111 (South Africa), 999" in page.text


def test_no_word_of_a_person_is_in_a_file_of_the_group(group: Group) -> None:
    """The last but one: the files hold every fault above."""
    found = [
        str(path)
        for path in (*group.folder.rglob("*"), *postgres_data(group.folder).rglob("*"))
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]
    assert found == []
    logs = "".join(path.read_text() for path in group.folder.glob("*.log"))
    assert "Traceback" not in logs and "127.0.0.1 - " not in logs


def test_one_stop_ends_everything(group: Group) -> None:
    rows = json.loads((group.folder / "group.json").read_text())
    group.signal(signal.SIGINT)
    assert group._process is not None
    group._process.wait(timeout=90)
    left = [row["name"] for row in rows if Path(f"/proc/{row['pid']}").exists()]
    assert left == []


def test_a_group_that_cannot_start_says_why_in_a_line(tmp_path: Path) -> None:
    port = free_port()
    ended = subprocess.run(
        [str(WAYMARK), "cluster", "--port", str(port), "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PATH": "/nowhere"},
    )
    # PostgreSQL is looked for where Debian puts it; Redis is on the path or nowhere.
    assert ended.returncode == 1
    assert "redis-server: is not installed: apt-get install redis-server" in ended.stderr
    assert "Traceback" not in ended.stderr


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.RequestException:
        return False
