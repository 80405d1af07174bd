"""``waymark serve``: the web channel, the page and the probes."""

from __future__ import annotations

import typer

from bot.cli.output import out, plainly


def serve(
    production: bool = typer.Option(
        False, "--production", help="Take every secret from outside; refuse what is unsafe."
    ),
) -> None:
    """Serve the chat at http://localhost:5005/ until stopped."""
    with plainly():
        from bot.settings import from_environment

        settings = from_environment(production=production)
        from bot.quiet import set_up_logging
        from bot.server import make_app

        set_up_logging(settings.log_level)
        app = make_app(settings)
        whom = f" for {settings.helpline.name}" if settings.helpline else ""
        address = f"http://{_shown(settings.host)}:{settings.port}/"
        out.print(f"Waymark serves{whom} at {address}", markup=False)
        app.run(
            host=settings.host,
            port=settings.port,
            access_log=False,
            debug=False,
            motd=False,
        )


def _shown(host: str) -> str:
    return "localhost" if host == "127.0.0.1" else host
