"""Draw results.json as bars, ours beside the template's; ``python benchmarks/serving/plot.py``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# What is drawn: title, unit, and where the figure stands in each one's results.
PANELS = (
    ("start to first answer", "s", ("start_seconds",)),
    ("memory (PSS)", "MB", ("memory", "pss_mb")),
    ("a turn, one user, median", "ms", ("speed", "one_user", "median_ms")),
    ("a turn, 16 users, 99th percentile", "ms", ("speed", "sixteen_users", "p99_ms")),
    ("turns a second, 16 users", "", ("speed", "sixteen_users", "turns_a_second")),
)
COLOURS = {"waymark": "#1b5e52", "stock": "#b9b4a8"}
NAMES = {"waymark": "Waymark", "stock": "Rasa's template"}


def draw(results: dict[str, Any], target: Path) -> None:
    """Write the plot of a run."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "waymark"
    figure, axes = pyplot.subplots(1, len(PANELS), figsize=(13, 2.6))
    for axis, (title, unit, path) in zip(axes, PANELS, strict=True):
        values = [figure_at(results[kind], path) for kind in NAMES]
        bars = axis.bar(list(NAMES.values()), values, color=[COLOURS[kind] for kind in NAMES])
        axis.bar_label(bars, labels=[f"{value:g} {unit}".strip() for value in values], fontsize=8)
        axis.set_title(title, fontsize=8.5)
        axis.set_yticks([])
        axis.tick_params(labelsize=8)
        axis.margins(y=0.15)
        for side in ("top", "right", "left"):
            axis.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(target, metadata={"Date": None})
    pyplot.close(figure)


def figure_at(found: dict[str, Any], path: tuple[str, ...]) -> float:
    """Return one figure, rounded for a label."""
    value: Any = found
    for name in path:
        value = value[name]
    return float(f"{value:.3g}")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    draw(json.loads((here / "results.json").read_text("utf-8")), here / "results.svg")
