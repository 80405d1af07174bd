"""Make the pictures of docs/images/: the example page with the real model behind it."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.support.browser import Chat, launched
from tests.support.server import Server

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
WIDE: dict[str, Any] = {"viewport": {"width": 1000, "height": 760}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "has_touch": True,
    "is_mobile": True,
}
STORY = "my ex follows me online and turns up at my work, i am in glasgow"
DANGER = "he is outside my door with a knife"


def save(chat: Chat, name: str) -> None:
    """Write a picture with 256 colours: small, and as sharp."""
    chat.page.wait_for_timeout(300)
    shown = Image.open(io.BytesIO(chat.page.screenshot())).convert("RGB")
    path = IMAGES / f"{name}.png"
    shown.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.stat().st_size:7}  {path.name}")


def answered(chat: Chat) -> None:
    """Tell the story and wait for the whole answer."""
    chat.open()
    chat.say(STORY)
    expect(chat.part("citation").first).to_be_visible(timeout=30_000)
    expect(chat.part("typing")).to_be_hidden(timeout=30_000)


def sourced(chat: Chat) -> None:
    """Show an answer with its sources open."""
    answered(chat)
    chat.part("citation").first.click()


def endangered(chat: Chat) -> None:
    """Show what danger brings."""
    chat.open()
    chat.say(DANGER)
    expect(chat.message("emergency").locator("[part~=choice]")).to_have_count(1)
    expect(chat.part("typing")).to_be_hidden(timeout=30_000)


def planned(chat: Chat) -> None:
    """Show the steps collected so far."""
    answered(chat)
    chat.part("menu").click()
    chat.part("plan").click()


def unreached(chat: Chat) -> None:
    """Show the chat without a line."""
    chat.open()
    chat.context.set_offline(True)
    chat.say(DANGER)
    chat.state("offline")


PICTURES: dict[str, tuple[Callable[[Chat], object], dict[str, Any]]] = {
    "widget-closed": (lambda chat: None, WIDE),
    "widget-open": (lambda chat: chat.open(), WIDE),
    "widget-answer": (answered, WIDE),
    "widget-sources": (sourced, WIDE),
    "widget-emergency": (endangered, WIDE),
    "widget-offline": (unreached, WIDE),
    "widget-plan": (planned, WIDE),
    "widget-dark": (answered, {**WIDE, "color_scheme": "dark"}),
    "widget-phone": (answered, PHONE),
    "widget-phone-danger": (endangered, PHONE),
    "widget-without-script": (lambda chat: None, {**WIDE, "java_script_enabled": False}),
}


def picture(browser: Browser, url: str, name: str) -> None:
    """Make one picture in a fresh profile."""
    prepare, options = PICTURES[name]
    context = browser.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(30_000)
    chat = Chat(context.new_page(), context)
    chat.page.goto(f"{url}/?home=scotland")
    prepare(chat)
    save(chat, name)
    context.close()


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        launched() as browser,
        Server(Path(folder)) as server,
    ):
        server.until_ready(seconds=200)
        for name in PICTURES:
            picture(browser, server.url, name)


if __name__ == "__main__":
    main()
