"""Whole-project checks behind ``waymark check``: words, danger, places, data, wiring."""

from __future__ import annotations

import contextlib
import importlib
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from bot.overlap import MOST_OVERLAP, masked_words, share, shared_gazetteer
from bot.whole import check_channels, check_guides, check_harms, check_places
from knowledge.base import Knowledge
from knowledge.loader import FOLDER
from knowledge.schema import HARM_TYPES
from knowledge.words import load_words
from knowledge.yaml_lines import DataError, Node, Problem, did_you_mean, read_yaml, shown_path

ROOT = Path(__file__).resolve().parent.parent
NLU = ROOT / "data" / "nlu"
MOST_SHARED_OPENING = 0.03
_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True)
class Example:
    """A training message: its text, its intent, its labels, and where it stands."""

    text: str
    intent: str
    harm_types: tuple[str, ...]
    where: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Return its words; places, names and numbers masked."""
        return masked_words(self.text)


def everything(knowledge: Knowledge) -> list[str]:
    """Return every problem outside the facts themselves, one a line."""
    from bot.danger import PatternErrors, load_patterns
    from bot.places import GazetteerError
    from knowledge.topics import load_topics

    found: list[str] = []
    for load, errors in (
        (lambda: load_words(always={"retention": "a day"}), DataError),
        (lambda: load_patterns(Path(FOLDER) / "danger"), PatternErrors),
        (shared_gazetteer, GazetteerError),
        (lambda: load_topics(Path(FOLDER) / "topics.yml"), DataError),
    ):
        try:
            load()  # type: ignore[no-untyped-call]
        except errors as error:
            found += str(error).splitlines()
    problems: list[Problem] = []
    examples = list(_examples(NLU, known_intents(), problems))
    found += map(str, [*problems, *_training_problems(examples)])
    # Broken knowledge was told already, and stops the actions from being asked.
    with contextlib.suppress(DataError):
        found += list(_wiring())
    found += [
        *check_guides(knowledge),
        *check_places(knowledge, root=ROOT),
        *check_harms(knowledge, examples),
        *check_channels(ROOT / "bot" / "channels", root=ROOT),
    ]
    return found


def check_training_data(folder: Path = NLU) -> list[str]:
    """Return what is wrong with the training messages."""
    problems: list[Problem] = []
    examples = list(_examples(folder, known_intents(), problems))
    return [str(problem) for problem in (*problems, *_training_problems(examples))]


def _training_problems(examples: list[Example]) -> Iterator[Problem]:
    """Yield what is wrong with messages beside each other."""
    yield from _in_two_intents(examples)
    by_intent: dict[str, list[Example]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example)
    for missing in sorted(known_intents() - set(by_intent)):
        yield Problem("data/nlu:1", f"intent '{missing}' has no example", "add some")
    yield from _near_copies(examples)
    for group in by_intent.values():
        yield from _openings(group)


def training_examples(folder: Path = NLU) -> list[Example]:
    """Return every training message."""
    return list(_examples(folder, known_intents(), []))


class TrainingExamples:
    """The training messages as they stand on disk right now; only changed files are read again."""

    def __init__(self, folder: Path = NLU) -> None:
        self._folder = folder
        self._read: dict[Path, tuple[tuple[int, int], list[Example]]] = {}

    def now(self) -> list[Example]:
        """Return every training message."""
        intents = known_intents()
        seen: dict[Path, tuple[tuple[int, int], list[Example]]] = {}
        for path in sorted(self._folder.glob("*.yml")):
            stat = path.stat()
            state = stat.st_mtime_ns, stat.st_size
            kept = self._read.get(path)
            if kept is None or kept[0] != state:
                kept = state, list(_examples_of(path, intents, []))
            seen[path] = kept
        self._read = seen
        return [example for _, examples in seen.values() for example in examples]


def known_intents() -> set[str]:
    """Return the intents that a training message may have."""
    return set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])


def _examples(folder: Path, intents: set[str], problems: list[Problem]) -> Iterator[Example]:
    problems += _passed_by(folder)
    for path in sorted(folder.glob("*.yml")):
        yield from _examples_of(path, intents, problems)


def _passed_by(folder: Path) -> Iterator[Problem]:
    """Yield the files of messages that training does not read."""
    for path in sorted(folder.rglob("*")):
        read = path.parent == folder and path.suffix == ".yml"
        if path.suffix.lower() in (".yml", ".yaml") and not read:
            yield Problem(
                f"{shown_path(path, root=ROOT)}:1",
                "training passes this file by",
                f"name it {folder.name}/{path.stem}.yml",
            )


def _examples_of(path: Path, intents: set[str], problems: list[Problem]) -> Iterator[Example]:
    node = read_yaml(path, root=ROOT, problems=problems)
    if node is None:
        return
    fields = _fields(node, ("version", "nlu"), problems)
    if "version" in fields and fields["version"].text() is None:
        problems.append(
            Problem(fields["version"].where, "version is not text", "write 'version: \"3.1\"'")
        )
    blocks = fields.get("nlu", node)
    if not blocks.entries() or blocks is node:
        problems.append(
            Problem(blocks.where, "no block of messages", "write 'nlu:' and '- intent: ...' below")
        )
        return
    for block in blocks.entries():
        yield from _examples_in(block, intents, problems)


def _examples_in(block: Node, intents: set[str], problems: list[Problem]) -> Iterator[Example]:
    fields = _fields(block, ("intent", "examples"), problems)
    intent = (fields["intent"].text() or "") if "intent" in fields else ""
    if intent not in intents:
        where = fields.get("intent", block).where
        hint = did_you_mean(intent, intents)
        problems.append(Problem(where, f"intent '{intent}' is not in domain.yml", hint))
    examples = fields.get("examples", block)
    if not examples.entries():
        # Rasa's own form, one text for all examples, has no place for labels.
        one_text = examples is not block and examples.text() is not None
        what = "examples are one text" if one_text else "a block without examples"
        to_do = "write 'examples:' and a line '- {text: ...}' for each"
        problems.append(Problem(examples.where, what, to_do))
    for entry in examples.entries():
        example = _example(entry, intent, problems)
        if example:
            yield example


def _example(entry: Node, intent: str, problems: list[Problem]) -> Example | None:
    fields = _fields(entry, ("text", "metadata"), problems)
    written = fields.get("text")
    if written is not None and written.value is not None and written.text() is None:
        what = "YAML does not read this as text"
        problems.append(Problem(written.where, what, "put it in quotes"))
        return None
    text = ((written and written.text()) or "").strip()
    if not text:
        problems.append(Problem(entry.where, "an example without text", "write 'text: ...'"))
        return None
    harms = _labels(fields["metadata"], problems) if "metadata" in fields else ()
    return Example(text, intent, harms, entry.where)


def _labels(metadata: Node, problems: list[Problem]) -> tuple[str, ...]:
    """Return the harm types of an example, after noting what is wrong with its labels."""
    if not isinstance(metadata.value, dict):
        problems.append(
            Problem(metadata.where, "metadata has no fields", "use {harm_types: [...]}")
        )
        return ()
    fields = _fields(metadata, ("harm_types", "danger"), problems)
    if "danger" in fields and not isinstance(fields["danger"].value, bool):
        # Any other value than false, also the text "no", would train a danger.
        problems.append(
            Problem(
                fields["danger"].where, "danger is neither true nor false", "write true or false"
            )
        )
    listed = fields.get("harm_types")
    if listed is None:
        return ()
    if not isinstance(listed.value, list):
        problems.append(Problem(listed.where, "harm_types is no list", "use {harm_types: [...]}"))
    harms = []
    for node in listed.entries():
        harm = node.text()
        if harm is not None and harm in HARM_TYPES:
            harms.append(harm)
        else:
            shown = str(node.plain())
            hint = did_you_mean(shown, HARM_TYPES)
            problems.append(Problem(node.where, f"harm '{shown}' is unknown", hint))
    return tuple(harms)


def _fields(node: Node, known: tuple[str, ...], problems: list[Problem]) -> dict[str, Node]:
    """Return the fields of a mapping, after noting those that mean nothing."""
    fields = node.items()
    for name in fields:
        if name not in known:
            problems.append(
                Problem(fields[name].where, f"unknown field '{name}'", f"use {' or '.join(known)}")
            )
    return fields


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
    """Yield pairs that share more than 0.8 of their words.

    Two such messages have one of their few rarest words in common, so only messages that do are
    compared (prefix filtering, Bayardo, Ma and Srikant 2007): a second instead of half a minute.
    """
    common = Counter(word for example in examples for word in example.words)
    sized = sorted(((example.words, example) for example in examples), key=lambda row: len(row[0]))
    holding: dict[str, list[int]] = {}
    for at, (words, example) in enumerate(sized):
        if len(words) < 3:
            continue
        rarest_first = sorted(words, key=lambda word: (common[word], word))
        rarest = rarest_first[: len(words) - math.ceil(MOST_OVERLAP * len(words)) + 1]
        for earlier in sorted({row for word in rarest for row in holding.get(word, ())}):
            other_words, other = sized[earlier]
            if share(words, other_words) > MOST_OVERLAP:
                what = f"is a near copy of {other.where}"
                if other.intent != example.intent:
                    what += f", which is {other.intent}"
                yield Problem(example.where, what, "say it afresh or drop it")
        for word in rarest:
            holding.setdefault(word, []).append(at)


def _openings(examples: list[Example]) -> Iterator[Problem]:
    openings = Counter(opening(example.text) for example in examples)
    for words, count in openings.items():
        if words and count > most_of_an_opening(len(examples)):
            where = next(e.where for e in examples if opening(e.text) == words)
            yield Problem(where, f"{count} examples open with '{words}'", "vary how they begin")


def opening(text: str) -> str:
    """Return the first four words of a text, or nothing where it has fewer."""
    words = _words(text)[:4]
    return " ".join(words) if len(words) == 4 else ""


def most_of_an_opening(count: int) -> int:
    """Return how many of so many examples of an intent may begin with the same four words."""
    return max(2, int(count * MOST_SHARED_OPENING))


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
