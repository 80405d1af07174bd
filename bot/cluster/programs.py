"""A program that belongs to the group: started, watched, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


class ClusterError(Exception):
    """The group cannot be started; one line for each reason."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Program:
    """How a program is started, how it is seen to work, and how it is asked to stop.

    ``patience``: the seconds that it may take to start, and those to stop.
    """

    name: str
    command: tuple[str, ...]
    works: Callable[[], bool]
    port: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: tuple[float, float] = (30.0, 30.0)


class Running:
    """A program that was started."""

    def __init__(self, program: Program, *, folder: Path) -> None:
        self.program = program
        self._log = folder / f"{program.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Return the process' id, or 0 before the start."""
        return self._process.pid if self._process else 0

    @property
    def ended(self) -> bool:
        """Say whether it was started and is not there any more."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it, without waiting for it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self.program.command,
                env={**os.environ, **self.program.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.program.user,
                # Ctrl-C reaches the group's own process, which stops the others in order.
                start_new_session=True,
            )

    def until_it_works(self) -> None:
        """Wait for it.

        Raises:
            ClusterError: it ended, or it took too long.
        """
        name, seconds = self.program.name, self.program.patience[0]
        end = time.monotonic() + seconds
        while not self.program.works():
            if self.ended:
                raise ClusterError([f"{name}: it ended: see {self._log}"])
            if time.monotonic() > end:
                raise ClusterError([f"{name}: no answer in {seconds:g} s: see {self._log}"])
            time.sleep(0.1)

    def stop(self) -> None:
        """Ask it to stop, wait for it, and end it if that takes too long."""
        if self._process is None:
            return
        if not self.ended:
            self._process.send_signal(self.program.stop_signal)
        try:
            self._process.wait(self.program.patience[1])
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def found(name: str, *, package: str, problems: list[str]) -> str:
    """Return the path of a Debian program; what is not there goes to ``problems``."""
    places = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"))), "/usr/sbin"]
    # Debian's PostgreSQL is on no path, and sbin not on everybody's.
    path = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if path is None:
        problems.append(f"{name}: is not installed: apt-get install {package}")
    return path or name


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def takes_connections(port: int) -> bool:
    """Say whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_ok(url: str) -> bool:
    """Say whether an address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
