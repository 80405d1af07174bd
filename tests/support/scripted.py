"""A real server with a scripted brain: real channel, real facts and sources, no model.

``python -m tests.support.scripted FOLDER`` serves it; ``FOLDER`` is how a test talks to it: a file
``held`` makes the brain wait in the middle of an answer, ``asked`` lists the turns it was given,
``deleted`` the conversations it was told to delete. ``hand_off.json`` says where to hand over to.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.brain import Outcome
from knowledge.base import Knowledge
from knowledge.loader import load
from knowledge.message import Choice, Line, Message, build
from knowledge.words import Words, load_words
from tests.support.server import Server

HOSTILE = (
    '<img src=x onerror="window.ran=1"><script>window.ran=1</script> '
    "[1](javascript:window.ran=1) \u202e999\u202c &lt;b&gt;"
)
FIRST, SECOND, THIRD = "The first part.", "The second part.", "The third part."
HOMES = {
    "scotland": "scotland",
    "australia": "australia",
    "south africa": "south_africa",
    "england": "england_wales",
}


class ScriptedBrain:
    """Answers by keyword, with messages built from real facts."""

    trouble = ""

    def __init__(self, folder: Path, knowledge: Knowledge, words: Words) -> None:
        self._folder = folder
        self._knowledge = knowledge
        self._words = words
        self._kept: dict[str, list[dict[str, Any]]] = {}

    @property
    def parts(self) -> dict[str, str]:
        return {"model": self.trouble}

    def home_in(self, text: str) -> str | None:
        return next((home for name, home in HOMES.items() if name in text.lower()), None)

    async def answer(
        self,
        conversation: str,
        text: str,
        *,
        metadata: dict[str, Any],
        on_message: Callable[[Message], None],
        on_danger: Callable[[str], None],
    ) -> Outcome:
        self._note("asked", text)
        self._kept.setdefault(conversation, []).append({"event": "user", "text": text})
        for part in self._script(text.lower()):
            if part is None:
                while (self._folder / "held").exists():
                    await asyncio.sleep(0.02)
            else:
                on_message(part)
        asked = "ask_human" if "a person" in text.lower() else ""
        return Outcome(home=self.home_in(text), intent=asked)

    async def danger_in(self, text: str) -> str | None:
        return None

    async def delete(self, conversation: str) -> None:
        self._note("deleted", conversation)
        self._kept.pop(conversation, None)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        return self._kept.get(conversation, [])

    def _note(self, name: str, line: str) -> None:
        with (self._folder / name).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def _script(self, text: str) -> Iterator[Message | None]:
        if "in parts" in text:
            yield self._plain(FIRST)
            yield None
            yield self._plain(SECOND)
            yield self._plain(THIRD)
        elif "hostile" in text:
            yield Message(
                kind="answer", text=f"{HOSTILE}\n\n{HOSTILE}", choices=(Choice(HOSTILE, "/kept"),)
            )
        elif "/kept" in text or "evidence" in text:
            yield self._facts("essential", "all", subject="evidence")
        elif "/report" in text or "where" in text:
            yield self._facts("reporting_channel", "scotland")
        elif "stalking" in text:
            yield self._facts("offence", "scotland", choices=True)
        else:
            yield self._plain("I can help with that.")

    def _plain(self, text: str) -> Message:
        return Message(kind="answer", text=text)

    def _facts(self, kind: str, place: str, *, subject: str = "", choices: bool = False) -> Message:
        found = [
            fact
            for fact in self._knowledge.find(kind, place, harms=() if subject else ("stalking",))
            if not subject or fact.subject == subject
        ]
        lines = [Line(f"{fact.title}: {fact.text}", (fact,)) for fact in found[:4]]
        offered = (Choice("What to keep", "/kept"), Choice("Where to report", "/report"))
        return build(
            "answer",
            lines,
            words=self._words,
            today=date(2026, 11, 24),
            choices=offered if choices else (),
        )


class ScriptedServer(Server):
    """Starts the scripted server, holds and releases its brain, kills it and starts it again."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, **environment)
        self.folder = folder
        self.command = (sys.executable, "-m", "tests.support.scripted", str(folder))

    def hold(self) -> None:
        """Make answers wait after their first part."""
        (self.folder / "held").touch()

    def release(self) -> None:
        """Let answers go on."""
        (self.folder / "held").unlink(missing_ok=True)

    def kill(self) -> None:
        """End the process as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def asked(self) -> list[str]:
        """Return the texts of all turns that reached the brain."""
        return self._lines("asked")

    def deleted(self) -> list[str]:
        """Return the conversations that the brain was told to delete."""
        return self._lines("deleted")

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text("utf-8").splitlines() if path.exists() else []


def main() -> None:
    """Serve until stopped."""
    from bot.quiet import set_up_logging
    from bot.server import make_app
    from bot.settings import from_environment

    settings = from_environment()
    desk = Path(sys.argv[1]) / "hand_off.json"
    if desk.exists():
        from bot.handoff.config import HandOff

        given = json.loads(desk.read_text("utf-8"))
        secret = given.pop("secret").encode()
        settings = replace(settings, hand_off=HandOff(**given, hours=None, secret=secret))
    set_up_logging(settings.log_level)
    words = load_words(always={"retention": settings.retention})
    brain = ScriptedBrain(Path(sys.argv[1]), load(), words)
    app = make_app(settings, brain=brain, name="scripted")
    app.run(host=settings.host, port=settings.port, access_log=False, debug=False, motd=False)


if __name__ == "__main__":
    main()
