"""A real server in a process of its own, and a conversation with it over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
WAYMARK = Path(sys.executable).with_name("waymark")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Server:
    """Starts ``waymark serve`` with settings of a test, and stops it.

    ``root`` is the project that serves, where it is not this one.
    """

    command: tuple[str, ...] = (str(WAYMARK), "serve")
    # How long the port may take; Rasa is not imported before it opens.
    live_within = 120.0

    def __init__(self, folder: Path, *, root: Path = ROOT, **environment: str) -> None:
        self.port = free_port()
        self._root = root
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(root),
            "WAYMARK_PORT": str(self.port),
            "WAYMARK_STORE": str(folder / "conversations.db"),
            "WAYMARK_RELEASES": str(folder / "released"),
            "WAYMARK_SECRET": "for-tests-only-for-tests-only-for-tests",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._root,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._wait("/live", 200, seconds=self.live_within)
        except BaseException:
            # Nobody else ends it: what fails here is never left by its own end.
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        assert self._process is not None
        return self._process.pid

    def until_ready(self, *, seconds: float = 240) -> Server:
        """Wait until the model answers."""
        self._wait("/ready", 200, seconds=seconds)
        return self

    def until_loaded(self, *, seconds: float = 240) -> str:
        """Wait until loading has ended, well or not, and return why it is not ready."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            why = str(requests.get(f"{self.url}/ready", timeout=60).json()["why"])
            if why != "starting":
                return why
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def until_logged(self, text: str, *, seconds: float = 600) -> None:
        """Wait until the log says something; a server that has ended never will."""
        end = time.monotonic() + seconds
        while text not in self.log.read_text():
            assert self._process is not None
            ended = self._process.poll() is not None or time.monotonic() > end
            assert not ended, f"never logged: {text}\n{self.log.read_text()}"
            time.sleep(0.05)

    def talk(self, *, home: str | None = None) -> Talk:
        """Open a conversation."""
        return Talk(self.url, home=home)

    def _wait(self, path: str, status: int, *, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log.read_text()}")
            try:
                if requests.get(self.url + path, timeout=5).status_code == status:
                    return
            except (requests.ConnectionError, requests.Timeout):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{path} was not {status} in {seconds} s:\n{self.log.read_text()}")


class Talk:
    """One conversation on the web channel."""

    def __init__(self, url: str, *, home: str | None = None) -> None:
        self.url = f"{url}/webhooks/web"
        body = {"home": home} if home else {}
        opened = requests.post(f"{self.url}/sessions", json=body, timeout=60)
        assert opened.status_code == 201, opened.text
        self.token = opened.json()["token"]
        self.last: list[dict[str, Any]] = opened.json()["messages"]

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that open the conversation."""
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, body: dict[str, Any] | bytes, *, timeout: float = 60) -> requests.Response:
        """Send a raw body."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return requests.post(
            f"{self.url}/messages", data=data, headers=self.headers, timeout=timeout
        )

    def say(self, text: str, *, timeout: float = 60) -> list[dict[str, Any]]:
        """Send a text and return the messages that come back."""
        return self._kept(self.post({"id": uuid.uuid4().hex, "text": text}, timeout=timeout))

    def first(self, text: str, *, timeout: float = 60) -> dict[str, Any]:
        """Send a text and return the first message of the stream, as soon as it is there."""
        with requests.post(
            f"{self.url}/messages",
            json={"id": uuid.uuid4().hex, "text": text},
            headers={**self.headers, "Accept": "text/event-stream"},
            stream=True,
            timeout=timeout,
        ) as response:
            assert response.status_code == 200, f"{response.status_code}: {response.text}"
            lines = response.iter_lines(chunk_size=1, decode_unicode=True)
            found: dict[str, Any] = json.loads(
                next(line for line in lines if line.startswith("data: "))[len("data: ") :]
            )
        return found

    def choose(self, title: str) -> list[dict[str, Any]]:
        """Press the button of that title in the last messages."""
        for message in self.last:
            for choice in message["choices"]:
                if choice["title"] == title:
                    body = {"id": uuid.uuid4().hex, "choice": choice["id"]}
                    return self._kept(self.post(body))
        titles = [c["title"] for m in self.last for c in m["choices"]]
        raise AssertionError(f"no choice '{title}' among {titles}")

    @property
    def text(self) -> str:
        """Return all that the last reply said."""
        return "\n".join(message["text"] for message in self.last)

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of the last reply's messages."""
        return [message["kind"] for message in self.last]

    @property
    def facts(self) -> set[str]:
        """Return the facts that the last reply rests on."""
        return {fact for message in self.last for fact in message["facts"]}

    def _kept(self, response: requests.Response) -> list[dict[str, Any]]:
        assert response.status_code == 200, f"{response.status_code}: {response.text}"
        self.last = response.json()["messages"]
        return self.last
