"""A server that reads a helpline's file: real processes, real commands, the real turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from bot import templates
from bot.channels.turn import Incoming
from bot.helpline.book import words_of
from bot.helpline.check import Checked, check_helpline
from bot.helpline.load import load_helpline
from bot.settings import Settings
from knowledge.message import Message
from tests.channels.support import SETTINGS, House, ScriptedBrain, open_house
from tests.channels.ways import TelegramWay
from tests.helpline.support import EXAMPLE, ROOT, SECRETS, changed, example, problems_of, written
from tests.support.server import Server, free_port

WAYMARK = Path(sys.executable).with_name("waymark")
TELEGRAM = TelegramWay()
VALUES = {**SECRETS, "WAYMARK_HELPLINE": str(EXAMPLE)}


def waymark(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the real command."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WAYMARK_")}
    return subprocess.run(
        [str(WAYMARK), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("helpline"), **VALUES) as running:
        yield running


def test_a_bad_file_stops_the_server_before_the_port_opens(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / "helpline.yml"
    path.write_text(text.replace("monday: 09", "mondy: 09").replace("desk: webhook", "desk: post"))
    port = free_port()
    ended = waymark("serve", **{**VALUES, "WAYMARK_HELPLINE": str(path), "WAYMARK_PORT": str(port)})
    assert ended.returncode == 1 and ended.stdout == ""
    lines = ended.stderr.strip().splitlines()
    assert lines[0] == "helpline.yml:18: unknown field 'mondy': did you mean 'monday'?"
    assert lines[1].startswith("helpline.yml:62: 'desk' cannot be 'post': ")
    assert len(lines) == 2 and "canary" not in ended.stderr
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/live", timeout=2)


def test_a_server_says_whose_it_is(server: Server) -> None:
    assert "Waymark serves for Tern Harbour Advice at http" in server.log.read_text()
    said = requests.get(f"{server.url}/privacy", timeout=10).text
    assert said.startswith("Tern Harbour Advice runs this chat.")
    assert "for 12 hours" in said and "020 7946 0123 (Monday to Tuesday 9:00" in said
    assert "Tern Harbour Advice" in server.talk().text
    page = requests.get(f"{server.url}/?home=scotland", timeout=10).text
    assert 'href="tel:+442079460123"' in page


def test_danger_is_answered_first_and_alone_on_a_helplines_server(server: Server) -> None:
    talk = server.talk(home="scotland")
    talk.say("he is outside my door with a knife")
    assert talk.kinds[0] == "emergency"
    assert "999" in talk.last[0]["text"] and "7946" not in talk.last[0]["text"]


def test_privacy_embed_and_facts_know_the_file() -> None:
    said = waymark("privacy", **VALUES).stdout
    assert said.startswith("Tern Harbour Advice runs this chat.") and "for 12 hours" in said
    html = waymark("embed", "--home", "scotland", **VALUES).stdout
    assert 'href="tel:+442079460123"' in html
    facts = {fact["id"]: fact for fact in json.loads(waymark("facts", "--json", **VALUES).stdout)}
    assert facts["sco-own-text"]["numbers"][0]["dial"] == "+447700900123"
    assert facts["sco-own-text"]["citations"][0]["title"] == "Tern Harbour Advice"
    assert "sco-own-text" not in waymark("facts").stdout
    assert "example-helpline.yml:37" in waymark("show", "sco-own-text", **VALUES).stdout


def test_embed_speaks_the_helplines_languages_and_only_with_the_web(tmp_path: Path) -> None:
    refused = waymark("embed", "--lang", "xx", **VALUES)
    assert refused.returncode == 1 and "use one of en" in refused.stderr
    off = changed(tmp_path, "channels: [web, telegram, whatsapp]", "channels: [telegram, whatsapp]")
    refused = waymark("embed", **{**VALUES, "WAYMARK_HELPLINE": str(off)})
    assert refused.returncode == 1 and "does not list 'web'" in refused.stderr


def test_check_looks_at_the_file_with_or_without_its_secrets(tmp_path: Path) -> None:
    alone = check_helpline(EXAMPLE, {})
    assert alone.problems == ()
    assert alone.told == (
        "example-helpline.yml holds for Tern Harbour Advice: 2 of its own numbers; "
        "2 of its own sentences; channels: web, telegram, whatsapp."
    )
    assert check_helpline(None, VALUES) == alone
    assert check_helpline(None, {}) == Checked()
    lacking = check_helpline(None, {"WAYMARK_HELPLINE": str(EXAMPLE)}).problems
    assert [line.split(":")[0] for line in lacking] == [
        "example-helpline.yml",
        "example-helpline.yml",
        "WAYMARK_HANDOFF_SECRET",
    ]


def test_the_command_names_every_line_that_does_not_hold(tmp_path: Path) -> None:
    bad = changed(tmp_path, "name: Tern Harbour Advice", "nam: Tern Harbour Advice")
    wrong = waymark("check", "--helpline", str(bad))
    assert wrong.returncode == 1 and wrong.stderr.splitlines() == [
        "helpline.yml:3: unknown field 'nam': did you mean 'name'?",
        "helpline.yml:3: 'name' is missing: add it: what people know the helpline as",
        "2 problems",
    ]
    late = waymark("check", "--on", "2030-01-01", **VALUES)
    assert "ew-own-advice was checked on 2026-11-22: check it again" in late.stderr
    assert "Traceback" not in wrong.stderr + late.stderr


def test_a_new_file_is_refused_until_it_is_filled_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ours.yml"
    made = waymark("new", "helpline", str(path))
    assert made.returncode == 0 and "says what is left to fill" in made.stdout
    left = problems_of(path)
    assert [line.split(": ")[1] for line in left] == [
        f"'{name}' is missing" for name in ("name", "homes", "channels")
    ]
    again = waymark("new", "helpline", str(path))
    assert again.returncode == 1 and "stands there already" in again.stderr


def test_every_field_of_a_new_file_can_be_uncommented_and_filled(tmp_path: Path) -> None:
    given = {
        "name": "Ours", "homes": "[scotland]", "channels": "[web]", "languages": "[en]",
        "retention_hours": "2", "zone": "Europe/London", "closed": "[2026-12-25]", "id": "line",
        "title": "A line", "text": "Somebody listens.", "display": "020 7946 0123",
        "dial": '"+442079460123"', "via": "call", "url": "https://www.example.org",
        "checked_on": "2026-11-22", "places": "[scotland]", "desk": "chatwoot",
        "wait_minutes": "5", "fallback": "line", "account": "1", "inbox": "2",
    }  # fmt: skip
    lines = []
    for line in templates.helpline("ours.yml")["ours.yml"].splitlines():
        bare = line.removeprefix("# ")
        name = bare.lstrip(" -").partition(":")[0]
        value = "09:00-17:00" if name.endswith("day") else given.get(name, "")
        if name in ("hours", "numbers", "hand_off"):
            value = "same" if bare.startswith("    ") else ""
        elif not value:
            continue
        lines.append(f"{bare.partition(':')[0]}: {value}".rstrip())
    path = written(tmp_path, "\n".join(lines) + "\n")
    assert problems_of(path) == [], path.read_text()
    assert len(load_helpline(path).facts) == 1


async def without_web() -> Any:
    helpline = replace(example(), channels=("telegram",))
    async with open_house(settings=replace(SETTINGS, helpline=helpline)) as house:
        for method, path in (("POST", "sessions"), ("POST", "messages"), ("GET", "messages")):
            url = f"{house.url}/webhooks/web/{path}"
            async with house.http.request(method, url) as response:
                yield response.status, await response.json()
        async with house.http.get(f"{house.url}/live") as response:
            assert response.status == 200
        async with house.http.get(f"{house.url}/widget/waymark.js") as response:
            assert response.status == 404


async def test_a_helpline_without_the_web_lets_nobody_in_there_but_says_the_numbers() -> None:
    answers = [answer async for answer in without_web()]
    assert len(answers) == 3
    for status, body in answers:
        assert status == 403 and body["error"]["code"] == "channel_off"
        assert "999" in body["error"]["message"] and body["numbers"]


def of_one_place() -> Settings:
    return replace(SETTINGS, helpline=replace(example(), homes=("scotland",)))


async def test_on_a_channel_of_one_place_danger_gets_that_places_numbers() -> None:
    async with open_house(settings=of_one_place()) as house:
        text = await danger_on_telegram(house)
        assert "999" in text and "10111" not in text
    async with open_house(settings=replace(SETTINGS, helpline=example())) as house:
        assert "10111" in await danger_on_telegram(house), "two places: not known which"


async def danger_on_telegram(house: House) -> str:
    assert await TELEGRAM.deliver(house, TELEGRAM.said("he is outside my door with a knife")) == 200
    await house.settled("telegram")
    return TELEGRAM.texts(house)[0]


async def test_the_place_goes_to_rasa_as_a_default_that_words_override() -> None:
    seen: list[Any] = []

    class Watching(ScriptedBrain):
        async def answer(self, conversation: str, text: str, **options: Any) -> Any:
            seen.append(options["metadata"]["default_home"])
            return await super().answer(conversation, text, **options)

    async with open_house(brain=Watching(), settings=of_one_place()) as house:
        turn = next(iter(house.pipelines.values())).turn
        got: list[Message] = []
        await turn.take("c", Incoming(text="hello"), got.append)
        await turn.take("c", Incoming(text="hello", default_home="australia"), got.append)
        assert seen == ["scotland", "australia"]
        async with house.http.post(f"{house.url}/webhooks/web/sessions") as response:
            opened = await response.json()
        headers = {"Authorization": f"Bearer {opened['token']}"}
        url = f"{house.url}/webhooks/web/messages"
        async with house.http.post(url, json={"id": "1", "text": "hi"}, headers=headers) as reply:
            assert (await reply.json())["home"] == "scotland"


async def test_the_first_message_on_a_channel_says_who_runs_it() -> None:
    async with open_house(settings=replace(SETTINGS, helpline=example())) as house:
        await TELEGRAM.deliver(house, TELEGRAM.said("hello there"))
        await house.settled("telegram")
        first = TELEGRAM.texts(house)[0]
        words = words_of(replace(example(), words=()), retention="one day")
        assert words("run_by") in first and "Tern Harbour Advice" in first
