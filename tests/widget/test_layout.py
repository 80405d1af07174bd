"""On a small screen, at 400 %, in the dark, with forced colours, without motion, right to left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.support.browser import Chat
from tests.support.scripted import ScriptedServer
from tests.widget.conftest import Opened

STRINGS = Path(__file__).resolve().parents[2] / "widget" / "strings" / "en.json"
# The last is a window of 1280 by 1024 at 400 %.
SCREENS = {"small phone": (320, 568), "phone": (390, 844), "400 %": (320, 256)}
WIDER = """(root) => {
  const wide = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > page.clientWidth) wide.push(`page ${page.scrollWidth}`);
  for (const one of root.querySelectorAll("*")) {
    const { left, right, width } = one.getBoundingClientRect();
    if (!width || one.closest(".unseen")) continue;
    if (left < -1 || right > innerWidth + 1) wide.push(`${one.localName} ${one.className} ${left} ${right}`);
    if (one.scrollWidth > one.clientWidth + 1 && one.clientWidth && getComputedStyle(one).overflowX === "auto")
      wide.push(`${one.localName} scrolls`);
  }
  return wide;
}"""
# Links and marks inside a sentence are as high as their line (WCAG 2.5.8, inline).
SMALL = """(root) => [...root.querySelectorAll("button, a, textarea, summary, input")]
  .filter((one) => one.getClientRects().length && !one.closest("p, li"))
  .map((one) => ({ name: one.getAttribute("part") ?? one.textContent, box: one.getBoundingClientRect() }))
  .filter(({ box }) => box.width < 44 || box.height < 44)
  .map(({ name, box }) => `${name} ${box.width} x ${box.height}`)"""
REACHED = """(root, part) => {
  const one = root.querySelector(`[part~=${part}]`);
  one.scrollIntoView({ block: "nearest" });
  const { left, top, width, height } = one.getBoundingClientRect();
  return one.contains(root.elementFromPoint(left + width / 2, top + height / 2));
}"""
BRIGHTNESS = """(root) => {
  const [r, g, b] = getComputedStyle(root.querySelector("[part~=panel]")).backgroundColor
    .match(/[\\d.]+/g).map(Number);
  return (r + g + b) / 3;
}"""


def talked(chat: Chat) -> Chat:
    """Hold a conversation with everything in it that can be wide."""
    chat.open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    chat.part("citation").first.click()
    chat.say("a" * 200)
    chat.sees("I can help with that.")
    chat.say("he is outside my door with a knife")
    expect(chat.message("emergency").locator("[part~=choice]")).to_have_count(1)
    return chat


@pytest.mark.parametrize("home", ["scotland", None])
@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_is_wider_than_the_screen_and_every_target_is_large(
    screen: str, home: str | None, visit: Opened
) -> None:
    width, height = SCREENS[screen]
    chat = visit(viewport={"width": width, "height": height}, home=home, path=f"/layout-{home}")
    chat.state("closed")
    assert chat.shadow(WIDER) == [] and chat.shadow(SMALL) == []
    talked(chat)
    assert chat.shadow(WIDER) == [] and chat.shadow(SMALL) == []
    for part in ("exit", "input", "send", "emergency-bar", "menu", "close"):
        assert chat.shadow(REACHED, part), part
    chat.part("menu").click()
    assert chat.shadow(WIDER) == [] and chat.shadow(SMALL) == []
    chat.part("plan").click()
    assert chat.shadow(WIDER) == [] and chat.shadow(SMALL) == []
    assert chat.shadow(REACHED, "exit")


def test_text_twice_as_large_is_not_cut(visit: Opened) -> None:
    """WCAG 1.4.4: a person who set a larger font in the browser reads all of it."""
    chat = visit(viewport={"width": 640, "height": 512})
    chat.page.evaluate("document.documentElement.style.fontSize = '200%'")
    chat.page.evaluate("window.violations = []")  # the test's own style attribute
    talked(chat)
    assert chat.shadow(WIDER) == []
    for part in ("exit", "input", "send", "emergency-bar"):
        assert chat.shadow(REACHED, part), part


def test_in_the_dark_the_panel_is_dark_and_in_the_light_it_is_light(visit: Opened) -> None:
    chat = visit(color_scheme="dark").open()
    assert chat.shadow(BRIGHTNESS) < 60
    chat.page.emulate_media(color_scheme="light")
    assert chat.shadow(BRIGHTNESS) > 230


def test_with_forced_colours_buttons_and_messages_keep_an_edge(visit: Opened) -> None:
    chat = talked(visit(forced_colors="active"))
    for part in ("send", "exit", "message", "choice", "panel"):
        edge = chat.part(part).last.evaluate(
            "(e) => { const s = getComputedStyle(e); return [parseFloat(s.borderTopWidth), s.borderTopStyle] }"
        )
        assert edge[0] >= 1 and edge[1] != "none", part


def test_with_reduced_motion_nothing_moves(visit: Opened, server: ScriptedServer) -> None:
    moving = """(root) => root.getAnimations().length"""
    chat = visit().open()
    server.hold()
    try:
        chat.say("tell me in parts")
        expect(chat.part("typing")).to_be_visible()
        assert chat.shadow(moving) > 0
        chat.page.emulate_media(reduced_motion="reduce")
        assert chat.shadow(moving) == 0
    finally:
        server.release()
    chat.sees("The third part.")


def test_right_to_left_the_panel_is_mirrored(visit: Opened) -> None:
    chat = visit(direction="rtl", path="/rtl", viewport={"width": 1000, "height": 800})
    box = chat.part("launcher").bounding_box()
    assert box is not None and box["x"] < 500

    def mirrored(route: Route) -> None:
        strings = json.loads(STRINGS.read_text("utf-8")) | {"dir": "rtl"}
        route.fulfill(json=strings, headers={"Access-Control-Allow-Origin": "*"})

    chat.page.route("**/widget/strings/*.json", mirrored)
    talked(chat)
    panel = chat.part("panel")
    assert panel.evaluate("(e) => getComputedStyle(e).direction") == "rtl"
    send, field = chat.part("send").bounding_box(), chat.part("input").bounding_box()
    assert send is not None and field is not None and send["x"] < field["x"]
    assert chat.shadow(WIDER) == []


def test_on_a_telephone_sending_puts_the_keyboard_away(visit: Opened) -> None:
    chat = visit(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True).open()
    for press in (lambda: chat.part("send").tap(), lambda: chat.part("input").press("Enter")):
        chat.part("input").tap()
        expect(chat.part("input")).to_be_focused()
        chat.part("input").fill("he keeps stalking me")
        press()
        expect(chat.part("input")).to_have_value("")
        expect(chat.part("input")).not_to_be_focused()


def test_a_page_of_another_language_that_is_not_there_gets_english(visit: Opened) -> None:
    chat = visit(lang="fr", path="/french")
    expect(chat.part("launcher")).to_have_text("Get help by chat")
    chat.open()
    assert chat.part("panel").get_attribute("lang") == "en"


def test_english_words_in_a_page_from_right_to_left_run_from_left_to_right(visit: Opened) -> None:
    chat = visit(direction="rtl", path="/rtl-english").open()
    assert chat.part("panel").evaluate("(e) => getComputedStyle(e).direction") == "ltr"
