"""A real browser on a page of another origin that embeds the widget, and what must always hold."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    expect,
    sync_playwright,
)

from bot.channels.card import snippet
from bot.channels.widget_files import STUB, widget_files
from knowledge.base import Knowledge
from knowledge.loader import load
from knowledge.words import Words, load_words

STRICT = (
    "default-src 'none'; script-src {server}; connect-src {server}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
# Runs before anything of a page: keeps what a test asks about later.
WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
STORED = """async () => ({
  cookie: document.cookie,
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"cookie": "", "local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


def chromium() -> str:
    """Return the distribution's browser; without it skip, or fail where it is required.

    The headless shell is the same browser without the windows and menus, in half the time.
    """
    for name in ("chromium-headless-shell", "chromium", "chromium-browser"):
        found = shutil.which(name)
        if found:
            return found
    if "browser" in os.environ.get("WAYMARK_REQUIRE", "").split(","):
        pytest.fail("a browser is required (WAYMARK_REQUIRE): install chromium")
    pytest.skip("no chromium on this machine: the widget was not tried in a browser")


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a headless browser; nothing is downloaded for it."""
    path = chromium()
    with sync_playwright() as playwright:
        options = ["--disable-dev-shm-usage", "--force-color-profile=srgb"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


class Site:
    """A small website of its own origin, whose pages a test writes."""

    def __init__(self) -> None:
        pages: dict[str, tuple[str, dict[str, str]]] = {}
        self.pages = pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/slow":
                    time.sleep(0.5)
                body, headers = pages.get(urlsplit(self.path).path, ("", {}))
                self.send_response(200 if body else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def put(self, path: str, body: str, *, csp: str = "") -> str:
        """Serve a page and return its address."""
        self.pages[path] = (body, {"Content-Security-Policy": csp} if csp else {})
        return self.origin + path


@lru_cache(maxsize=1)
def _served() -> tuple[Knowledge, Words, str]:
    knowledge, words = load(), load_words(always={"retention": "one day"})
    return knowledge, words, widget_files(knowledge, words)[STUB].sri


def embedding_page(
    server: str,
    *,
    home: str | None = "scotland",
    lang: str = "en",
    direction: str = "ltr",
    attributes: str = "",
    script: bool = True,
) -> str:
    """Return the page of a charity with exactly what ``waymark embed`` prints in it."""
    knowledge, words, integrity = _served()
    code = snippet(
        knowledge,
        words,
        server=server,
        home=home,
        lang=lang,
        script=f"{server}/{STUB}",
        integrity=integrity,
    )
    if attributes:
        code = code.replace("<waymark-chat ", f"<waymark-chat {attributes} ", 1)
    if not script:
        code = code[: code.index("<script")]
    return (
        f'<!doctype html><html lang="{lang}" dir="{direction}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Help near you</title></head>"
        "<body><main><h1>Help near you</h1><p>We listen, and we believe you.</p>"
        f'<p><a href="/other">Another page</a></p>\n{code}</main></body></html>'
    )


@dataclass
class Chat:
    """The widget on a page, as somebody in front of it uses it."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    may_store: bool = False
    token: str = ""

    def __post_init__(self) -> None:
        self.context.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.host = self.page.locator("waymark-chat")

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)
        bearer = request.headers.get("authorization", "")
        if bearer and request.frame.page == self.page:
            self.token = bearer.removeprefix("Bearer ")

    def cut(self) -> None:
        """Cut the line to the guide: every request to it fails, as with the guide gone."""
        self.page.route("**/webhooks/**", lambda route: route.abort())

    def mend(self) -> None:
        """Mend the line."""
        self.page.unroute_all()

    def kept(self) -> list[Any]:
        """Return what the guide keeps of this conversation, asked past the browser."""
        origin = next(url for url in self.requests if "/webhooks/" in url).partition("/webhooks/")[
            0
        ]
        answer = requests.get(
            f"{origin}/webhooks/web/export",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=5,
        )
        return list(answer.json()["kept"])

    def forgotten(self) -> bool:
        """Say whether the guide has deleted this conversation within three seconds."""
        for _ in range(60):
            if not self.kept():
                return True
            time.sleep(0.05)
        return False

    def part(self, name: str) -> Locator:
        """Return a part of the widget by its public name."""
        return self.host.locator(f"[part~={name}]")

    def message(self, kind: str) -> Locator:
        """Return the messages of a kind."""
        return self.host.locator(f'[part~=message][data-kind="{kind}"]')

    def state(self, name: str) -> None:
        """Wait until the widget is in a state."""
        expect(self.host).to_have_attribute("data-state", name, timeout=10_000)

    def open(self) -> Chat:
        """Press the button and wait for the first message."""
        self.part("launcher").click()
        self.state("open")
        expect(self.message("answer").first).to_be_visible()
        return self

    def answered_with(
        self,
        body: str,
        *,
        path: str = "messages",
        status: int = 200,
        kind: str = "text/event-stream",
        times: int = 99,
    ) -> None:
        """Let the guide answer with something it never says, some times over."""

        def answer(route: Route) -> None:
            if route.request.method == "OPTIONS":
                route.continue_()
                return
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": kind}
            route.fulfill(headers=headers, status=status, body=body)

        self.page.route(f"**/webhooks/web/{path}*", answer, times=times)

    def screens(self) -> None:
        """Wait until the browser has the danger patterns, and has made them ready when idle."""
        name = "/widget/danger.json"
        loaded = f"performance.getEntriesByType('resource').some((e) => e.name.endsWith('{name}'))"
        self.page.wait_for_function(loaded)
        self.page.evaluate(
            """async () => { for (let round = 0; round < 5; round++)
            await new Promise((done) => requestIdleCallback(() => setTimeout(done))); }"""
        )

    def say(self, text: str) -> None:
        """Type a text and send it."""
        self.part("input").fill(text)
        self.part("send").click()

    def sees(self, text: str, *, timeout: float = 10_000) -> None:
        """Wait until the conversation shows a text."""
        expect(self.part("log")).to_contain_text(text, timeout=timeout)

    @property
    def texts(self) -> list[str]:
        """Return the texts of all messages of the guide, in order."""
        return self.host.locator('[part~=message]:not([data-kind="own"])').all_inner_texts()

    def shadow(self, script: str, *arguments: Any) -> Any:
        """Run a function of (root, ...arguments) on the widget's shadow root."""
        root = "document.querySelector('waymark-chat').shadowRoot"
        return self.page.evaluate(f"(given) => ({script})({root}, ...given)", list(arguments))

    def foreign(self, *allowed: str) -> list[str]:
        """Return requests to anywhere but the site and the guide."""
        return [
            url
            for url in self.requests
            if urlsplit(url).scheme in ("http", "https", "ws", "wss")
            and not url.startswith(tuple(f"{origin}/" for origin in allowed))
        ]


def stored(page: Page) -> dict[str, Any]:
    """Return how much a page's origin keeps in the browser, of every kind."""
    return dict(page.evaluate(STORED))


def axe_source() -> str:
    """Return axe-core, as its package carries it."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def violations(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds on a page, a line each; the page's own policy stays in force."""
    options = {"resultTypes": ["violations"], "rules": {one: {"enabled": False} for one in without}}
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": axe_source()})
    found = session.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run({json.dumps(options)})" + ".then((r) => r.violations.map("
            "(v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.flat().join(' ') + ' '"
            " + n.failureSummary).join(' | ')}`))",
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    assert "exceptionDetails" not in found, found["exceptionDetails"]
    return list(found["result"]["value"])
