"""Stands between a server and its action server, and breaks what passes in a chosen way."""

from __future__ import annotations

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BROKEN = {
    "500": (500, b'{"error": "failed"}'),
    "400 with a page": (400, b"<html>400 Bad Request</html>"),
    "a page": (200, b"<html>Welcome</html>"),
    "another form": (200, b'{"events": "none", "responses": [1]}'),
    "20 MB": (200, b'{"events": [], "responses": [], "more": "' + b"x" * 20_000_000 + b'"}'),
    "a redirect": (302, b""),
}


class Switch:
    """A proxy that passes calls on, or answers itself as ``mode`` says; ``hang`` never answers."""

    def __init__(self, target: str) -> None:
        self.mode = ""
        self.seen: list[dict[str, str]] = []
        self.released = threading.Event()
        switch = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                switch.seen.append({**self.headers, "path": self.path})
                self._answer(body)

            def do_GET(self) -> None:
                self._answer(None)

            def _answer(self, body: bytes | None) -> None:
                if switch.mode == "hang":
                    switch.released.wait()
                if switch.mode == "drop":
                    self.close_connection = True
                    return
                # A server that breaks in its actions still says that it is alive.
                broken = body is not None and switch.mode in BROKEN
                status, made = BROKEN[switch.mode] if broken else self._passed(body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(made)))
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                self.wfile.write(made)

            def _passed(self, body: bytes | None) -> tuple[int, bytes]:
                asked = urllib.request.Request(target + self.path, data=body)
                asked.add_header("Authorization", self.headers.get("Authorization", ""))
                try:
                    with urllib.request.urlopen(asked, timeout=20) as answer:
                        return answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    return error.code, error.read()
                except OSError:
                    return 503, b""

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # A client that goes away in the middle is what these tests are about.
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Switch:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def heal(self) -> None:
        """Pass everything on again."""
        self.mode = ""
        self.released.set()
        self.released = threading.Event()
