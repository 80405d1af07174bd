"""Measure serving against Rasa's own template, in one run on one machine; write results.json.

``python benchmarks/serving/run.py`` takes about 40 minutes; ``--soak``, ``--seconds``, ``--length``
and ``--starts`` make it shorter or longer, ``--stock FOLDER`` takes a template that was trained
before. Everything that serves is pinned to the first core, the load generator to the second.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402

from benchmarks.serving import plot  # noqa: E402
from benchmarks.serving.load import STOCK_SAYS, WAYMARK_SAYS, quantiles  # noqa: E402
from benchmarks.serving.programs import (  # noqa: E402
    BIN,
    HERE,
    Program,
    answers,
    cpu,
    make_stock,
    memory,
    stock,
    until,
    waymark,
)
from tests.support.server import free_port  # noqa: E402
from tests.support.services import Postgres, Redis  # noqa: E402

USERS = 16


RESULTS = HERE / "results.json"


def load(kind: str, urls: str, **options: object) -> dict[str, Any]:
    """Run the load generator on its core and return its figures."""
    return finished(loading(kind, urls, **options))


def loading(kind: str, urls: str, **options: object) -> subprocess.Popen[str]:
    """Start the load generator on its core."""
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = ["taskset", "-c", "1", sys.executable, str(HERE / "load.py"), kind, urls, *flags]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finished(running: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for the load generator's figures."""
    out, _ = running.communicate()
    if running.returncode:
        raise RuntimeError("the load generator failed")
    return dict(json.loads(out))


def training(folder: Path) -> dict[str, Any]:
    """Return what it costs to train each; ours from nothing, and with the vectors it has kept."""
    ours = {"WAYMARK_MODEL": str(folder / "trained.tar.gz")}
    command = [str(BIN / "waymark"), "train"]
    cache = ROOT / ".cache"
    aside = cache.with_name(".cache-aside")
    if cache.exists():
        cache.rename(aside)
    try:
        cold = timed(command, ROOT, ours)
    finally:
        if aside.exists():
            shutil.rmtree(cache, ignore_errors=True)
            aside.rename(cache)
    return {
        "waymark": {**cold, "with_kept_vectors": timed(command, ROOT, ours)},
        "stock": train_stock(folder),
    }


def train_stock(folder: Path) -> dict[str, float]:
    """Train the template in its folder, and return what that took."""
    return timed([str(BIN / "rasa"), "train", "--force"], folder, {"PYTHONPATH": str(folder)})


def timed(command: list[str], cwd: Path, environment: dict[str, str]) -> dict[str, float]:
    """Run a command and return its seconds, by the clock and of the processor."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    everything = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "2"}
    done = subprocess.run(
        command, cwd=cwd, env={**everything, **environment}, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(time.monotonic() - started, 1), "cpu_seconds": round(used, 1)}


@contextlib.contextmanager
def serving(kind: str, folder: Path, **environment: str) -> Iterator[tuple[str, list[int], float]]:
    """Serve; give the address, the processes, and the seconds to the first real answer."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with contextlib.ExitStack() as stack:
        if kind == "waymark":
            programs = [waymark(port, folder, **environment)]
        else:
            make_endpoints(folder, port)
            programs = list(stock(port, folder))
        for program in programs:
            stack.enter_context(program)
        started = until(lambda: is_up(kind, url), programs, seconds=600)
        yield url, [program.pid for program in programs], started


def make_endpoints(folder: Path, port: int) -> None:
    """Tell the template where its action server is this time."""
    (folder / "endpoints.yml").write_text(
        f'action_endpoint:\n  url: "http://127.0.0.1:{port + 1}/webhook"\n', encoding="utf-8"
    )


def is_up(kind: str, url: str) -> bool:
    """Say whether questions are answered."""
    if kind == "waymark":
        return answers(f"{url}/ready") and answered(url)
    body = json.dumps({"sender": "first", "message": STOCK_SAYS[0]}).encode()
    return answers(f"{url}/webhooks/rest/webhook", body)


