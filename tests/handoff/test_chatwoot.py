"""The contract with Chatwoot: which calls we make, which of its posts count, and how it signs."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bot.settings import Settings
from tests.channels.support import DANGER, open_house
from tests.handoff.support import (
    FIXTURES,
    SECRET,
    WORDS,
    DeskServer,
    Guide,
    Person,
    desk_posts,
    person_on,
    settings_for,
)

BASE = "/api/v1/accounts/3"


def fixture(name: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / f"chatwoot_{name}.json").read_text("utf-8"))["payload"])


def chatwoot(desk: DeskServer) -> Settings:
    desk.paths = {
        f"{BASE}/contacts": fixture("contact_created"),
        f"{BASE}/conversations": fixture("conversation_created"),
    }
    return settings_for(
        desk, desk="chatwoot", url=desk.url, token="agent-token", account=3, inbox=7
    )


def calls(desk: DeskServer) -> list[tuple[str, str, dict[str, Any]]]:
    return [(call.method, call.path.removeprefix(BASE), call.body) for call in desk.calls]


async def handed(person: Person) -> None:
    for text in ("a person please", "Talk to a person", "Send it"):
        await person.say(text)


async def posts(house: Any, payload: dict[str, Any], **more: Any) -> int:
    return await desk_posts(house, payload, path="chatwoot", prefix="X-Chatwoot", **more)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_each_fixture_names_its_page_and_day_and_holds_what_we_ignore(path: Any) -> None:
    data = json.loads(path.read_text("utf-8"))
    assert data["documented_at"].startswith("https://") and data["read_on"] and data["ignored"]
    for name in data["ignored"]:
        node = data["payload"]
        for step in name.split("."):
            assert step in node, name
            node = node[step]


async def test_the_packet_is_a_private_note_and_the_words_go_both_ways() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        assert [(m, p) for m, p, _ in calls(desk)] == [
            ("POST", "/contacts"),
            ("POST", "/conversations"),
            ("POST", "/conversations/10/messages"),
        ]
        contact, conversation, note = (body for _, _, body in calls(desk))
        assert contact == {"inbox_id": 7, "name": "Somebody in the chat"}
        assert conversation["status"] == "open" and conversation["contact_id"] == 14
        assert conversation["source_id"].startswith("405f1d30")
        assert note["private"] is True and note["message_type"] == "outgoing"
        assert WORDS in note["content"] and "Seen and agreed to" in note["content"]
        assert {call.headers["api_access_token"] for call in desk.calls} == {"agent-token"}
        await person.say("are you there")
        said = {"content": "are you there", "message_type": "incoming", "private": False}
        assert calls(desk)[-1] == ("POST", "/conversations/10/messages", said)
        assert await posts(house, fixture("message_created")) == 200
        await person.settled()
        assert person.seen[-1]["text"] == "hello, i am sam"
        assert person.seen[-1]["from"] == "person"


async def test_danger_makes_the_conversation_urgent_before_its_words() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        await person.say(DANGER)
        _, note, words = calls(desk)[-3:]
        assert calls(desk)[-3] == (
            "POST",
            "/conversations/10/toggle_priority",
            {"priority": "urgent"},
        )
        assert note[2]["private"] is True and "URGENT" in note[2]["content"]
        assert words[2]["content"] == DANGER and words[2]["private"] is False


@pytest.mark.parametrize(("status", "said"), [("resolved", "ended its part"), ("pending", "given")])
async def test_resolving_ends_it_and_pending_gives_it_back(status: str, said: str) -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        changed = {**fixture("conversation_status_changed"), "status": status}
        assert await posts(house, changed) == 200
        await person.settled()
        assert said in person.texts[-1]
        assert await person.say("hello") == ["heard: hello"]


def changed(**fields: Any) -> dict[str, Any]:
    made = copy.deepcopy(fixture("message_created"))
    for name, value in fields.items():
        node, *rest = name.split("__")
        if rest:
            made[node][rest[0]] = value
        else:
            made[node] = value
    return made


NOT_AN_ANSWER = [
    changed(private=True),
    changed(message_type="incoming"),
    changed(message_type="template"),
    changed(message_type="activity"),
    changed(sender__type="agent_bot"),
    changed(account__id=4),
    changed(conversation__inbox_id=8),
    changed(conversation__id=11),
    changed(event="message_updated"),
    changed(conversation=None),
    fixture("conversation_updated"),
    fixture("webwidget_triggered"),
    {**fixture("conversation_status_changed"), "inbox_id": 8},
    {**fixture("conversation_status_changed"), "status": "open"},
    {"event": "nonsense"},
    {},
]


async def test_what_is_no_persons_answer_reaches_nobody_and_gets_a_200() -> None:
    """Our own notes and what the person wrote come back as events; given to is not there yet."""
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        before = list(person.texts)
        for payload in NOT_AN_ANSWER:
            assert await posts(house, payload) == 200, payload
            await person.settled()
            assert person.texts == before and person.state["with"] == "waiting", payload


async def test_the_same_message_from_a_bot_and_an_inbox_webhook_is_said_once() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        for _ in range(2):
            assert await posts(house, fixture("message_created")) == 200
        await person.settled()
        assert person.texts.count("hello, i am sam") == 1


async def test_unsigned_forged_and_old_posts_are_refused() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        payload = fixture("message_created")
        assert await posts(house, payload, **{"X-Chatwoot-Signature": ""}) == 403
        assert await posts(house, payload, secret=SECRET + b"x") == 403
        assert await posts(house, payload, at=1795500000.0) == 403
        # Signed, but for the other kind of desk.
        assert await desk_posts(house, payload, path="chatwoot") == 403
        assert await desk_posts(house, payload) == 403
        await person.settled()
        assert "hello, i am sam" not in person.texts


async def test_going_back_resolves_and_leaving_deletes_the_contact() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        await handed(person)
        await person.say("stop waiting")
        (_, note, why), resolved = calls(desk)[-2:]
        assert note.endswith("/messages") and why["private"] is True
        assert resolved == ("POST", "/conversations/10/toggle_status", {"status": "resolved"})
        await person.say("delete me")
        assert calls(desk)[-1] == ("DELETE", "/contacts/14", {})
        assert any("be deleted" in body.get("content", "") for _, _, body in calls(desk))


async def test_what_was_made_before_a_failure_is_not_made_twice() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        person.handover.teller.outbox.pause = 0.01
        desk.answers = [(200, {}), (500, {}), (200, {}), (429, {"Retry-After": "0"})]
        await handed(person)
        paths = [path for _, path, _ in calls(desk)]
        assert paths == ["/contacts"] + ["/conversations"] * 2 + ["/conversations/10/messages"] * 2
        assert person.state["with"] == "waiting"


async def test_a_token_that_is_refused_is_said_honestly() -> None:
    async with DeskServer() as desk, open_house(brain=Guide(), settings=chatwoot(desk)) as house:
        person = await person_on(house, None)
        desk.answers = [(401, {})]
        await handed(person)
        assert "could not reach the helpline" in person.texts[-1]
