"""The widget while a helpline has the chat: who answers is seen, and nothing waits for a press."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from bot.handoff.desk import signed
from tests.support.browser import Site, violations
from tests.support.scripted import ScriptedServer
from tests.widget.conftest import Opened

SECRET = "desk-secret-of-tests-0123456789"


class PlayedDesk:
    """A helpline's desk in a thread: notes what it is told, and posts signed answers."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.arrived = threading.Condition()
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with desk.arrived:
                    desk.told.append(json.loads(body))
                    desk.arrived.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()

    def until(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until so many events of a kind have arrived, and return them."""

        def there() -> list[dict[str, Any]]:
            return [one for one in self.told if one["event"] == event]

        with self.arrived:
            assert self.arrived.wait_for(lambda: len(there()) >= count, timeout=20), self.told
        return there()

    def says(self, guide: str, text: str, *, event: str = "reply") -> int:
        said = {"id": str(time.monotonic_ns()), "event": event, "text": text}
        said["hand_off"] = self.until("opened")[-1]["hand_off"]
        raw, when = json.dumps(said).encode(), str(int(time.time()))
        headers = {
            "X-Waymark-Timestamp": when,
            "X-Waymark-Signature": signed(SECRET.encode(), when, raw),
        }
        url = f"{guide}/webhooks/handoff/webhook"
        return requests.post(url, data=raw, headers=headers, timeout=10).status_code


@pytest.fixture
def desk() -> Iterator[PlayedDesk]:
    made = PlayedDesk()
    yield made
    made.stop()


@pytest.fixture
def guide(site: Site, tmp_path: Path, desk: PlayedDesk) -> Iterator[ScriptedServer]:
    """Return a guide that hands over to the desk."""
    given = {"desk": "webhook", "url": desk.url, "wait_minutes": 15, "secret": SECRET}
    given["fallback"] = "sco-support-victim-support-scotland"
    (tmp_path / "hand_off.json").write_text(json.dumps(given))
    with ScriptedServer(tmp_path, WAYMARK_ORIGINS=site.origin) as running:
        yield running


def test_a_person_is_asked_for_answers_and_gives_the_chat_back(
    visit: Opened, guide: ScriptedServer, desk: PlayedDesk, tmp_path: Path
) -> None:
    chat = visit(of=guide.url).open()
    chat.say("i am in scotland and want a person")
    chat.sees("can join this chat")
    expect(chat.part("handed")).to_be_hidden()
    chat.host.get_by_role("button", name="Talk to a person").click()
    chat.sees("Nothing has been sent yet")
    assert desk.told == []
    chat.page.screenshot(path=tmp_path / "packet.png")
    chat.host.get_by_role("button", name="Send it", exact=True).click()
    expect(chat.part("handed")).to_contain_text("Waiting for the helpline")
    chat.page.screenshot(path=tmp_path / "waiting.png")
    desk.until("opened")
    chat.say("are you there?")
    assert desk.until("message")[0]["text"] == "are you there?"
    expect(chat.part("typing")).to_be_hidden()
    expect(chat.part("retry")).to_have_count(0)
    # Nobody presses anything: the answer comes.
    assert desk.says(guide.url, "Hello, I am Sam. 999 is not a link here.") == 200
    chat.sees("Hello, I am Sam.")
    expect(chat.part("handed")).to_contain_text("The helpline is here")
    expect(chat.message("person")).to_contain_text("The helpline")
    assert chat.message("person").locator("a").count() == 0
    expect(chat.part("announcer")).to_contain_text("The helpline: Hello, I am Sam.")
    assert violations(chat.page) == []
    chat.page.screenshot(path=tmp_path / "person.png")
    chat.say("he is outside my door with a knife")
    expect(chat.message("emergency")).to_contain_text("999")
    assert desk.until("danger")[0]["kind"] == "danger"
    chat.part("resume").click()
    chat.sees("You are back with the guide")
    expect(chat.part("handed")).to_be_hidden()
    assert desk.until("closed")[0]["reason"] == "resumed"
    chat.say("something else")
    chat.sees("I can help with that.")


def test_leaving_tells_the_desk_and_asks_it_nothing_more(
    visit: Opened, guide: ScriptedServer, desk: PlayedDesk
) -> None:
    chat = visit(of=guide.url).open()
    chat.say("i want a person")
    chat.host.get_by_role("button", name="Talk to a person").click()
    chat.host.get_by_role("button", name="Send it", exact=True).click()
    expect(chat.part("handed")).to_be_visible()
    chat.part("menu").click()
    chat.part("delete").click()
    chat.part("delete").click()
    expect(chat.part("handed")).to_be_hidden()
    assert desk.until("closed")[0]["delete"] is True
    assert desk.says(guide.url, "too late") == 404


def test_the_words_of_the_button_are_words_that_bring_the_guide_back() -> None:
    from bot.channels.commands import load_commands, plain
    from knowledge.loader import FOLDER

    commands = load_commands(Path(FOLDER) / "commands.yml")
    for path in (Path(__file__).parents[2] / "widget" / "strings").glob("*.json"):
        words = json.loads(path.read_text("utf-8"))
        assert commands[plain(words["resume"])] == "resume", path.name
