"""Each way in which the store of a running server can fail, and what people get meanwhile."""

from __future__ import annotations

import contextlib
import json
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from bot.stores.database import keys_path
from tests.bot.test_faults import in_danger, otherwise
from tests.stores.test_processes import said, why
from tests.support.server import Server
from tests.support.services import until

pytestmark = [pytest.mark.timed, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Running:
    server: Server
    store: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("server")
    with Server(folder) as server:
        server.until_ready(seconds=300)
        yield Running(server, folder / "conversations.db")


@contextlib.contextmanager
def hung(running: Running) -> Iterator[None]:
    """Another program holds the file and does not let go."""
    other = sqlite3.connect(running.store, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.close()


@contextlib.contextmanager
def full(running: Running) -> Iterator[None]:
    """No file of the server may grow any more: the first write past the limit fails."""
    process = running.server._process
    assert process is not None
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    yield
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def unreadable(running: Running) -> Iterator[None]:
    """The file is overwritten with something else, and put back."""
    content = running.store.read_bytes()
    running.store.write_bytes(b"not a database" * 1000)
    yield
    running.store.write_bytes(content)


def test_streaming_sends_the_danger_first_and_at_once(running: Running) -> None:
    """Before any fault: a page that reads the stream has the number in half a second."""
    talk = running.server.talk()
    started = time.monotonic()
    with requests.post(
        f"{talk.url}/messages",
        json={"id": "s1", "text": "he is outside my door with a knife"},
        headers={**talk.headers, "Accept": "text/event-stream"},
        stream=True,
        timeout=30,
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines(decode_unicode=True)
        data = next(line for line in lines if line.startswith("data: "))
        assert time.monotonic() - started < 0.5
        assert json.loads(data[6:])["kind"] == "emergency"


Fault = Callable[[Running], contextlib.AbstractContextManager[None]]


@pytest.mark.parametrize("fault", [hung, full, unreadable])
def test_with_a_broken_store_people_get_numbers_in_time_and_nothing_is_lost_or_doubled(
    running: Running, fault: Fault
) -> None:
    server = running.server
    talk = server.talk()
    talk.say("one what evidence should i keep")
    assert talk.kinds != ["fallback"]
    with fault(running):
        until(lambda: fails(server), seconds=10, what="a turn without a store")
        until(lambda: "WAYMARK_STORE" in why(server), seconds=5, what="a red /ready")
        in_danger(server, within=1)
        otherwise(server)
        assert requests.get(f"{server.url}/live", timeout=1).text == "alive"
    until(lambda: why(server) == "", seconds=20, what="recovery")
    talk.say("two what evidence should i keep")
    assert talk.kinds != ["fallback"]
    assert [text.split()[0] for text in said(talk)] == ["one", "two"]


def test_a_store_that_lies_shows_nobody_the_words_of_another(running: Running) -> None:
    """Rows of one conversation are put in the place of another's."""
    mine, other = running.server.talk(), running.server.talk()
    other.say("i live in glasgow and my ex is stalking me, words of another")
    names = rows(running.store, "SELECT name FROM waymark_turns")
    mine.say("what evidence should i keep")
    (name,) = rows(running.store, "SELECT name FROM waymark_turns") - names
    last = other_name(running.store, name)
    with sqlite3.connect(running.store) as store:
        store.execute("DELETE FROM waymark_turns WHERE name = ?", (name,))
        store.execute(
            "INSERT INTO waymark_turns SELECT ?, seq, mark, body FROM waymark_turns WHERE name = ?",
            (name, last),
        )
    with sqlite3.connect(keys_path(running.store)) as store:
        store.execute(
            "UPDATE waymark_keys SET wrapped = (SELECT wrapped FROM waymark_keys WHERE name = ?)"
            " WHERE name = ?",
            (last, name),
        )
    mine.say("where do i report it")
    assert mine.kinds != ["fallback"]
    assert "sco-" not in " ".join(mine.facts)
    assert "words of another" not in str(said(mine))


def test_no_fault_above_left_a_word_or_a_traceback_in_the_log(running: Running) -> None:
    log = running.server.log.read_text()
    assert "WAYMARK_STORE" in log, "the faults above were not seen"
    for secret in ("evidence should", "glasgow", "words of another", "Traceback"):
        assert secret not in log


def fails(server: Server) -> bool:
    """Send a message in a conversation of its own, and say whether it got the fixed text."""
    talk = server.talk()
    started = time.monotonic()
    talk.say("what evidence should i keep")
    assert talk.last and time.monotonic() - started < 15
    return talk.kinds[-1] == "fallback"


def rows(store: Path, query: str) -> set[str]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return {row[0] for row in connection.execute(query)}


def other_name(store: Path, name: str) -> str:
    found = rows(store, "SELECT name FROM waymark_turns ORDER BY rowid DESC") - {name}
    return sorted(found)[0]
