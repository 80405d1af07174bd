"""The pages that are made from data: the schema, the corrections, the command line, the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.channels.numbers_files import numbers_files
from bot.settings_page import settings_page
from knowledge.completeness import corrections, left_out
from knowledge.loader import load
from knowledge.schema import CITATION_FIELDS, FIELDS, KINDS, NUMBER_FIELDS
from knowledge.words import load_words

if TYPE_CHECKING:
    import click


def pages() -> dict[str, str]:
    """Return each generated page by its path."""
    return {
        "docs/knowledge.md": knowledge_page(),
        "docs/corrections.md": corrections_page(),
        "docs/cli.md": cli_page(),
        "docs/settings.md": settings_page(),
        **{
            f"deploy/nginx/{name}": content
            for name, content in numbers_files(load(), load_words()).items()
        },
    }


def knowledge_page() -> str:
    """Return the page on the format of a fact, made from ``knowledge/schema.py``."""
    lines = [
        "# The knowledge base",
        "",
        "<!-- Made by 'waymark docs' from knowledge/schema.py. -->",
        "",
        "One folder a place under `knowledge/jurisdictions/`, and `knowledge/everywhere/` for what",
        "holds wherever a person is. Each file holds facts of one kind:",
        "",
        "```yaml",
        "kind: offence            # every fact of the file is of this kind",
        "checked_on: 2026-11-22   # the default for its facts",
        "facts:",
        "  - id: sco-stalking-s39",
        "    ...",
        "```",
        "",
        "## Kinds",
        "",
        *(f"- `{name}`: {meaning}" for name, meaning in KINDS.items()),
        "",
        "## Fields",
        "",
        "| field | of | needed | meaning |",
        "|---|---|---|---|",
    ]
    for rule in FIELDS:
        kinds = ", ".join(rule.kinds) or "every kind"
        allowed = f" One of: {', '.join(rule.allowed)}." if rule.allowed else ""
        needed = "yes" if rule.required else ""
        lines.append(f"| `{rule.name}` | {kinds} | {needed} | {rule.meaning}.{allowed} |")
    lines += ["", "## A citation", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in CITATION_FIELDS.items()]
    lines += ["", "## A number", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in NUMBER_FIELDS.items()]
    knowledge = load()
    lines += [
        "",
        "## Places",
        "",
        "| id | prefix | home | other person | guide | facts |",
        "|---|---|---|---|---|---|",
    ]
    for place in knowledge.places.values():
        count = sum(fact.jurisdiction == place.id for fact in knowledge.facts)
        flags = (place.home, place.perpetrator, place.guide)
        shown = " | ".join("yes" if flag else "" for flag in flags)
        lines.append(f"| `{place.id}` | {place.prefix} | {shown} | {count} |")
    return "\n".join(lines) + "\n"


def corrections_page() -> str:
    """Return the page on where the guide and the law differ."""
    lines = [
        "# Where the guide and the law differ",
        "",
        "<!-- Made by 'waymark docs' from corrections.yml and left_out.yml in knowledge/. -->",
        "",
        "The law stands. Each entry names the guide's unit, what the guide says, what Waymark says",
        "instead, and why.",
    ]
    for entry in corrections():
        heading = f"{entry.unit} ({entry.ref})" if entry.ref else entry.unit
        lines += ["", f"## {heading}", ""]
        lines += [f"- The guide says: {entry.guide_says}", f"- Now: {entry.now}"]
        lines += [f"- Why: {entry.why}", f"- Source: <{entry.url}>"]
        if entry.values:
            lines.append(f"- Not shown: {', '.join(entry.values)}")
    skipped = left_out()
    lines += ["", "# Left out", ""]
    if not skipped:
        lines.append("Nothing.")
    lines += [f"- {unit}: {value}: {reason}" for (unit, value), reason in skipped.items()]
    return "\n".join(lines) + "\n"


def cli_page() -> str:
    """Return the help of every command, as the command line prints it."""
    import click
    from typer.main import get_command

    from bot.cli import build

    group = get_command(build())
    assert isinstance(group, click.Group)
    lines = ["# The command line", "", "<!-- Made by 'waymark docs'. -->"]
    for name, command in _commands(group, "waymark"):
        lines += ["", f"## {name}", "", (command.help or "").strip(), ""]
        for parameter in command.params:
            shown = ", ".join(parameter.opts)
            if isinstance(parameter, click.Option):
                lines.append(f"- `{shown}`: {parameter.help or ''}")
            else:
                lines.append(f"- `{parameter.name}`: {getattr(parameter, 'help', '') or ''}")
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, before: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command by the words that call it, those of groups too."""
    import click

    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from _commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command
