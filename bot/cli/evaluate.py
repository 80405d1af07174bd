"""``waymark evaluate``: the model against messages with known labels."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import typer

from bot.cli.output import out, plainly

if TYPE_CHECKING:
    from bot.evaluation import Prediction
    from bot.settings import Settings


def evaluate(
    file: Path = typer.Argument(..., help="YAML: a list of messages and their labels."),
    as_json: Optional[Path] = typer.Option(
        None, "--json", help="Write figures and predictions here."
    ),
) -> None:
    """Print intent, harm, place and danger figures with 95 % intervals, and the worst errors."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with plainly():
        import yaml

        from bot.evaluation import load_rows, score
        from bot.model import checked
        from bot.settings import ROOT, from_environment
        from knowledge.loader import load

        settings = from_environment()
        domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
        rows = load_rows(file, intents=[*domain["intents"], "nlu_fallback"], places=load().places)
        checked(settings.model, key=settings.model_key)
        predictions = asyncio.run(predict(settings, [row.text for row in rows]))
        report = score(rows, predictions)
        if as_json is not None:
            content = {
                "metrics": report.metrics,
                "predictions": [prediction.as_dict() for prediction in predictions],
            }
            as_json.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        for name, value in report.metrics.items():
            out.print(f"{name:36} {_shown(value)}", markup=False)
        for wanted, found, count in report.confusions:
            out.print(f"  {count:3}  {wanted} -> {found}", markup=False)
        for text in report.missed[:20]:
            out.print(f"  missed danger: {text}", markup=False)


async def predict(settings: Settings, texts: list[str]) -> list[Prediction]:
    """Return what list and model understand of each text."""
    from bot.danger import find_danger, load_patterns
    from bot.evaluation import Prediction
    from bot.quiet import silence_rasa
    from knowledge.loader import FOLDER

    from rasa.core.agent import Agent  # isort: skip

    silence_rasa("ERROR")
    patterns = load_patterns(Path(FOLDER) / "danger")
    agent = Agent()
    agent.load_model(settings.model)
    found = []
    for text in texts:
        parsed: dict[str, Any] = await agent.parse_message(text)
        match = find_danger(text, patterns=patterns)
        places = (parsed.get("places") or {}).get("none") or {}
        found.append(
            Prediction(
                text=text,
                intent=parsed["intent"]["name"],
                confidence=float(parsed["intent"]["confidence"]),
                harm_types=tuple(h["name"] for h in parsed.get("harm_types") or ()),
                home=places.get("home"),
                perpetrator=places.get("perpetrator"),
                by_list=bool(match and match.present),
                by_classifier=bool((parsed.get("danger") or {}).get("kind")),
            )
        )
    return found


def _shown(value: Any) -> str:
    if isinstance(value, dict) and "low" in value:
        share, low, high = value["value"], value["low"], value["high"]
        return f"{share:.3f}  [{low:.3f}, {high:.3f}]  {value['hits']}/{value['of']}"
    if isinstance(value, dict):
        return "  ".join(f"{name} {share:.2f}" for name, share in value.items())
    return str(value)
