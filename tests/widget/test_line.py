"""A bad line and a bad server: nothing is lost, nothing comes twice, nothing foreign runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import Chat
from tests.support.scripted import FIRST, SECOND, THIRD, ScriptedServer
from tests.widget.conftest import Opened

HTML = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'


def answers(chat: Chat, text: str) -> int:
    """Return how often the guide said something."""
    return chat.part("log").get_by_text(text, exact=True).count()


def test_offline_says_so_with_the_number_and_online_takes_it_back(visit: Opened) -> None:
    chat = visit().open()
    chat.context.set_offline(True)
    chat.state("offline")
    expect(chat.part("offline")).to_be_visible()
    expect(chat.part("offline").locator('a[href="tel:999"]')).to_be_visible()
    chat.context.set_offline(False)
    chat.state("open")
    expect(chat.part("offline")).to_be_hidden()


def test_what_is_written_offline_is_answered_once_when_the_line_is_back(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    before = len(server.asked())
    chat.context.set_offline(True)
    chat.say("written without a line")
    expect(chat.message("own")).to_contain_text("written without a line")
    chat.state("offline")
    chat.context.set_offline(False)
    chat.sees("I can help with that.")
    assert server.asked()[before:] == ["written without a line"]
    assert answers(chat, "I can help with that.") == 1


def test_a_guide_killed_in_mid_answer_and_started_again_loses_and_repeats_nothing(
    visit: Opened, own_server: ScriptedServer
) -> None:
    chat = visit(of=own_server.url).open()
    own_server.hold()
    chat.say("tell me in parts")
    chat.sees(FIRST)
    own_server.kill()
    chat.state("offline")
    own_server.release()
    with own_server:
        # By itself for a while, then at the press of a button: a start can take long.
        chat.host.get_by_text(THIRD).or_(chat.part("retry")).first.wait_for(timeout=30_000)
        if chat.part("retry").count():
            chat.part("retry").click()
        chat.sees(THIRD, timeout=30_000)
        chat.state("open")
        expect(chat.part("typing")).to_be_hidden()
        assert "tell me in parts" in chat.message("own").inner_text()
        assert chat.message("own").count() == 1
        assert answers(chat, SECOND) == answers(chat, THIRD) == 1
        chat.say("something after that")
        chat.sees("I can help with that.")


def test_try_again_sends_what_failed_once_and_in_order(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    chat.screens()
    chat.page.clock.install()
    chat.cut()
    before = len(server.asked())
    chat.say("he is outside my door with a knife")
    chat.say("the second")
    for retries in (1, 2):
        for _ in range(12):
            chat.page.clock.run_for(10_000)
            if chat.part("retry").count() == retries:
                break
        expect(chat.part("retry")).to_have_count(retries)
    chat.mend()
    chat.page.clock.resume()
    chat.part("reconnect").click()
    chat.sees("I can help with that.")
    expect(chat.part("offline")).to_be_hidden()
    expect(chat.part("retry")).to_have_count(0)
    assert server.asked()[before:] == ["he is outside my door with a knife", "the second"]
    # The alarm that the browser gave is the guide's own now, and there is no second one.
    expect(chat.message("emergency")).to_have_count(1)
    assert chat.message("own").count() == 2


def test_try_again_in_the_middle_of_a_wait_does_not_wait_on(visit: Opened) -> None:
    chat = visit().open()
    chat.page.clock.install()
    # From here no wait ends by itself.
    chat.page.clock.pause_at(chat.page.evaluate("Date.now()") + 1000)
    chat.cut()
    chat.say("my words")
    chat.state("offline")
    chat.mend()
    chat.part("reconnect").click()
    chat.sees("I can help with that.")


def test_what_waits_when_everything_is_deleted_is_never_sent(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    server.hold()
    try:
        chat.say("tell me in parts")
        chat.sees(FIRST)
        chat.say("still waiting to be sent")
        chat.part("menu").click()
        chat.part("delete").click()
        chat.part("delete").click()
        server.release()
        chat.sees("deleted")
    finally:
        server.release()
    chat.say("a new start")
    chat.sees("I can help with that.")
    assert "still waiting to be sent" not in server.asked()


def test_a_line_that_breaks_in_mid_answer_repeats_nothing(
    visit: Opened, server: ScriptedServer
) -> None:
    """The guide has answered whole; half of it arrived. The rest comes, the turn is not repeated."""
    chat = visit().open()
    broken: list[int] = []

    def half(route: Route) -> None:
        if broken:
            route.continue_()
            return
        broken.append(1)
        whole = route.fetch()
        body = whole.text()
        route.fulfill(response=whole, body=body[: body.index(SECOND) - 5])

    chat.page.route("**/webhooks/web/messages", half)
    before = len(server.asked())
    chat.say("tell me in parts")
    chat.sees(THIRD)
    expect(chat.part("typing")).to_be_hidden()
    assert [answers(chat, text) for text in (FIRST, SECOND, THIRD)] == [1, 1, 1]
    assert server.asked()[before:] == ["tell me in parts"]


def event(**data: object) -> str:
    """Return a message of the protocol as one event."""
    return f"data: {json.dumps({'id': 'm1', 'kind': 'answer', 'text': 'x', **data})}\n\n"


def refusal(code: str) -> str:
    """Return what the guide says when it refuses."""
    return json.dumps({"error": {"code": code, "message": "Call 999."}, "numbers": []})


BAD: dict[str, dict[str, Any]] = {
    "an error": {"status": 500, "body": "<h1>Internal Server Error</h1>", "kind": "text/html"},
    "an error in JSON": {"status": 503, "body": "{}", "kind": "application/json"},
    "a page instead of data": {"body": f"<html>{HTML}</html>", "kind": "text/html"},
    "half a JSON": {"body": '{"messages": [{"id": "m1", "te', "kind": "application/json"},
    "JSON of another kind": {"body": "[1, 2, 3]", "kind": "application/json"},
    "null": {"body": "null", "kind": "application/json"},
    "a stream without an end": {"body": event(text="half")},
    "a stream of nonsense": {"body": "data: {{{\n\ndata: 5\n\ndata: null\n\n"},
    "nothing": {"body": ""},
    "two megabytes": {"body": "data: " + "x" * 2_000_000},
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_reply_loses_no_words_and_hides_no_number(name: str, visit: Opened) -> None:
    chat = visit().open()
    chat.page.clock.install()
    chat.answered_with(**BAD[name])
    chat.say("my words stay here")
    for _ in range(12):
        chat.page.clock.run_for(30_000)
        if chat.part("retry").count():
            break
        chat.page.wait_for_timeout(50)
    expect(chat.part("retry")).to_be_visible()
    assert "my words stay here" in chat.message("own").inner_text()
    expect(chat.part("emergency-bar").locator('a[href="tel:999"]')).to_be_visible()
    expect(chat.part("exit")).to_be_visible()
    assert chat.page.evaluate("window.ran") is None
    chat.mend()
    chat.page.clock.resume()
    chat.part("retry").click()
    chat.sees("I can help with that.")
    assert chat.message("own").count() == 1


def test_html_and_scripts_in_an_answer_are_read_as_text(visit: Opened) -> None:
    chat = visit().open()
    chat.say("something hostile")
    chat.sees(HTML)
    assert chat.page.evaluate("window.ran") is None
    answer = chat.message("answer").last
    assert answer.locator("img, script, b, a[href^='javascript']").count() == 0
    answer.locator("[part~=choice]").click()
    expect(chat.message("own").last).to_contain_text("<img src=x")
    assert chat.page.evaluate("window.ran") is None


def test_hostile_fields_of_a_message_become_neither_links_nor_numbers(visit: Opened) -> None:
    chat = visit().open()
    cited = {"n": 1, "title": HTML, "section": HTML, "checked_on": HTML}
    numbers = [
        {"at": 0, "length": 4, "dial": "javascript:window.ran=1", "via": "call"},
        {"at": 0, "length": 4, "dial": "0900666", "via": "call"},
        {"at": -1, "length": 10**9, "dial": "999", "via": "call"},
        {"at": "0", "length": None, "dial": None, "via": "javascript"},
    ]
    body = event(
        text="Call me [1] now",
        kind="<b>",
        numbers=numbers,
        choices=[{"id": HTML, "title": HTML}, None, 5],
        citations=[cited | {"url": "javascript:window.ran=1"}, None, {"n": "1"}],
        facts=5,
    )
    chat.answered_with(body + event(id="m2", text="END") + "event: end\ndata: {}\n\n")
    chat.say("hello")
    chat.sees("END")
    hrefs = chat.part("log").locator("a").evaluate_all("(all) => all.map((a) => a.href)")
    assert not [href for href in hrefs if not href.startswith("https:")]
    for mark in chat.part("citation").all():
        mark.click()
    assert chat.page.evaluate("window.ran") is None


def test_a_token_that_has_ended_starts_anew_without_losing_the_words(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    chat.answered_with(refusal("no_session"), status=401, kind="application/json", times=1)
    before = len(server.asked())
    chat.say("my words after a long break")
    chat.sees("I can help with that.")
    chat.sees("A new conversation has started")
    assert server.asked()[before:] == ["my words after a long break"]


def test_too_many_messages_are_refused_with_the_number_and_the_words_are_kept(
    visit: Opened,
) -> None:
    chat = visit().open()
    for n in range(21):
        chat.say(f"message {n}")
    expect(chat.message("fallback").last).to_contain_text("wait", timeout=20_000)
    expect(chat.message("fallback").last.locator("a[href^='tel:']").first).to_be_visible()
    expect(chat.message("own").last).to_contain_text("message 20")


def test_a_guide_that_cannot_start_a_conversation_still_names_the_number(visit: Opened) -> None:
    chat = visit()
    chat.answered_with("no", path="sessions", status=500, kind="text/plain")
    chat.part("launcher").click()
    chat.state("offline")
    expect(chat.part("offline").locator('a[href="tel:999"]')).to_be_visible()
    chat.mend()
    chat.part("reconnect").click()
    expect(chat.message("answer").first).to_be_visible()
    chat.state("open")
