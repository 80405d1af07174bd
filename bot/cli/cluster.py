"""``waymark cluster``: several processes with what they share, on this machine."""

from __future__ import annotations

from pathlib import Path

import typer

from bot.cli.output import out, plainly
from bot.settings import LOCAL


def cluster(
    processes: int = typer.Option(2, "--processes", min=1, max=16, help="How many servers."),
    port: int = typer.Option(5005, "--port", min=1, max=65535, help="The port of nginx."),
    folder: Path = typer.Option(
        LOCAL / "cluster", "--folder", help="Where its keys, data and logs are.", show_default=False
    ),
) -> None:
    """Serve from several processes with PostgreSQL, Redis and nginx, at http://localhost:5005/.

    For this machine alone: to try it, and for tests. Ctrl-C stops all of it; SIGHUP starts the
    servers anew, one after the other. It needs Debian's postgresql, redis-server and nginx-light.
    """
    with plainly():
        from bot.cluster.group import Group

        Group(folder, processes=processes, port=port, say=lambda line: out.print(line)).run()
