"""Whatever breaks behind the channel, the emergency number arrives, and nobody meets silence."""

from __future__ import annotations

import concurrent.futures
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from bot.model import card_path
from bot.nlu.encoder import PACKAGE, packaged_folder
from bot.settings import Settings
from tests.support.broken_actions import SECRET_WORDS
from tests.support.server import Server

# All servers start before the first test.
pytestmark = [pytest.mark.timed, pytest.mark.timeout(600)]

DANGER = "he is standing outside my door with a knife"
NUMBERS = ("999", "000", "10111", "112")
MODEL = Settings().model


def in_danger(server: Server, *, within: float) -> None:
    """Assert that a danger is answered with every number, first and at once; whole in time."""
    talk = server.talk()
    started = time.monotonic()
    first = talk.first(DANGER)
    assert time.monotonic() - started < 1
    assert first["kind"] == "emergency"
    assert all(number in first["text"] for number in NUMBERS)
    talk = server.talk()
    started = time.monotonic()
    assert talk.say(DANGER)[0]["kind"] == "emergency"
    assert time.monotonic() - started < within


def refused(server: Server, *, why: str) -> None:
    """Assert that the model is not served, that /ready says why, and that danger is answered."""
    assert why in server.until_loaded()
    assert requests.get(f"{server.url}/ready", timeout=5).status_code == 503
    in_danger(server, within=1)


def otherwise(server: Server) -> None:
    """Assert that any other message gets the numbers and a plain sentence."""
    talk = server.talk()
    talk.say("what evidence should i keep")
    assert talk.kinds == ["fallback"]
    assert "999" in talk.text and "10111" in talk.text
    assert "Traceback" not in talk.text


# What each server of this file gets to break on, given its folder: its settings.
Breaks = Callable[[Path], dict[str, str]]


def without_model(folder: Path) -> dict[str, str]:
    """Name a model that is not there."""
    return {"WAYMARK_MODEL": str(folder / "none.tar.gz")}


def with_another_encoder(folder: Path) -> dict[str, str]:
    """Put other weights in the place of the encoder's."""
    package = folder / "packages" / PACKAGE
    shutil.copytree(packaged_folder(), package / "model")
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    return {"PYTHONPATH": str(folder / "packages")}


def copied_model(folder: Path) -> Path:
    """Return a copy of the model and its card, to be spoilt."""
    copy = folder / MODEL.name
    shutil.copy(MODEL, copy)
    shutil.copy(card_path(MODEL), card_path(copy))
    return copy


def with_a_changed_byte(folder: Path) -> dict[str, str]:
    """Change one byte of the model."""
    copy = copied_model(folder)
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(content)
    return {"WAYMARK_MODEL": str(copy)}


def with_a_forged_card(folder: Path) -> dict[str, str]:
    """Sign the model's card with another key."""
    copy = copied_model(folder)
    card = json.loads(card_path(copy).read_text())
    card["signature"] = "0" * 64
    card_path(copy).write_text(json.dumps(card))
    return {"WAYMARK_MODEL": str(copy)}


def without_store(folder: Path) -> dict[str, str]:
    """Name a store that cannot be opened."""
    (folder / "folder.db").mkdir()
    return {"WAYMARK_STORE": str(folder / "folder.db")}


def broken(fault: str, **settings: str) -> Breaks:
    """Return the settings of a server whose actions break."""
    actions = {"WAYMARK_ACTIONS": "tests.support.broken_actions", "WAYMARK_TEST_FAULT": fault}
    return lambda _: {**actions, **settings}


