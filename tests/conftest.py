"""Fixtures that every test may use: the real knowledge, the real words, a fixed day."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date

import pytest

from actions.ask import Book
from knowledge.base import Knowledge
from knowledge.loader import load
from knowledge.words import Words, load_words
from tests.support.services import Redis, needed, redis_is_installed

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

TODAY = date(2026, 11, 24)
# The files that take longest, longest first: one that begins last leaves the other worker idle.
LONGEST = (
    "checklist/test_invariance.py",
    "cluster/test_group.py",
    "fuzz/test_fuzz.py",
    "maintain/test_train.py",
    "maintain/test_docs.py",
    "maintain/test_release.py",
    "maintain/test_review.py",
    "channels/test_every_channel.py",
    "bot/test_web.py",
    "conversations/test_conversations.py",
    "actions/test_matrix.py",
    "faults/test_privacy.py",
    "bot/test_light.py",
    "danger/test_node_parity.py",
    "helpline/test_server.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, where files are shared out among workers (see the Makefile)."""
    place = {f"tests/{name}": at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Return the real knowledge base."""
    return load()


@pytest.fixture(scope="session")
def words() -> Words:
    """Return the real sentences."""
    return load_words(always={"retention": "24 hours"})


@pytest.fixture(scope="session")
def book(knowledge: Knowledge, words: Words) -> Book:
    """Return the book that answers draw on, on a fixed day."""
    return Book(knowledge, words, TODAY)


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """Return a running Redis of its own."""
    needed("redis", present=redis_is_installed())
    service = Redis(tmp_path_factory.mktemp("redis"))
    try:
        service.start()
        yield service
    finally:
        service.stop()
