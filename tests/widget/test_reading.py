"""With a keyboard only, with a screen reader, and held against axe-core in every state."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser import Chat, violations
from tests.support.scripted import FIRST, SECOND, THIRD, ScriptedServer
from tests.widget.conftest import Opened

FOCUSED = """() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.getAttribute("part") ?? at?.localName ?? "";
}"""
HEARD = """(root) => {
  window.heard = [];
  new MutationObserver((records) => {
    for (const record of records)
      for (const node of record.addedNodes) window.heard.push(node.textContent);
  }).observe(root.querySelector("[part~=announcer]"), { childList: true, subtree: true });
}"""
# Texts whose painted colour stands out from what is painted behind it by less than 4.5 to 1.
FAINT = """(root) => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((one) => {
      const part = one / 255;
      return part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4;
    });
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/, 0\\)$/.test(backgroundColor)) return light(backgroundColor);
    }
    return light("rgb(0, 0, 0)");
  };
  const faint = [];
  for (const one of root.querySelectorAll("*")) {
    const text = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!text || !one.getClientRects().length) continue;
    const [a, b] = [light(getComputedStyle(one).color), behind(one)].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) faint.push(one.textContent);
  }
  return faint;
}"""
SCHEMES = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced colours": {"color_scheme": "dark", "forced_colors": "active"},
}


def tab_to(chat: Chat, part: str, *, key: str = "Tab", most: int = 40) -> None:
    """Press a key until a part has the focus."""
    for _ in range(most):
        if chat.page.evaluate(FOCUSED) == part:
            return
        chat.page.keyboard.press(key)
    raise AssertionError(f"{part} is not reached with {key}")


def test_a_whole_conversation_without_a_mouse(visit: Opened) -> None:
    chat = visit()
    keys = chat.page.keyboard
    tab_to(chat, "launcher")
    keys.press("Enter")
    chat.state("open")
    assert chat.page.evaluate(FOCUSED) == "input"
    keys.type("he keeps stalking me")
    keys.press("Enter")
    chat.sees("Stalking")
    assert chat.page.evaluate(FOCUSED) == "input"
    tab_to(chat, "choice", key="Shift+Tab")
    tab_to(chat, "citation", key="Shift+Tab")
    keys.press("Enter")
    expect(chat.part("sources").locator("a:focus")).to_have_count(1)
    tab_to(chat, "choice")
    keys.press("Enter")
    chat.sees("screenshot")
    tab_to(chat, "exit", key="Shift+Tab", most=80)
    keys.press("Enter")
    chat.page.wait_for_url("about:blank")


def test_escape_closes_what_is_open_from_the_inside_out_and_never_leaves(visit: Opened) -> None:
    chat = visit().open()
    keys = chat.page.keyboard
    chat.part("menu").click()
    keys.press("Escape")
    expect(chat.part("delete")).to_be_hidden()
    expect(chat.part("menu")).to_be_focused()
    keys.press("Escape")
    chat.state("closed")
    expect(chat.part("launcher")).to_be_focused()


def test_the_focus_can_leave_the_panel_on_a_wide_screen(visit: Opened) -> None:
    chat = visit().open()
    tab_to(chat, "a", key="Shift+Tab", most=60)


def test_the_focus_never_leaves_a_panel_that_covers_the_page(visit: Opened) -> None:
    chat = visit(viewport={"width": 360, "height": 640}).open()
    expect(chat.part("panel")).to_be_visible()
    inside = """() => document.activeElement === document.body
      || document.activeElement.localName === "waymark-chat" """
    for _ in range(25):
        chat.page.keyboard.press("Tab")
        assert chat.page.evaluate(inside)


def test_the_focus_is_always_in_sight(visit: Opened) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    for _ in range(25):
        chat.page.keyboard.press("Shift+Tab")
        assert chat.page.evaluate(
            """() => {
              let at = document.activeElement;
              while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
              if (!at || at === document.body) return true;
              const { left, top, right, bottom } = at.getBoundingClientRect();
              return right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
            }"""
        )


def test_each_message_is_announced_once_and_in_order(visit: Opened, server: ScriptedServer) -> None:
    chat = visit().open()
    chat.shadow(HEARD)
    server.hold()
    try:
        chat.say("tell me in parts")
        chat.sees(FIRST)
    finally:
        server.release()
    chat.sees(THIRD)
    heard = "\n".join(chat.page.evaluate("window.heard"))
    assert [heard.count(text) for text in (FIRST, SECOND, THIRD)] == [1, 1, 1]
    assert heard.index(FIRST) < heard.index(SECOND) < heard.index(THIRD)


def test_an_announcement_holds_no_marks_and_names_the_choices(visit: Opened) -> None:
    chat = visit().open()
    chat.shadow(HEARD)
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    heard = "\n".join(chat.page.evaluate("window.heard"))
    assert "Stalking" in heard and "[1]" not in heard
    assert "What to keep" in heard and "Where to report" in heard


def test_a_danger_is_announced_once_with_its_number(visit: Opened) -> None:
    chat = visit().open()
    chat.screens()
    chat.shadow(HEARD)
    chat.say("he is outside my door with a knife")
    expect(chat.message("emergency").locator("[part~=choice]")).to_have_count(1)
    heard = [text for text in chat.page.evaluate("window.heard") if "999" in text]
    assert len(heard) == 1


def test_the_announcer_is_polite_and_does_not_fill_up(visit: Opened) -> None:
    chat = visit()
    chat.page.clock.install()
    chat.part("launcher").click()
    chat.state("open")
    expect(chat.part("announcer").locator("p")).not_to_have_count(0)
    assert chat.part("announcer").get_attribute("aria-live") == "polite"
    chat.page.clock.run_for(60_000)
    expect(chat.part("announcer").locator("p")).to_have_count(0)


def test_a_screen_reader_meets_names_roles_and_states(visit: Opened) -> None:
    chat = visit()
    assert 'button "Get help by chat"' in chat.host.aria_snapshot()
    chat.open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    tree = chat.host.aria_snapshot()
    for wanted in (
        'dialog "Waymark"',
        'log "Conversation"',
        'textbox "What is happening?"',
        'button "Send"',
        'button "Leave now"',
        'group "In danger, call"',
        'link "Call 999',
        'button "Source 1"',
        'group "Answers you can pick"',
    ):
        assert wanted in tree, tree
    assert "[1] [2]" not in chat.part("announcer").inner_text()


@pytest.mark.parametrize(
    "state", ["closed", "open", "answer", "emergency", "offline", "plan", "sent in vain"]
)
def test_axe_finds_nothing(state: str, visit: Opened) -> None:
    chat = visit()
    if state != "closed":
        chat.open()
    if state in ("answer", "plan"):
        chat.say("he keeps stalking me")
        chat.sees("Stalking")
        chat.part("citation").first.click()
    if state == "plan":
        chat.part("menu").click()
        chat.part("plan").click()
    if state == "emergency":
        chat.say("he is outside my door with a knife")
        expect(chat.message("emergency").locator("[part~=choice]")).to_have_count(1)
    if state == "offline":
        chat.context.set_offline(True)
        chat.state("offline")
    if state == "sent in vain":
        body = '{"error": {"code": "bad_message", "message": "Call 999."}, "numbers": []}'
        chat.answered_with(body, status=400, kind="application/json")
        chat.say("my words")
        expect(chat.part("retry")).to_be_visible()
    for scheme, media in SCHEMES.items():
        chat.page.emulate_media(**media)  # type: ignore[arg-type]
        # With forced colours axe reads -webkit-text-fill-color, which is not what is painted.
        forced = scheme == "forced colours"
        found = violations(chat.page, without=("color-contrast",) if forced else ())
        found += chat.shadow(FAINT) if forced else []
        assert not found, f"{state}, {scheme}: {found}"
    if state == "offline":
        chat.context.set_offline(False)


def test_axe_does_find_a_planted_fault(visit: Opened) -> None:
    chat = visit().open()
    chat.shadow("(root) => root.querySelector('[part~=input]').labels[0].remove()")
    chat.shadow("(root) => root.querySelector('[part~=input]').removeAttribute('placeholder')")
    assert any("label" in line for line in violations(chat.page))
