"""The contract of the signed webhook: what we post, what we take, and what we refuse."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from typing import Any

import pytest

from bot.channels.events import Post
from bot.handoff.config import HandOff
from bot.handoff.webhook import WebhookDesk
from tests.handoff.support import (
    FALLBACK,
    SECRET,
    asking,
    desk_posts,
    handed_over,
    replied,
)


async def test_what_we_post_is_signed_over_time_and_body_and_names_its_version() -> None:
    async with asking() as (desk, person):
        await handed_over(person, desk)
        await person.say("hello")
        assert desk.events() == ["opened", "message"]
        for call in desk.calls:
            when = call.headers["X-Waymark-Timestamp"]
            made = hmac.new(SECRET, when.encode() + b"." + call.raw, hashlib.sha256).hexdigest()
            assert call.headers["X-Waymark-Signature"] == f"sha256={made}"
            assert abs(time.time() - int(when)) < 60
            assert call.headers["X-Waymark-Delivery"] == call.body["id"]
            assert call.body["version"] == 1 and call.body["hand_off"] and call.body["at"]
        assert len({call.body["id"] for call in desk.calls}) == 2


FORGED: dict[str, dict[str, Any]] = {
    "unsigned": {"X-Waymark-Signature": ""},
    "another secret": {"secret": b"another-secret-of-sixteen-letters"},
    "no prefix": {"X-Waymark-Signature": "0" * 64},
    "no time": {"X-Waymark-Timestamp": ""},
    "a time that is no number": {"X-Waymark-Timestamp": "soon"},
    "a time that was not signed": {"X-Waymark-Timestamp": str(int(time.time()) + 1)},
    "six minutes ago": {"ago": 360},
    "from the future": {"ago": -360},
}


@pytest.fixture
async def in_hand() -> Any:
    """Return a house, its desk and somebody who waits in it."""
    async with asking() as (desk, person):
        yield person.house, desk, person, await handed_over(person, desk)


async def test_forged_old_and_unsigned_posts_are_refused(in_hand: Any) -> None:
    house, _, person, hand_off = in_hand
    before = list(person.texts)
    body = {"id": "f1", "hand_off": hand_off, "event": "reply", "text": "forged"}
    for name, how in FORGED.items():
        made = dict(how)
        ago = made.pop("ago", 0)
        secret = made.pop("secret", SECRET)
        status = await desk_posts(house, body, secret=secret, at=time.time() - ago, **made)
        assert status == 403, name
    url = f"{house.url}/webhooks/handoff/webhook"
    for method in ("GET", "POST"):
        async with house.http.request(method, url) as response:
            assert response.status == 403
    # The other desk's address is closed.
    assert await desk_posts(house, body, path="chatwoot", prefix="X-Chatwoot") == 403
    await person.settled()
    assert person.texts == before


async def test_a_replay_and_a_second_delivery_are_said_once(in_hand: Any) -> None:
    house, _, person, hand_off = in_hand
    body = {"id": "twice", "hand_off": hand_off, "event": "reply", "text": "only once"}
    assert [await desk_posts(house, body) for _ in range(3)] == [200, 200, 200]
    await person.settled()
    assert person.texts.count("only once") == 1


async def test_a_changed_body_is_refused(in_hand: Any) -> None:
    house, _, _, hand_off = in_hand
    from bot.handoff.desk import signed

    when = str(int(time.time()))
    signature = signed(SECRET, when, b'{"id":"1"}')
    status = await desk_posts(
        house,
        {"id": "1", "hand_off": hand_off, "event": "close"},
        **{"X-Waymark-Timestamp": when, "X-Waymark-Signature": signature},
    )
    assert status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"id": "1", "event": "reply"}, 400),
        ({"id": "1", "hand_off": "unknown", "event": "reply", "text": "x"}, 404),
        ({"id": "1", "hand_off": "unknown", "event": "explode"}, 400),
        ({"id": ["1"], "hand_off": {"a": 1}, "event": "reply"}, 400),
        ({"id": "x" * 5000, "hand_off": "\x00", "event": "close"}, 404),
    ],
)
async def test_bad_posts_get_a_4xx_and_break_nothing(
    in_hand: Any, body: dict[str, Any], status: int
) -> None:
    house, _, person, hand_off = in_hand
    assert await desk_posts(house, body) == status
    assert await replied(house, hand_off, "still here") == 200
    await person.settled()
    assert person.texts[-1] == "still here"


async def test_a_reply_is_shown_as_a_persons_and_as_plain_words(in_hand: Any) -> None:
    house, _, person, hand_off = in_hand
    await replied(house, hand_off, "one\x00\u202etwo\nthree " + "x" * 9000)
    await person.settled()
    last = person.seen[-1]
    assert last["from"] == "person" and last["kind"] == "answer"
    assert last["text"].startswith("onetwo\nthree") and len(last["text"]) <= 4000
    assert person.state["with"] == "person"
    await replied(house, hand_off, "")
    await person.settled()
    assert "not words" in person.seen[-1]["text"]


async def test_joined_is_said_once_and_only_when_somebody_is_there(in_hand: Any) -> None:
    house, _, person, hand_off = in_hand
    assert person.state["with"] == "waiting"
    await replied(house, hand_off, "", event="joined")
    await replied(house, hand_off, "", event="joined")
    await person.settled()
    assert sum("is here now" in text for text in person.texts) == 1
    assert person.state["with"] == "person"


def test_without_a_secret_every_post_is_refused() -> None:
    from bot.handoff.desk import signed

    config = HandOff("webhook", "https://desk.example.org", None, 5, FALLBACK)
    when = str(int(time.time()))
    headers = {
        "x-waymark-timestamp": when,
        "x-waymark-signature": signed(b"", when, b"{}"),
        "x-waymark-delivery": uuid.uuid4().hex,
    }
    assert not WebhookDesk(config).verify(Post(b"{}", headers, "", time.time()))


async def test_a_desk_that_fails_is_tried_again_and_gets_each_thing_once_in_order() -> None:
    async with asking() as (desk, person):
        person.handover.teller.outbox.pause = 0.01
        desk.answers = [(500, {}), (429, {"Retry-After": "0"}), (200, {}), (503, {})]
        await handed_over(person, desk)
        await person.say("first")
        await person.say("second")
        assert desk.events() == ["opened"] * 3 + ["message"] * 3
        assert len({one["id"] for one in desk.of("opened")}) == 1
        assert [one["text"] for one in desk.of("message")] == ["first", "first", "second"]
        assert person.state["with"] == "waiting"


async def test_a_desk_that_refuses_is_said_honestly_at_once() -> None:
    async with asking() as (desk, person):
        desk.answers = [(401, {})]
        await handed_over(person, desk)
        await person.settled()
        assert "could not reach the helpline" in person.texts[-1]
        assert "0800 160 1985" in person.texts[-1]
        assert "with" not in person.state
        assert await person.say("hello") == ["heard: hello"]


async def test_what_does_not_get_through_later_is_said_too() -> None:
    async with asking() as (desk, person):
        await handed_over(person, desk)
        desk.answers = [(400, {})]
        await person.say("are you there")
        assert "did not get through" in person.texts[-1]
        assert person.state["with"] == "waiting"


async def test_a_desk_that_is_down_does_not_hold_up_going_back() -> None:
    async with asking() as (desk, person):
        desk.down = True
        for text in ("a person please", "Talk to a person", "Send it", "hello"):
            await person._post({"id": uuid.uuid4().hex, "text": text})
        await person._post({"id": "back", "text": "stop waiting"})
        assert "back with the guide" in person.texts[-1]
        desk.down = False
        person.handover.teller.outbox.pause = 0.01
        await person.settled()
        # It was never told what it was to forget, but that it is over.
        assert desk.of("message") == []
