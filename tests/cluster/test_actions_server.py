"""A real action server of its own, and what people get when it breaks in each of its ways."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.bot.test_faults import in_danger
from tests.support.server import WAYMARK, Server, free_port
from tests.support.services import until
from tests.support.switch import BROKEN, Switch

pytestmark = pytest.mark.timeout(600)
TOKEN = "for-tests-only-for-tests-only-the-token"
CANARY = "canaryword5519"


class ActionServer(Server):
    """``waymark actions`` in a process of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, WAYMARK_ACTIONS_TOKEN=TOKEN, **environment)
        self._environment["WAYMARK_ACTIONS_PORT"] = str(self.port)
        self.log = folder / "actions.log"
        self.command = (str(WAYMARK), "actions")

    def _wait(self, path: str, status: int, *, seconds: float) -> None:
        super()._wait("/health", status, seconds=90)


@dataclass(frozen=True)
class House:
    """A server, its action server, and the switch between them."""

    server: Server
    actions: ActionServer
    switch: Switch


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with contextlib.ExitStack() as stack:
        actions = stack.enter_context(ActionServer(folder))
        switch = stack.enter_context(Switch(actions.url))
        server = Server(folder, WAYMARK_ACTIONS_URL=switch.url, WAYMARK_ACTIONS_TOKEN=TOKEN)
        stack.enter_context(server).until_ready(seconds=300)
        yield House(server, actions, switch)


def parts(house: House) -> dict[str, dict[str, object]]:
    return dict(requests.get(f"{house.server.url}/ready", timeout=5).json()["parts"])


def test_the_answers_come_from_the_action_server(house: House) -> None:
    house.switch.seen.clear()
    talk = house.server.talk()
    talk.say("i live in glasgow and my ex is stalking me")
    assert "sco-" in " ".join(talk.facts)
    (call,) = house.switch.seen
    assert call["path"] == "/webhook", "the token is in no address, where it would be logged"
    assert call["Authorization"] == f"Bearer {TOKEN}"
    assert int(call["Content-Length"]) <= 64 * 1024


@pytest.mark.parametrize("fault", ["hang", "drop", *BROKEN])
def test_without_a_usable_answer_people_get_the_numbers_and_their_own_answer_is_kept(
    house: House, fault: str
) -> None:
    """In the middle of a form: what was said meanwhile has not to be said again."""
    talk = house.server.talk()
    talk.say("my ex is stalking me")
    assert "where" in talk.text.lower()
    house.switch.mode = fault
    try:
        talk.say(f"glasgow {CANARY}")
        assert talk.kinds == ["fallback"]
        assert "999" in talk.text
        in_danger(house.server, within=2)
    finally:
        house.switch.heal()
    until(lambda: bool(parts(house)["actions"]["ready"]), seconds=20, what="recovery")
    talk.say("where do i report it")
    assert "fallback" not in talk.kinds
    assert "sco-" in " ".join(talk.facts), "the place that was said during the fault is lost"


def test_while_it_is_away_ready_is_red_and_the_process_still_takes_people(house: House) -> None:
    house.switch.mode = "drop"
    try:
        until(lambda: not parts(house)["actions"]["ready"], seconds=20, what="a red /ready")
        assert "WAYMARK_ACTIONS_URL" in str(parts(house)["actions"]["why"])
        assert requests.get(f"{house.server.url}/ready/process", timeout=5).status_code == 200
        talk = house.server.talk()
        talk.say("what evidence should i keep")
        assert talk.kinds == ["fallback"] and "10111" in talk.text
    finally:
        house.switch.heal()
    until(lambda: bool(parts(house)["actions"]["ready"]), seconds=20, what="recovery")


def test_a_killed_action_server_is_used_again_when_it_is_back(house: House) -> None:
    talk = house.server.talk()
    process = house.actions._process
    assert process is not None
    process.kill()
    process.wait()
    talk.say("i live in glasgow, what evidence should i keep")
    assert talk.kinds == ["fallback"]
    house.actions.__enter__()
    until(lambda: bool(parts(house)["actions"]["ready"]), seconds=20, what="recovery")
    talk.say("what evidence should i keep")
    assert "fallback" not in talk.kinds


def test_the_action_server_runs_nothing_without_the_token(house: House) -> None:
    call = {"next_action": "action_evidence", "sender_id": "x", "tracker": {}}
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {TOKEN}x"}):
        refused = requests.post(f"{house.actions.url}/webhook", json=call, headers=headers)
        assert refused.status_code == 401
    headers = {"Authorization": f"Bearer {TOKEN}"}
    unknown = {**call, "next_action": "action_none"}
    broken = {**call, "tracker": {"latest_message": CANARY}}
    for body, status in ((unknown, 404), (broken, 500), ([], 400)):
        answer = requests.post(f"{house.actions.url}/webhook", json=body, headers=headers)
        assert answer.status_code == status
        assert CANARY not in answer.text


def test_an_action_server_makes_no_token_up_when_it_is_reached_by_others(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "WAYMARK_ACTIONS_HOST": "0.0.0.0",
        "WAYMARK_ACTIONS_PORT": str(free_port()),
    }
    for more, line in (
        (["--production"], "WAYMARK_ACTIONS_TOKEN: is missing"),
        ([], "WAYMARK_ACTIONS_HOST: '0.0.0.0' is not loopback"),
    ):
        ended = subprocess.run(
            [str(WAYMARK), "actions", *more],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode == 1
        assert line in ended.stderr and "Traceback" not in ended.stderr


def test_what_people_write_is_in_no_log(house: House) -> None:
    """The last test of this file: the logs hold every fault above."""
    logs = house.server.log.read_text() + house.actions.log.read_text()
    assert "WAYMARK_ACTIONS_URL: no usable answer" in logs
    for secret in (CANARY, "glasgow", "stalking", TOKEN, "Traceback"):
        assert secret not in logs
