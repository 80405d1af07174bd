"""Measure the intent classifier of config.yml on CLINC150 and HWU64; write results.json."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.nlu import diet  # noqa: E402 - the project is not a package of benchmarks
from benchmarks.nlu.measure import encoder_key, measure_clinc, measure_hwu, read_settings  # noqa: E402
from benchmarks.nlu.plot import draw  # noqa: E402
from benchmarks.nlu.sets import DataError, read_clinc, read_hwu  # noqa: E402

HERE = Path(__file__).resolve().parent
GOALS = {
    "clinc150_in_scope": 96.0,
    "clinc150_out_of_scope_recall": 65.0,
    "clinc150_10_examples": 87.0,
    "hwu64_mean": 91.5,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    options = _parser().parse_args(arguments)
    if not options.clinc and not options.hwu:
        print("name at least one of --clinc and --hwu", file=sys.stderr)
        return 2
    try:
        results = _measure(options)
    except (DataError, diet.DietError) as error:
        print(error, file=sys.stderr)
        return 2
    target = options.results
    whole = options.clinc and options.hwu and not options.folds and not options.with_diet
    if target is None and whole:
        target = HERE / "results.json"
    if target:
        target.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        draw(results, target.with_suffix(".png"))
        print(f"written: {target.name} and {target.with_suffix('.png').name}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clinc", type=Path, help="CLINC150, JSON, plain or gzip")
    parser.add_argument("--hwu", type=Path, help="HWU64 with its folds, JSON, plain or gzip")
    parser.add_argument("--folds", help="only these folds of HWU64, such as 1 or 1,4")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yml")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache", help="keeps the vectors")
    parser.add_argument(
        "--results", type=Path, help="default: results.json here, after a run of everything"
    )
    parser.add_argument(
        "--with-diet", action="store_true", help="train Rasa's default pipeline too: an hour a fold"
    )
    parser.add_argument(
        "--diet-limit", type=int, help="train and test it on so many messages only: a trial"
    )
    return parser


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    # Both files are read first: a wrong path is said at once, not after minutes.
    clinc = read_clinc(options.clinc) if options.clinc else None
    hwu = read_hwu(options.hwu) if options.hwu else None
    folds = _folds(options, len(hwu.folds) if hwu else 0)
    settings = read_settings(options.config)
    print(f"smoothing {settings.smoothing:g}, threshold {settings.threshold:g} (config.yml)")
    results: dict[str, Any] = {
        "smoothing": settings.smoothing,
        "configured_threshold": settings.threshold,
        "encoder": encoder_key(),
        "goals": GOALS,
        "diet_recorded": diet.RECORDED,
    }
    if clinc:
        results["clinc150"] = measure_clinc(clinc, settings, options.cache)
        print_clinc(results["clinc150"])
    if hwu:
        results["hwu64"] = measure_hwu(hwu, settings, options.cache, folds)
        print_hwu(results["hwu64"])
    recorded = diet.RECORDED
    print(
        f"Stock DIET, {recorded['data']}: {recorded['accuracy']} % after "
        f"{recorded['train_minutes']} minutes; ours there then {recorded['ours_then']} % "
        f"(recorded {recorded['recorded']})"
    )
    if hwu and options.with_diet:
        results["diet_measured"] = {}
        for number in folds:
            fold = diet.limited(hwu.folds[number - 1], options.diet_limit)
            figures = diet.measure_diet(hwu.rows, fold)
            results["diet_measured"][str(number)] = figures
            print_diet(number, figures)
    return results


def _folds(options: argparse.Namespace, count: int) -> list[int]:
    if not options.folds:
        return list(range(1, count + 1))
    parts = options.folds.split(",")
    if not all(part.isdecimal() and 1 <= int(part) <= count for part in parts):
        raise DataError(f"{options.hwu}: has folds 1 to {count}, not '{options.folds}'")
    return [int(part) for part in parts]


def print_clinc(figures: dict[str, Any]) -> None:
    """Print every figure on CLINC150."""
    every, extra = figures["all"], figures["all_with_out_of_scope_class"]
    few = figures["10_examples"]
    print("CLINC150, all data")
    print(f"  in scope, no threshold: {every['in_scope_without_threshold']:.2f} %")
    print(
        f"  threshold {every['threshold']:.3f}, chosen on validation data: "
        f"in scope {every['in_scope']:.2f} %{_against(every['in_scope'], 'clinc150_in_scope')}, "
        f"out of scope refused {every['out_of_scope_recall']:.2f} %"
        f"{_against(every['out_of_scope_recall'], 'clinc150_out_of_scope_recall')}"
    )
    print(
        f"  threshold of config.yml: in scope {every['in_scope_at_configured_threshold']:.2f} %, "
        f"out of scope refused {every['out_of_scope_recall_at_configured_threshold']:.2f} %"
    )
    both = extra["with_threshold"]
    print(
        f"  out of scope as a class: in scope {extra['in_scope']:.2f} %, "
        f"out of scope found {extra['out_of_scope_recall']:.2f} %"
    )
    print(
        f"  as a class and threshold {both['threshold']:.3f}: in scope {both['in_scope']:.2f} %, "
        f"out of scope found or refused {both['out_of_scope_recall']:.2f} %"
    )
    print(
        f"CLINC150, 10 examples an intent: median {few['median']:.2f} %"
        f"{_against(few['median'], 'clinc150_10_examples')} of "
        f"{', '.join(f'{value:.2f}' for value in few['seeds'])}"
    )
    _print_times("CLINC150", figures["encode_ms"], every)


def print_hwu(figures: dict[str, Any]) -> None:
    """Print the figures on HWU64; its folds are printed as they are measured."""
    spread = "" if figures["sd"] is None else f" ± {figures['sd']:.2f}"
    print(
        f"HWU64, {len(figures['folds'])} folds: {figures['mean']:.2f}{spread} %"
        f"{_against(figures['mean'], 'hwu64_mean')}"
    )
    _print_times("HWU64", figures["encode_ms"], figures)


def print_diet(number: int, figures: dict[str, Any]) -> None:
    """Print what Rasa's default pipeline gave on one fold."""
    print(
        f"Rasa's default pipeline, HWU64 fold {number}: {figures['accuracy']:.2f} % "
        f"({figures['accuracy_without_fallback']:.2f} % without its fallback), trained on "
        f"{figures['train_messages']} messages in {figures['train_minutes']:.1f} minutes, "
        f"{figures['predict_ms']:.1f} ms a message"
    )


def _against(value: float, goal: str) -> str:
    return f" (goal {GOALS[goal]:g}: {'reached' if value >= GOALS[goal] else 'missed'})"


def _print_times(name: str, encode_ms: float, figures: dict[str, Any]) -> None:
    print(
        f"{name}, time: encode {encode_ms:.2f} ms a message, fit {figures['fit_s']:.2f} s, "
        f"predict {figures['predict_ms']:.3f} ms a message"
    )


if __name__ == "__main__":
    sys.exit(main())
