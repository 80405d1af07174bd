"""Measure what a maintainer waits for; write results.json.

On a copy of the project with a model and a release of its own: nothing of this one is changed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.release.store import read_pointer
from bot.review.known import shared_known
from bot.review.queue import Waiting
from bot.review.scrub import scrub
from bot.settings import ROOT, Settings
from tests.maintain.project import copy_of_project, waymark_in
from tests.support.server import Server, Talk

PHRASE = "are the voicemails he leaves worth holding on to"
PEOPLE = 2
MESSAGES = 1000


@dataclass
class Asking:
    """People who ask once a second while the model changes."""

    server: Server
    seconds: list[float] = field(default_factory=list)
    lost: int = 0

    @contextmanager
    def going_on(self) -> Iterator[Asking]:
        """Ask until the block ends."""
        ended = threading.Event()

        def ask() -> None:
            talk = self.server.talk(home="scotland")
            while not ended.is_set():
                started = time.monotonic()
                talk.say("what evidence should i keep", timeout=120)
                self.seconds.append(time.monotonic() - started)
                self.lost += "answer" not in talk.kinds
                ended.wait(1)

        people = [threading.Thread(target=ask) for _ in range(PEOPLE)]
        for one in people:
            one.start()
        try:
            yield self
        finally:
            ended.set()
            for one in people:
                one.join()


def timed(work: Callable[[], Any]) -> dict[str, float]:
    """Return the seconds that a command takes, and those of all its processors together."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    taken, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": round(taken, 1), "processor_seconds": round(busy, 1)}


def command(project: Path, *arguments: str) -> Callable[[], str]:
    """Return a call of the copy's own command line, which has to end well."""

    def run() -> str:
        done = waymark_in(project, *arguments, seconds=3600)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


def commands() -> dict[str, Any]:
    """Return what the commands take that change nothing; the median of five."""
    found = {}
    for name, arguments in {"help": ("--help",), "check": ("check",)}.items():
        runs = [timed(command(ROOT, *arguments)) for _ in range(5)]
        found[name] = {
            key: round(statistics.median(run[key] for run in runs), 1) for key in runs[0]
        }
    return found


def queue() -> dict[str, Any]:
    """Return what it takes to group a thousand messages, with all that the command loads."""
    files = ("validation.yml", "danger_validation.yml", "heldout.yml")
    texts = [
        row["text"]
        for name in files
        for row in yaml.safe_load((ROOT / "tests" / name).read_text("utf-8"))
    ][:MESSAGES]
    waiting = [Waiting(n, text, date.today(), "x", 0.1) for n, text in enumerate(texts)]
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    started, busy = time.monotonic(), time.process_time()
    from bot.review.propose import Proposer

    proposer = Proposer(Settings().model)
    loaded = time.monotonic() - started
    groups = proposer.propose(waiting)
    grouped = time.monotonic() - started
    assert len(proposer.taught[0]), "their vectors are computed once, by training"
    groups[0].read()
    shown = time.monotonic() - started
    for group in groups:
        group.read()
    return {
        "messages": len(waiting),
        "groups": len(groups),
        "seconds": round(grouped, 1),
        "of_them_loading": round(loaded, 1),
        "seconds_until_the_first_is_shown": round(shown, 1),
        "seconds_until_all_are_read": round(time.monotonic() - started, 1),
        "processor_seconds": round(time.process_time() - busy, 1),
    }


def scrubbing() -> dict[str, int]:
    """Return how many planted things stay, and how many places are lost."""
    rows = yaml.safe_load((ROOT / "tests" / "maintain" / "scrub.yml").read_text("utf-8"))
    left = [scrub(row["text"], known=shared_known()).lower() for row in rows]
    pairs = list(zip(rows, left, strict=True))
    planted = [str(thing).lower() in text for row, text in pairs for thing in row["planted"]]
    places = [thing.lower() in text for row, text in pairs for thing in row.get("places", [])]
    return {
        "messages": len(rows),
        "planted": len(planted),
        "planted_and_left": sum(planted),
        "places": len(places),
        "places_lost": len(places) - sum(places),
    }


def taught_and_live() -> dict[str, Any]:
    """Return what it takes from a phrasing until it is served, step by step."""
    with tempfile.TemporaryDirectory() as folder:
        project = copy_of_project(Path(folder) / "project")
        # As it is before somebody teaches something: a model, a release, and a server.
        command(project, "train")()
        command(project, "release", "promote")()
        releases = project / "models" / "released"
        with Server(Path(folder), root=project, WAYMARK_RELEASES=str(releases)) as server:
            server.until_ready(seconds=300)
            asking = Asking(server)
            with asking.going_on():
                steps = teach(project, server, releases)
            known = Talk(server.url).say(PHRASE)
        assert any(message["facts"] for message in known), known
        return {
            "steps": steps,
            "seconds": round(sum(step["seconds"] for step in steps.values()), 1),
            "turns_meanwhile": len(asking.seconds),
            "turns_lost": asking.lost,
            "slowest_turn_seconds": round(max(asking.seconds), 1),
        }


def teach(project: Path, server: Server, releases: Path) -> dict[str, dict[str, float]]:
    """Teach one phrasing as docs/maintaining.md says, and wait until it is served."""
    with (project / "data" / "nlu" / "ask_evidence.yml").open("a") as file:
        file.write(f'  - {{text: "{PHRASE}"}}\n')
    steps = {
        name: timed(command(project, *name.split()))
        for name in ("check", "train", "compare", "release promote")
    }
    pointer = read_pointer(releases)
    assert pointer is not None

    def taken() -> None:
        while not re.search(rf"{pointer.served}: now served", server.log.read_text()):
            time.sleep(0.05)

    steps["taken by the server"] = {"seconds": timed(taken)["seconds"]}
    return steps


PARTS: dict[str, Callable[[], Any]] = {
    "commands": commands,
    "queue": queue,
    "scrubbing": scrubbing,
    "taught_and_live": taught_and_live,
}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of: {', '.join(PARTS)} (all)")
    wanted = parser.parse_args().parts or list(PARTS)
    path = Path(__file__).with_name("results.json")
    results = json.loads(path.read_text()) if path.is_file() else {}
    for name in wanted:
        load = round(os.getloadavg()[0], 1)
        results[name] = {**PARTS[name](), "load_at_start": load}
        print(name, json.dumps(results[name], indent=2))
    path.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
