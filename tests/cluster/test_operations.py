"""The commands of docs/operations.md: copies are made, brought back, and hold nothing deleted."""

from __future__ import annotations

import os
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from bot.channels.tokens import Tokens
from bot.settings import ROOT
from bot.stores.conversations import NewTurn
from tests.stores.conftest import CANARY, KEY, open_store, store_settings, turn
from tests.stores.conftest import one_postgres as one_postgres
from tests.stores.conftest import postgres as postgres
from tests.support.server import Server, Talk
from tests.support.services import Postgres

PAGE = (ROOT / "docs" / "operations.md").read_text()
COMMANDS = dict(re.findall(r"<!-- tested: ([a-z-]+) -->\n```sh\n(.*?)```", PAGE, re.DOTALL))
SECRET = b"for-tests-only-for-tests-only-for-tests"


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, str]:
    """Return what the commands read, with an empty folder for each."""
    made = {name: tmp_path / name.lower() for name in ("BACKUP", "KEYS", "LIVE", "NEW")}
    for folder in made.values():
        folder.mkdir()
    return {name: str(folder) for name, folder in made.items()}


def run(name: str, **environment: str) -> None:
    """Run the commands of the page as they stand there."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", COMMANDS[name]],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def texts(folder: Path, conversation: str, **more: str) -> list[str]:
    """Return what can be read of a conversation."""
    database, kept = open_store(store_settings(folder, **more))
    try:
        return [e["text"] for e in kept.load(conversation).events if e["event"] == "user"]
    finally:
        database.close()


def lived(text: str = CANARY) -> NewTurn:
    """Return a turn as Rasa leaves it, in which somebody says that they live in Scotland."""
    parsed = {"intent": {"name": "greet", "confidence": 1.0}, "entities": [], "text": text}
    listen = {"event": "action", "name": "action_listen", "timestamp": time.time()}
    user = {"event": "user", "text": text, "parse_data": parsed, "timestamp": time.time()}
    home = {"event": "slot", "name": "home_jurisdiction", "value": "scotland"}
    return replace(turn(), events=(listen, user, home, listen))


def written(folder: Path, conversations: list[str], **more: str) -> None:
    database, kept = open_store(store_settings(folder, **more))
    for conversation in conversations:
        kept.append(conversation, lived())
    database.close()


def deleted(folder: Path, conversation: str, **more: str) -> None:
    database, kept = open_store(store_settings(folder, **more))
    kept.delete(conversation)
    database.close()


def test_the_page_has_every_command() -> None:
    assert set(COMMANDS) == {
        *("sqlite", "sqlite-keys", "sqlite-restore"),
        *("postgres", "postgres-keys", "postgres-restore"),
    }


def test_a_copy_of_sqlite_answers_in_a_new_folder_and_what_was_deleted_stays_so(
    folders: dict[str, str],
) -> None:
    token, session = Tokens(SECRET).mint(None)
    live, new = Path(folders["LIVE"]), Path(folders["NEW"])
    store = {"WAYMARK_STORE": str(live / "conversations.db")}
    written(live, [session.conversation, "web-deleted"])
    run("sqlite", **folders, **store)
    copied = b"".join(path.read_bytes() for path in Path(folders["BACKUP"]).iterdir())
    assert CANARY.encode() not in copied
    deleted(live, "web-deleted")
    run("sqlite-keys", **folders, **store)
    restored = str(new / "conversations.db")
    run("sqlite-restore", **folders, WAYMARK_STORE=restored)
    assert texts(new, session.conversation) == [CANARY]
    assert texts(new, "web-deleted") == []
    # And the server that is started there goes on with the conversation.
    with Server(new, WAYMARK_STORE_KEY=KEY.decode()) as server:
        server.until_ready(seconds=300)
        talk = Talk.__new__(Talk)
        talk.url, talk.token, talk.last = f"{server.url}/webhooks/web", token, []
        kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=10).json()["kept"]
        assert CANARY in str(kept)
        talk.say("where do i report stalking")
        assert "sco-" in " ".join(talk.facts), "the place that was known is not known any more"


def test_a_copy_of_postgres_comes_back_and_what_was_deleted_stays_so(
    folders: dict[str, str], postgres: Postgres
) -> None:
    live = Path(folders["LIVE"])
    database = {"WAYMARK_DATABASE": postgres.url}
    written(live, ["web-kept", "web-deleted"], database=postgres.url)
    run("postgres", **folders, **database)
    assert CANARY.encode() not in (Path(folders["BACKUP"]) / "conversations.sql").read_bytes()
    deleted(live, "web-deleted", database=postgres.url)
    run("postgres-keys", **folders, **database)
    postgres.empty()
    run("postgres-restore", **folders, **database)
    assert texts(live, "web-kept", database=postgres.url) == [CANARY]
    assert texts(live, "web-deleted", database=postgres.url) == []
