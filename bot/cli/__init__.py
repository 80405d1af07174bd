"""The command line, ``waymark``: one module a command; nothing heavy is imported before it runs."""

from __future__ import annotations

import typer

from bot.cli import (
    actions,
    chat,
    check,
    cluster,
    compare,
    diff,
    docs,
    embed,
    evaluate,
    facts,
    links,
    new,
    privacy,
    release,
    review,
    serve,
    train,
)


def build() -> typer.Typer:
    """Return the whole command line."""
    app = typer.Typer(
        name="waymark",
        help="Waymark: where to report online harassment, which offences to name, what to do next.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(serve.serve)
    app.command()(actions.actions)
    app.command()(cluster.cluster)
    app.command()(chat.chat)
    app.command()(train.train)
    app.command()(check.check)
    app.command()(facts.facts)
    app.command()(facts.show)
    app.command()(facts.stale)
    app.command()(evaluate.evaluate)
    app.command()(embed.embed)
    app.command()(compare.compare)
    app.add_typer(release.app, name="release")
    app.add_typer(new.app, name="new")
    app.command()(diff.diff)
    app.command()(links.links)
    app.command()(review.review)
    app.command()(docs.docs)
    app.command()(privacy.privacy)
    return app


def main() -> None:
    """Run the command line."""
    build()()
