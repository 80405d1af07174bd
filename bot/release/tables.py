"""A comparison as lines for a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from bot.compare import Change, Comparison

SURE = 0.05
_MOST_LOST = 40
_TITLES = {
    "danger": "Danger",
    "all": "Together",
    "intent": "Intents (right or also acceptable)",
    "harm found": "Harm types: found where they are",
    "harm right where said": "Harm types: right where they are said",
}


def lines(comparison: Comparison) -> Iterable[str]:
    """Yield what ``waymark compare`` prints."""
    for group, title in _TITLES.items():
        yield title
        for change in _of(comparison, group):
            old = f"  was {change.old}" if change.old else ""
            yield f"  {change.name:32} {change.new}{old}{_moved(change)}"
    if comparison.lost:
        yield f"Lost: {len(comparison.lost)} (right before, wrong now)"
    for lost in comparison.lost[:_MOST_LOST]:
        yield f"  {lost.what}: {lost.wanted} -> {lost.found}: {lost.text}"
    if len(comparison.lost) > _MOST_LOST:
        yield f"  and {len(comparison.lost) - _MOST_LOST} more"
    for problem in (*comparison.danger_problems, *comparison.problems):
        yield f"Against a release: {problem}"
    if comparison.holds:
        yield "Nothing stands against a release."


def markdown(comparison: Comparison) -> str:
    """Return the comparison as Markdown: the verdict, what was lost, then every figure."""
    parts = ["## The new model beside the released one", ""]
    against = [*comparison.danger_problems, *comparison.problems]
    parts += [f"- **Against a release:** {_safe(problem)}" for problem in against]
    parts += [] if against else ["Nothing stands against a release."]
    if comparison.lost:
        parts += ["", f"### Lost: {len(comparison.lost)} (right before, wrong now)", ""]
        parts += ["| message | what | wanted | now |", "|---|---|---|---|"]
        parts += [
            f"| {_safe(e.text)} | {e.what} | {e.wanted} | {e.found} |"
            for e in comparison.lost[:_MOST_LOST]
        ]
    for group, title in _TITLES.items():
        rows = _of(comparison, group)
        if not rows:
            continue
        parts += ["", f"<details{' open' if group in ('danger', 'all') else ''}>"]
        parts += [f"<summary>{title}</summary>", ""]
        parts += ["| | new | released | gained, lost | by chance |", "|---|---|---|---|---|"]
        for change in rows:
            chance = "" if change.chance is None else f"{change.chance:.3f}"
            moved = f"+{change.gained} -{change.lost}" if change.old and change.chance else ""
            parts.append(
                f"| {change.name} | {change.new} | {change.old or ''} | {moved} | {chance} |"
            )
        parts += ["", "</details>"]
    return "\n".join(parts) + "\n"


def _of(comparison: Comparison, group: str) -> list[Change]:
    return [change for change in comparison.changes if change.group == group]


def _moved(change: Change) -> str:
    if not change.old or change.chance is None or not (change.gained or change.lost):
        return ""
    sure = f"  p {change.chance:.3f}" if change.chance < SURE else ""
    return f"  +{change.gained} -{change.lost}{sure}"


def _safe(text: str) -> str:
    """Return a text that cannot end a table's cell or begin a mark of its own."""
    kept = "".join("\\" + letter if letter in "\\`*_[]<>|#@" else letter for letter in text)
    return " ".join(kept.split())
