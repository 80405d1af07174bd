"""Stores on a real SQLite file and a real PostgreSQL, and turns to put into them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.stores.conversations import Conversations, NewTurn, State
from bot.stores.database import Database
from bot.stores.keys import Keyring
from tests.support.services import Postgres, running_postgres

KEY = b"for-tests-only-for-tests-only-for-tests"
CANARY = "canary words of a person"


def store_settings(folder: Path, **more: Any) -> Settings:
    """Return settings of a store in a folder."""
    return replace(Settings(), store=folder / "conversations.db", store_key=KEY, **more)


def turn(text: str = CANARY, *, at: float | None = None, **more: Any) -> NewTurn:
    """Return a turn in which somebody says something."""
    event = {"event": "user", "text": text, "timestamp": at or time.time()}
    fields: dict[str, Any] = {"mark": secrets.token_hex(16), "epoch": 0, "seq": 0, **more}
    return NewTurn(events=(event,), state=State({"home_jurisdiction": "scotland"}), **fields)


def open_store(settings: Settings, *, key: bytes = KEY) -> tuple[Database, Conversations]:
    """Return a database with its tables, and the conversations in it."""
    database = Database(settings)
    database.prepare()
    return database, Conversations(database, Keyring(key))


@pytest.fixture(scope="session")
def one_postgres() -> Iterator[Postgres]:
    """Return the PostgreSQL of all tests here: making one takes longer than most of them."""
    with running_postgres() as service:
        yield service


@pytest.fixture
def postgres(one_postgres: Postgres) -> Iterator[Postgres]:
    """Return a running PostgreSQL with an empty database, which a test may stop or break."""
    one_postgres.empty()
    yield one_postgres
    one_postgres.restore()


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Return settings for each kind of database."""
    if request.param == "sqlite":
        return store_settings(tmp_path)
    return store_settings(tmp_path, database=request.getfixturevalue("postgres").url)


@pytest.fixture
def store(settings: Settings) -> Iterator[Conversations]:
    """Return an empty store."""
    database, conversations = open_store(settings)
    yield conversations
    database.close()
