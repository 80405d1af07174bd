"""One browser, one site and one scripted guide for all tests of the widget; a new tab for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.support.browser import (
    NOTHING,
    STRICT,
    WATCH,
    Chat,
    Site,
    embedding_page,
    launched,
    stored,
)
from tests.support.scripted import ScriptedServer

Opened = Callable[..., Chat]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    with Site() as running:
        running.put("/other", "<!doctype html><title>Weather</title><h1>Weather</h1>")
        yield running


@pytest.fixture(scope="package")
def server(
    browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ScriptedServer]:
    """Return the guide that most tests talk to; nobody kills this one."""
    folder = tmp_path_factory.mktemp("scripted")
    with ScriptedServer(folder, WAYMARK_ORIGINS=site.origin) as running:
        yield running


@pytest.fixture
def own_server(browser: Browser, site: Site, tmp_path: Path) -> Iterator[ScriptedServer]:
    """Return a guide of this test's own, to be killed and started again."""
    with ScriptedServer(tmp_path, WAYMARK_ORIGINS=site.origin) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, site: Site, server: ScriptedServer) -> Iterator[Opened]:
    """Open the charity's page in a new browser profile, under its strict policy.

    When the test ends, each page has run without an error, broken no policy, asked nobody but the
    site and the guide, and stored nothing.
    """
    chats: list[tuple[Chat, str]] = []

    def opened(
        *,
        path: str = "/help",
        via: str = "",
        of: str = "",
        page: Any = None,
        **options: Any,
    ) -> Chat:
        guide = of or server.url
        in_page = {
            name: options.pop(name)
            for name in ("home", "lang", "direction", "attributes", "script")
            if name in options
        }
        html = embedding_page(guide, **in_page)
        address = site.put(path, html, csp=STRICT.format(server=guide))
        context = page.context if page else browser.new_context(**options)
        if not page:
            context.set_default_timeout(10_000)
            context.add_init_script(WATCH)
        chat = Chat(context.new_page(), context)
        chats.append((chat, guide))
        if via:
            chat.page.goto(site.origin + via)
        chat.page.goto(address)
        return chat

    yield opened
    problems: list[str] = []
    for chat, guide in chats:
        problems += chat.errors
        problems += [f"asked {url}" for url in chat.foreign(site.origin, guide)]
        if not chat.page.is_closed() and chat.page.url.startswith(site.origin):
            problems += chat.page.evaluate("window.violations")
            kept = stored(chat.page)
            problems += [f"stored {kept}"] if kept != NOTHING and not chat.may_store else []
        problems += [f"cookie {one}" for one in chat.context.cookies()]
    for chat, _ in chats:
        chat.context.close()
    assert not problems
