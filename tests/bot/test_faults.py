"""Whatever breaks behind the channel, the emergency number arrives, and nobody meets silence."""

from __future__ import annotations

import concurrent.futures
import json
import shutil
import time
from pathlib import Path

import pytest
import requests

from bot.model import card_path
from bot.nlu.encoder import PACKAGE, packaged_folder
from bot.settings import Settings
from tests.support.broken_actions import SECRET_WORDS
from tests.support.server import Server

pytestmark = pytest.mark.timed

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


def otherwise(server: Server) -> None:
    """Assert that any other message gets the numbers and a plain sentence."""
    talk = server.talk()
    talk.say("what evidence should i keep")
    assert talk.kinds == ["fallback"]
    assert "999" in talk.text and "10111" in talk.text
    assert "Traceback" not in talk.text


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    """Return a copy of the model and its card, to be spoilt."""
    copy = tmp_path / MODEL.name
    shutil.copy(MODEL, copy)
    shutil.copy(card_path(MODEL), card_path(copy))
    return copy


def test_without_a_model_the_numbers_are_there(tmp_path: Path) -> None:
    """No model: the port opens, /ready says why, danger is answered."""
    with Server(tmp_path, WAYMARK_MODEL=str(tmp_path / "none.tar.gz")) as server:
        assert "no model" in server.until_loaded()
        assert requests.get(f"{server.url}/ready", timeout=5).status_code == 503
        in_danger(server, within=1)
        otherwise(server)
        talk = server.talk()
        kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=5)
        assert kept.status_code == 200 and kept.json() == {"kept": []}
        gone = requests.delete(f"{talk.url}/session", headers=talk.headers, timeout=5)
        assert gone.status_code == 204


def test_with_another_encoder_the_model_is_never_served(tmp_path: Path) -> None:
    """Other weights: /ready stays red and says why, and the numbers are there."""
    folder = tmp_path / "packages" / PACKAGE / "model"
    shutil.copytree(packaged_folder(), folder)
    (folder.parent / "__init__.py").touch()
    (folder / "model.safetensors").write_bytes(b"other weights")
    with Server(tmp_path, PYTHONPATH=str(tmp_path / "packages")) as server:
        assert "another hash" in server.until_loaded()
        assert requests.get(f"{server.url}/ready", timeout=5).status_code == 503
        in_danger(server, within=1)
        otherwise(server)


def test_while_the_model_loads_the_numbers_are_there(tmp_path: Path) -> None:
    """The port opens before Rasa is imported."""
    with Server(tmp_path) as server:
        assert requests.get(f"{server.url}/ready", timeout=5).json()["why"] == "starting"
        in_danger(server, within=2)


def test_a_model_with_another_hash_is_never_loaded(tmp_path: Path, model_copy: Path) -> None:
    """One changed byte, and the model is refused."""
    content = bytearray(model_copy.read_bytes())
    content[len(content) // 2] ^= 1
    model_copy.write_bytes(content)
    with Server(tmp_path, WAYMARK_MODEL=str(model_copy)) as server:
        assert "not the one" in server.until_loaded()
        in_danger(server, within=1)


def test_a_model_with_a_forged_card_is_never_loaded(tmp_path: Path, model_copy: Path) -> None:
    """A card that fits the model but was signed with another key is refused."""
    card = json.loads(card_path(model_copy).read_text())
    card["signature"] = "0" * 64
    card_path(model_copy).write_text(json.dumps(card))
    with Server(tmp_path, WAYMARK_MODEL=str(model_copy)) as server:
        assert "signature" in server.until_loaded()
        in_danger(server, within=1)


def test_with_the_store_down_the_numbers_are_there(tmp_path: Path) -> None:
    """A store that cannot be opened."""
    (tmp_path / "folder.db").mkdir()
    with Server(tmp_path, WAYMARK_STORE=str(tmp_path / "folder.db")) as server:
        assert server.until_loaded()
        in_danger(server, within=1)
        otherwise(server)


def test_a_store_that_breaks_later_fails_the_turn_and_not_the_server(tmp_path: Path) -> None:
    """The database is destroyed under a running server."""
    with Server(tmp_path) as server:
        server.until_ready()
        talk = server.talk()
        talk.say("what evidence should i keep")
        (tmp_path / "conversations.db").write_bytes(b"not a database" * 1000)
        in_danger(server, within=4)
        otherwise(server)
        assert requests.get(f"{server.url}/live", timeout=5).status_code == 200


def test_an_action_that_raises_leaks_nothing(tmp_path: Path) -> None:
    """The person gets the numbers; the log gets the kind of error, no word of it."""
    with Server(
        tmp_path, WAYMARK_ACTIONS="tests.support.broken_actions", WAYMARK_TEST_FAULT="raise"
    ) as server:
        server.until_ready()
        talk = server.talk()
        talk.say("what evidence should i keep, canary-in-the-message")
        assert talk.kinds == ["fallback"] and "10111" in talk.text
        in_danger(server, within=2)
        log = server.log.read_text()
        assert SECRET_WORDS not in log and "canary-in-the-message" not in log


@pytest.mark.parametrize("fault", ["hang", "component"])
def test_while_rasa_hangs_everybody_gets_the_number(tmp_path: Path, fault: str) -> None:
    """An action or a component sleeps for a minute: this person and every other are answered."""
    with Server(
        tmp_path,
        WAYMARK_ACTIONS="tests.support.broken_actions",
        WAYMARK_TEST_FAULT=fault,
        WAYMARK_DEADLINE="3",
        WAYMARK_DANGER_DEADLINE="0.5",
    ) as server:
        server.until_ready()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            hanging = pool.submit(otherwise, server)
            time.sleep(0.3)
            others = [pool.submit(in_danger, server, within=2) for _ in range(5)]
            for other in others:
                other.result()
            hanging.result()


def test_an_answer_after_the_deadline_comes_with_the_next_turn(tmp_path: Path) -> None:
    """It is not cut off half-way, keeps its order, and is offered later."""
    with Server(
        tmp_path,
        WAYMARK_ACTIONS="tests.support.broken_actions",
        WAYMARK_TEST_FAULT="slow",
        WAYMARK_DEADLINE="1",
    ) as server:
        server.until_ready()
        talk = server.talk()
        talk.say("what evidence should i keep")
        assert talk.kinds == ["fallback"]
        time.sleep(8)
        talk.say("thank you")
        assert talk.last[0]["text"] == "the late answer"
        assert len(talk.last) > 1
