"""``waymark review``: take up what was not understood, or throw it away."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Optional

import typer

from bot.cli.output import counted, err, out, plainly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.review.propose import Proposal
    from bot.review.sitting import Sitting
    from bot.review.teach import Lesson

_HELP = "[a]ccept  change [i]ntent, [h]arms, [d]anger, the [t]ext  [x] discard  [s]kip  [q]uit"


def review(
    show: bool = typer.Option(False, "--list", help="Only print the groups; change nothing."),
    most: Optional[int] = typer.Option(None, help="Stop after so many groups."),
    web: bool = typer.Option(
        False, "--web", help="Show a page for a browser on this machine, instead of this screen."
    ),
    port: int = typer.Option(0, help="The page's port (any that is free)."),
) -> None:
    """Go through the messages that people agreed to be reviewed, like ones together.

    One key takes the proposal, changes it, or throws the group away. What is taken up goes into
    data/nlu, one message for each group, unless it is a near copy; then run 'waymark train'. What
    was taken out of a message is filled with made-up words. The page of --web opens with the
    printed address only, until Ctrl-C ends it. See docs/maintaining.md.
    """
    # spaCy imports TensorFlow where it is installed; nothing here needs it, and it takes seconds.
    sys.modules.setdefault("tensorflow", None)  # type: ignore[arg-type]
    with plainly():
        from bot.model import named
        from bot.review.desk import queue_for
        from bot.settings import from_environment

        settings = from_environment()
        queue = queue_for(settings)
        waiting = queue.waiting(today=date.today())
        if not waiting and not web:
            off = (
                ""
                if settings.review
                else " Nobody is asked: see WAYMARK_REVIEW in docs/settings.md."
            )
            out.print(f"Nothing waits for review in {queue.path}.{off}", markup=False)
            return
        named(settings.model, key=settings.model_key)
        from bot.review.propose import Proposer
        from bot.review.sitting import Sitting

        sitting = Sitting(queue, Proposer(settings.model).propose)
        with err.status(f"grouping {len(waiting)} messages"):
            groups = sitting.left(today=date.today())
            if groups and not web:
                # The first is read with many others, which takes a while.
                groups[0].read()
        if web:
            from bot.review.web import serve

            serve(sitting, port=port, tell=lambda line: out.print(line, markup=False))
            return
        out.print(
            f"{counted(len(waiting), 'message')} in {counted(len(groups), 'group')}", markup=False
        )
        for group in groups[:most]:
            _show(group)
            if not show and not _ask(group, sitting):
                break


def _show(proposal: Proposal) -> None:
    out.print()
    out.rule(f"{len(proposal.members)}")
    for member in proposal.members[:5]:
        out.print(f"  {member.text}", markup=False)
    if len(proposal.members) > 5:
        out.print(f"  and {len(proposal.members) - 5} more like it")
    read = proposal.read()
    places = ", ".join(p for p in (read.home, read.other) if p) or "none"
    out.print(
        f"proposed: {read.intent} ({read.confidence:.2f})  "
        f"harms: {', '.join(read.harm_types) or 'none'}  "
        f"danger: {'yes' if read.danger else 'no'}  places: {places}",
        markup=False,
    )
    for alike, example in read.nearest:
        harms = f" ({', '.join(example.harm_types)})" if example.harm_types else ""
        out.print(f"  {alike:.2f}  {example.intent}{harms}: {example.text}", markup=False)


def _ask(group: Proposal, sitting: Sitting) -> bool:
    """Ask what to do with a group until it is settled; return False to end."""
    from bot.review.sitting import Ending, first_lesson
    from bot.review.teach import line_for

    lesson = first_lesson(group)
    while True:
        out.print(f"{line_for(lesson).strip()}  -> {lesson.intent}", markup=False)
        out.print(_HELP, markup=False)
        key = _key()
        if key == "q":
            return False
        if key == "s":
            return True
        if key not in ("a", "x"):
            lesson = _changed(lesson, key)
            continue
        settled = sitting.accept(group.key, lesson) if key == "a" else sitting.discard(group.key)
        if settled.ending is Ending.REFUSED:
            out.print(f"not written: {settled.said}: change the text, or discard it", markup=False)
            continue
        if settled.ending is Ending.WRITTEN:
            out.print(f"wrote {settled.said}", markup=False)
        if settled.ending is Ending.GONE:
            out.print("It waits no more: settled elsewhere, or deleted by who wrote it.")
        return True


def _changed(lesson: Lesson, key: str) -> Lesson:
    from bot.release.rows import labels
    from knowledge.schema import HARM_TYPES
    from knowledge.yaml_lines import did_you_mean

    if key == "d":
        return replace(lesson, danger=not lesson.danger)
    if key == "t":
        return replace(lesson, text=_line("text", lesson.text) or lesson.text)
    if key == "i":
        intents = [name for name in labels()[0] if name != "nlu_fallback"]
        out.print("  ".join(intents), markup=False)
        typed = _line("intent", lesson.intent)
        named = _one(typed, intents) if typed else lesson.intent
        if named is None:
            out.print(f"'{typed}' is no intent: {did_you_mean(typed, intents)}", markup=False)
        return replace(lesson, intent=named or lesson.intent)
    if key == "h":
        out.print("  ".join(("none", *HARM_TYPES)), markup=False)
        names = _line("harm types", " ".join(lesson.harm_types)).replace(",", " ").split()
        harms = {name: _one(name, HARM_TYPES) for name in names if name != "none"}
        unknown = [name for name, harm in harms.items() if harm is None]
        for name in unknown:
            out.print(f"'{name}' is no harm type: {did_you_mean(name, HARM_TYPES)}", markup=False)
        if unknown or not names:
            return lesson
        return replace(lesson, harm_types=tuple(dict.fromkeys(h for h in harms.values() if h)))
    return lesson


def _one(typed: str, options: Sequence[str]) -> str | None:
    """Return the option that is meant by its beginning, or None where that is not clear."""
    exact = [name for name in options if name == typed]
    found = exact or [name for name in options if typed and name.startswith(typed)]
    return found[0] if len(found) == 1 else None


def _key() -> str:
    """Return one key; from a file or a pipe, the first letter of a line."""
    if sys.stdin.isatty():
        import click

        return click.getchar().lower()
    line = sys.stdin.readline()
    return line.strip()[:1].lower() if line else "q"


def _line(what: str, now: str) -> str:
    out.print(f"{what} [{now}]: ", end="", markup=False)
    return sys.stdin.readline().strip()
