"""Leaving: the page is empty at once, nothing comes back, and the guide deletes."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.support.browser import NOTHING, Chat, Site, stored
from tests.support.scripted import ScriptedServer
from tests.widget.conftest import Opened

LEAVE = """async (root) => {
  const started = performance.now();
  root.querySelector("[part~=exit]").click();
  const took = performance.now() - started;
  return { took, left: document.documentElement.childNodes.length };
}"""


def colours(page: Page) -> int:
    """Return how many colours the screen shows."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return len(picture.getcolors(1 << 24) or [])


def talked(chat: Chat) -> Chat:
    """Hold a short conversation."""
    chat.open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    return chat


@pytest.mark.timed
def test_the_page_is_blank_within_100_ms_with_the_network_cut(visit: Opened) -> None:
    chat = talked(visit())
    chat.context.set_offline(True)
    assert colours(chat.page) > 20
    left = chat.shadow(LEAVE)
    assert left["took"] < 100 and left["left"] == 0
    chat.page.wait_for_url("about:blank")
    assert colours(chat.page) == 1


@pytest.mark.timed
def test_a_click_leaves_a_blank_page_in_the_first_frame(visit: Opened) -> None:
    """As a finger sees it: the pointer's own event until the next picture is empty."""
    chat = talked(visit(attributes='exit-to="/slow"', path="/exit-frame"))
    chat.page.evaluate(
        """() => document.querySelector("waymark-chat").shadowRoot.querySelector("[part~=exit]")
          .addEventListener("click", (event) => {
            const clicked = event.timeStamp;
            window.frame = new Promise((resolve) => requestAnimationFrame(() =>
              requestAnimationFrame((now) => resolve({
                took: now - clicked, left: document.documentElement.childNodes.length }))));
          })"""
    )
    chat.part("exit").click()
    frame = chat.page.evaluate("window.frame")
    assert frame["left"] == 0 and frame["took"] < 100
    assert colours(chat.page) == 1


def test_the_guide_is_told_and_deletes(visit: Opened) -> None:
    chat = talked(visit())
    assert chat.kept()
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")
    assert chat.forgotten()
    assert sum(url.endswith("/session/end") for url in chat.requests) == 1


def test_closing_the_tab_tells_the_guide_too(visit: Opened) -> None:
    chat = talked(visit())
    with chat.page.expect_event("close"):
        chat.page.close(run_before_unload=True)
    assert chat.forgotten()


def test_going_to_another_page_tells_the_guide_too(visit: Opened, site: Site) -> None:
    chat = talked(visit())
    chat.page.get_by_role("link", name="Another page").click()
    chat.page.wait_for_url(f"{site.origin}/other")
    assert chat.forgotten()


def test_the_place_in_the_history_is_replaced(visit: Opened, site: Site) -> None:
    chat = talked(visit(via="/other"))
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")
    chat.page.go_back()
    assert chat.page.url == f"{site.origin}/other"
    chat.page.go_forward()
    assert chat.page.url == "about:blank"


def test_back_to_an_earlier_visit_shows_an_empty_chat(visit: Opened, site: Site) -> None:
    chat = talked(visit())
    chat.page.goto(f"{site.origin}/other")
    chat.page.go_back()
    chat.state("closed")
    chat.open()
    assert "stalking" not in chat.part("log").inner_text().lower()


def test_nothing_is_left_in_the_browser(visit: Opened, site: Site) -> None:
    chat = talked(visit())
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")
    chat.page.goto(f"{site.origin}/other")
    assert stored(chat.page) == NOTHING
    assert chat.context.cookies() == []


def test_exit_to_opens_the_sites_choice_in_its_place(visit: Opened, site: Site) -> None:
    chat = talked(visit(attributes='exit-to="/other"', path="/exit-to"))
    chat.part("exit").click()
    chat.page.wait_for_url(f"{site.origin}/other")
    expect(chat.page.get_by_role("heading")).to_have_text("Weather")


def test_exit_to_takes_nothing_but_a_web_address(visit: Opened) -> None:
    chat = visit(attributes='exit-to="javascript:window.ran=1"', path="/exit-js").open()
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")


def test_shift_three_times_leaves_even_from_the_text_field(visit: Opened) -> None:
    chat = talked(visit())
    chat.part("input").focus()
    for _ in range(3):
        chat.page.keyboard.press("Shift")
    chat.page.wait_for_url("about:blank")
    assert colours(chat.page) == 1


def test_capital_letters_do_not_end_a_conversation(visit: Opened) -> None:
    chat = talked(visit())
    chat.part("input").focus()
    for letter in "ABCDE":
        chat.page.keyboard.press(f"Shift+{letter}")
    assert chat.part("input").input_value() == "ABCDE"
    chat.state("open")


def test_shift_three_times_leaves_before_the_chat_was_opened(visit: Opened) -> None:
    chat = visit()
    chat.state("closed")
    for _ in range(3):
        chat.page.keyboard.press("Shift")
    chat.page.wait_for_url("about:blank")


def test_the_exit_is_in_sight_and_not_covered_in_every_state(visit: Opened) -> None:
    chat = visit()

    def reachable() -> bool:
        return bool(
            chat.shadow(
                """(root) => {
                  const exit = root.querySelector("[part~=exit]");
                  const { left, top, width, height } = exit.getBoundingClientRect();
                  return root.elementFromPoint(left + width / 2, top + height / 2) === exit;
                }"""
            )
        )

    assert reachable()
    talked(chat)
    assert reachable()
    chat.part("menu").click()
    assert reachable()
    chat.part("plan").click()
    assert reachable()
    chat.context.set_offline(True)
    chat.state("offline")
    assert reachable()
    chat.context.set_offline(False)


def test_leaving_while_an_answer_streams_stops_it_and_deletes(
    visit: Opened, server: ScriptedServer
) -> None:
    server.hold()
    try:
        chat = visit().open()
        chat.say("tell me in parts")
        chat.sees("The first part.")
        chat.part("exit").click()
        chat.page.wait_for_url("about:blank")
    finally:
        server.release()
    assert chat.forgotten()
