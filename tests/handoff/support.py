"""A helpline's desk that we play, a guide that we script, and people on every channel."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import time as clock_time
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.brain import Outcome
from bot.handoff.config import HandOff, Hours, Span
from bot.handoff.desk import signed
from bot.handoff.handover import Handover
from bot.settings import Settings
from knowledge.message import Message
from tests.channels.support import SETTINGS, House, ScriptedBrain, open_house
from tests.channels.ways import WAYS, Way
from tests.support.server import free_port

FIXTURES = Path(__file__).parent / "fixtures"
SECRET = b"desk-secret-of-tests-0123456789"
FALLBACK = "sco-support-victim-support-scotland"
WORDS = "he posts my address every night and calls it a joke"
KEPT = [
    {"from": "waymark", "text": "Hello.", "at": 1.0},
    {"from": "you", "text": WORDS, "at": 2.0},
    {"known": "home_jurisdiction", "value": "scotland"},
    {"known": "harm_types", "value": ["stalking", "doxxing"]},
    {"known": "perpetrator_location", "value": "south_africa"},
    {"from": "waymark", "text": "Stalking is a crime.", "at": 3.0, "facts": ["sco-stalking-s39"]},
    {"from": "you", "text": '/ask_escalation{"tried": []}', "at": 4.0},
]


class Guide(ScriptedBrain):
    """Understands what a test says it does, and has kept what ``KEPT`` says."""

    def __init__(self, kept: list[dict[str, Any]] | None = None) -> None:
        super().__init__()
        self.kept = KEPT if kept is None else kept
        self.export_fails = False

    async def answer(
        self, conversation: str, text: str, *, metadata: Any, on_message: Any, on_danger: Any
    ) -> Outcome:
        self.asked.append((conversation, text))
        on_message(Message("answer", f"heard: {text}"))
        if text in ("a person please", "/ask_human"):
            return Outcome(intent="ask_human" if text[0] != "/" else "")
        return Outcome(intent="nlu_fallback" if text.startswith("mumble") else "report_harm")

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        if self.export_fails:
            raise OSError("the store is down")
        return list(self.kept)


@dataclass
class Call:
    """One call to the desk, as it arrived."""

    method: str
    path: str
    raw: bytes
    headers: dict[str, str]

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.raw)) if self.raw else {}


@dataclass
class DeskServer:
    """Plays a desk: notes every call, and answers as told, in turn, or by path."""

    calls: list[Call] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    paths: dict[str, Any] = field(default_factory=dict)
    held: asyncio.Event | None = None
    down: bool = False
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> DeskServer:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.calls.append(Call(request.method, request.path, raw, dict(request.headers)))
        if self.held is not None:
            await self.held.wait()
        if self.down:
            return web.json_response({}, status=503)
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        made: Any = {"ok": True}
        for end, answer in self.paths.items():
            if request.path.endswith(end):
                made = answer
        return web.json_response(made, status=status, headers=headers)

    @property
    def told(self) -> list[dict[str, Any]]:
        """Return the bodies of all calls."""
        return [call.body for call in self.calls]

    def events(self) -> list[str]:
        """Return which events arrived."""
        return [str(body.get("event", "")) for body in self.told]

    def of(self, event: str) -> list[dict[str, Any]]:
        """Return the events of a kind."""
        return [body for body in self.told if body.get("event") == event]


def always_open() -> Hours:
    return Hours("Europe/London", tuple(Span(d, clock_time(0), clock_time(0)) for d in range(7)))


def settings_for(played: DeskServer, **more: Any) -> Settings:
    """Return settings that hand over to a desk that we play."""
    config = HandOff(
        desk="webhook",
        url=f"{played.url}/hook",
        hours=None,
        wait_minutes=15,
        fallback=FALLBACK,
        secret=SECRET,
    )
    return replace(SETTINGS, hand_off=replace(config, **more))


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Person:
    """Somebody on one channel."""

    def __init__(self, house: House, way: Way | None, *, who: int = 1) -> None:
        self.house = house
        self.way = way
        self.who = who
        self.n = 100 * who
        self.token = ""
        self.seen: list[dict[str, Any]] = []
        self.state: dict[str, Any] = {}

    @property
    def handover(self) -> Handover:
        found = self.house.pipelines["telegram"].turn.handover
        assert found is not None
        return found

    async def say(self, text: str) -> list[str]:
        """Write, and return what comes back, also later, until nothing is on its way."""
        before = len(self.texts)
        if self.way is None:
            await self._post({"id": uuid.uuid4().hex, "text": text})
        else:
            self.n += 1
            assert (
                await self.way.deliver(self.house, self.way.said(text, n=self.n, who=self.who))
                == 200
            )
        await self.settled()
        if self.way is not None and self.way.name == "sms" and text != "more":
            for _ in range(20):
                if not self.texts[-1:] or "MORE" not in self.texts[-1]:
                    break
                await self.say("more")
            else:
                raise AssertionError("MORE brings no end")
        return self.texts[before:]

    async def settled(self) -> None:
        for _ in range(3):
            if self.way is not None:
                await self.house.settled(self.way.channel, within=60)
            await asyncio.wait_for(self.handover.idle(), 60)
        if self.way is None:
            await self.fetch()

    @property
    def texts(self) -> list[str]:
        if self.way is not None:
            return self.way.texts(self.house)
        return [message["text"] for message in self.seen]

    @property
    def conversation(self) -> str:
        (found,) = self.handover._records
        return found

    async def open(self) -> None:
        """Start on the web."""
        async with self.house.http.post(f"{self.house.url}/webhooks/web/sessions") as response:
            self.token = (await response.json())["token"]

    async def fetch(self) -> None:
        after = self.seen[-1]["id"] if self.seen else ""
        url = f"{self.house.url}/webhooks/web/messages?after={after}"
        async with self.house.http.get(url, headers=self._headers) as response:
            self._take(await response.json())

    async def _post(self, body: dict[str, Any]) -> None:
        url = f"{self.house.url}/webhooks/web/messages"
        async with self.house.http.post(url, json=body, headers=self._headers) as response:
            assert response.status == 200, await response.text()
            self._take(await response.json())

    def _take(self, data: dict[str, Any]) -> None:
        known = {message["id"] for message in self.seen}
        self.seen += [message for message in data["messages"] if message["id"] not in known]
        self.state = {name: value for name, value in data.items() if name != "messages"}

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def person_on(house: House, way: Way | None, *, who: int = 1) -> Person:
    """Return somebody who has just begun."""
    person = Person(house, way, who=who)
    if way is None:
        await person.open()
    return person


@asynccontextmanager
async def asking(
    way: Way | None = None, **settings: Any
) -> AsyncIterator[tuple[DeskServer, Person]]:
    """Open a desk and a house with the guide, and bring a person who writes to it."""
    async with (
        DeskServer() as desk,
        open_house(brain=Guide(), settings=settings_for(desk, **settings)) as house,
    ):
        yield desk, await person_on(house, way)


async def handed_over(person: Person, desk: DeskServer) -> str:
    """Ask for a person, say yes to the packet, and return the hand-off's id."""
    await person.say("a person please")
    await person.say("Talk to a person")
    await person.say("Send it")
    return str(desk.of("opened")[-1]["hand_off"])


async def desk_posts(
    house: House,
    body: dict[str, Any],
    *,
    secret: bytes = SECRET,
    at: float | None = None,
    path: str = "webhook",
    prefix: str = "X-Waymark",
    **headers: str,
) -> int:
    """Post as the desk would, and return the status."""
    raw = json.dumps(body).encode()
    when = str(int(time.time() if at is None else at))
    signing = {
        "Content-Type": "application/json",
        f"{prefix}-Timestamp": when,
        f"{prefix}-Signature": signed(secret, when, raw),
        f"{prefix}-Delivery": uuid.uuid4().hex,
        **headers,
    }
    url = f"{house.url}/webhooks/handoff/{path}"
    async with house.http.post(url, data=raw, headers=signing) as response:
        return response.status


async def replied(house: House, hand_off: str, text: str, *, event: str = "reply") -> int:
    """Have the desk say or do something."""
    body = {"id": uuid.uuid4().hex, "hand_off": hand_off, "event": event, "text": text}
    return await desk_posts(house, body)


CHANNELS: tuple[Way | None, ...] = (None, *WAYS)


def named(way: Way | None) -> str:
    return way.name if way else "web"
