"""Measure how memory grows over many messages, alone; write soak.json.

``python benchmarks/serving/soak.py [MESSAGES]`` is the last part of ``run.py`` by itself: twenty
thousand messages take about a quarter of an hour.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.serving.programs import HERE  # noqa: E402
from benchmarks.serving.run import machine, serving, soak  # noqa: E402


def main() -> None:
    """Serve, talk and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", type=int, nargs="?", default=20_000)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="waymark-soak-") as folder,
        serving("waymark", Path(folder)) as (url, pids, _),
    ):
        found = {"machine": machine(), **soak(url, pids, messages=asked.messages)}
    (HERE / "soak.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
