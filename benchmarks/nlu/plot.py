"""Draw the results beside the goals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

OURS, THEIRS, GOAL = "#2a6f97", "#b0b0b0", "#c1121f"


def draw(results: dict[str, Any], target: Path) -> None:
    """Write a picture: accuracy on each data set, and what refusing costs on CLINC150."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2))
    _bars(axes[0], results)
    _curve(axes[1], results)
    figure.tight_layout()
    figure.savefig(target, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _bars(axis: Any, results: dict[str, Any]) -> None:
    bars = []
    goals = results["goals"]
    if clinc := results.get("clinc150"):
        bars.append(
            ("CLINC150\nall data", clinc["all"]["in_scope"], goals["clinc150_in_scope"], OURS)
        )
        few = clinc["10_examples"]["median"]
        bars.append(("CLINC150\n10 an intent", few, goals["clinc150_10_examples"], OURS))
    if hwu := results.get("hwu64"):
        bars.append((f"HWU64\n{len(hwu['folds'])} folds", hwu["mean"], goals["hwu64_mean"], OURS))
        if "1" in hwu["folds"]:
            bars.append(("HWU64\nfold 1", hwu["folds"]["1"], None, OURS))
    diet = results["diet_recorded"]
    bars.append(("HWU64 fold 1\nstock DIET", diet["accuracy"], None, THEIRS))
    for place, (_, value, goal, colour) in enumerate(bars):
        axis.bar(place, value, color=colour, width=0.6)
        axis.text(place, value + 0.3, f"{value:.1f}", ha="center", va="bottom")
        if goal is not None:
            axis.hlines(goal, place - 0.36, place + 0.36, color=GOAL, linewidth=2)
    axis.plot([], [], color=GOAL, linewidth=2, label="goal")
    axis.legend(loc="upper right", frameon=False)
    axis.set_xticks(range(len(bars)), [bar[0] for bar in bars], fontsize=9)
    lowest = min(bar[1] for bar in bars)
    axis.set_ylim(max(0, min(80, lowest - 5)), 102)
    axis.set_ylabel("right intents, %")
    axis.set_title("Accuracy (the axis does not start at 0)")


def _curve(axis: Any, results: dict[str, Any]) -> None:
    axis.set_title("CLINC150: what refusing out-of-scope messages costs")
    axis.set_xlabel("out-of-scope messages refused, %")
    axis.set_ylabel("in-scope messages right and not refused, %")
    if "clinc150" not in results:
        axis.text(0.5, 0.5, "not measured", ha="center", transform=axis.transAxes)
        return
    figures, goals = results["clinc150"]["all"], results["goals"]
    axis.plot([x for _, x in figures["curve"]], [y for y, _ in figures["curve"]], color=OURS)
    chosen = (figures["out_of_scope_recall"], figures["in_scope"])
    axis.plot(*chosen, "o", color=OURS, label="threshold chosen on validation data")
    goal = (goals["clinc150_out_of_scope_recall"], goals["clinc150_in_scope"])
    axis.plot(*goal, "P", color=GOAL, markersize=9, label="goal")
    axis.legend(loc="lower left", frameon=False)
