"""Measure what one client that floods costs everybody else; write flood.json.

``python benchmarks/serving/flood.py`` takes two minutes: one process with the limits that it has by
default, on the first core; five people who write every other second, alone and then beside a client
that sends two hundred messages a second in a conversation of its own, on the second core.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import aiohttp  # noqa: E402

from benchmarks.serving.load import (  # noqa: E402
    A_CONVERSATION,
    Figures,
    Waymark,
    session,
    timed,
)
from benchmarks.serving.programs import HERE, Program, answers, memory, until  # noqa: E402
from tests.support.server import free_port  # noqa: E402

PEOPLE = 5
PAUSE = 2.0
SECONDS = 40.0
FLOOD = 200.0


async def calm(http: aiohttp.ClientSession, url: str) -> Figures:
    """Return what people who write every other second see."""
    figures = Figures()
    people = [Waymark(http, [url]) for _ in range(PEOPLE)]
    started = time.monotonic()

    async def one(person: Waymark, at: int) -> None:
        await person.open()
        await asyncio.sleep(PAUSE * at / PEOPLE)
        turn = 0
        while time.monotonic() - started < SECONDS:
            await timed(person.say(person.says[turn % len(person.says)]), figures)
            turn += 1
            if turn % A_CONVERSATION == 0:
                await person.open()
            await asyncio.sleep(PAUSE)

    await asyncio.gather(*(one(person, at) for at, person in enumerate(people)))
    figures.seconds = time.monotonic() - started
    return figures


async def flood(http: aiohttp.ClientSession, url: str, seen: Counter[int]) -> None:
    """Send messages at a fixed rate, whatever comes back, until cancelled."""
    person = Waymark(http, [url])
    await person.open()
    sending: set[asyncio.Task[None]] = set()

    async def send() -> None:
        body = {"id": uuid.uuid4().hex, "text": "where do i report it"}
        address = f"{url}/webhooks/web/messages"
        try:
            async with http.post(address, json=body, headers=person._headers) as response:
                await response.read()
                seen[response.status] += 1
        except aiohttp.ClientError:
            seen[0] += 1

    while True:
        task = asyncio.create_task(send())
        sending.add(task)
        task.add_done_callback(sending.discard)
        await asyncio.sleep(1 / FLOOD)


async def measured(url: str) -> dict[str, Any]:
    """Return what people see alone and beside the flood, and what the flood gets."""
    async with session() as http:
        alone = (await calm(http, url)).as_dict()
        seen: Counter[int] = Counter()
        flooding = asyncio.create_task(flood(http, url, seen))
        beside = (await calm(http, url)).as_dict()
        flooding.cancel()
    return {
        "alone": alone,
        "beside_a_flood": beside,
        "flood": {str(status): count for status, count in sorted(seen.items())},
        "p95_ratio": round(beside["p95_ms"] / alone["p95_ms"], 2),
        "median_ratio": round(beside["median_ms"] / alone["median_ms"], 2),
    }


def main() -> None:
    """Serve, measure and write."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="waymark-flood-") as temporary:
        folder = Path(temporary)
        program = Program(
            [sys.executable, "-c", "from bot.cli import main; main()", "serve"],
            core="0",
            log=folder / "log",
            WAYMARK_PORT=str(port),
            WAYMARK_STORE=str(folder / "store.db"),
        )
        with program:
            until(lambda: answers(f"{url}/ready"), [program], seconds=300)
            os.sched_setaffinity(0, {1})
            before = memory([program.pid])
            found = asyncio.run(measured(url))
            found["memory"] = {"before": before, "after": memory([program.pid])}
    (HERE / "flood.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
