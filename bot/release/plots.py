"""Pictures of a comparison: what is confused, how honest the confidence is, gains and losses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.compare import Comparison
from bot.evaluation import Prediction, Row, cases

_BINS = 10


def reliability(rows: Sequence[Row], made: Sequence[Prediction]) -> list[tuple[float, float, int]]:
    """Return for each tenth of confidence: the mean confidence, the share right, how many."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for case in cases(rows, made):
        at = min(_BINS - 1, int(case.confidence * _BINS))
        bins[at].append((case.confidence, case.right))
    return [
        (sum(c for c, _ in group) / len(group), sum(r for _, r in group) / len(group), len(group))
        for group in bins
        if group
    ]


def draw(
    folder: Path,
    comparison: Comparison,
    rows: Sequence[Row],
    new: Sequence[Prediction],
    old: Sequence[Prediction] | None,
) -> list[Path]:
    """Draw the pictures into a folder and return their paths."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, figure in (
        ("confusion", _confusion(pyplot, rows, new)),
        ("reliability", _reliability(pyplot, rows, new, old)),
        ("gains_and_losses", _gains(pyplot, comparison)),
    ):
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=110, bbox_inches="tight")
        pyplot.close(figure)
        drawn.append(path)
    return drawn


def _confusion(pyplot: Any, rows: Sequence[Row], made: Sequence[Prediction]) -> Any:
    import numpy as np

    pairs = Counter(
        (str(row.intent), str(row.intent) if p.intent in row.also_ok else p.intent)
        for row, p in zip(rows, made, strict=True)
        if row.intent
    )
    names = sorted({name for pair in pairs for name in pair})
    shares = np.zeros((len(names), len(names)))
    for (wanted, found), count in pairs.items():
        shares[names.index(wanted), names.index(found)] = count
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
    figure, axes = pyplot.subplots(figsize=(0.3 * len(names) + 3, 0.3 * len(names) + 2))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    axes.set(xlabel="read as", ylabel="wanted", title="Intents: share of each row")
    for at, of in zip(*np.nonzero(shares), strict=True):
        axes.text(of, at, f"{shares[at, of]:.2f}", ha="center", va="center", fontsize=5)
    return figure


def _reliability(
    pyplot: Any, rows: Sequence[Row], new: Sequence[Prediction], old: Sequence[Prediction] | None
) -> Any:
    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0, 1], [0, 1], linestyle=":", color="grey", label="honest")
    for made, name, mark in ((new, "new", "o"), (old, "released", "x")):
        if made is not None:
            points = reliability(rows, made)
            axes.plot([p[0] for p in points], [p[1] for p in points], marker=mark, label=name)
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
    axes.set_title("Intents: how honest the confidence is")
    axes.legend()
    return figure


def _gains(pyplot: Any, comparison: Comparison) -> Any:
    moved = [
        change
        for change in comparison.changes
        if change.group in ("danger", "intent", "harm found") and (change.gained or change.lost)
    ]
    figure, axes = pyplot.subplots(figsize=(7, 0.3 * len(moved) + 1.5))
    names = [f"{change.group}: {change.name}" for change in moved]
    axes.barh(names, [change.gained for change in moved], color="tab:blue", label="gained")
    axes.barh(names, [-change.lost for change in moved], color="tab:orange", label="lost")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(xlabel="messages", title="Gained and lost against the released model")
    axes.invert_yaxis()
    if moved:
        axes.legend()
    return figure
