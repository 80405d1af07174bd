"""``python -m tests.support.loud``: a server that logs at DEBUG, which the settings refuse."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from bot.quiet import set_up_logging
from bot.server import make_app
from bot.settings import from_environment


def main() -> None:
    """Serve until stopped, with every library as talkative as it can be."""
    settings = replace(from_environment(), log_level="DEBUG")
    set_up_logging(settings.log_level)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "asyncio", "sanic.root", "rasa"):
        logging.getLogger(name).setLevel("DEBUG")
    app = make_app(settings)

    @app.before_server_start  # type: ignore[untyped-decorator]
    async def slow_callbacks(_: object, loop: asyncio.AbstractEventLoop) -> None:
        # Its warnings would name the callbacks, with their arguments.
        loop.set_debug(True)

    app.run(host=settings.host, port=settings.port, access_log=False, debug=False, motd=False)


if __name__ == "__main__":
    main()
