"""Measure what a turn costs at the 10th and at the 300th turn; write results.json.

With the trained model and the SQLite store, in this process. The two conversations take turns, so
that whatever else the machine does weighs on both.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.quiet import set_up_logging  # noqa: E402 - the project is not a package of benchmarks
from bot.rasa_brain import RasaBrain  # noqa: E402
from bot.settings import from_environment  # noqa: E402
from knowledge.message import Message  # noqa: E402

SAID = (
    "my ex in glasgow keeps posting my address",
    "what evidence should i keep",
    "where do i report it",
    "he lives in england",
    "the police did nothing",
)
MEASURED = 40


class Person:
    """Talks to the brain and counts."""

    def __init__(self, brain: RasaBrain, name: str) -> None:
        self._brain = brain
        self._name = name
        self.turns = 0

    async def say(self) -> float:
        """Have one turn and return how long it took, in ms."""
        got: list[Message] = []
        started = time.perf_counter()
        await self._brain.answer(
            self._name,
            SAID[self.turns % len(SAID)],
            metadata={"danger_answered": False, "default_home": None},
            on_message=got.append,
            on_danger=lambda kind: None,
        )
        taken = (time.perf_counter() - started) * 1000
        assert got, "a turn without an answer measures nothing"
        self.turns += 1
        return taken

    async def until(self, turns: int) -> None:
        """Talk on until so many turns were had."""
        while self.turns < turns:
            await self.say()


async def main() -> None:
    """Print and write the medians and their ratio."""
    set_up_logging("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(from_environment(), store=Path(folder) / "conversations.db", database="")
        brain = RasaBrain(settings)
        brain.start()
        while brain.trouble in ("starting", "the store is starting"):
            await asyncio.sleep(0.1)
        assert not brain.trouble, brain.trouble
        long = Person(brain, "web-long")
        await long.until(300)
        short_ms: list[float] = []
        long_ms: list[float] = []
        for number in range(MEASURED // 5):
            short = Person(brain, f"web-short-{number}")
            await short.until(10)
            for _ in range(5):
                short_ms.append(await short.say())
                long_ms.append(await long.say())
        brain.stop()
    short_median, long_median = statistics.median(short_ms), statistics.median(long_ms)
    figures = {
        "turn_10_median_ms": round(short_median, 1),
        "turn_300_median_ms": round(long_median, 1),
        "ratio": round(long_median / short_median, 2),
        "turns_measured_each": MEASURED,
    }
    print(json.dumps(figures, indent=1))
    target = Path(__file__).parent / "results.json"
    target.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
