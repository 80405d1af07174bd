"""Whole-project checks behind ``waymark check``: words, danger, places, data, wiring."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.overlap import MOST_OVERLAP, masked_words, share
from bot.whole import check_channels, check_guides, check_harms, check_places
from knowledge.base import Knowledge
from knowledge.loader import FOLDER
from knowledge.schema import HARM_TYPES
from knowledge.words import load_words
from knowledge.yaml_lines import DataError, Node, Problem, did_you_mean, read_yaml

ROOT = Path(__file__).resolve().parent.parent
MOST_SHARED_OPENING = 0.03
_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True, slots=True)
class Example:
    """A training message: its text, its intent, its labels, and where it stands."""

    text: str
    intent: str
    harm_types: tuple[str, ...]
    where: str

    @property
    def words(self) -> frozenset[str]:
        """Return its words; places, names and numbers masked."""
        return masked_words(self.text)


def everything(knowledge: Knowledge) -> list[str]:
    """Return every problem outside the facts themselves, one a line."""
    from bot.danger import PatternErrors, load_patterns
    from bot.places import GazetteerError, load_gazetteer
    from knowledge.topics import load_topics

    found: list[str] = []
    for load, errors in (
        (lambda: load_words(always={"retention": "a day"}), DataError),
        (lambda: load_patterns(Path(FOLDER) / "danger"), PatternErrors),
        (lambda: load_gazetteer(Path(FOLDER) / "places"), GazetteerError),
        (lambda: load_topics(Path(FOLDER) / "topics.yml"), DataError),
    ):
        try:
            load()  # type: ignore[no-untyped-call]
        except errors as error:
            found += str(error).splitlines()
    found += check_training_data()
    # Broken knowledge was told already, and stops the actions from being asked.
    with contextlib.suppress(DataError):
        found += list(_wiring())
    found += [
        *check_guides(knowledge),
        *check_places(knowledge, root=ROOT),
        *check_harms(knowledge, training_examples()),
        *check_channels(ROOT / "bot" / "channels", root=ROOT),
    ]
    return found


def check_training_data(folder: Path = ROOT / "data" / "nlu") -> list[str]:
    """Return what is wrong with the training messages."""
    problems: list[Problem] = []
    intents = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])
    examples = list(_examples(folder, intents, problems))
    problems.extend(_in_two_intents(examples))
    by_intent: dict[str, list[Example]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    for missing in sorted(intents - set(by_intent)):
        problems.append(Problem("data/nlu:1", f"intent '{missing}' has no example", "add some"))
    for group in by_intent.values():
        problems.extend(_near_copies(group))
        problems.extend(_openings(group))
    return [str(problem) for problem in problems]


def training_examples(folder: Path = ROOT / "data" / "nlu") -> list[Example]:
    """Return every training message."""
    intents = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])
    return list(_examples(folder, intents, []))


def _examples(folder: Path, intents: set[str], problems: list[Problem]) -> Iterator[Example]:
    for path in sorted(folder.glob("*.yml")):
        node = read_yaml(path, root=ROOT, problems=problems)
        for block in node.items().get("nlu", node).entries() if node else ():
            intent_node = block.items().get("intent")
            intent = str(intent_node.value) if intent_node else ""
            if intent not in intents:
                where = intent_node.where if intent_node else block.where
                problems.append(
                    Problem(
                        where,
                        f"intent '{intent}' is not in domain.yml",
                        did_you_mean(intent, intents),
                    )
                )
            for entry in block.items().get("examples", block).entries():
                example = _example(entry, intent, problems)
                if example:
                    yield example


def _example(entry: Node, intent: str, problems: list[Problem]) -> Example | None:
    fields = entry.items()
    for name in set(fields) - {"text", "metadata"}:
        problems.append(Problem(entry.where, f"unknown field '{name}'", "write text and metadata"))
    written = fields["text"].value if "text" in fields else None
    text = "" if written is None else str(written).strip()
    if not text:
        problems.append(Problem(entry.where, "an example without text", "write 'text: ...'"))
        return None
    metadata: Any = fields["metadata"].plain() if "metadata" in fields else {}
    if not isinstance(metadata, dict):
        where = fields["metadata"].where
        problems.append(Problem(where, "metadata has no fields", "use {harm_types: [...]}"))
        metadata = {}
    for name in set(metadata) - {"harm_types", "danger"}:
        problems.append(
            Problem(entry.where, f"unknown metadata '{name}'", "use harm_types or danger")
        )
    harms = tuple(metadata.get("harm_types") or ())
    for harm in harms:
        if harm not in HARM_TYPES:
            problems.append(
                Problem(entry.where, f"harm '{harm}' is unknown", did_you_mean(harm, HARM_TYPES))
            )
    return Example(text, intent, harms, entry.where)


def _in_two_intents(examples: list[Example]) -> Iterator[Problem]:
    seen: dict[str, Example] = {}
    for example in examples:
        key = " ".join(_words(example.text)) or example.text
        first = seen.setdefault(key, example)
        if first is not example:
            same = "twice in" if first.intent == example.intent else f"in {first.intent} and"
            yield Problem(
                example.where, f"stands {same} {example.intent}", f"keep one: see {first.where}"
            )


def _near_copies(examples: list[Example]) -> Iterator[Problem]:
    """Yield pairs that share more than 0.8 of their words; compared only where that can be."""
    sized = sorted(((len(words := e.words), words, e) for e in examples), key=lambda row: row[0])
    for index, (size, words, example) in enumerate(sized):
        if size < 3:
            continue
        for other_size, other_words, other in sized[index + 1 :]:
            if other_size * MOST_OVERLAP > size:
                break
            if share(words, other_words) > MOST_OVERLAP:
                yield Problem(
                    other.where, f"is a near copy of {example.where}", "say it afresh or drop it"
                )


def _openings(examples: list[Example]) -> Iterator[Problem]:
    openings = Counter(" ".join(words[:4]) for e in examples if len(words := _words(e.text)) >= 4)
    most = max(2, int(len(examples) * MOST_SHARED_OPENING))
    for opening, count in openings.items():
        if count > most:
            where = next(e.where for e in examples if " ".join(_words(e.text)[:4]) == opening)
            yield Problem(where, f"{count} examples open with '{opening}'", "vary how they begin")


def _wiring() -> Iterator[str]:
    """Yield what domain.yml, the rules and the actions do not agree on."""
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    listed = set(domain["actions"])
    executor = importlib.import_module("actions.rasa_actions").executor()
    for name in sorted(set(executor.actions) - listed):
        yield f"domain.yml:1: action '{name}' is not listed: add it"
    for name in sorted(listed - set(executor.actions)):
        yield f"domain.yml:1: action '{name}' does not exist: remove it or write it"
    intents = set(domain["intents"]) | {"nlu_fallback"}
    used: set[str] = set()
    for path in sorted((ROOT / "data" / "stories").glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for flow in (*content.get("rules", ()), *content.get("stories", ())):
            for step in flow["steps"]:
                intent, action = step.get("intent"), step.get("action")
                used |= {intent} if intent else set()
                where = f"data/stories/{path.name}:1"
                if intent and intent not in intents:
                    yield f"{where}: unknown intent '{intent}': {did_you_mean(intent, intents)}"
                if action and action not in listed | set(domain["forms"]):
                    yield f"{where}: unknown action '{action}': {did_you_mean(action, listed)}"
    for intent in sorted(intents - used):
        yield f"data/stories:1: no rule or story answers the intent '{intent}': write one"


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
