"""Nobody but the provider is heard: forged, unsigned, replayed and misdirected posts are refused."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.channels.support import PUBLIC, SETTINGS, open_house
from tests.channels.ways import (
    JSON,
    WAYS,
    MessengerWay,
    SlackWay,
    SmsWay,
    TelegramWay,
    TwilioWay,
    Way,
)


def forgeries(way: Way, body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Return headers that a forger could send with a body."""
    genuine = way.signed(body)
    kind = {"Content-Type": genuine["Content-Type"]}
    yield "unsigned", kind
    for name in genuine:
        if name != "Content-Type":
            yield f"no {name}", {k: v for k, v in genuine.items() if k != name}
            yield f"empty {name}", {**genuine, name: ""}
    secret = list(genuine)[-1]
    value = genuine[secret]
    yield (
        "one letter changed",
        {**genuine, secret: value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1]},
    )
    yield "cut short", {**genuine, secret: value[:-1]}
    yield "longer", {**genuine, secret: value + "0"}
    yield "other case", {**genuine, secret: value.swapcase()}
    yield "letters beyond ASCII", {**genuine, secret: "é" * len(value)}
    yield "of another body", way.signed(b"another body")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_every_forged_post_is_refused(way: Way) -> None:
    async with open_house() as house:
        body = way.body(way.said("let me in"))
        tried = 0
        for how, headers in forgeries(way, body):
            if way.name == "telegram" and how == "of another body":
                continue  # Telegram's secret stands beside the body and does not sign it
            status, _ = await house.post(way.channel, body, headers)
            assert status == 403, how
            tried += 1
        await house.settled(way.channel)
        assert tried >= 8 and house.brain.asked == []
        assert house.counts[f"{way.channel}_refused"] == tried


async def test_twilio_refuses_what_was_signed_for_another_address() -> None:
    way = SmsWay()
    path = "/webhooks/twilio/webhook"
    wrong = (
        f"https://evil.example{path}",
        f"http://help.example.org{path}",
        f"{PUBLIC}/webhooks/other/webhook",
        f"{PUBLIC}{path}?x=1",
        f"{PUBLIC}:8443{path}",
        f"{PUBLIC}{path}/",
    )
    async with open_house() as house:
        body = way.body(way.said("let me in"))
        for url in wrong:
            status, _ = await house.post("twilio", body, way.signed(body, url=url))
            assert status == 403, url
        signed = way.signed(body, url=f"{PUBLIC}{path}?x=1")
        assert (await house.post("twilio", body, signed, query="?x=1"))[0] == 200
        assert (await house.post("twilio", body, signed, query="?x=2"))[0] == 403


async def test_twilio_refuses_another_account_and_a_number_that_is_not_ours() -> None:
    way = SmsWay()
    async with open_house() as house:
        other = {**way.said("hello"), "AccountSid": "AC99999999999999999999999999999999"}
        assert await way.deliver(house, other) == 403
        assert await way.deliver(house, {**way.said("hello"), "To": "+449999999999"}) == 400
        await house.settled("twilio")
        assert house.brain.asked == []


async def test_twilio_changed_after_signing_is_refused() -> None:
    way = SmsWay()
    async with open_house() as house:
        body = way.body(way.said("hello"))
        headers = way.signed(body)
        changed = body.replace(b"hello", b"hullo")
        assert (await house.post("twilio", changed, headers))[0] == 403
        assert (await house.post("twilio", body + b"&Extra=1", headers))[0] == 403


@pytest.mark.parametrize("age", [-301, 301, 3600, 86400 * 365])
async def test_slack_refuses_what_is_older_or_newer_than_five_minutes(age: int) -> None:
    way = SlackWay()
    async with open_house() as house:
        body = way.body(way.said("hello"))
        stale = way.signed(body, now=time.time() - age)
        assert (await house.post("slack", body, stale))[0] == 403
        almost = way.signed(body, now=time.time() - 290)
        assert (await house.post("slack", body, almost))[0] == 200


@pytest.mark.parametrize(
    "stamp", ["", "abc", "1e9", "-5", "９９９９９９９９９９", "9" * 40, "1795500000.5"]
)
async def test_slack_refuses_an_odd_time(stamp: str) -> None:
    way = SlackWay()
    async with open_house() as house:
        body = way.body(way.said("hello"))
        headers = {**way.signed(body), "X-Slack-Request-Timestamp": stamp}
        assert (await house.post("slack", body, headers))[0] == 403


async def test_messenger_refuses_the_old_weak_signature() -> None:
    way = MessengerWay()
    async with open_house() as house:
        body = way.body(way.said("hello"))
        weak = hmac.new(b"messenger-secret", body, hashlib.sha1).hexdigest()
        for headers in (
            {**JSON, "X-Hub-Signature": f"sha1={weak}"},
            {**JSON, "X-Hub-Signature-256": f"sha1={weak}"},
        ):
            assert (await house.post("messenger", body, headers))[0] == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("hub.mode=subscribe&hub.verify_token=handshake-word&hub.challenge=1158201444", 200),
        ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1158201444", 403),
        ("hub.mode=subscribe&hub.verify_token=&hub.challenge=1158201444", 403),
        ("hub.mode=subscribe&hub.challenge=1158201444", 403),
        ("hub.mode=unsubscribe&hub.verify_token=handshake-word&hub.challenge=1", 403),
        ("hub.mode=subscribe&hub.verify_token=handshake-word", 403),
        ("", 403),
    ],
)
async def test_messengers_handshake_needs_the_word(query: str, status: int) -> None:
    async with open_house() as house:
        url = f"{house.url}/webhooks/messenger/webhook?{query}"
        async with house.http.get(url) as response:
            assert response.status == status
            if status == 200:
                assert await response.text() == "1158201444"
                assert response.headers["Content-Type"].startswith("text/plain")


async def test_slacks_check_of_the_address_is_answered_only_when_signed() -> None:
    from tests.channels.support import fixture

    way = SlackWay()
    async with open_house() as house:
        body = way.body(fixture("slack_challenge"))
        assert (await house.post("slack", body, JSON))[0] == 403
        status, answer = await house.post("slack", body, way.signed(body))
        assert (status, answer) == (200, b"3eZbrw1a")


async def test_a_replay_after_the_memory_of_ids_is_too_old_to_be_heard() -> None:
    """Telegram and Messenger sign no time; a message of the day before yesterday is nobody's."""
    for way in (TelegramWay(), MessengerWay()):
        async with open_house() as house:
            payload = way.said("hello")
            old = time.time() - 26 * 3600
            if way.name == "telegram":
                payload["message"]["date"] = int(old)
            else:
                payload["entry"][0]["messaging"][0]["timestamp"] = int(old * 1000)
            assert await way.deliver(house, payload) == 200
            await house.settled(way.channel)
            assert house.brain.asked == []
            assert house.counts[f"{way.channel}_stale"] == 1


async def test_twilio_is_refused_while_our_own_public_address_is_set_wrong() -> None:
    way: TwilioWay = SmsWay()
    keys = replace(SETTINGS.channels, public_url="https://moved.example.org")
    async with open_house(settings=replace(SETTINGS, channels=keys)) as house:
        assert await way.deliver(house, way.said("hello")) == 403
