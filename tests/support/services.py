"""A real PostgreSQL and a real Redis, each in a temporary folder and on a free port."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.server import free_port

_POSTGRES = Path("/usr/lib/postgresql")
_USER = "postgres"


def needed(name: str, *, present: bool) -> None:
    """Skip a test whose program is not installed; fail it where it is required."""
    if present:
        return
    if name in os.environ.get("WAYMARK_REQUIRE", "").split(","):
        pytest.fail(f"{name} is required (WAYMARK_REQUIRE) and is not installed")
    pytest.skip(f"{name} is not installed")


def until(true: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen in {seconds:g} s: {true()}")


class Service(ABC):
    """A program that can be stopped, killed, frozen and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.user: str | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """Return how it is started."""

    @property
    def pid(self) -> int:
        """Return the id of its first process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "service.log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, start_new_session=True, user=self.user
            )
        try:
            until(self.answers, seconds=30, what=f"an answer of {self.command()[0]}")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(self.folder / 'service.log').read_text()}") from None

    def answers(self) -> bool:
        """Say whether it takes connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Stop it and everything that it started."""
        if self._process is None:
            return
        self.thaw()
        # To the first process only: PostgreSQL ends the others itself.
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End it without a word."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Stop it in the middle of what it does: it holds its connections and says nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is None:
            return
        for child in family(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)


def family(root: int) -> list[int]:
    """Return a process and all that descend from it, parents first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


class Redis(Service):
    """A Redis that keeps nothing on disk."""

    def command(self) -> list[str]:
        return [
            *("redis-server", "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--save", "", "--appendonly", "no", "--dir", str(self.folder)),
        ]

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(Service):
    """A PostgreSQL with an empty database."""

    def __init__(self) -> None:
        # Not in pytest's folder: PostgreSQL refuses to run as root, and others may not look in there.
        super().__init__(Path(tempfile.mkdtemp(prefix="waymark-postgres-")))
        self.data = self.folder / "data"
        self.user = _USER if os.getuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self._run("initdb", "-D", str(self.data), "-U", "waymark", "--auth=trust", "--no-sync")

    def remove(self) -> None:
        """Stop it and delete what it stored."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def command(self) -> list[str]:
        options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.data}"]
        return [
            *(str(_program("postgres")), "-D", str(self.data), "-p", str(self.port)),
            *(*options, "-c", "fsync=off", "-c", "shared_buffers=16MB"),
        ]

    def answers(self) -> bool:
        """Say whether it takes queries, not connections only."""
        ready = subprocess.run(
            [str(_program("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        )
        return ready.returncode == 0

    def start(self) -> None:
        """Start it, also after it was killed: nobody else can have its folder."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        super().start()

    def restore(self) -> None:
        """Bring it back from whatever a test did to it."""
        self.thaw()
        if not self.answers():
            self.kill()
            self.start()

    def empty(self) -> None:
        """Destroy all that its database holds, and end whoever is still connected to it."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'"
        self._run(
            *("psql", "-q", self.url, "-c", f"{ended} AND pid <> pg_backend_pid()"),
            *("-c", "DROP SCHEMA public CASCADE", "-c", "CREATE SCHEMA public"),
        )

    @property
    def url(self) -> str:
        return f"postgresql://waymark@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(_program(program)), *arguments],
            user=self.user,
            check=True,
            capture_output=True,
            cwd=self.folder,
        )


def _program(name: str) -> Path:
    found = sorted(_POSTGRES.glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    return found[-1] if found else Path(on_path or name)


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a PostgreSQL for the block."""
    needed("postgres", present=postgres_is_installed())
    service = Postgres()
    try:
        service.start()
        yield service
    finally:
        service.remove()


def postgres_is_installed() -> bool:
    """Say whether PostgreSQL can be started here."""
    return _program("postgres").is_file()


def redis_is_installed() -> bool:
    """Say whether Redis can be started here."""
    return shutil.which("redis-server") is not None
