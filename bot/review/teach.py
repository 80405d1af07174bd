"""Write what was taken up into data/nlu, in the place and the form that the files have."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.channels.plain_text import readable
from bot.checks import Example, known_intents, most_of_an_opening, opening
from bot.overlap import MOST_OVERLAP, masked_words, share
from bot.review.scrub import MARKS
from bot.settings import ROOT
from knowledge.schema import HARM_TYPES
from knowledge.yaml_lines import did_you_mean

# What stands for a mark when a message is taught: nobody, and nothing that anybody has.
STAND_INS = {
    "[name]": "Alex",
    "[number]": "1234",
    "[id]": "my id number",
    "[email]": "an email address",
    "[link]": "a link",
    "[account]": "that account",
    "[address]": "my address",
    "[date]": "my birthday",
    "[word]": "",
}
_WORD = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message as it will be taught."""

    text: str
    intent: str
    harm_types: tuple[str, ...] = ()
    danger: bool = False

    def __post_init__(self) -> None:
        """Keep the text on one line, without letters that no screen shows and YAML refuses."""
        line = " ".join(self.text.split())
        object.__setattr__(self, "text", " ".join(readable(line, len(line)).split()))


def without_marks(text: str) -> str:
    """Return a text with made-up words for what was taken out."""
    for mark in MARKS:
        text = text.replace(mark, STAND_INS[mark])
    return " ".join(text.split()).replace(" ,", ",").replace(" .", ".")


def refusal(lesson: Lesson, examples: Sequence[Example]) -> str | None:
    """Return why a message may not be taught, or None: the rules of ``waymark check``."""
    intents = known_intents()
    if lesson.intent not in intents:
        return f"'{lesson.intent}' is no intent: {did_you_mean(lesson.intent, intents)}"
    for harm in lesson.harm_types:
        if harm not in HARM_TYPES:
            return f"'{harm}' is no harm type: {did_you_mean(harm, HARM_TYPES)}"
    words, key = masked_words(lesson.text), " ".join(_WORD.findall(lesson.text.lower()))
    if not key:
        return "it holds no word"
    for example in examples:
        if " ".join(_WORD.findall(example.text.lower())) == key:
            return f"it stands in {example.intent} already: {example.where}"
    for example in examples:
        if len(words) > 2 and share(words, example.words) > MOST_OVERLAP:
            return f"it is a near copy of {example.where} ({example.intent}): {example.text}"
    alike = [example for example in examples if example.intent == lesson.intent]
    begins = opening(lesson.text)
    count = sum(opening(example.text) == begins for example in alike) + 1
    if begins and count > most_of_an_opening(len(alike) + 1):
        return f"{count} messages of {lesson.intent} would open with '{begins}': begin otherwise"
    return None


def file_for(lesson: Lesson) -> str:
    """Return the file that a message belongs into."""
    if lesson.intent == "report_harm" and lesson.harm_types:
        return f"data/nlu/report_harm_{lesson.harm_types[0]}.yml"
    name = "report_harm_hard" if lesson.intent == "report_harm" else lesson.intent
    return f"data/nlu/{name}.yml"


def teach(lesson: Lesson, *, root: Path = ROOT) -> str:
    """Add the message to its file, and return ``path:line``."""
    name = file_for(lesson)
    path = root / name
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if not text:
        text = f'version: "3.1"\nnlu:\n- intent: {lesson.intent}\n  examples:\n'
    text = text.rstrip("\n") + "\n" + line_for(lesson) + "\n"
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)
    return f"{name}:{len(text.splitlines())}"


def line_for(lesson: Lesson) -> str:
    """Return the line of a message, as the files of data/nlu have it."""
    metadata = []
    if lesson.harm_types:
        metadata.append(f"harm_types: [{', '.join(lesson.harm_types)}]")
    if lesson.danger or lesson.intent == "danger_now":
        metadata.append("danger: true")
    shown = f", metadata: {{{', '.join(metadata)}}}" if metadata else ""
    # A JSON string is a YAML string.
    return f"  - {{text: {json.dumps(lesson.text, ensure_ascii=False)}{shown}}}"
