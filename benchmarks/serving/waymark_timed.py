"""``waymark serve``, with the time from a message's arrival to the first event of its answer noted.

The times go to the file that ``WAYMARK_TIMES`` names, one a line, in ms: what a server took for a
danger, without what the load generator adds on the same machine.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from sanic.request import Request  # noqa: E402

from bot.channels import web  # noqa: E402 - the project is not a package of benchmarks
from bot.quiet import set_up_logging  # noqa: E402
from bot.server import make_app  # noqa: E402
from bot.settings import from_environment  # noqa: E402

_open = web._stream_to


class Timed:
    """A stream that notes when its first event has left."""

    def __init__(self, response: Any, started: float) -> None:
        self._response = response
        self._started: float | None = started

    async def send(self, data: str) -> None:
        """Send, and note the first time."""
        await self._response.send(data)
        if self._started is not None:
            taken = (time.perf_counter() - self._started) * 1000
            self._started = None
            with Path(os.environ["WAYMARK_TIMES"]).open("a", encoding="ascii") as file:
                file.write(f"{taken:.3f}\n")

    async def eof(self) -> None:
        """End the stream."""
        await self._response.eof()


async def _timed(request: Request) -> Any:
    return Timed(await _open(request), request.ctx.started)


def main() -> None:
    """Serve until stopped."""
    settings = from_environment()
    set_up_logging(settings.log_level)
    web._stream_to = _timed
    app = make_app(settings)

    @app.on_request
    async def note(request: Request) -> None:
        request.ctx.started = time.perf_counter()

    app.run(host=settings.host, port=settings.port, access_log=False, debug=False, motd=False)


if __name__ == "__main__":
    main()
