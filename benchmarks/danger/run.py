"""Measure the danger screen on the worst 64 KiB texts; write results.json."""

from __future__ import annotations

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot.danger import load_patterns  # noqa: E402 - the project is not a package of benchmarks
from tests.danger.test_speed import median_ms, worst_texts  # noqa: E402


def main() -> None:
    """Print each text's median in milliseconds, the slowest first."""
    patterns = load_patterns(ROOT / "knowledge" / "danger")
    figures = {
        name: round(median_ms(text, patterns, runs=15), 2)
        for name, text in worst_texts(patterns).items()
    }
    figures["a short message"] = round(
        median_ms(
            "he keeps posting my address online and i dont know what to do", patterns, runs=200
        ),
        3,
    )
    slowest = dict(sorted(figures.items(), key=lambda item: -item[1]))
    for name, taken in slowest.items():
        print(f"{taken:8.2f} ms  {name}")
    target = Path(__file__).parent / "results.json"
    target.write_text(json.dumps({"median_ms": slowest}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
