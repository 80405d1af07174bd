"""The web channel: protocol v1 of docs/protocol.md, JSON over HTTP under /webhooks/web."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.memory import MOST_REPLIES, Conversation, Kept
from bot.channels.numbers import numbers_in
from bot.channels.tokens import LIFETIME, Session, Tokens
from bot.channels.turn import Incoming, Turn
from bot.handoff.handover import GUIDE
from bot.handoff.ports import Delivery
from bot.settings import LOOPBACK, Settings
from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.welcome import welcome_message
from knowledge.words import Words

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_ADDRESSES = 10_000


class ApiError(Exception):
    """A 4xx answer: a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(code)

    def response(self, knowledge: Knowledge) -> HTTPResponse:
        """Return it as protocol v1 has it."""
        return error_response(self.status, self.code, self.message, knowledge)


def error_response(status: int, code: str, message: str, knowledge: Knowledge) -> HTTPResponse:
    """Return an error with where the emergency numbers stand in its message."""
    facts = [fact for place in knowledge.homes() for fact in knowledge.emergency(place.id)]
    return json_response(
        {"error": {"code": code, "message": message}, "numbers": numbers_in(message, facts)},
        status=status,
    )


class WebChannel:
    """Verifies, mints ids, drops duplicates, caps size and speed, and hands on to the turn."""

    def __init__(
        self, *, settings: Settings, knowledge: Knowledge, words: Words, turn: Turn
    ) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._words = words
        self._turn = turn
        self._tokens = Tokens(settings.secret)
        self._addresses: OrderedDict[str, deque[float]] = OrderedDict()

    def blueprint(self) -> Blueprint:
        """Return the routes."""
        routes = Blueprint("web", url_prefix="/webhooks/web")
        routes.add_route(self._guarded(self._open), "/sessions", methods=["POST", "OPTIONS"])
        routes.add_route(
            self._guarded(self._messages), "/messages", methods=["POST", "GET", "OPTIONS"]
        )
        routes.add_route(self._guarded(self._export), "/export", methods=["GET", "OPTIONS"])
        routes.add_route(self._guarded(self._delete), "/session", methods=["DELETE", "OPTIONS"])
        routes.add_route(self._guarded(self._end), "/session/end", methods=["POST", "OPTIONS"])
        return routes

    def _guarded(self, handler: Any) -> Any:
        async def guarded(request: Request) -> HTTPResponse | None:
            origin = request.headers.get("origin")
            try:
                self._check_origin(request, origin)
                if request.method == "OPTIONS":
                    response: HTTPResponse | None = HTTPResponse(status=204)
                else:
                    response = await handler(request)
            except ApiError as error:
                response = error.response(self._knowledge)
            if response is not None:
                response.headers.update(cross_origin(origin))
            return response

        guarded.__name__ = handler.__name__.strip("_")
        return guarded

    def _check_origin(self, request: Request, origin: str | None) -> None:
        if origin is None or origin in self._settings.origins:
            return
        if origin.partition("://")[2] == request.host:
            return
        raise ApiError(403, "origin_refused", self._turn.numbers())

    async def _open(self, request: Request) -> HTTPResponse:
        self._check_new_sessions(request)
        body = _json_object(request) if request.body else {}
        home = body.get("home")
        known = {place.id for place in self._knowledge.homes()}
        if home is not None and (not isinstance(home, str) or home not in known):
            raise ApiError(400, "unknown_home", f"home is one of: {', '.join(sorted(known))}")
        token, session = self._tokens.mint(home or self._settings.default_home)
        memory = self._turn.memory.of(session.conversation)
        welcome = welcome_message(self._words, today=date.today())
        expires = datetime.now(UTC) + timedelta(seconds=LIFETIME)
        return json_response(
            {
                "token": token,
                "expires_at": expires.isoformat(timespec="seconds"),
                "messages": [self._rendered(welcome, memory).made()],
            },
            status=201,
        )

    async def _messages(self, request: Request) -> HTTPResponse | None:
        session = self._session(request)
        if request.method == "GET":
            return await self._after(request, session)
        message_id, incoming = await self._incoming(request, session)
        memory = self._turn.memory.of(session.conversation)
        stream = "text/event-stream" in request.headers.get("accept", "")
        repeated = memory.replies.get(message_id)
        if repeated is not None:
            reply = await asyncio.shield(repeated)
            if stream:
                await self._streamed(request, session, memory, reply)
                return None
            return self._json(session, reply)
        if memory.too_fast(
            time.monotonic(),
            most=self._settings.messages_in_window,
            window=self._settings.window,
        ):
            return self._too_fast(session, memory, incoming)
        reply_future: asyncio.Future[list[Kept]] = asyncio.get_running_loop().create_future()
        memory.replies[message_id] = reply_future
        while len(memory.replies) > MOST_REPLIES:
            memory.replies.popitem(last=False)
        if stream:
            await self._stream(request, session, memory, incoming, reply_future)
            return None
        reply = []
        try:
            await self._turn.take(
                session.conversation,
                incoming,
                lambda message: reply.append(self._rendered(message, memory)),
            )
        finally:
            # Whoever sends this id again must not wait for ever.
            reply_future.set_result(reply)
        return self._json(session, reply)

    async def _stream(
        self,
        request: Request,
        session: Session,
        memory: Conversation,
        incoming: Incoming,
        reply_future: asyncio.Future[list[Kept]],
    ) -> None:
        """Send each message as it is made; the turn goes on when the reader has gone."""
        queue: asyncio.Queue[Kept | None] = asyncio.Queue()
        reply: list[Kept] = []

        def emit(message: Message) -> None:
            reply.append(self._rendered(message, memory))
            queue.put_nowait(reply[-1])

        async def run() -> None:
            try:
                await self._turn.take(session.conversation, incoming, emit)
            finally:
                reply_future.set_result(reply)
                queue.put_nowait(None)

        task = asyncio.create_task(run())
        response = await _stream_to(request)
        while (kept := await queue.get()) is not None:
            await response.send(_event(kept))
        await task
        await response.send(self._end_event(session))
        await response.eof()

    async def _streamed(
        self,
        request: Request,
        session: Session,
        memory: Conversation,
        reply: list[Kept],
    ) -> None:
        response = await _stream_to(request)
        for kept in reply:
            await response.send(_event(kept))
        await response.send(self._end_event(session))
        await response.eof()

    def _rendered(self, message: Message, memory: Conversation, *, by_person: bool = False) -> Kept:
        """Return a message as protocol v1 has it; payloads stay here, the client gets ids."""
        memory.counter += 1
        made = message.as_dict()
        made["id"] = f"m{memory.counter}"
        made["choices"] = [
            {"id": memory.choice_id(choice.payload), "title": choice.title}
            for choice in message.choices
        ]
        known = self._knowledge.by_id
        made["numbers"] = numbers_in(
            message.text, [known[fact] for fact in message.facts if fact in known]
        )
        if by_person:
            made["from"] = "person"
        memory.sent.append(Kept.of(made))
        return memory.sent[-1]

    def push(self, delivery: Delivery) -> None:
        """Keep a message that nobody waits for here until the page fetches it.

        Whether a page still does is not known, so none is ever told to be lost.
        """
        memory = self._turn.memory.of(delivery.conversation)
        self._rendered(delivery.message, memory, by_person=delivery.by_person)

    def _json(self, session: Session, reply: Sequence[Kept]) -> HTTPResponse:
        """Return messages and what a client should know beside them."""
        return json_response({"messages": [kept.made() for kept in reply], **self._state(session)})

    def _state(self, session: Session) -> dict[str, Any]:
        """Return what a client should know beside the messages.

        The home that the conversation has told, else the one that the site chose; and who answers,
        where it is not the guide.
        """
        handover = self._turn.handover
        who = handover.standing(session.conversation) if handover else GUIDE
        home = self._turn.memory.of(session.conversation).home or session.home
        return {"home": home} if who == GUIDE else {"home": home, "with": who}

    def _end_event(self, session: Session) -> str:
        """Return the last event of a reply: without it, a client knows that the line broke."""
        return f"event: end\ndata: {json.dumps(self._state(session))}\n\n"

    async def _after(self, request: Request, session: Session) -> HTTPResponse:
        await self._turn.forget_what_is_gone(session.conversation)
        memory = self._turn.memory.of(session.conversation)
        after = request.args.get("after", "")
        ids = [kept.id for kept in memory.sent]
        start = ids.index(after) + 1 if after in ids else 0
        return self._json(session, list(memory.sent)[start:])

    async def _export(self, request: Request) -> HTTPResponse:
        session = self._session(request)
        return json_response({"kept": await self._turn.export(session.conversation)})

    async def _delete(self, request: Request) -> HTTPResponse:
        session = self._session(request)
        await self._turn.deletion.now(session.conversation)
        return HTTPResponse(status=204)

    async def _end(self, request: Request) -> HTTPResponse:
        """Delete on a page's last breath: the token is the plain body, so no preflight runs."""
        session = self._tokens.open(request.body.decode("utf-8", "replace").strip())
        if session is not None:
            # The page is gone: nobody is there to press it again.
            await self._turn.deletion.surely(session.conversation)
        return HTTPResponse(status=204)

    def _session(self, request: Request) -> Session:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        session = self._tokens.open(token.strip()) if scheme.lower() == "bearer" else None
        if session is None:
            raise ApiError(401, "no_session", self._turn.numbers())
        return session

    async def _incoming(self, request: Request, session: Session) -> tuple[str, Incoming]:
        body = _json_object(request)
        message_id = body.get("id")
        if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
            raise ApiError(400, "bad_id", "id is 1 to 64 letters, digits, _ or -")
        text, choice = body.get("text"), body.get("choice")
        if isinstance(text, str) and choice is None:
            return message_id, Incoming(text=text, default_home=session.home, id=message_id)
        if isinstance(choice, str) and text is None:
            payload = await self._turn.payload_of(session.conversation, choice)
            if payload is None:
                raise ApiError(
                    409, "old_choice", f"{self._words('old_choice')} {self._turn.numbers()}"
                )
            return message_id, Incoming(payload=payload, default_home=session.home, id=message_id)
        raise ApiError(400, "bad_message", "send either text or choice, as a string")

    def _too_fast(self, session: Session, memory: Conversation, incoming: Incoming) -> HTTPResponse:
        urgent = self._turn.urgent_only(session.conversation, incoming)
        if urgent is not None:
            return self._json(session, [self._rendered(urgent, memory)])
        text = f"{self._words('too_fast')} {self._turn.numbers(session.conversation)}"
        raise ApiError(429, "too_fast", text)

    def _check_new_sessions(self, request: Request) -> None:
        """Count new sessions an address; the address is kept in memory for a minute only."""
        address = request.remote_addr or request.ip
        if address in LOOPBACK:
            return
        now = time.monotonic()
        times = self._addresses.setdefault(address, deque())
        self._addresses.move_to_end(address)
        while len(self._addresses) > _MOST_ADDRESSES:
            self._addresses.popitem(last=False)
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= self._settings.sessions_a_minute:
            raise ApiError(429, "too_many_sessions", self._turn.numbers())
        times.append(now)


def _json_object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise ApiError(400, "not_json", "send a JSON object in UTF-8") from None
    if not isinstance(body, dict):
        raise ApiError(400, "not_json", "send a JSON object in UTF-8")
    return body


async def _stream_to(request: Request) -> HTTPResponse:
    headers = cross_origin(request.headers.get("origin"))
    return await request.respond(
        content_type="text/event-stream", headers={**headers, "Cache-Control": "no-store"}
    )


def _event(kept: Kept) -> str:
    return f"id: {kept.id}\ndata: {kept.text}\n\n"


def cross_origin(origin: str | None) -> dict[str, str]:
    """Return the headers that let an origin on the list read an answer."""
    if origin is None:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Headers": "authorization, content-type, accept",
        "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
        "Vary": "Origin",
    }
