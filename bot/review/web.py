"""The review queue as a page on this machine: the same sitting as the terminal's, another face.

Who has the printed address may read and settle; nobody else. The key stands behind the ``#``, so
that it is in no request's line; the page takes it out of the address bar and keeps it in memory.
A site that points its own name at this machine is refused by the Host, another site by the Origin.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.browser_headers import HEADERS
from bot.review.propose import Proposal
from bot.review.sitting import Ending, Settled, Sitting, first_lesson
from bot.review.teach import Lesson
from bot.settings import LOOPBACK
from knowledge.schema import HARM_TYPES

PAGE = Path(__file__).resolve().parent / "page"
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/review.css": ("review.css", "text/css; charset=utf-8"),
    "/review.js": ("review.js", "text/javascript; charset=utf-8"),
}
_MOST_BODY = 16 * 1024
# Seconds: many groups at once, on a slow machine, are read for longer than Sanic waits by itself.
_PATIENCE = 600
_STATUS = {Ending.WRITTEN: 200, Ending.DISCARDED: 200, Ending.GONE: 409, Ending.REFUSED: 422}


def serve(sitting: Sitting, *, port: int, tell: Callable[[str], None]) -> None:
    """Show the page until stopped; ``tell`` is given the address to open."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        # A browser that is quicker than the server's start waits for it, instead of being refused.
        listening.listen()
        key = secrets.token_urlsafe(32)
        app = make_page(sitting, key=key, port=listening.getsockname()[1])
        tell("Open this address in a browser on this machine; Ctrl-C ends it:")
        tell(f"http://127.0.0.1:{listening.getsockname()[1]}/#{key}")
        app.run(sock=listening, access_log=False, debug=False, motd=False)


def make_page(sitting: Sitting, *, key: str, port: int, name: str = "waymark-review") -> Sanic:
    """Return the page's server.

    Args:
        sitting: what is left, and how it is settled.
        key: opens the queue; whoever has it may read and settle.
        port: the one that it listens on, for the Host and Origin that it lets in.
        name: the server's name, one for each in a process.
    """
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = _MOST_BODY
    app.config.RESPONSE_TIMEOUT = _PATIENCE
    app.config.ACCESS_LOG = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    hosts = {f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in LOOPBACK}
    one_at_a_time = asyncio.Lock()

    @app.on_request  # type: ignore[untyped-decorator]
    async def let_in(request: Request) -> HTTPResponse | None:
        origin = request.headers.get("origin")
        if request.headers.get("host") not in hosts or (
            origin is not None and origin != f"http://{request.headers['host']}"
        ):
            return json_response({"error": "forbidden"}, status=403)
        if request.path in FILES:
            return None
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
            return json_response({"error": "no_key"}, status=401)
        return None

    @app.on_response  # type: ignore[untyped-decorator]
    async def harden(request: Request, response: HTTPResponse) -> None:
        response.headers.update(HEADERS)

    async def apart(work: Callable[[], Any]) -> Any:
        async with one_at_a_time:
            return await asyncio.to_thread(work)

    async def left(request: Request) -> HTTPResponse:
        groups = await apart(lambda: [_plain(one) for one in sitting.left(today=date.today())])
        return json_response(
            {
                "groups": groups,
                "intents": sorted(sitting.intents),
                "harm_types": list(HARM_TYPES),
            }
        )

    async def accept(request: Request) -> HTTPResponse:
        body = request.json
        lesson = Lesson(
            " ".join(str(body["text"]).split()),
            str(body["intent"]),
            tuple(map(str, body["harm_types"])),
            danger=body["danger"] is True,
        )
        return _answer(await apart(lambda: sitting.accept(int(body["id"]), lesson)))

    async def discard(request: Request) -> HTTPResponse:
        return _answer(await apart(lambda: sitting.discard(int(request.json["id"]))))

    async def failed(request: Request, error: Exception) -> HTTPResponse:
        if isinstance(error, SanicException):
            return json_response({"error": "refused"}, status=error.status_code)
        wrong = isinstance(error, (KeyError, TypeError, ValueError))
        return json_response({"error": "refused"}, status=400 if wrong else 500)

    for path, (file, kind) in FILES.items():
        _add_file(app, path, (PAGE / file).read_bytes(), kind)
    app.add_route(left, "/queue")
    app.add_route(accept, "/accept", methods=["POST"])
    app.add_route(discard, "/discard", methods=["POST"])
    app.error_handler.add(Exception, failed)
    return app


def _add_file(app: Sanic, path: str, content: bytes, kind: str) -> None:
    async def file(request: Request) -> HTTPResponse:
        return HTTPResponse(content, content_type=kind)

    app.add_route(file, path, name=f"file_{path.strip('/') or 'page'}")


def _answer(settled: Settled) -> HTTPResponse:
    body = {"ending": settled.ending.value, "said": settled.said}
    return json_response(body, status=_STATUS[settled.ending])


def _plain(group: Proposal) -> dict[str, Any]:
    lesson, read = first_lesson(group), group.read()
    return {
        "id": group.key,
        "messages": [member.text for member in group.members],
        "text": lesson.text,
        "intent": lesson.intent,
        "harm_types": list(lesson.harm_types),
        "danger": lesson.danger,
        "confidence": round(read.confidence, 2),
        "home": read.home,
        "other": read.other,
        "nearest": [
            {
                "alike": round(alike, 2),
                "intent": example.intent,
                "harm_types": list(example.harm_types),
                "text": example.text,
                "where": example.where,
            }
            for alike, example in read.nearest
        ],
    }
