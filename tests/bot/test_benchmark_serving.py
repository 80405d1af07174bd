"""The benchmark of serving counts what it says it counts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from benchmarks.serving import plot
from benchmarks.serving.load import quantiles
from benchmarks.serving.programs import cpu, family, make_stock, memory
from benchmarks.serving.run import ratios

BUSY = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


def results(median: float, rate: float, start: float, pss: float) -> dict[str, Any]:
    return {
        "start_seconds": start,
        "memory": {"pss_mb": pss, "rss_mb": pss},
        "speed": {
            "one_user": {"median_ms": median},
            "sixteen_users": {"turns_a_second": rate, "p99_ms": median * 20},
            "burst_of_five": {"slowest_ms": median * 5},
            "length": {"ratio": 1.0},
        },
        "danger": {"server_side": {"p99_ms": 8.0}},
        "soak": {"growth_percent": 1.0},
        "group": {"cpu_ratio": 1.1},
    }


FOUND = {"waymark": results(15, 63, 14, 550), "stock": results(45, 21, 56, 1100)}


def test_quantiles_are_of_what_was_seen() -> None:
    seen = quantiles([float(n) for n in range(1, 101)])
    assert seen == {"median_ms": 51.0, "p95_ms": 96.0, "p99_ms": 100.0}
    assert quantiles([])["p99_ms"] is None


def test_ratios_are_ours_over_the_templates() -> None:
    found = ratios(FOUND)
    assert (found["turn_one_user"], found["turns_a_second_16"]) == (0.333, 3.0)
    assert (found["start"], found["memory_pss"], found["training"]) == (0.25, 0.5, None)


def test_the_plot_is_the_same_file_for_the_same_results(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        plot.draw(FOUND, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_time_and_memory_of_children_count() -> None:
    before = cpu([os.getpid()])
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert cpu([os.getpid()]) - before >= 0.3
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in family(os.getpid())
        assert memory([os.getpid()])["rss_mb"] > memory([child.pid])["rss_mb"]
    finally:
        child.communicate(b"\n")


def test_the_template_is_rasas_own_with_its_action_switched_on(tmp_path: Path) -> None:
    make_stock(tmp_path, 6000)
    config = yaml.safe_load((tmp_path / "config.yml").read_text("utf-8"))
    assert not config.get("pipeline") and not config.get("policies"), "not the default pipeline"
    rules = yaml.safe_load((tmp_path / "data/rules.yml").read_text("utf-8"))["rules"]
    assert {"action": "action_hello_world"} in [step for rule in rules for step in rule["steps"]]
    assert "action_hello_world" in yaml.safe_load((tmp_path / "domain.yml").read_text())["actions"]
