"""``waymark actions``: the answers as a server of their own."""

from __future__ import annotations

import typer

from bot.cli.output import out, plainly


def actions(
    production: bool = typer.Option(
        False, "--production", help="Take the token from outside; it may then leave loopback."
    ),
) -> None:
    """Serve the actions at http://localhost:5055/ for servers that set WAYMARK_ACTIONS_URL."""
    with plainly():
        from bot.settings import actions_from_environment

        settings = actions_from_environment(production=production)
        from bot.quiet import set_up_logging

        set_up_logging(settings.log_level)
        from bot.actions_server import make_actions_app

        app = make_actions_app(settings)
        host, port = settings.actions_host, settings.actions_port
        out.print(f"The actions are served at http://{host}:{port}/")
        app.run(host=host, port=port, access_log=False, debug=False, motd=False)
