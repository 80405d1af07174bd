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
