"""Two real servers on one PostgreSQL and one Redis, and what happens when either breaks."""

from __future__ import annotations

import concurrent.futures
import contextlib
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis as Client

from bot.channels.tokens import Tokens
from bot.order.link import PAUSE
from bot.stores.keys import Keyring
from tests.bot.test_faults import in_danger, otherwise
from tests.stores.conftest import CANARY
from tests.support.server import Server, Talk
from tests.support.services import (
    Postgres,
    Redis,
    needed,
    postgres_is_installed,
    redis_is_installed,
    until,
)

# Two servers load their models at once.
pytestmark = [pytest.mark.timed, pytest.mark.timeout(600)]
SECRET = b"for-tests-only-for-tests-only-for-tests"
KEYS = {"WAYMARK_STORE_KEY": "for-tests-only-for-tests-only-for-tests-too"}


class House:
    """Two servers and what stands behind them."""

    def __init__(self, folder: Path, postgres: Postgres, redis: Redis) -> None:
        self.postgres, self.redis = postgres, redis
        settings = {"WAYMARK_DATABASE": postgres.url, "WAYMARK_REDIS": redis.url, **KEYS}
        self.servers = [Server(folder, **settings) for _ in range(2)]

    def at(self, talk: Talk, number: int) -> Talk:
        """Return the same conversation as the other server sees it."""
        twin = Talk.__new__(Talk)
        twin.url = f"{self.servers[number % 2].url}/webhooks/web"
        twin.token, twin.last = talk.token, []
        return twin

    def ready(self, *, seconds: float = 20) -> None:
        for server in self.servers:
            until(lambda s=server: why(s) == "", seconds=seconds, what=f"a ready {server.url}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    needed("postgres", present=postgres_is_installed())
    needed("redis", present=redis_is_installed())
    with contextlib.ExitStack() as stack:
        postgres = Postgres()
        stack.callback(postgres.remove)
        redis = Redis(tmp_path_factory.mktemp("redis"))
        stack.callback(redis.stop)
        for service in (postgres, redis):
            service.start()
        made = House(tmp_path_factory.mktemp("servers"), postgres, redis)
        for server in made.servers:
            stack.enter_context(server)
        made.ready(seconds=300)
        yield made


def said(talk: Talk) -> list[str]:
    kept = requests.get(f"{talk.url}/export", headers=talk.headers, timeout=10).json()["kept"]
    return [line["text"] for line in kept if line.get("from") == "you"]


def arrived(house: House, talk: Talk) -> bytes | None:
    """Return the number that the last message of a conversation got when it arrived."""
    session = Tokens(SECRET).open(talk.token)
    assert session is not None
    name = Keyring(KEYS["WAYMARK_STORE_KEY"].encode()).name(session.conversation)
    number: bytes | None = Client.from_url(house.redis.url).get(f"waymark:{{{name}}}:number")
    return number


def send(house: House, talk: Talk, text: str, number: int, pool: Any) -> Any:
    """Send a message without waiting for its answer, only until it has arrived."""
    before = arrived(house, talk)
    waiting = pool.submit(house.at(talk, number).say, text)
    until(lambda: arrived(house, talk) != before, seconds=20, what="the arrival of a message")
    return waiting


def test_a_conversation_goes_on_at_the_other_server(house: House) -> None:
    talk = house.servers[0].talk()
    talk.say("i live in glasgow and my ex is stalking me")
    other = house.at(talk, 1)
    other.say("where do i report it")
    assert "sco-" in " ".join(other.facts)


def test_a_choice_of_one_server_can_be_pressed_at_the_other(house: House) -> None:
    talk = house.servers[0].talk()
    talk.say("my ex is stalking me")
    other = house.at(talk, 1)
    other.last = talk.last
    assert other.choose("Scotland")
    assert "sco-" in " ".join(other.facts)


def test_messages_to_both_servers_under_load_stay_in_order(house: House) -> None:
    talks = [house.servers[n % 2].talk() for n in range(4)]
    texts = [f"message {number} what evidence should i keep" for number in range(5)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [
            send(house, talk, text, number, pool)
            for number, text in enumerate(texts)
            for talk in talks
        ]
        assert all(one.result() for one in waiting)
    for talk in talks:
        assert said(talk) == texts


def test_five_messages_in_a_second_are_all_answered_in_order(house: House) -> None:
    talk = house.servers[0].talk()
    done: list[str] = []
    texts = [f"message {number} what evidence should i keep" for number in range(5)]

    def say(text: str) -> None:
        assert house.at(talk, 0).say(text)[0]["kind"] != "fallback"
        done.append(text)

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        waiting = []
        for text in texts:
            waiting.append(pool.submit(say, text))
            time.sleep(0.2)
        for one in waiting:
            one.result()
    assert done == texts == said(talk)


def test_a_message_that_comes_twice_is_one_turn(house: House) -> None:
    talk = house.servers[0].talk()
    body = {"id": uuid.uuid4().hex, "text": "what evidence should i keep"}
    first = talk.post(body).json()["messages"]
    second = house.at(talk, 1).post(body).json()["messages"]
    assert [m["text"] for m in first] == [m["text"] for m in second]
    assert len(said(talk)) == 1


def test_what_is_deleted_at_one_server_is_gone_at_the_other(house: House) -> None:
    talk = house.servers[0].talk()
    talk.say(f"i live in glasgow and my ex is stalking me {CANARY}")
    other = house.at(talk, 1)
    assert requests.delete(f"{other.url}/session", headers=other.headers, timeout=10).ok
    assert said(talk) == []
    talk.say("where do i report it")
    assert "sco-" not in " ".join(talk.facts), "the place of the deleted conversation was used"


@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_without_redis_everybody_is_answered_and_nothing_is_lost(house: House, fault: str) -> None:
    talk = house.servers[0].talk()
    talk.say("one what evidence should i keep")
    getattr(house.redis, fault)()
    try:
        for server in house.servers:
            in_danger(server, within=2)
            in_danger(server, within=1)
        house.at(talk, 1).say("two what evidence should i keep")
        assert house.at(talk, 0).say("three what evidence should i keep")[0]["kind"] != "fallback"
    finally:
        house.redis.start() if fault == "kill" else house.redis.thaw()
    time.sleep(PAUSE + 0.5)
    house.at(talk, 1).say("four what evidence should i keep")
    assert [text.split()[0] for text in said(talk)] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("fault", ["stop", "kill", "freeze"])
def test_without_the_database_everybody_gets_numbers_and_it_is_used_again_when_it_is_back(
    house: House, fault: str
) -> None:
    talk = house.servers[0].talk()
    talk.say("one what evidence should i keep")
    getattr(house.postgres, fault)()
    try:
        for server in house.servers:
            in_danger(server, within=2.5)
            otherwise(server)
            in_danger(server, within=1)
            until(lambda s=server: why(s), seconds=5, what="a red /ready")
            assert "WAYMARK_DATABASE" in why(server)
            assert requests.get(f"{server.url}/live", timeout=1).ok
        refused = requests.delete(f"{talk.url}/session", headers=talk.headers, timeout=10)
        assert refused.status_code == 500 and "999" in refused.text
    finally:
        house.postgres.restore()
    house.ready()
    talk.say("two what evidence should i keep")
    assert talk.kinds != ["fallback"]
    assert [text.split()[0] for text in said(talk)] == ["one", "two"]


def test_after_a_server_was_killed_in_a_turn_the_other_goes_on(house: House) -> None:
    talk = house.servers[0].talk()
    talk.say("one what evidence should i keep")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        lost = send(house, talk, "two what evidence should i keep", 0, pool)
        process = house.servers[0]._process
        assert process is not None
        process.kill()
        lost.exception()
    started = time.monotonic()
    assert house.at(talk, 1).say("three what evidence should i keep")
    assert time.monotonic() - started < 10
    other = house.at(talk, 1)
    until(lambda: said(other)[-1].startswith("three"), seconds=10, what="the third message")
    numbers = [text.split()[0] for text in said(other)]
    assert numbers in (["one", "three"], ["one", "two", "three"])


def test_what_people_write_is_in_no_log(house: House) -> None:
    """The last test of this file: the logs hold every fault above."""
    for server in house.servers:
        log = server.log.read_text()
        assert "WAYMARK_DATABASE" in log and "WAYMARK_REDIS" in log, "the faults were not seen"
        for secret in (CANARY, "evidence should", "glasgow", "web-", *KEYS.values()):
            assert secret not in log
        assert "Traceback" not in log


def why(server: Server) -> Any:
    return requests.get(f"{server.url}/ready", timeout=5).json()["why"]
