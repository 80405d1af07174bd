"""A conversation in a real browser, on a page of another origin, with a real guide."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.scripted import FIRST, SECOND, THIRD, ScriptedServer
from tests.widget.conftest import Opened


def test_an_answer_comes_with_numbered_sources_that_open(visit: Opened) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    answer = chat.message("answer").last
    mark = answer.locator("[part~=citation]").first
    expect(mark).to_have_text("[1]")
    sources = answer.locator("[part~=sources]")
    assert sources.get_attribute("open") is None
    mark.click()
    assert sources.get_attribute("open") is not None
    source = sources.locator("a").first
    assert source.get_attribute("href").startswith("https://www.legislation.gov.uk/")
    assert set(source.get_attribute("rel").split()) >= {"noopener", "noreferrer"}
    expect(source).to_be_focused()
    expect(sources).to_contain_text("2026")


def test_a_choice_is_sent_at_once_and_only_once(visit: Opened, server: ScriptedServer) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    choice = chat.part("choice").get_by_text("What to keep")
    before = len(server.asked())
    choice.dblclick()
    expect(chat.message("own").last).to_contain_text("What to keep")
    chat.sees("screenshot")
    assert server.asked()[before:] == ["/kept"]
    expect(chat.part("choice").get_by_text("Where to report")).to_have_attribute(
        "aria-disabled", "true"
    )


def test_the_first_part_is_there_while_the_rest_is_still_thought_about(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    server.hold()
    try:
        chat.say("tell me in parts")
        chat.sees(FIRST)
        expect(chat.part("typing")).to_be_visible()
        below = chat.part("typing").bounding_box(), chat.message("answer").last.bounding_box()
        assert below[0] and below[1] and below[0]["y"] > below[1]["y"]
        assert SECOND not in chat.part("log").inner_text()
    finally:
        server.release()
    chat.sees(THIRD)
    expect(chat.part("typing")).to_be_hidden()
    assert [text.splitlines()[-1] for text in chat.texts[-3:]] == [FIRST, SECOND, THIRD]


def test_enter_sends_and_shift_enter_does_not(visit: Opened, server: ScriptedServer) -> None:
    chat = visit().open()
    before = len(server.asked())
    box = chat.part("input")
    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    assert box.input_value() == "one\ntwo" and len(server.asked()) == before
    box.press("Enter")
    chat.sees("I can help with that.")
    assert box.input_value() == ""


def test_two_tabs_of_one_browser_do_not_share_a_conversation(visit: Opened) -> None:
    one = visit().open()
    other = visit(page=one.page).open()
    one.say("he keeps stalking me")
    one.sees("Stalking")
    other.say("something else")
    other.sees("I can help with that.")
    assert "stalking" not in other.part("log").inner_text().lower()
    assert "something else" not in one.part("log").inner_text()


def test_delete_asks_again_then_deletes_here_and_at_the_guide(visit: Opened) -> None:
    chat = visit().open()
    chat.say("my words to delete")
    chat.sees("I can help with that.")
    chat.part("menu").click()
    chat.part("delete").click()
    assert chat.kept() and "my words to delete" in chat.part("log").inner_text()
    chat.part("delete").click()
    chat.sees("deleted")
    assert "my words to delete" not in chat.part("log").inner_text()
    assert chat.kept() == []
    chat.say("a new start")
    expect(chat.message("answer").last).to_contain_text("I can help with that.")


def test_export_downloads_what_is_kept(visit: Opened) -> None:
    chat = visit().open()
    chat.say("my words to take along")
    chat.sees("I can help with that.")
    chat.part("menu").click()
    with chat.page.expect_download() as download:
        chat.part("export").click()
    assert "my words to take along" in download.value.path().read_text("utf-8")


def test_the_plan_collects_the_steps_with_their_sources_on_the_device(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    asked, requests = len(server.asked()), len(chat.requests)
    chat.part("menu").click()
    chat.part("plan").click()
    plan = chat.host.get_by_role("heading", name="My plan").locator("..")
    expect(plan).to_contain_text("Stalking")
    assert "legislation.gov.uk" in plan.locator("a").first.get_attribute("href")
    assert "he keeps" not in plan.inner_text()
    assert len(server.asked()) == asked and len(chat.requests) == requests


def test_before_the_first_press_only_the_stub_is_fetched(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit()
    chat.state("closed")
    expect(chat.part("launcher")).to_be_visible()
    assert [url for url in chat.requests if url.startswith(server.url)] == [
        f"{server.url}/widget/waymark.js"
    ]


def test_closing_and_opening_again_keeps_the_conversation_of_this_page(visit: Opened) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    chat.part("close").click()
    chat.state("closed")
    expect(chat.part("panel")).to_be_hidden()
    expect(chat.part("launcher")).to_be_focused()
    chat.part("launcher").click()
    chat.sees("Stalking")
    assert chat.part("log").get_by_text("he keeps stalking me").count() == 1


def test_remember_tab_keeps_the_conversation_over_a_reload_and_in_this_tab_only(
    visit: Opened,
) -> None:
    chat = visit(attributes='remember="tab"', path="/remember").open()
    chat.may_store = True
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    chat.page.reload()
    chat.part("launcher").click()
    chat.sees("Stalking")
    assert "he keeps stalking me" not in str(
        chat.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    )
    other = visit(page=chat.page, attributes='remember="tab"', path="/remember").open()
    other.may_store = True
    assert "Stalking" not in other.part("log").inner_text()
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")


def test_where_nothing_may_be_stored_remember_costs_neither_the_chat_nor_the_exit(
    visit: Opened,
) -> None:
    chat = visit(attributes='remember="tab"', path="/blocked")
    chat.context.add_init_script(
        """Object.defineProperty(window, "sessionStorage", {
          get() { throw new DOMException("blocked", "SecurityError"); } })"""
    )
    chat.page.reload()
    chat.open()
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")


def test_without_remember_a_reload_forgets(visit: Opened) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    chat.page.reload()
    assert chat.forgotten()
    chat.open()
    assert "Stalking" not in chat.part("log").inner_text()
