"""The review queue beside its use: it expires by itself, and what takes long or fails is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot import server
from bot.cli import review as command
from bot.review import propose as proposing
from bot.review.propose import Proposal, Proposer, Reading
from bot.review.queue import Queue, QueueError, Waiting
from bot.review.web import make_page
from knowledge.yaml_lines import DataError, Problem
from tests.conftest import TODAY
from tests.support.scripted import ScriptedServer
from tests.support.services import until


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """Return a queue in a folder of the test."""
    return Queue(tmp_path / "q" / "review.db", days=30, secret=b"s" * 32)


def test_what_has_expired_goes_though_nobody_adds_or_looks(queue: Queue, tmp_path: Path) -> None:
    queue.expire(today=TODAY)
    assert not queue.path.exists()
    queue.add("web-1", "words that have to go", intent="x", confidence=0.1, today=TODAY)
    queue.expire(today=TODAY + timedelta(days=31))
    assert b"have to go" not in queue.path.read_bytes()


async def test_a_server_that_starts_lets_the_queue_expire_and_does_so_every_day(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that fails is tried again; the work is done on another thread."""
    days = [TODAY, TODAY, TODAY, TODAY + timedelta(days=1)]
    asked: list[date] = []

    def expire(*, today: date) -> None:
        assert threading.current_thread() is not threading.main_thread()
        asked.append(today)
        if len(asked) == 1:
            raise QueueError("locked")

    async def slept(_: float) -> None:
        days.pop(0)
        if not days:
            raise asyncio.CancelledError

    monkeypatch.setattr(queue, "expire", expire)
    monkeypatch.setattr(server, "date", SimpleNamespace(today=lambda: days[0]))
    monkeypatch.setattr(
        server, "asyncio", SimpleNamespace(sleep=slept, to_thread=asyncio.to_thread)
    )
    with pytest.raises(asyncio.CancelledError):
        await server._expire(queue)
    assert asked == [TODAY, TODAY, TODAY + timedelta(days=1)]


def test_a_real_server_lets_the_queue_expire_when_it_starts(queue: Queue, tmp_path: Path) -> None:
    long_ago = date.today() - timedelta(days=40)
    queue.add("web-1", "words that have to go", intent="x", confidence=0.1, today=long_ago)
    queue.add("web-2", "words that stay", intent="x", confidence=0.1, today=date.today())
    with ScriptedServer(tmp_path, WAYMARK_REVIEW=str(queue.path)):
        until(
            lambda: b"have to go" not in queue.path.read_bytes(),
            seconds=60,
            what="the queue expires",
        )
    assert [item.text for item in queue.waiting(today=date.today())] == ["words that stay"]


def test_the_first_group_is_read_while_the_screen_still_says_that_it_works(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read with a hundred others, which takes seconds."""
    queue.add("web-1", "cheers for sorting it", intent="x", confidence=0.1, today=date.today())
    working, read = [False], []

    class Status:
        def __enter__(self) -> None:
            working[0] = True

        def __exit__(self, *_: object) -> None:
            working[0] = False

    def reading() -> Reading:
        read.append(working[0])
        return Reading("thanks", 0.3)

    def propose(waiting: Sequence[Waiting]) -> list[Proposal]:
        return [Proposal(tuple(waiting), reading)]

    modules = SimpleNamespace(modules={}, stdin=None)
    monkeypatch.setattr(command, "sys", modules)
    monkeypatch.setattr(command, "err", SimpleNamespace(status=lambda _: Status()))
    monkeypatch.setattr("bot.model.named", lambda *_, **__: None)
    monkeypatch.setattr("bot.review.desk.queue_for", lambda _: queue)
    monkeypatch.setattr("bot.review.propose.Proposer", lambda _: SimpleNamespace(propose=propose))
    command.review(show=True, most=None, web=False, port=0)
    assert read[0] is True


async def test_the_page_waits_for_many_groups_to_be_read() -> None:
    sitting: Any = None
    page = make_page(sitting, key="k", port=1, name="patient")
    assert page.config.RESPONSE_TIMEOUT == 600


def test_a_reader_that_cannot_be_loaded_is_an_error_of_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not an error of the page, which could not say which line is broken."""
    waiting = [Waiting(1, "cheers", TODAY, "x", 0.1)]

    def broken() -> None:
        raise DataError([Problem("knowledge/places/scotland.yml:3", "broken", "mend it")])

    monkeypatch.setattr(proposing, "shared_reader", broken)
    encoder = SimpleNamespace(encode=lambda texts: np.ones((len(texts), 384), dtype=np.float32))
    monkeypatch.setattr(proposing, "shared_encoder", lambda: encoder)
    with pytest.raises(DataError, match="scotland"):
        Proposer.__new__(Proposer).propose(waiting)
