"""Starts the group, keeps it running, updates its servers one after the other, and stops it."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bot.cluster.members import Secrets, debian, nginx, postgres, redis, server
from bot.cluster.programs import ClusterError, Program, Running, takes_connections

_LOOK_EVERY = 0.2
# A program that ends at once is not started again and again without a pause.
_PAUSE = 2.0


class Group:
    """N servers, PostgreSQL, Redis and nginx on this machine's loopback."""

    def __init__(
        self, folder: Path, *, processes: int, port: int, say: Callable[[str], None]
    ) -> None:
        self._folder = folder.resolve()
        self._processes = processes
        self._port = port
        self._say = say
        self._members: list[Running] = []
        self._begun: dict[str, float] = {}
        self._stop = threading.Event()
        self._roll = threading.Event()

    def run(self) -> None:
        """Start everything, watch it until somebody stops it, and stop everything.

        SIGINT and SIGTERM stop it; SIGHUP starts the servers anew, one after the other.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        signal.signal(signal.SIGHUP, lambda *_: self._roll.set())
        try:
            self._start()
            while not self._stop.wait(_LOOK_EVERY):
                if self._roll.is_set():
                    self._roll.clear()
                    self._update()
                self._mend()
        finally:
            for member in reversed(self._members):
                member.stop()

    def _start(self) -> None:
        problems: list[str] = []
        programs = debian(problems)
        if takes_connections(self._port):
            problems.append(f"port {self._port}: is taken: give another one with --port")
        if problems:
            raise ClusterError(problems)
        keys = Secrets(self._folder)
        database, database_url = postgres(programs, self._folder, keys)
        order, order_url = redis(programs, self._folder, keys)
        for program in (database, order):
            self._begin(program).until_it_works()
        urls = {
            "database": keys.path("database_url", database_url),
            "order": keys.path("redis_url", order_url),
        }
        servers = [
            server(number + 1, public=self._port, keys=keys, **urls)
            for number in range(self._processes)
        ]
        running = [self._begin(program) for program in servers]
        for member in running:
            member.until_it_works()
        proxy = nginx(programs, self._folder, public=self._port, servers=servers)
        self._begin(proxy).until_it_works()
        self._note()
        self._say(
            f"Waymark serves at http://localhost:{self._port}/ from {self._processes} processes"
        )

    def _begin(self, program: Program) -> Running:
        member = Running(program, folder=self._folder)
        self._members.append(member)
        self._start_one(member)
        return member

    def _start_one(self, member: Running) -> None:
        self._begun[member.program.name] = time.monotonic()
        member.start()

    def _mend(self) -> None:
        """Start again what has ended."""
        for member in self._members:
            name = member.program.name
            if member.ended and time.monotonic() - self._begun[name] > _PAUSE:
                self._say(f"{name}: ended, and is started again")
                self._start_one(member)
                self._note()

    def _update(self) -> None:
        """Start the servers anew, each when the one before answers again."""
        for member in self._members:
            if self._stop.is_set() or not member.program.name.startswith("waymark-"):
                continue
            member.stop()
            self._start_one(member)
            self._note()
            try:
                member.until_it_works()
            except ClusterError as error:
                # The others go on as they were.
                self._say(f"the update ends here: {error}")
                return
            self._say(f"{member.program.name}: runs anew")

    def _note(self) -> None:
        """Write which processes there are, for whoever wants to look at or end one."""
        rows = [
            {"name": one.program.name, "pid": one.pid, "port": one.program.port}
            for one in self._members
        ]
        path = self._folder / "group.json"
        path.with_suffix(".new").write_text(json.dumps(rows, indent=1), encoding="utf-8")
        path.with_suffix(".new").replace(path)
