"""The messaging channels that are switched on, and their routes; without its secrets one is off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channel_keys import NEEDED
from bot.channels.channel import Channel
from bot.channels.messenger import Messenger
from bot.channels.pipeline import Pipeline
from bot.channels.slack import Slack
from bot.channels.telegram import Telegram
from bot.channels.turn import Turn
from bot.channels.twilio import Twilio
from bot.settings import Settings
from knowledge.words import Words

# A provider may put many messages into one post; the web channel has its own, smaller limit.
MOST_BODY = 1024 * 1024
PREFIXES = tuple(f"/webhooks/{name}/webhook" for name in NEEDED)


def channels(settings: Settings, *, bases: Mapping[str, str] | None = None) -> list[Channel]:
    """Return the channels whose secrets are set; ``bases`` names stand-ins for providers."""
    keys = settings.channels
    where = {name: {"base": base} for name, base in (bases or {}).items()}
    made: list[Channel] = []
    if keys.telegram is not None:
        made.append(Telegram(keys.telegram, **where.get("telegram", {})))
    if keys.twilio is not None:
        made.append(Twilio(keys.twilio, public_url=keys.public_url, **where.get("twilio", {})))
    if keys.messenger is not None:
        made.append(Messenger(keys.messenger, **where.get("messenger", {})))
    if keys.slack is not None:
        made.append(Slack(keys.slack, **where.get("slack", {})))
    return made


def add_messaging(
    app: Sanic,
    *,
    settings: Settings,
    words: Words,
    turn: Turn,
    bases: Mapping[str, str] | None = None,
) -> None:
    """Add /webhooks/<name>/webhook for every messaging channel; one that is off answers 403."""
    working = {
        channel.name: Pipeline(channel, settings=settings, words=words, turn=turn)
        for channel in channels(settings, bases=bases)
    }
    for name in NEEDED:
        app.add_route(
            _route(name, working.get(name)),
            f"/webhooks/{name}/webhook",
            methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
        )

    @app.before_server_stop  # type: ignore[untyped-decorator]
    async def close(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await asyncio.gather(*(pipeline.close() for pipeline in working.values()))

    app.ctx.messaging = working


def _route(name: str, pipeline: Pipeline | None) -> Callable[..., object]:
    async def webhook(request: Request) -> HTTPResponse:
        if pipeline is not None and request.method == "POST":
            return await pipeline.receive(request)
        greeting = None
        if pipeline is not None and request.method == "GET":
            greeting = pipeline.channel.greet(dict(request.query_args))
        return greeting or HTTPResponse(status=403)

    webhook.__name__ = f"webhook_{name}"
    return webhook
