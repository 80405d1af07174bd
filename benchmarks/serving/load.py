"""Load on a running server, from a process of its own: ``python load.py KIND URLS --users 16 ...``.

KIND is ``waymark`` or ``stock``; several URLs, parted by commas, get the requests by turns, so that
a conversation goes on at another process with every message. Each user waits for the answer before
the next message. One line of JSON comes out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import aiohttp

WAYMARK_SAYS = (
    "my ex in glasgow keeps posting my address",
    "what evidence should i keep",
    "where do i report it",
    "he lives in england",
    "what can he go to prison for",
)
# Each runs an action on the action server, as each of the above runs one of ours.
STOCK_SAYS = (
    "are you a bot?",
    "are you a human?",
    "am I talking to a bot?",
    "am I talking to a human?",
)
DANGER = "he is outside my door with a knife"
A_CONVERSATION = 10


@dataclass
class Figures:
    """What a run saw: times in ms."""

    times: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return counts, rate and quantiles."""
        return {
            "turns": len(self.times),
            "errors": self.errors,
            "seconds": round(self.seconds, 2),
            "turns_a_second": round(len(self.times) / self.seconds, 2) if self.seconds else None,
            **quantiles(self.times),
        }


def quantiles(times: list[float]) -> dict[str, float | None]:
    """Return the median, the 95th and the 99th percentile, by nearest rank."""
    ordered = sorted(times)

    def at(share: float) -> float | None:
        if not ordered:
            return None
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)

    return {"median_ms": at(0.5), "p95_ms": at(0.95), "p99_ms": at(0.99)}


class Waymark:
    """One person at the web channel of one or several processes."""

    says = WAYMARK_SAYS

    def __init__(self, http: aiohttp.ClientSession, urls: list[str]) -> None:
        self._http = http
        self._urls = cycle(urls)
        self._headers: dict[str, str] = {}
        self.said: list[str] = []

    async def open(self) -> None:
        """Begin a new conversation."""
        url = f"{next(self._urls)}/webhooks/web/sessions"
        async with self._http.post(url, json={"home": "scotland"}) as response:
            opened = await response.json()
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self.said = []

    async def say(self, text: str) -> bool:
        """Send a message; say whether it was answered, and with more than an apology."""
        self.said.append(text)
        body = {"id": uuid.uuid4().hex, "text": text}
        url = f"{next(self._urls)}/webhooks/web/messages"
        async with self._http.post(url, json=body, headers=self._headers) as response:
            made = await response.json()
            messages = made.get("messages", ())
            kinds = [message["kind"] for message in messages]
            return response.status == 200 and bool(kinds) and "fallback" not in kinds

    async def first_event(self, text: str) -> bool:
        """Send a message and read its first event only; say whether that is an emergency."""
        body = {"id": uuid.uuid4().hex, "text": text}
        headers = {**self._headers, "Accept": "text/event-stream"}
        url = f"{next(self._urls)}/webhooks/web/messages"
        async with self._http.post(url, json=body, headers=headers) as response:
            while line := await response.content.readline():
                if line.startswith(b"data: "):
                    return bool(json.loads(line[6:])["kind"] == "emergency")
        return False

    async def kept_in_order(self) -> bool:
        """Say whether the store has every message of this conversation once, in order."""
        url = f"{next(self._urls)}/webhooks/web/export"
        async with self._http.get(url, headers=self._headers) as response:
            kept = (await response.json()).get("kept", ())
        return [row["text"] for row in kept if row.get("text") in set(self.said)] == self.said


class Stock:
    """One person at the REST channel of ``rasa run``."""

    says = STOCK_SAYS

    def __init__(self, http: aiohttp.ClientSession, urls: list[str]) -> None:
        self._http = http
        self._urls = cycle(urls)
        self._sender = ""

    async def open(self) -> None:
        """Begin a new conversation."""
        self._sender = uuid.uuid4().hex

    async def say(self, text: str) -> bool:
        """Send a message; say whether it was answered."""
        body = {"sender": self._sender, "message": text}
        url = f"{next(self._urls)}/webhooks/rest/webhook"
        async with self._http.post(url, json=body) as response:
            return response.status == 200 and bool(await response.json())


KINDS: dict[str, type[Waymark] | type[Stock]] = {"waymark": Waymark, "stock": Stock}


async def user(talker: Waymark | Stock, figures: Figures, *, end: float, turns: int) -> None:
    """Talk, in conversations of ten turns, until the time or the turns are over."""
    had = 0
    while had < turns and time.monotonic() < end:
        if had % A_CONVERSATION == 0 and not await opened(talker, figures):
            return
        await timed(talker.say(talker.says[had % len(talker.says)]), figures)
        had += 1
    if isinstance(talker, Waymark) and had and not await talker.kept_in_order():
        figures.errors += 1


