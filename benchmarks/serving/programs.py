"""The programs that are measured: started on one core, watched, and stopped."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from tests.support.services import family

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent
HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
# The template's own action, switched on, and the rule that runs it.
ACTION = """from rasa_sdk import Action


class ActionHelloWorld(Action):
    def name(self):
        return "action_hello_world"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Hello World!")
        return []
"""


class Program:
    """A command on its own core, with its children."""

    def __init__(
        self, command: list[str], *, core: str, log: Path, cwd: Path = ROOT, **environment: str
    ) -> None:
        self._command = ["taskset", "-c", core, *command]
        self._log = log
        self._cwd = cwd
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Program:
        """Start it."""
        self._file = self._log.open("ab")
        self._process = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._environment,
            stdout=self._file,
            stderr=self._file,
            start_new_session=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        assert self._process is not None and self._file is not None
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._file.close()

    @property
    def pid(self) -> int:
        """Return the id of the first process."""
        assert self._process is not None
        return self._process.pid

    def alive(self) -> None:
        """Raise if it has ended by itself."""
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"it ended: {self._log.read_text(errors='replace')[-3000:]}")


def waymark(port: int, folder: Path, *, core: str = "0", **environment: str) -> Program:
    """Return our server, with limits that let a load through."""
    return Program(
        [sys.executable, str(HERE / "waymark_timed.py")],
        core=core,
        log=folder / f"waymark-{port}.log",
        WAYMARK_PORT=str(port),
        WAYMARK_MESSAGES_IN_WINDOW="1000",
        WAYMARK_WINDOW="1",
        WAYMARK_SESSIONS_A_MINUTE="10000",
        # Stock Rasa has no deadline: on a busy machine ours would end what is to be measured.
        WAYMARK_DEADLINE="60",
        WAYMARK_TIMES=str(folder / f"times-{port}"),
        **{"WAYMARK_STORE": str(folder / f"store-{port}.db"), **environment},
    )


def stock(port: int, folder: Path, *, core: str = "0") -> tuple[Program, Program]:
    """Return ``rasa run`` and ``rasa run actions`` of the template in a folder."""
    rasa = str(BIN / "rasa")
    server = Program(
        [rasa, "run", "--port", str(port), "--interface", "127.0.0.1"],
        core=core,
        log=folder / "stock.log",
        cwd=folder,
        PYTHONPATH=str(folder),
    )
    actions = Program(
        [rasa, "run", "actions", "--port", str(port + 1)],
        core=core,
        log=folder / "stock-actions.log",
        cwd=folder,
        PYTHONPATH=str(folder),
    )
    return server, actions


def make_stock(folder: Path, port: int) -> None:
    """Write Rasa's template into a folder, with its action switched on; train nothing yet."""
    import rasa

    template = Path(rasa.__file__).parent / "cli/initial_project"
    shutil.copytree(template, folder, dirs_exist_ok=True)
    (folder / "actions/actions.py").write_text(ACTION, encoding="utf-8")
    rules = folder / "data/rules.yml"
    rules.write_text(
        rules.read_text("utf-8").replace("utter_iamabot", "action_hello_world"), encoding="utf-8"
    )
    domain = folder / "domain.yml"
    domain.write_text(
        domain.read_text("utf-8") + "\nactions:\n  - action_hello_world\n", encoding="utf-8"
    )
    (folder / "endpoints.yml").write_text(
        f'action_endpoint:\n  url: "http://127.0.0.1:{port + 1}/webhook"\n', encoding="utf-8"
    )
    (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")


def until(true: Callable[[], bool], programs: list[Program], *, seconds: float) -> float:
    """Wait until something holds, and return how long that took in s."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        for program in programs:
            program.alive()
        if true():
            return time.monotonic() - started
        time.sleep(0.1)
    raise RuntimeError(f"nothing came in {seconds:g} s")


def answers(url: str, body: bytes | None = None) -> bool:
    """Say whether an address gives 200 and something that is not an empty list."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status == 200 and response.read().strip() != b"[]"
    except (urllib.error.URLError, OSError):
        return False


def memory(roots: list[int]) -> dict[str, float]:
    """Return the memory of all processes in MB: PSS counts a shared page once."""
    pss = rss = 0
    for root in roots:
        for pid in family(root):
            try:
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            pss += int(re.findall(r"^Pss:\s+(\d+)", rollup, re.M)[0])
            rss += int(re.findall(r"^Rss:\s+(\d+)", rollup, re.M)[0])
    return {"pss_mb": round(pss / 1024, 1), "rss_mb": round(rss / 1024, 1)}


def cpu(roots: list[int]) -> float:
    """Return the CPU seconds that processes have used, with children that have ended."""
    ticks = 0
    for root in roots:
        for pid in family(root):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(int(field) for field in fields[11:13])
            if pid == root:
                ticks += sum(int(field) for field in fields[13:15])
    return ticks / TICKS
