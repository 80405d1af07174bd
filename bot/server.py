"""The server: opens the port before Rasa is imported, so that the numbers are always there."""

from __future__ import annotations

import asyncio
import time
from datetime import date
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sanic.response import json as json_response

from bot.brain import Brain
from bot.channels.memory import RECENT_SECONDS, Memory
from bot.channels.turn import Incoming, Turn
from bot.channels.web import WebChannel
from bot.danger import DangerPatterns, find_danger, load_patterns
from bot.order.model import Alone, Order
from bot.privacy import privacy_statement
from bot.rasa_brain import RasaBrain
from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.loader import FOLDER, load
from knowledge.words import Words, load_words

PAGE = Path(__file__).resolve().parent / "page"
PAGE_TYPES = {"index.html": "text/html", "chat.js": "text/javascript", "chat.css": "text/css"}
# A sentence that must always be found; /ready is red when it is not.
CANARY = "he is outside my door with a knife"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def prepare(settings: Settings) -> tuple[Knowledge, Words, DangerPatterns]:
    """Return what has to hold before a port opens, or raise with every problem in it."""
    words = load_words(always={"retention": settings.retention})
    return load(), words, load_patterns(Path(FOLDER) / "danger")


def make_app(settings: Settings, *, brain: Brain | None = None, name: str = "waymark") -> Sanic:
    """Return the server; with a brain of your own for tests, else Rasa on its own thread."""
    knowledge, words, patterns = prepare(settings)
    thinking = RasaBrain(settings) if brain is None else brain
    order = make_order(settings)
    turn = Turn(
        settings=settings,
        knowledge=knowledge,
        words=words,
        patterns=patterns,
        brain=thinking,
        memory=Memory(),
        order=order,
    )
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = settings.most_body
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.ACCESS_LOG = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = 5.0
    channel = WebChannel(settings=settings, knowledge=knowledge, words=words, turn=turn)
    app.blueprint(channel.blueprint())
    _add_probes(app, turn, thinking, patterns, order)
    _add_page(app)
    _add_privacy(app, privacy_statement(settings, words))
    _add_errors(app, turn, words)

    @app.after_server_start  # type: ignore[untyped-decorator]
    async def sweep(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        app.add_task(_sweep(turn, settings))

    @app.on_response  # type: ignore[untyped-decorator]
    async def harden(request: Request, response: HTTPResponse) -> None:
        for name_, value in HEADERS.items():
            response.headers.setdefault(name_, value)

    @app.after_server_stop  # type: ignore[untyped-decorator]
    async def close(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await order.close()

    if isinstance(thinking, RasaBrain):
        rasa = thinking

        @app.before_server_start  # type: ignore[untyped-decorator]
        async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            rasa.start()

        @app.after_server_stop  # type: ignore[untyped-decorator]
        async def stop(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            rasa.stop()

    return app


def make_order(settings: Settings) -> Order:
    """Return the order between processes where there is a Redis, else that of this one."""
    if not settings.redis:
        return Alone()
    from bot.order.over_redis import RedisOrder
    from bot.stores.keys import Keyring

    return RedisOrder(settings.redis, Keyring(settings.store_key))


async def _sweep(turn: Turn, settings: Settings) -> None:
    """Keep the memory's promise: texts for ten minutes, conversations as long as they are kept."""
    while True:
        await asyncio.sleep(60)
        keep = max(settings.retention_hours * 3600.0, RECENT_SECONDS)
        turn.memory.sweep(time.monotonic(), keep=keep)


def _add_probes(
    app: Sanic, turn: Turn, brain: Brain, patterns: DangerPatterns, order: Order
) -> None:
    async def live(request: Request) -> HTTPResponse:
        return text("alive")

    async def ready(request: Request) -> HTTPResponse:
        found = find_danger(CANARY, patterns=patterns)
        trouble = brain.trouble
        if found is None or not found.present:
            trouble = "the danger screen does not find its canary"
        body = {"ready": not trouble, "why": trouble, "on": date.today().isoformat()}
        return json_response(body, status=503 if trouble else 200)

    async def metrics(request: Request) -> HTTPResponse:
        lines = [f"waymark_ready {int(not brain.trouble)}"]
        if not order.alone:
            lines.append(f"waymark_order_shared {int(not order.trouble)}")
        lines += [
            f'waymark_events_total{{event="{name}"}} {count}'
            for name, count in sorted(turn.counts.items())
        ]
        return text("\n".join(lines) + "\n")

    app.add_route(live, "/live")
    app.add_route(ready, "/ready")
    app.add_route(metrics, "/metrics")


def _add_page(app: Sanic) -> None:
    contents = {name: (PAGE / name).read_bytes() for name in PAGE_TYPES}

    def serve(name: str) -> Any:
        async def page(request: Request) -> HTTPResponse:
            return HTTPResponse(contents[name], content_type=f"{PAGE_TYPES[name]}; charset=utf-8")

        page.__name__ = f"page_{name.replace('.', '_')}"
        return page

    app.add_route(serve("index.html"), "/")
    for name in ("chat.js", "chat.css"):
        app.add_route(serve(name), f"/{name}")


def _add_privacy(app: Sanic, statement: str) -> None:
    async def privacy(request: Request) -> HTTPResponse:
        return text(statement)

    app.add_route(privacy, "/privacy")


def _add_errors(app: Sanic, turn: Turn, words: Words) -> None:
    async def failed(request: Request | None, error: Exception) -> HTTPResponse:
        """Answer every error in the protocol's form, with the numbers and without a traceback."""
        status = getattr(error, "status_code", 500) if isinstance(error, SanicException) else 500
        names = {404: "not_found", 405: "method_not_allowed", 413: "too_big"}
        code = names.get(status, "bad_request" if status < 500 else "fault")
        said = {"too_big": "too_big", "fault": "cannot_answer"}.get(code)
        message = f"{words(said)} {turn.numbers()}" if said else code.replace("_", " ")
        return json_response({"error": {"code": code, "message": message}}, status=status)

    app.error_handler.add(Exception, failed)


__all__ = ["Incoming", "make_app", "prepare"]
