"""Measure what the widget costs a page; write results.json."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from bot.channels.widget_files import sizes, widget_files
from tests.support.browser import Chat, Site, embedding_page, launched
from tests.support.scripted import ScriptedServer

LOADS = 15
SLOWER = 4


def main_thread_ms(browser: Browser, url: str, *, slower: int) -> float:
    """Return the main thread's work for one load of a page, in a fresh profile."""
    context = browser.new_context()
    page = context.new_page()
    page.goto("about:blank")
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    # The processor time of the thread: other work on the machine does not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url, wait_until="networkidle")
    metrics = {
        one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
    }
    context.close()
    return float(metrics["TaskDuration"]) * 1000


def leaving_ms(browser: Browser, url: str, *, slower: int) -> float:
    """Return the time from the press of Leave now to an empty document, without a network."""
    context = browser.new_context()
    chat = Chat(context.new_page(), context)
    chat.page.goto(url)
    chat.open()
    chat.say("he keeps stalking me")
    chat.sees("Stalking")
    context.set_offline(True)
    session = context.new_cdp_session(chat.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    taken = chat.shadow(
        """(root) => {
          const started = performance.now();
          root.querySelector("[part~=exit]").click();
          return document.documentElement.childNodes.length ? NaN : performance.now() - started;
        }"""
    )
    context.close()
    return float(taken)


def opening_ms(browser: Browser, url: str, *, slower: int) -> float:
    """Return the time from the press of the button to the first message."""
    context = browser.new_context()
    chat = Chat(context.new_page(), context)
    chat.page.goto(url, wait_until="networkidle")
    session = context.new_cdp_session(chat.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": slower})
    taken = chat.shadow(
        """async (root) => {
          const started = performance.now();
          root.querySelector("[part~=launcher]").click();
          while (!root.querySelector("[part~=message]")) await new Promise(requestAnimationFrame);
          return performance.now() - started;
        }"""
    )
    context.close()
    return float(taken)


def main() -> None:
    """Print and write the figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launched() as browser,
        Site() as site,
        ScriptedServer(Path(folder), WAYMARK_ORIGINS=site.origin) as server,
    ):
        whole = site.put("/with", embedding_page(server.url))
        bare = site.put("/without", embedding_page(server.url, script=False))
        pairs = [
            (
                main_thread_ms(browser, whole, slower=SLOWER),
                main_thread_ms(browser, bare, slower=SLOWER),
            )
            for _ in range(LOADS)
        ]
        opened = {
            f"open_ms_at_1_{slower}": round(
                statistics.median(opening_ms(browser, whole, slower=slower) for _ in range(5))
            )
            for slower in (1, SLOWER)
        }
        left = statistics.median(leaving_ms(browser, whole, slower=SLOWER) for _ in range(5))
        version = browser.version
    figures = {
        "gzip_bytes": sizes(widget_files()),
        "page_with_stub_ms": round(statistics.median(pair[0] for pair in pairs), 1),
        "page_without_ms": round(statistics.median(pair[1] for pair in pairs), 1),
        "stub_ms": round(statistics.median(one - other for one, other in pairs), 1),
        "slower": SLOWER,
        **opened,
        "leave_ms": round(left, 1),
        "chromium": version,
        "load_average": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(figures, indent=1))
    (Path(__file__).parent / "results.json").write_text(
        json.dumps(figures, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
