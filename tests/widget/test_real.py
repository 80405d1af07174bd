"""The widget with the real model behind it: what a person meets, from the first word to the exit."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from knowledge.base import Knowledge
from tests.support.browser import Site
from tests.support.server import Server
from tests.widget.conftest import Opened


def test_a_person_gets_steps_and_sources_then_danger_comes_first_then_no_trace_is_left(
    visit: Opened, browser: Browser, site: Site, knowledge: Knowledge, tmp_path: Path
) -> None:
    with Server(tmp_path, WAYMARK_ORIGINS=site.origin) as running:
        whole_story(visit, running.until_ready(seconds=200), knowledge)


def whole_story(visit: Opened, real: Server, knowledge: Knowledge) -> None:
    """Tell, press, be in danger, leave: one server for all, because it takes long to start."""
    chat = visit(of=real.url, home=None, path="/real").open()
    chat.say("my ex follows me online and turns up at my work, i am in glasgow")
    chat.sees("101", timeout=20_000)
    expect(chat.part("typing")).to_be_hidden(timeout=20_000)
    expect(chat.part("emergency-bar").locator("a")).to_have_count(1)
    expect(chat.part("emergency-bar").locator('a[href="tel:999"]')).to_be_visible()
    assert chat.part("citation").count() > 0
    known = {c.url for fact in knowledge.facts for c in fact.citations}
    links = chat.part("sources").locator("a").evaluate_all("(all) => all.map((a) => a.href)")
    assert links and {link.rstrip("/") for link in links} <= {url.rstrip("/") for url in known}
    dials = {n.dial for fact in knowledge.facts for n in fact.numbers}
    called = chat.part("log").locator("a[href^='tel:'], a[href^='sms:']")
    for href in called.evaluate_all("(all) => all.map((a) => a.getAttribute('href'))"):
        assert href.split(":")[1].replace("%23", "#") in dials
    before = chat.message("own").count()
    chat.part("choices").last.locator("[part~=choice]").first.click()
    expect(chat.message("own")).to_have_count(before + 1)
    expect(chat.part("typing")).to_be_hidden(timeout=20_000)
    chat.say("he is outside my door right now with a knife")
    expect(chat.message("emergency").locator('a[href="tel:999"]').first).to_be_visible()
    after = chat.message("own").last.evaluate("(e) => e.nextElementSibling.dataset.kind")
    assert after == "emergency"
    expect(chat.part("typing")).to_be_hidden(timeout=20_000)
    assert chat.kept()
    chat.part("exit").click()
    chat.page.wait_for_url("about:blank")
    assert chat.forgotten()
