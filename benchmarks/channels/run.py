"""Time from a provider's post to its acknowledgement, and from danger to the sent number."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.settings import Settings, local_key  # noqa: E402
from tests.channels.support import DANGER, KEYS, Provider  # noqa: E402
from tests.channels.ways import WAYS, Way  # noqa: E402
from tests.support.server import free_port  # noqa: E402

POSTS = 150
A_SECOND = 10
DANGERS = 20
BUSY = 8
SLOW = 0.2
QUESTIONS = (
    "my ex keeps posting my address and says he will leak my photos, im in durban",
    "what evidence should i keep",
    "the police did nothing, what is the next step",
    "what is the sentence for stalking in scotland",
)


def settings_for(port: int, store: Path) -> Settings:
    """Return settings of every channel, with limits that let the posts through."""
    return Settings(
        port=port,
        secret=b"for-benchmarks-only-for-benchmarks-only",
        model_key=local_key("model_key"),
        store=store,
        store_key=b"for-benchmarks-only-for-benchmarks-only",
        channels=KEYS,
        sends_a_day=100_000,
        channel_sends_a_day=1_000_000,
    )


def serve(port: int, store: str, base: str) -> None:
    """Run the server in a process of its own, as it is served, with stand-ins for the providers."""
    os.chdir(ROOT)
    from bot.quiet import set_up_logging
    from bot.server import make_app

    set_up_logging("ERROR")
    app = make_app(
        settings_for(port, Path(store)),
        bases=dict.fromkeys(("twilio", "telegram", "messenger", "slack"), base),
    )
    app.run(host="127.0.0.1", port=port, access_log=False, debug=False, motd=False)


async def until_ready(http: aiohttp.ClientSession, url: str) -> None:
    """Wait until the model answers."""
    for _ in range(600):
        try:
            async with http.get(f"{url}/ready") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.2)
    raise SystemExit("the server did not become ready: run 'waymark train' first")


async def keep_busy(http: aiohttp.ClientSession, url: str, done: asyncio.Event) -> int:
    """Ask one question after the other on the web channel."""
    web, asked = f"{url}/webhooks/web", 0
    while not done.is_set():
        async with http.post(f"{web}/sessions") as response:
            token = (await response.json())["token"]
        for text in QUESTIONS:
            async with http.post(
                f"{web}/messages",
                json={"id": f"b{asked}", "text": text},
                headers={"Authorization": f"Bearer {token}"},
            ) as response:
                await response.read()
            asked += 1
            if done.is_set():
                break
    return asked


async def post(http: aiohttp.ClientSession, url: str, way: Way, payload: object) -> float:
    """Post one genuine payload and return how long the acknowledgement took."""
    body = way.body(payload)
    headers = way.signed(body)
    started = time.perf_counter()
    async with http.post(
        f"{url}/webhooks/{way.channel}/webhook", data=body, headers=headers
    ) as got:
        await got.read()
        assert got.status == 200, (way.name, got.status)
    return time.perf_counter() - started


def offset(way: Way) -> int:
    """Return where a channel's message ids begin: text messages and WhatsApp share theirs."""
    return 100_000 * (1 + WAYS.index(way))


async def paced(one: Callable[[int], Awaitable[float]]) -> list[float]:
    """Return the times of requests that begin at an even pace, however long each takes."""
    tasks = []
    for n in range(POSTS):
        tasks.append(asyncio.create_task(one(n)))
        await asyncio.sleep(1 / A_SECOND)
    return list(await asyncio.gather(*tasks))


async def nothing(http: aiohttp.ClientSession, url: str) -> list[float]:
    """Return the times of as many requests that do nothing: what the machine itself takes."""

    async def one(n: int) -> float:
        started = time.perf_counter()
        async with http.get(f"{url}/live") as got:
            await got.read()
        return time.perf_counter() - started

    return await paced(one)


async def measure(http: aiohttp.ClientSession, url: str, way: Way) -> list[float]:
    """Return the times of all posts to one channel, from many people."""

    async def one(n: int) -> float:
        text = QUESTIONS[n % len(QUESTIONS)]
        return await post(http, url, way, way.said(text, n=offset(way) + n, who=n % 10))

    return await paced(one)


async def until_number(
    http: aiohttp.ClientSession, url: str, way: Way, provider: Provider
) -> list[float]:
    """Return how long it took until the stand-in had the emergency number."""
    took = []
    for n in range(DANGERS):
        provider.calls.clear()
        started = time.perf_counter()
        await post(http, url, way, way.said(DANGER, n=offset(way) + 9000 + n, who=n % 10))
        while not any("in danger now, call:" in way.text(call) for call in provider.calls):
            if time.perf_counter() - started > 30:
                raise SystemExit(f"{way.name}: no number within 30 s")
            await asyncio.sleep(0.002)
        took.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
    return took


def summary(took: list[float]) -> dict[str, float]:
    """Return the median, the 99th percentile and the longest time in milliseconds."""
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    names = {"median_ms": cuts[49], "p99_ms": cuts[98], "longest_ms": max(took)}
    return {name: round(value * 1000, 1) for name, value in names.items()}


async def main() -> None:
    """Measure every channel and write the results."""
    provider = Provider(slow=SLOW)
    await provider.start()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(port, f"{folder}/store.db", provider.base), daemon=True
        )
        process.start()
        results: dict[str, object] = {
            "load_average": os.getloadavg()[0],
            "posts": POSTS,
            "posts_a_second": A_SECOND,
            "busy_people": BUSY,
        }
        timeout = aiohttp.ClientTimeout(total=60)
        # The server closes an idle connection after five seconds; ours must go first.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as http:
            await until_ready(http, url)
            done = asyncio.Event()
            busy = [asyncio.create_task(keep_busy(http, url, done)) for _ in range(BUSY)]
            await asyncio.sleep(5)
            results["nothing"] = summary(await nothing(http, url))
            print("nothing", results["nothing"], flush=True)
            for way in WAYS:
                results[f"{way.name}_acknowledged"] = summary(await measure(http, url, way))
                results[f"{way.name}_number"] = summary(
                    await until_number(http, url, way, provider)
                )
                print(
                    way.name,
                    results[f"{way.name}_acknowledged"],
                    results[f"{way.name}_number"],
                    flush=True,
                )
            done.set()
            results["web_questions_meanwhile"] = sum(await asyncio.gather(*busy))
        process.terminate()
        process.join(10)
        await provider.stop()
    text = json.dumps(results, indent=2) + "\n"
    Path(__file__).with_name("results.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
