"""The server: opens the port before Rasa is imported, so that the numbers are always there."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from sanic import Sanic
from sanic.exceptions import PayloadTooLarge, SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, text

from bot.brain import Brain
from bot.browser_headers import HEADERS
from bot.channels.card import snippet
from bot.channels.memory import RECENT_SECONDS, Memory
from bot.channels.messaging import MOST_BODY, PREFIXES, add_messaging
from bot.channels.turn import Incoming, Turn
from bot.channels.web import WebChannel, cross_origin, error_response
from bot.channels.widget_files import STUB, STYLE, WidgetFile, widget_files
from bot.danger import DangerPatterns, load_patterns
from bot.handoff.handover import Handover
from bot.handoff.routes import add_hand_off, help_desk_for
from bot.handoff.shelf import NoShelf, Shelf, StoreShelf
from bot.helpline.book import knowledge_of, words_of
from bot.observability.probes import State, add_probes
from bot.observability.tracing import start_tracing, stop_tracing
from bot.order.model import Alone, Order
from bot.privacy import privacy_statement
from bot.rasa_brain import RasaBrain
from bot.review.desk import desk_for, queue_for
from bot.review.queue import Queue
from bot.settings import Settings
from knowledge.base import Knowledge
from knowledge.loader import FOLDER
from knowledge.words import Words

PAGE = Path(__file__).resolve().parent / "page"
CHAT_PLACE = "<!-- waymark -->"
# Seconds that a stop gives to turns that are past their deadline already, and between two looks at
# whether the model has come.
_AFTER_DEADLINE = 2.0
_LOOK_EVERY = 0.1
_SWEEP_EVERY = 60.0
log = logging.getLogger(__name__)


def prepare(settings: Settings) -> tuple[Knowledge, Words, DangerPatterns]:
    """Return what has to hold before a port opens, or raise with every problem in it."""
    words = words_of(settings.helpline, retention=settings.retention)
    return knowledge_of(settings.helpline), words, load_patterns(Path(FOLDER) / "danger")


def make_app(
    settings: Settings,
    *,
    brain: Brain | None = None,
    name: str = "waymark",
    bases: Mapping[str, str] | None = None,
    shelf: Shelf | None = None,
) -> Sanic:
    """Return the server; with a brain of your own for tests, else Rasa on its own thread.

    ``bases`` names stand-ins for the messaging providers, by channel, for tests; ``shelf`` is where
    hand-offs are kept when the brain is your own.
    """
    knowledge, words, patterns = prepare(settings)
    start_tracing(os.environ)
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
        review=desk_for(settings, words),
    )
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = max(settings.most_body, MOST_BODY)
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.ACCESS_LOG = False
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = settings.deadline
    app.config.PROXIES_COUNT = settings.proxies or None
    add_messaging(app, settings=settings, words=words, turn=turn, bases=bases)
    state = State(thinking, order, patterns)
    add_probes(app, turn, state)
    _add_stop(app, turn, state, settings)
    turn.handover = _handover(settings, knowledge, words, turn, thinking, shelf or _shelf(thinking))
    if turn.handover is not None:
        for channel_name, pipeline in app.ctx.messaging.items():
            turn.handover.senders[channel_name] = pipeline.push
    add_hand_off(app, turn.handover)
    if settings.web:
        channel = WebChannel(settings=settings, knowledge=knowledge, words=words, turn=turn)
        app.blueprint(channel.blueprint())
        if turn.handover is not None:
            turn.handover.senders["web"] = channel.push
        files = widget_files(knowledge, words, patterns)
        _add_widget(app, files, settings)
        _add_page(app, files, knowledge, words, settings.default_home)
    else:
        _add_no_web(app, turn, knowledge)
    _add_privacy(app, privacy_statement(settings, knowledge, words))
    _add_errors(app, turn, words, knowledge, settings)

    @app.after_server_start  # type: ignore[untyped-decorator]
    async def sweep(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        # Only a task with a name is ended at a stop.
        app.add_task(_sweep(turn, settings), name="sweep")
        app.add_task(_expire(queue_for(settings)), name="expire")

    @app.on_request  # type: ignore[untyped-decorator]
    async def cap(request: Request) -> None:
        """Hold everything but the providers' posts to the smaller limit."""
        if len(request.body) > settings.most_body and not request.path.startswith(PREFIXES):
            raise PayloadTooLarge("too big")

    @app.on_response  # type: ignore[untyped-decorator]
    async def harden(request: Request, response: HTTPResponse) -> None:
        for name_, value in HEADERS.items():
            response.headers.setdefault(name_, value)

        if state.stopping:
            # A proxy would send the next request on this connection, and find it closed.
            request.stream.keep_alive = False

    @app.after_server_stop  # type: ignore[untyped-decorator]
    async def close(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        await order.close()
        stop_tracing()

    if isinstance(thinking, RasaBrain):
        rasa = thinking

        @app.before_server_start  # type: ignore[untyped-decorator]
        async def start(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            rasa.start()
            await _until_started(rasa, settings.wait)

        @app.after_server_stop  # type: ignore[untyped-decorator]
        async def stop(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
            rasa.stop()

    return app


def _handover(
    settings: Settings,
    knowledge: Knowledge,
    words: Words,
    turn: Turn,
    brain: Brain,
    shelf: Shelf,
) -> Handover | None:
    """Return what hands conversations to a helpline, where one has set that up."""
    if settings.hand_off is None:
        return None
    return Handover(
        settings.hand_off,
        desk=help_desk_for(settings.hand_off, words),
        shelf=shelf,
        memory=turn.memory,
        knowledge=knowledge,
        words=words,
        export=brain.export,
        counts=turn.counts,
        retention=_kept_for(settings),
    )


def _shelf(brain: Brain) -> Shelf:
    if isinstance(brain, RasaBrain):
        return StoreShelf(lambda: brain.kept)
    return NoShelf()


def make_order(settings: Settings) -> Order:
    """Return the order between processes where there is a Redis, else that of this one."""
    if not settings.redis:
        return Alone()
    from bot.order.over_redis import RedisOrder
    from bot.stores.keys import Keyring

    return RedisOrder(settings.redis, Keyring(settings.store_key))


async def _until_started(brain: RasaBrain, seconds: float) -> None:
    """Wait before the port opens, while others answer; what turns out broken is not waited for."""
    end = time.monotonic() + seconds
    while brain.starting and time.monotonic() < end:
        await asyncio.sleep(_LOOK_EVERY)


def _add_stop(app: Sanic, turn: Turn, state: State, settings: Settings) -> None:
    """Let a stop lose nothing: no new people, the turns under way to their end, then the end."""

    @app.before_server_stop  # type: ignore[untyped-decorator]
    async def drain(app: Sanic, loop: asyncio.AbstractEventLoop) -> None:
        state.stopping = True
        await asyncio.sleep(settings.drain)
        await turn.under_way.ended(patience=settings.deadline + _AFTER_DEADLINE)


async def _sweep(turn: Turn, settings: Settings) -> None:
    """Keep the memory's promise: texts for ten minutes, conversations as long as they are kept."""
    while True:
        await asyncio.sleep(_SWEEP_EVERY)
        turn.memory.sweep(time.monotonic(), keep=_kept_for(settings))


async def _expire(queue: Queue) -> None:
    """Keep the review queue's promise, at the start and every day, though nobody adds or reviews.

    Also while nobody is asked any more: what was kept before that expires all the same.
    """
    done: date | None = None
    while True:
        today = date.today()
        if done != today:
            try:
                await asyncio.to_thread(queue.expire, today=today)
                done = today
            except Exception as error:  # a file that fails is tried again, and holds up nobody
                log.error("the review queue did not expire: %s", type(error).__name__)
        await asyncio.sleep(_SWEEP_EVERY)


def _kept_for(settings: Settings) -> float:
    """Return how many seconds a conversation is kept after its last message."""
    return max(settings.retention_hours * 3600.0, RECENT_SECONDS)


def _add_widget(app: Sanic, files: dict[str, WidgetFile], settings: Settings) -> None:
    """Serve the widget's files, to pages of the sites on the list too, and packed if they can."""

    def serve(path: str, file: WidgetFile) -> None:
        # The stub is on every page of a site, so keeping it tells nobody that the chat was opened.
        keep = {"Cache-Control": "public, max-age=300"} if path == STUB else {}

        async def widget(request: Request) -> HTTPResponse:
            headers = {**keep, "Vary": "Origin, Accept-Encoding"}
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
            origin = request.headers.get("origin")
            if origin in settings.origins:
                headers["Access-Control-Allow-Origin"] = origin
            content = file.content
            if "gzip" in request.headers.get("accept-encoding", ""):
                headers["Content-Encoding"] = "gzip"
                content = file.zipped
            return HTTPResponse(content, headers=headers, content_type=file.content_type)

        widget.__name__ = re.sub(r"\W", "_", path)
        app.add_route(widget, f"/{path}")

    for path, file in files.items():
        serve(path, file)


def _add_no_web(app: Sanic, turn: Turn, knowledge: Knowledge) -> None:
    """Refuse what belongs to the web channel, which is off: with the numbers all the same."""

    async def refused(request: Request, rest: str = "") -> HTTPResponse:
        return error_response(403, "channel_off", turn.numbers(), knowledge)

    app.add_route(refused, "/webhooks/web/<rest:path>", methods=["GET", "POST", "DELETE"])


def _add_page(
    app: Sanic,
    files: dict[str, WidgetFile],
    knowledge: Knowledge,
    words: Words,
    default_home: str | None,
) -> None:
    """Serve an example of a charity's page; ``/?home=scotland`` is one that knows its visitors."""
    page = (PAGE / "index.html").read_text("utf-8")
    style = (PAGE / "page.css").read_bytes()
    known = [None, *(place.id for place in knowledge.homes())]
    pages = {
        home: page.replace(
            CHAT_PLACE,
            snippet(
                knowledge,
                words,
                server="/",
                home=home or default_home,
                lang="en",
                script=STUB,
                integrity=files[STUB].sri,
            ),
        )
        for home in known
    }

    async def example(request: Request) -> HTTPResponse:
        home = request.args.get("home")
        return HTTPResponse(pages.get(home, pages[None]), content_type="text/html; charset=utf-8")

    async def page_style(request: Request) -> HTTPResponse:
        return HTTPResponse(style, content_type=STYLE)

    app.add_route(example, "/")
    app.add_route(page_style, "/page.css")


def _add_privacy(app: Sanic, statement: str) -> None:
    async def privacy(request: Request) -> HTTPResponse:
        return text(statement)

    app.add_route(privacy, "/privacy")


def _add_errors(
    app: Sanic, turn: Turn, words: Words, knowledge: Knowledge, settings: Settings
) -> None:
    async def failed(request: Request | None, error: Exception) -> HTTPResponse:
        """Answer every error in the protocol's form, with the numbers and without a traceback."""
        status = getattr(error, "status_code", 500) if isinstance(error, SanicException) else 500
        if status == 500 and request is not None and request.method == "NONE":
            # Sanic could not read the request's head: that is no fault of ours.
            status = 400
        names = {404: "not_found", 405: "method_not_allowed", 413: "too_big"}
        code = names.get(status, "bad_request" if status < 500 else "fault")
        said = {"too_big": "too_big", "fault": "cannot_answer"}.get(code)
        message = f"{words(said)} {turn.numbers()}" if said else code.replace("_", " ")
        response = error_response(status, code, message, knowledge)
        # Which methods there are instead, for a 405.
        response.headers.update(getattr(error, "headers", None) or {})
        origin = request.headers.get("origin") if request else None
        if origin in settings.origins:
            response.headers.update(cross_origin(origin))
        return response

    app.error_handler.add(Exception, failed)


__all__ = ["Incoming", "make_app", "prepare"]