SHORT = {"WAYMARK_DEADLINE": "3", "WAYMARK_DANGER_DEADLINE": "0.5"}
FAULTS: dict[str, Breaks] = {
    "no model": without_model,
    "another encoder": with_another_encoder,
    "a changed byte": with_a_changed_byte,
    "a forged card": with_a_forged_card,
    "no store": without_store,
    "a store that breaks later": lambda _: {},
    "raise": broken("raise"),
    "hang": broken("hang", **SHORT),
    "component": broken("component", **SHORT),
    "slow": broken("slow", WAYMARK_DEADLINE="1"),
}
Started = Callable[[str], Server]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Return a way to each server; all have loaded, or refused to, before a stopwatch runs.

    Loading takes most of this file's time and one core a server: two load at once. All are told to
    stop at once too: one that hangs is waited for.
    """

    def start(breaks: Breaks) -> Server:
        folder = tmp_path_factory.mktemp("server")
        server = Server(folder, **breaks(folder)).__enter__()
        running.append(server)
        server.until_loaded()
        return server

    running: list[Server] = []
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            loading = {name: pool.submit(start, breaks) for name, breaks in FAULTS.items()}
        yield lambda name: loading[name].result()
    finally:
        with concurrent.futures.ThreadPoolExecutor(len(FAULTS)) as pool:
            list(pool.map(Server.__exit__, running))


def test_without_a_model_the_numbers_are_there(started: Started) -> None:
    """No model: the port opens, /ready says why, danger is answered."""
    server = started("no model")
    refused(server, why="no model")
    otherwise(server)
    talk = server.talk()
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5)
    assert kept.status_code == 200 and kept.json() == {"kept": []}
    gone = requests.delete(f"{talk.url}/session", headers=talk.headers, timeout=5)
    assert gone.status_code == 204


def test_with_another_encoder_the_model_is_never_served(started: Started) -> None:
    """Other weights: /ready stays red and says why, and the numbers are there."""
    server = started("another encoder")
    refused(server, why="another hash")
    otherwise(server)


def test_while_the_model_loads_the_numbers_are_there(tmp_path: Path) -> None:
    """The port opens before Rasa is imported."""
    with Server(tmp_path) as server:
        assert requests.get(f"{server.url}/ready", timeout=5).json()["why"] == "starting"
        in_danger(server, within=2)


def test_a_model_with_another_hash_is_never_loaded(started: Started) -> None:
    """One changed byte, and the model is refused."""
    refused(started("a changed byte"), why="not the one")


def test_a_model_with_a_forged_card_is_never_loaded(started: Started) -> None:
    """A card that fits the model but was signed with another key is refused."""
    refused(started("a forged card"), why="signature")


def test_with_the_store_down_the_numbers_are_there(started: Started) -> None:
    """A store that cannot be opened."""
    server = started("no store")
    assert server.until_loaded()
    in_danger(server, within=1)
    otherwise(server)


def test_a_store_that_breaks_later_fails_the_turn_and_not_the_server(started: Started) -> None:
    """The database is destroyed under a running server."""
    server = started("a store that breaks later").until_ready()
    talk = server.talk()
    talk.say("what evidence should i keep")
    server.log.with_name("conversations.db").write_bytes(b"not a database" * 1000)
    in_danger(server, within=4)
    otherwise(server)
    assert requests.get(f"{server.url}/live", timeout=5).status_code == 200


def test_an_action_that_raises_leaks_nothing(started: Started) -> None:
    """The person gets the numbers; the log gets the kind of error, no word of it."""
    server = started("raise").until_ready()
    talk = server.talk()
    talk.say("what evidence should i keep, canary-in-the-message")
    assert talk.kinds == ["fallback"] and "10111" in talk.text
    in_danger(server, within=2)
    log = server.log.read_text()
    assert SECRET_WORDS not in log and "canary-in-the-message" not in log


@pytest.mark.parametrize("fault", ["hang", "component"])
def test_while_rasa_hangs_everybody_gets_the_number(started: Started, fault: str) -> None:
    """An action or a component sleeps for a minute: this person and every other are answered."""
    server = started(fault).until_ready()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        hanging = pool.submit(otherwise, server)
        time.sleep(0.3)
        others = [pool.submit(in_danger, server, within=2) for _ in range(5)]
        for other in others:
            other.result()
        hanging.result()


def test_an_answer_after_the_deadline_comes_with_the_next_turn(started: Started) -> None:
    """It is not cut off half-way, keeps its order, and is offered later."""
    server = started("slow").until_ready()
    talk = server.talk()
    talk.say("what evidence should i keep")
    assert talk.kinds == ["fallback"]
    time.sleep(8)
    talk.say("thank you")
    assert talk.last[0]["text"] == "the late answer"
    assert len(talk.last) > 1
