"""A server with the real turn and a brain that a test scripts, and stand-ins for providers."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sanic import Sanic

from bot import server
from bot.brain import Outcome
from bot.channel_keys import ChannelKeys, MessengerKeys, SlackKeys, TelegramKeys, TwilioKeys
from bot.channels.pipeline import Pipeline
from bot.channels.widget_files import WidgetFile, widget_files
from bot.settings import Settings
from knowledge.message import Message
from tests.support.server import free_port

FIXTURES = Path(__file__).parent / "fixtures"
DANGER = "he is outside my door with a knife"
PUBLIC = "https://help.example.org"
KEYS = ChannelKeys(
    public_url=PUBLIC,
    twilio=TwilioKeys(
        "AC00000000000000000000000000000001",
        "twilio-token",
        ("+440000000001", "whatsapp:+440000000002"),
    ),
    telegram=TelegramKeys("42:telegram-token", "telegram-secret-of-tests"),
    messenger=MessengerKeys("messenger-secret", "page-token", "handshake-word"),
    slack=SlackKeys("slack-signing-secret", "xoxb-of-tests"),
)
SETTINGS = Settings(
    secret=b"for-tests-only-for-tests-only-for-tests",
    store_key=b"for-tests-only-for-tests-only-for-store",
    channels=KEYS,
    deadline=2.0,
    danger_deadline=0.4,
)

# Reading the knowledge takes seconds; these tests do not change it. By what each is read from: the
# settings of no two tests are the same where a desk has a port of its own.
for _reads in ("words_of", "knowledge_of", "load_patterns"):
    setattr(server, _reads, lru_cache(maxsize=8)(getattr(server, _reads)))


@lru_cache(maxsize=1)
def files() -> dict[str, WidgetFile]:
    """Return the widget's files; packing them takes a second too."""
    return widget_files()


server.widget_files = lambda *_: files()


def fixture(name: str) -> dict[str, Any]:
    """Return a provider's documented payload."""
    return dict(json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))["payload"])


class ScriptedBrain:
    """Answers as a test says, keeps order like Rasa, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str], Awaitable[list[Message]]] | None = None) -> None:
        self.asked: list[tuple[str, str]] = []
        self.deleted: list[str] = []
        self.trouble = ""
        self._answer = answer
        self.delete_fails = 0
        # What the classifier would say of a text.
        self.sees: dict[str, str] = {}

    @property
    def parts(self) -> dict[str, str]:
        return {"model": self.trouble}

    def home_in(self, text: str) -> str | None:
        return None

    async def answer(
        self, conversation: str, text: str, *, metadata: Any, on_message: Any, on_danger: Any
    ) -> Outcome:
        self.asked.append((conversation, text))
        said = (
            [Message("answer", f"heard: {text}")]
            if self._answer is None
            else await self._answer(text)
        )
        for message in said:
            on_message(message)
        return Outcome()

    async def danger_in(self, text: str) -> str | None:
        return self.sees.get(text)

    async def delete(self, conversation: str) -> None:
        if self.delete_fails:
            self.delete_fails -= 1
            raise OSError("the store is down")
        self.deleted.append(conversation)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        return [
            {"from": "you", "text": f"{said}"} for who, said in self.asked if who == conversation
        ]

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.asked]


@dataclass
class Sent:
    """One call of a provider's API, as the provider saw it."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float


@dataclass
class Provider:
    """Plays a provider's send API: notes every call, and answers as told, in turn."""

    calls: list[Sent] = field(default_factory=list)
    answers: list[tuple[int, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    slow: float = 0.0
    held: asyncio.Event | None = None
    parts: int = 1
    _runner: web.AppRunner | None = None
    base: str = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.base = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if request.content_type == "application/json":
            body = await request.json()
        else:
            body = dict(await request.post())
        path = "/" + request.match_info["path"]
        self.calls.append(Sent(path, body, dict(request.headers), time.monotonic()))
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.held is not None:
            await self.held.wait()
        status, made, headers = self.answers.pop(0) if self.answers else (200, {"ok": True}, {})
        if self.parts == 1:
            return web.json_response(made, status=status, headers=headers)
        return await self._in_parts(request, json.dumps(made).encode())

    async def _in_parts(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Answer with a body that arrives in several packets."""
        response = web.StreamResponse()
        await response.prepare(request)
        size = -(-len(body) // self.parts)
        for at in range(0, len(body), size):
            await response.write(body[at : at + size])
            await asyncio.sleep(0.02)
        await response.write_eof()
        return response


@dataclass
class House:
    """A running server, its brain and the provider that every channel sends to."""

    url: str
    brain: ScriptedBrain
    provider: Provider
    pipelines: dict[str, Pipeline]
    http: aiohttp.ClientSession
    counts: dict[str, int]

    async def post(
        self, channel: str, body: bytes, headers: dict[str, str], *, query: str = ""
    ) -> tuple[int, bytes]:
        """Post to a channel's webhook and return what came back."""
        url = f"{self.url}/webhooks/{channel}/webhook{query}"
        async with self.http.post(url, data=body, headers=headers) as response:
            return response.status, await response.read()

    async def settled(self, channel: str, *, within: float = 10.0) -> None:
        """Wait until all that was taken is answered and sent."""
        await asyncio.wait_for(self.pipelines[channel].idle(), within)


class open_house:
    """Starts a house in the test's own loop, with the real turn, and stops it."""

    def __init__(
        self,
        *,
        brain: ScriptedBrain | None = None,
        settings: Settings = SETTINGS,
        shelf: Any = None,
    ) -> None:
        self._brain = brain or ScriptedBrain()
        self._settings = settings
        self._shelf = shelf

    async def __aenter__(self) -> House:
        self._provider = Provider()
        await self._provider.start()
        name = f"house-{time.monotonic_ns()}"
        bases = dict.fromkeys(("twilio", "telegram", "messenger", "slack"), self._provider.base)
        app = server.make_app(
            self._settings, brain=self._brain, name=name, bases=bases, shelf=self._shelf
        )
        # Sanic rewrites its own methods at a start; in this mode it keeps the originals for the next.
        Sanic.test_mode = True
        for pipeline in app.ctx.messaging.values():
            pipeline.outbox.pause = 0.02
        port = free_port()
        self._server = await app.create_server(
            host="127.0.0.1", port=port, return_asyncio_server=True, access_log=False
        )
        await self._server.startup()
        self._http = aiohttp.ClientSession()
        self._app = app
        turn = next(iter(app.ctx.messaging.values())).turn if app.ctx.messaging else None
        self._handover = turn.handover if turn else None
        if self._handover is not None:
            # What the server does after its start, and then every few seconds.
            await self._handover.restore()
        return House(
            f"http://127.0.0.1:{port}",
            self._brain,
            self._provider,
            app.ctx.messaging,
            self._http,
            turn.counts if turn else {},
        )

    async def __aexit__(self, *_: object) -> None:
        for pipeline in self._app.ctx.messaging.values():
            await pipeline.close()
        if self._handover is not None:
            await self._handover.close()
        self._server.close()
        await self._server.wait_closed()
        await self._http.close()
        await self._provider.stop()
