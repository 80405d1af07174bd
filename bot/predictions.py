"""What a model understands of many messages, for evaluation; kept, so that it is computed once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.evaluation import Prediction
from bot.model import data_hash, file_hash
from bot.settings import ROOT

KEPT = ROOT / ".cache" / "predictions"
# What a prediction rests on beside the model's own archive.
READ_BY = ("knowledge", "bot/nlu", "bot/places", "bot/danger")
_MOST_KEPT = 40


def predictions_of(
    model: Path, texts: Sequence[str], *, kept: Path | None = KEPT
) -> list[Prediction]:
    """Return what list and model understand of each text, computing only what is not kept yet.

    Args:
        model: the archive.
        texts: made-up messages of an evaluation file; no person's words are kept.
        kept: the folder to keep predictions in; None keeps nothing.
    """
    if kept is None:
        return asyncio.run(predict(model, texts))
    path = kept / f"{_key(model)}.json"
    known: dict[str, Prediction] = {}
    if path.is_file():
        for row in json.loads(path.read_text(encoding="utf-8")):
            known[row["text"]] = Prediction(**{**row, "harm_types": tuple(row["harm_types"])})
    missing = list(dict.fromkeys(text for text in texts if text not in known))
    if missing:
        known.update((made.text, made) for made in asyncio.run(predict(model, missing)))
        kept.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps([asdict(made) for made in known.values()]), encoding="utf-8")
        half.replace(path)
        oldest_first = sorted(kept.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in oldest_first[:-_MOST_KEPT]:
            old.unlink(missing_ok=True)
    return [known[text] for text in texts]


async def predict(model: Path, texts: Sequence[str]) -> list[Prediction]:
    """Return what list and model understand of each text."""
    from bot import light
    from bot.danger import find_danger, load_patterns
    from bot.quiet import silence_rasa
    from knowledge.loader import FOLDER

    silence_rasa("ERROR")
    light.prepare(model)
    from rasa.core.agent import Agent

    patterns = load_patterns(Path(FOLDER) / "danger")
    agent = Agent()
    agent.load_model(model)
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
                guess=next(
                    r["name"] for r in parsed["intent_ranking"] if r["name"] != "nlu_fallback"
                ),
                by_classifier=bool((parsed.get("danger") or {}).get("kind")),
            )
        )
    return found


def _key(model: Path) -> str:
    made_by = f"{file_hash(model)}:{data_hash(ROOT, READ_BY)}"
    return hashlib.sha256(made_by.encode()).hexdigest()[:32]