async def opened(talker: Waymark | Stock, figures: Figures) -> bool:
    """Begin a conversation; one that cannot be begun is an error, and ends its user."""
    try:
        await talker.open()
    except (aiohttp.ClientError, TimeoutError, KeyError, ValueError):
        figures.errors += 1
        return False
    return True


async def timed(turn: Any, figures: Figures) -> None:
    """Wait for a turn, and note its time or its failure."""
    started = time.perf_counter()
    try:
        good = await turn
    except (aiohttp.ClientError, TimeoutError, ValueError):
        good = False
    if good:
        figures.times.append((time.perf_counter() - started) * 1000)
    else:
        figures.errors += 1


async def several(kind: str, urls: list[str], *, users: int, seconds: float, turns: int) -> Figures:
    """Return what a number of people at once saw."""
    figures = Figures()
    async with session() as http:
        begins = [n % len(urls) for n in range(users)]
        talkers = [KINDS[kind](http, urls[k:] + urls[:k]) for k in begins]
        started = time.monotonic()
        end = started + seconds
        await asyncio.gather(*(user(t, figures, end=end, turns=turns) for t in talkers))
        figures.seconds = time.monotonic() - started
    return figures


async def danger(urls: list[str], *, seconds: float) -> Figures:
    """Return when the first event of a danger's answer came, ten times a second."""
    figures = Figures()
    async with session() as http:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            talker = Waymark(http, urls)
            if await opened(talker, figures):
                await timed(talker.first_event(DANGER), figures)
            await asyncio.sleep(0.1)
        figures.seconds = seconds
    return figures


async def length(kind: str, urls: list[str], *, turns: int) -> dict[str, Any]:
    """Return a turn's time in a conversation of so many turns against one of ten, by turns."""
    long_figures, short_figures = Figures(), Figures()
    async with session() as http:
        long = KINDS[kind](http, urls)
        await long.open()
        for n in range(turns):
            await long.say(long.says[n % len(long.says)])
        for _ in range(8):
            short = KINDS[kind](http, urls)
            await short.open()
            for n in range(A_CONVERSATION):
                await short.say(short.says[n % len(short.says)])
            for n in range(5):
                await timed(short.say(short.says[n % len(short.says)]), short_figures)
                await timed(long.say(long.says[n % len(long.says)]), long_figures)
    short_ms = quantiles(short_figures.times)["median_ms"]
    long_ms = quantiles(long_figures.times)["median_ms"]
    return {
        "errors": long_figures.errors + short_figures.errors,
        "long_turns": turns,
        "turn_10_median_ms": short_ms,
        "turn_long_median_ms": long_ms,
        "ratio": round(long_ms / short_ms, 2) if long_ms and short_ms else None,
    }


async def burst(kind: str, urls: list[str], *, times: int) -> dict[str, Any]:
    """Return how long it takes until five messages, sent at once by one person, are answered."""
    figures, in_order = Figures(), True
    async with session() as http:
        for _ in range(times):
            talker = KINDS[kind](http, urls)
            await talker.open()

            async def five(talker: Waymark | Stock = talker) -> bool:
                says = cycle(talker.says)

                async def one(text: str, at: int) -> bool:
                    # On connections of their own, only time says which of them is first.
                    await asyncio.sleep(at * 0.02)
                    return await talker.say(text)

                return all(await asyncio.gather(*(one(next(says), n) for n in range(5))))

            await timed(five(), figures)
            if isinstance(talker, Waymark):
                in_order = in_order and await talker.kept_in_order()
    slowest = round(max(figures.times), 2) if figures.times else None
    told = {"errors": figures.errors, "slowest_ms": slowest, **quantiles(figures.times)}
    return {**told, "in_order": in_order} if kind == "waymark" else told


def session() -> aiohttp.ClientSession:
    """Return a client that waits long and opens as many connections as there are people."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=60), connector=aiohttp.TCPConnector(limit=0)
    )


def main() -> None:
    """Run one kind of load and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=[*KINDS])
    parser.add_argument("urls")
    parser.add_argument("--what", choices=["users", "danger", "length", "burst"], default="users")
    parser.add_argument("--users", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--turns", type=int, default=10**9, help="of each user")
    asked = parser.parse_args()
    urls = asked.urls.split(",")
    if asked.what == "danger":
        made = asyncio.run(danger(urls, seconds=asked.seconds)).as_dict()
    elif asked.what == "length":
        made = asyncio.run(length(asked.kind, urls, turns=asked.turns))
    elif asked.what == "burst":
        made = asyncio.run(burst(asked.kind, urls, times=asked.turns))
    else:
        made = asyncio.run(
            several(asked.kind, urls, users=asked.users, seconds=asked.seconds, turns=asked.turns)
        ).as_dict()
    print(json.dumps(made))


if __name__ == "__main__":
    main()
