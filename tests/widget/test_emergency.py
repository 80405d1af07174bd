"""Danger: the number is on the screen at once, whatever has become of the guide."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Route, expect

from tests.support.browser import Site
from tests.support.scripted import ScriptedServer
from tests.widget.conftest import Opened

DANGER = "he is outside my door with a knife"
CRISIS = "i want to kill myself"


@pytest.mark.timed
def test_danger_is_shown_before_the_guide_has_answered(visit: Opened) -> None:
    chat = visit().open()

    waiting: list[Route] = []
    chat.page.route("**/webhooks/web/messages*", lambda route: waiting.append(route))
    chat.screens()
    chat.part("input").fill(DANGER)
    took = chat.shadow(
        """async (root) => {
          const started = performance.now();
          root.querySelector("[part~=send]").click();
          while (!root.querySelector('[part~=message][data-kind="emergency"]'))
            await new Promise(requestAnimationFrame);
          return performance.now() - started;
        }"""
    )
    assert took < 100
    assert chat.message("answer").count() == 1  # the first message; the guide has said no more
    expect(chat.message("emergency")).to_have_count(1)
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible()


def test_the_guides_fuller_text_takes_the_place_of_the_browsers_own(visit: Opened) -> None:
    chat = visit().open()
    chat.say(DANGER)
    expect(chat.message("emergency").locator("[part~=choice]")).to_have_count(1)
    expect(chat.message("emergency")).to_have_count(1)
    links = chat.message("emergency").locator("a[href^='tel:'], a[href^='sms:']")
    assert {link.get_attribute("href") for link in links.all()} >= {"tel:999", "sms:999"}


def test_with_the_guide_gone_the_browser_still_finds_danger_and_names_the_number(
    visit: Opened, own_server: ScriptedServer
) -> None:
    chat = visit(of=own_server.url).open()
    chat.screens()
    own_server.kill()
    chat.say(DANGER)
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible(timeout=3000)
    chat.state("offline")


def test_with_the_guide_gone_a_crisis_gets_a_crisis_line(visit: Opened) -> None:
    chat = visit(home="scotland").open()
    chat.screens()
    chat.cut()
    chat.say(CRISIS)
    crisis = chat.message("crisis")
    expect(crisis.locator('a[href^="tel:"]').first).to_be_visible(timeout=3000)
    expect(crisis).to_contain_text("116 123")


def test_everyday_words_raise_no_alarm_in_the_browser(visit: Opened) -> None:
    chat = visit().open()
    chat.say("my boss killed my project and i am dying of boredom")
    chat.sees("I can help with that.")
    assert chat.message("emergency").count() == chat.message("crisis").count() == 0


def test_the_bar_follows_the_home_that_a_person_names(visit: Opened) -> None:
    chat = visit(home=None, path="/nohome").open()
    bar = chat.part("emergency-bar")
    for number in ("10111", "999", "000", "911", "111"):
        expect(bar.locator(f'a[href="tel:{number}"]').first).to_be_visible()
    chat.say("this happens in australia")
    expect(bar.locator('a[href="tel:000"]')).to_be_visible()
    expect(bar.locator("a")).to_have_count(1)


@pytest.mark.parametrize("home", ["australia", "south_africa", None])
def test_danger_without_a_guide_names_the_numbers_of_the_sites_home(
    home: str | None, visit: Opened
) -> None:
    chat = visit(home=home, path=f"/danger-{home}").open()
    chat.screens()
    chat.cut()
    chat.say(DANGER)
    wanted = {"australia": ["000"], "south_africa": ["10111"], None: ["999", "000", "10111"]}
    for number in wanted[home]:
        expect(chat.message("emergency").locator(f'a[href="tel:{number}"]').first).to_be_visible()


def test_without_javascript_the_card_is_there(visit: Opened) -> None:
    chat = visit(java_script_enabled=False)
    expect(chat.host.locator('a[href="tel:999"]').first).to_be_visible()
    expect(chat.host.locator('a[href="sms:999"]')).to_be_visible()
    # Nothing can be asked of such a page afterwards.
    chat.page.close()


def test_with_the_guide_never_reached_the_card_is_there(visit: Opened, site: Site) -> None:
    nobody = "http://127.0.0.1:9"
    chat = visit(of=nobody, path="/nobody")
    expect(chat.host.locator('a[href="tel:999"]').first).to_be_visible()


@pytest.mark.parametrize(
    "lost", ["chat.js", "danger.js", "chat.css", "strings/en.json", "numbers.json"]
)
def test_with_a_file_missing_the_card_is_there_and_the_numbers_are_told(
    lost: str, visit: Opened
) -> None:
    chat = visit()
    chat.page.route(f"**/widget/{lost}*", lambda route: route.abort())
    chat.part("launcher").click()
    chat.state("offline")
    expect(chat.host.locator('a[href="tel:999"]').first).to_be_visible()
    expect(chat.part("launcher")).to_be_enabled()
    expect(chat.part("exit")).to_be_visible()


def test_when_the_file_comes_back_the_button_works(visit: Opened) -> None:
    chat = visit()
    chat.page.route("**/widget/chat.js*", lambda route: route.abort())
    chat.part("launcher").click()
    chat.state("offline")
    chat.mend()
    chat.open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")


def test_a_file_that_was_tampered_with_never_runs_not_even_at_a_second_try(visit: Opened) -> None:
    chat = visit()

    def changed(route: Route) -> None:
        body = route.fetch().text() + "\nwindow.ran = 1;"
        route.fulfill(
            body=body,
            content_type="text/javascript",
            headers={"Access-Control-Allow-Origin": "*"},
        )

    chat.page.route("**/widget/chat.js*", changed)
    for _ in range(3):
        chat.part("launcher").click()
        chat.state("offline")
    assert chat.page.evaluate("window.ran") is None


def test_without_the_danger_data_the_chat_still_works_and_the_guide_finds_danger(
    visit: Opened,
) -> None:
    chat = visit()
    chat.page.route("**/widget/danger.json*", lambda route: route.abort())
    chat.open()
    chat.say(DANGER)
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible()


def test_danger_typed_before_the_patterns_have_come_is_screened_when_they_do(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit()

    waiting: list[Route] = []
    chat.page.route("**/widget/danger.json*", lambda route: waiting.append(route))
    chat.open()
    patterns = requests.get(f"{server.url}/widget/danger.json", timeout=5).text
    chat.cut()
    chat.say(DANGER)
    chat.state("offline")
    assert chat.message("emergency").count() == 0
    waiting[0].fulfill(body=patterns, headers={"Access-Control-Allow-Origin": "*"})
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible()


def test_danger_in_a_text_that_is_too_long_to_send_still_brings_the_number(
    visit: Opened, server: ScriptedServer
) -> None:
    chat = visit().open()
    chat.screens()
    before = len(server.asked())
    chat.say("It goes on and on. " * 700 + DANGER)
    chat.sees("too long")
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible()
    assert len(chat.part("input").input_value()) > 12_000 and len(server.asked()) == before


def test_patterns_that_did_not_come_are_fetched_at_the_next_try(visit: Opened) -> None:
    chat = visit()
    chat.page.route("**/widget/danger.json*", lambda route: route.abort())
    chat.open()
    chat.page.unroute_all()
    chat.part("close").click()
    with chat.page.expect_response("**/widget/danger.json"):
        chat.part("launcher").click()
    chat.screens()
    chat.cut()
    chat.say(DANGER)
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible(timeout=3000)


def test_danger_in_two_messages_is_found_in_the_browser(visit: Opened) -> None:
    chat = visit().open()
    chat.screens()
    chat.say("he is outside my door")
    chat.sees("I can help with that.")
    chat.cut()
    chat.say("with a knife")
    expect(chat.message("emergency").first).to_be_visible(timeout=3000)
