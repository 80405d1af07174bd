"""No request, however hostile, ends in a 5xx, a traceback, or an answer that is not documented.

The fuzzers run in an environment of their own (``make tools``) against a real server with every
channel on. ``WAYMARK_FUZZ_SECONDS`` says how long each of them runs, ``WAYMARK_FUZZ_SEED`` where it
starts: the same seed brings the same requests.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.server import ROOT, Server
from tests.support.services import needed

SECONDS = os.environ.get("WAYMARK_FUZZ_SECONDS", "25")
SEED = os.environ.get("WAYMARK_FUZZ_SEED", "1")
TOOLS = ROOT / "tools/.venv/bin"
RAW = {
    "no request": b"\x00\x01\x02\r\n\r\n",
    "a NUL in the path": b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "a length that is no number": b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    "a negative length": b"POST /live HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
    "a chunk that is none": (
        b"POST /webhooks/web/sessions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    ),
    "a header of 100 kB": b"GET /live HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 100_000 + b"\r\n\r\n",
    "bytes that are no UTF-8": b"GET /\xff\xfe?\xff=\xfe HTTP/1.1\r\nHost: \xff\r\n\r\n",
}


class FuzzedServer(Server):
    """The real server, with every channel on and a scripted brain."""

    def __init__(self, folder: Path) -> None:
        # The limit of messages would turn most of them away before they are read.
        super().__init__(folder, WAYMARK_MESSAGES_IN_WINDOW="1000")
        self.command = (sys.executable, "-m", "tests.fuzz.serve", str(folder))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedServer]:
    with FuzzedServer(tmp_path_factory.mktemp("fuzzed")) as running:
        yield running
        assert requests.get(f"{running.url}/live", timeout=10).text == "alive"
        assert "Traceback" not in running.log.read_text()


def run(folder: Path, program: str, *arguments: str) -> None:
    """Run one of the tools' programs in a folder of its own; its output is the failure's text."""
    needed("tools", present=(TOOLS / program).is_file())
    done = subprocess.run(
        [str(TOOLS / program), *arguments], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"


def test_hostile_bodies_break_no_endpoint(server: FuzzedServer, tmp_path: Path) -> None:
    token = server.talk().token
    arguments = (server.url, token, "--seconds", SECONDS, "--seed", SEED)
    run(tmp_path, "python", str(ROOT / "tools/fuzz_bodies.py"), *arguments)


def test_the_server_answers_as_its_document_says(server: FuzzedServer, tmp_path: Path) -> None:
    run(
        tmp_path,
        "schemathesis",
        *(
            "run",
            str(ROOT / "docs/openapi.yml"),
            "--url",
            server.url,
            "--checks",
            "all",
            "--no-color",
        ),
        *("--header", f"Authorization: Bearer {server.talk().token}"),
        *("--seed", SEED, "--max-examples", "10", "--max-time", SECONDS, "--request-timeout", "60"),
    )


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_what_is_no_http_gets_no_inside_view(server: FuzzedServer, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as line:
        line.sendall(raw)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert b"Traceback" not in answer and b".py" not in answer
    assert requests.get(f"{server.url}/live", timeout=10).status_code == 200
