"""Where the desk posts to, and whether a hand-off can be set up at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.events import MalformedError, Post
from bot.handoff.chatwoot import ChatwootDesk
from bot.handoff.config import DESKS, HandOff
from bot.handoff.desk import HelpDesk
from bot.handoff.handover import Handover
from bot.handoff.webhook import WebhookDesk
from knowledge.words import Words


def help_desk_for(config: HandOff, words: Words) -> HelpDesk:
    """Return the desk that the settings name."""
    if config.desk == ChatwootDesk.name:
        return ChatwootDesk(config, words=words)
    return WebhookDesk(config)


def add_hand_off(app: Sanic, handover: Handover | None) -> None:
    """Add /webhooks/handoff/webhook and .../chatwoot; all but the desk's own answer 403."""
    for name in DESKS:
        own = handover if handover is not None and handover.desk.name == name else None
        path = "webhook" if name == WebhookDesk.name else name
        app.add_route(_route(path, own), f"/webhooks/handoff/{path}", methods=["POST", "GET"])
    if handover is None:
        return
    going = handover

    @app.after_server_start  # type: ignore[untyped-decorator]
    async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        # Only a task with a name is ended at a stop.
        app.add_task(going.run(), name="hand-off")

    @app.before_server_stop  # type: ignore[untyped-decorator]
    async def stop(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await going.close()


def _route(path: str, handover: Handover | None) -> Callable[..., object]:
    async def handler(request: Request) -> HTTPResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        post = Post(request.body, headers, request.query_string, time.time())
        if handover is None or request.method != "POST" or not handover.desk.verify(post):
            if handover is not None:
                handover.count("refused")
            return HTTPResponse(status=403)
        try:
            taken = [await handover.posted(one) for one in handover.desk.read(post)]
        except MalformedError:
            handover.count("malformed")
            return HTTPResponse(status=400)
        # Chatwoot posts about all of its inbox, and takes anything but a 200 for a fault of ours.
        if handover.desk.name != WebhookDesk.name or all(taken):
            return json_response({"ok": True})
        unknown = None in taken
        return json_response(
            {"error": {"code": "unknown" if unknown else "over"}}, status=404 if unknown else 409
        )

    handler.__name__ = f"handoff_{path}"
    return handler
