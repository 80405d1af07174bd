"""On somebody else's page: strict policies hold, nobody else is asked, and the site stays itself."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.support.browser import STRICT, Site, embedding_page
from tests.support.scripted import ScriptedServer
from tests.widget.conftest import Opened


def test_a_strict_policy_with_trusted_types_is_never_broken(
    visit: Opened, site: Site, server: ScriptedServer
) -> None:
    """``visit`` asserts that no violation was reported; here everything is used once."""
    chat = visit(attributes='exit-to="/other"', path="/strict").open()
    policy = site.pages["/strict"][1]["Content-Security-Policy"]
    assert "unsafe" not in policy and "require-trusted-types-for" in policy
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    chat.part("citation").first.click()
    chat.part("menu").click()
    chat.part("plan").click()
    chat.part("copy").click()
    chat.part("print").click()
    chat.part("back").click()
    chat.say("he is outside my door with a knife")
    expect(chat.message("emergency")).to_be_visible()
    assert chat.page.evaluate("window.violations") == []


def test_the_policy_of_these_tests_does_report_a_break(
    browser: Browser, site: Site, server: ScriptedServer
) -> None:
    page = browser.new_page()
    page.goto(site.put("/broken", "<!doctype html><p>x", csp=STRICT.format(server=server.url)))
    page.evaluate(
        """() => { window.violations = [];
        addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective));
        document.body.insertAdjacentElement("beforeend", document.createElement("p"))
          .setAttribute("style", "color: red"); }"""
    )
    page.wait_for_function("window.violations.length === 1")
    page.close()


def test_nobody_but_the_site_and_the_guide_is_asked_in_a_whole_conversation(
    visit: Opened, site: Site, server: ScriptedServer
) -> None:
    chat = visit().open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    assert chat.foreign(site.origin, server.url) == []
    assert len(chat.requests) > 5


def test_a_changed_stub_is_refused_by_its_hash_and_the_card_stays(visit: Opened) -> None:
    chat = visit(path="/first")
    chat.page.route(
        "**/widget/waymark.js",
        lambda route: route.fulfill(
            body="window.ran = 1;",
            headers={
                "Access-Control-Allow-Origin": "*",
                "Content-Type": "text/javascript",
            },
        ),
    )
    chat.page.reload()
    expect(chat.host.locator('a[href="tel:999"]').first).to_be_visible()
    assert chat.page.evaluate("window.ran") is None
    assert chat.host.get_attribute("data-state") is None


def test_a_site_that_is_not_on_the_list_gets_the_card_and_nothing_else(
    browser: Browser, server: ScriptedServer
) -> None:
    with Site() as stranger:
        page = browser.new_page()
        page.goto(stranger.put("/help", embedding_page(server.url)))
        expect(page.locator('waymark-chat a[href="tel:999"]').first).to_be_visible()
        assert page.locator("waymark-chat").get_attribute("data-state") is None
        page.close()


def test_the_sites_own_styles_do_not_reach_in_and_ours_do_not_reach_out(visit: Opened) -> None:
    chat = visit()
    before = chat.page.locator("h1").evaluate("(e) => getComputedStyle(e).cssText")
    chat.page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync("button, div, textarea { color: rgb(1, 2, 3) !important; display: none }");
        document.adoptedStyleSheets = [sheet]; }"""
    )
    chat.open()
    colour = chat.part("send").evaluate("(e) => getComputedStyle(e).color")
    assert colour != "rgb(1, 2, 3)"
    expect(chat.part("send")).to_be_visible()
    assert chat.page.locator("h1").evaluate("(e) => getComputedStyle(e).cssText") == before


def test_a_site_can_theme_it_by_variables_and_parts(visit: Opened) -> None:
    chat = visit()
    chat.page.evaluate(
        """() => { const sheet = new CSSStyleSheet();
        sheet.replaceSync(`waymark-chat { --waymark-accent: rgb(80, 0, 80); }
          waymark-chat::part(launcher) { border-radius: 3px; }`);
        document.adoptedStyleSheets = [sheet]; }"""
    )
    launcher = chat.part("launcher")
    assert launcher.evaluate("(e) => getComputedStyle(e).backgroundColor") == "rgb(80, 0, 80)"
    assert launcher.evaluate("(e) => getComputedStyle(e).borderRadius") == "3px"


@pytest.mark.parametrize("path", ["waymark.js", "chat.js", "danger.json", "strings/en.json"])
def test_the_files_say_what_they_are_and_are_for_the_listed_sites(
    path: str, site: Site, server: ScriptedServer
) -> None:
    address = f"{server.url}/widget/{path}"
    answer = requests.get(address, headers={"Origin": site.origin}, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == site.origin
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kind = "text/javascript" if path.endswith(".js") else "application/json"
    assert answer.headers["Content-Type"].startswith(kind)
    foreign = requests.get(address, headers={"Origin": "https://any.example"}, timeout=5)
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_the_servers_own_page_shows_the_widget_under_its_own_policy(
    browser: Browser, server: ScriptedServer
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto(f"{server.url}/")
    page.locator("waymark-chat [part~=launcher]").click()
    expect(page.locator("waymark-chat")).to_have_attribute("data-state", "open")
    page.locator("waymark-chat [part~=input]").fill("he keeps stalking me")
    page.locator("waymark-chat [part~=send]").click()
    expect(page.locator("waymark-chat [part~=log]")).to_contain_text("Stalking")
    assert not errors
    page.close()