def answered(url: str) -> bool:
    """Say whether a question gets an answer with facts, as the template's gets its action's."""
    web = f"{url}/webhooks/web"
    try:
        opened = requests.post(f"{web}/sessions", json={"home": "scotland"}, timeout=60).json()
        body = {"id": "first", "text": WAYMARK_SAYS[1]}
        headers = {"Authorization": f"Bearer {opened['token']}"}
        said = requests.post(f"{web}/messages", json=body, headers=headers, timeout=60).json()
        return any(message["facts"] for message in said["messages"])
    except (requests.RequestException, KeyError, ValueError):
        return False


def speed(kind: str, url: str, pids: list[int], *, seconds: float, turns: int) -> dict[str, Any]:
    """Return a turn at one user and at sixteen, a long conversation, and a burst."""
    load(kind, url, users=2, turns=20)
    return {
        "one_user": with_cpu(pids, lambda: load(kind, url, users=1, turns=turns // 2)),
        "sixteen_users": with_cpu(pids, lambda: load(kind, url, users=USERS, seconds=seconds)),
        "burst_of_five": load(kind, url, what="burst", turns=10),
        "length": load(kind, url, what="length", turns=turns),
    }


def with_cpu(pids: list[int], work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a load's figures and the CPU time of a turn, which a busy machine alters less."""
    before = cpu(pids)
    seen = work()
    used = (cpu(pids) - before) * 1000 / max(1, seen["turns"] + seen["errors"])
    return {**seen, "cpu_ms_a_turn": round(used, 2)}


def danger_under_load(url: str, folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return what a danger's first event takes while sixteen others talk, on both sides."""
    for old in folder.glob("times-*"):
        old.unlink()
    others = loading("waymark", url, users=USERS, seconds=seconds)
    seen = load("waymark", url, what="danger", seconds=seconds)
    beside = finished(others)
    server = [float(n) for file in folder.glob("times-*") for n in file.read_text().split()]
    return {
        "server_side": {"n": len(server), **quantiles(server)},
        "client_side": seen,
        "others": beside,
    }


def soak(url: str, pids: list[int], *, messages: int) -> dict[str, Any]:
    """Return how memory grew over a number of messages, after the first tenth of them."""
    load("waymark", url, users=USERS, turns=max(1, messages // 10 // USERS))
    warm = memory(pids)
    made = load("waymark", url, users=USERS, turns=max(1, messages * 9 // 10 // USERS))
    end = memory(pids)
    growth = round(100 * (end["pss_mb"] / warm["pss_mb"] - 1), 2)
    return {
        "messages": made["turns"],
        "errors": made["errors"],
        "warm": warm,
        "end": end,
        "growth_percent": growth,
    }


def group(folder: Path, *, seconds: float) -> dict[str, Any]:
    """Return the CPU time of a turn, all processes counted, with one and with two of ours."""
    database, redis = Postgres(), Redis(folder)
    made: dict[str, Any] = {}
    try:
        database.start()
        redis.start()
        for name, cores in (("one_process", "0"), ("two_processes", "01")):
            database.empty()
            with contextlib.ExitStack() as stack:
                ports = [free_port() for _ in cores]
                programs = [
                    stack.enter_context(shared(port, folder, core, database, redis))
                    for port, core in zip(ports, cores, strict=True)
                ]
                urls = [f"http://127.0.0.1:{port}" for port in ports]
                for url in urls:
                    until(lambda url=url: answers(f"{url}/ready"), programs, seconds=300)
                pids = [*(program.pid for program in programs), database.pid, redis.pid]
                load("waymark", ",".join(urls), users=4, turns=10)
                made[name] = with_cpu(
                    pids,
                    lambda urls=urls: load("waymark", ",".join(urls), users=USERS, seconds=seconds),
                )
    finally:
        redis.stop()
        database.remove()
    one, two = made["one_process"], made["two_processes"]
    if one["turns"] and two["turns"]:
        made["cpu_ratio"] = round(two["cpu_ms_a_turn"] / one["cpu_ms_a_turn"], 3)
        made["speed_up"] = round(two["turns_a_second"] / one["turns_a_second"], 2)
    return made


def shared(port: int, folder: Path, core: str, database: Postgres, redis: Redis) -> Program:
    """Return one process of a group."""
    return waymark(port, folder, core=core, WAYMARK_DATABASE=database.url, WAYMARK_REDIS=redis.url)


def ratios(found: dict[str, Any]) -> dict[str, Any]:
    """Return the figures that the goals speak of."""
    ours, theirs = found["waymark"], found["stock"]

    def over(*path: str) -> float | None:
        one, other = ours, theirs
        for name in path:
            one, other = one.get(name) or {}, other.get(name) or {}
        return round(one / other, 3) if one and other else None

    return {
        "turn_one_user": over("speed", "one_user", "median_ms"),
        "turn_one_user_cpu": over("speed", "one_user", "cpu_ms_a_turn"),
        "turns_a_second_16": over("speed", "sixteen_users", "turns_a_second"),
        "start": over("start_seconds"),
        "start_cpu": over("start_cpu_seconds"),
        "memory_pss": over("memory", "pss_mb"),
        "memory_rss": over("memory", "rss_mb"),
        "training": over("training", "seconds"),
        "danger_p99_ms": ours["danger"]["server_side"]["p99_ms"],
        "cpu_two_processes": ours["group"].get("cpu_ratio"),
        "turn_long_to_10": ours["speed"]["length"]["ratio"],
        "burst_slowest_ms": ours["speed"]["burst_of_five"]["slowest_ms"],
        "soak_growth_percent": (ours.get("soak") or {}).get("growth_percent"),
    }


def main() -> None:
    """Run everything, and write results.json and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each load of sixteen users")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--soak", type=int, default=20_000, help="messages")
    parser.add_argument("--length", type=int, default=300, help="turns of the long conversation")
    parser.add_argument("--stock", type=Path, help="a trained template")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    for name in ("bot", "actions", "knowledge", "benchmarks/serving"):
        compileall.compile_dir(ROOT / name, quiet=1)
    found: dict[str, Any] = {"waymark": {}, "stock": {}}
    with tempfile.TemporaryDirectory(prefix="waymark-serving-") as temporary:
        folder = Path(temporary)
        template = asked.stock.resolve() if asked.stock else folder / "stock"
        if asked.stock is None:
            make_stock(template, free_port())
            train_stock(template)
        compileall.compile_dir(template, quiet=1)
        where = {"waymark": folder, "stock": template}
        starts: dict[str, list[float]] = {"waymark": [], "stock": []}
        for _ in range(asked.starts - 1):
            for kind in starts:
                with serving(kind, where[kind]) as (_, _, seconds):
                    starts[kind].append(round(seconds, 2))
        for kind in starts:
            with serving(kind, where[kind]) as (url, pids, seconds):
                starts[kind].append(round(seconds, 2))
                found[kind]["start_cpu_seconds"] = round(cpu(pids), 2)
                found[kind]["start_seconds"] = statistics.median(starts[kind])
                found[kind]["speed"] = speed(
                    kind, url, pids, seconds=asked.seconds, turns=asked.length
                )
                found[kind]["memory"] = memory(pids)
                if kind == "waymark":
                    found[kind]["danger"] = danger_under_load(url, folder, seconds=asked.seconds)
            say(f"{kind}: {json.dumps(found[kind])}")
        found["waymark"]["group"] = group(folder, seconds=asked.seconds)
        write(asked, found)
        # What other work on the machine alters least comes last.
        with serving("waymark", folder) as (url, pids, _):
            found["waymark"]["soak"] = soak(url, pids, messages=asked.soak)
        write(asked, found)
        for kind, figures in training(template).items():
            found[kind]["training"] = figures
        write(asked, found)


def write(asked: argparse.Namespace, found: dict[str, Any]) -> None:
    """Write what is known so far, and the plot."""
    results = {
        "machine": machine(),
        "options": {name: getattr(asked, name) for name in ("seconds", "starts", "length", "soak")},
        "ratios": ratios(found),
        **found,
    }
    asked.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot.draw(results, asked.out.with_suffix(".svg"))
    say(json.dumps(results["ratios"], indent=1))


def machine() -> dict[str, Any]:
    """Return what was measured on."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processor": model[0] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load_at_the_end": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "rasa": version("rasa"),
    }


def say(line: str) -> None:
    """Show progress at once."""
    print(line, flush=True)


if __name__ == "__main__":
    main()
