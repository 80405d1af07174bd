"""The sentences that a helpline may say in its own way, and what has to stay in them.

What a person in danger reads, and what is promised about their words, is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.words import Words
from knowledge.yaml_lines import Node, Problem, did_you_mean

REPLACEABLE: tuple[str, ...] = (
    "welcome",
    "welcome_safety",
    "welcome_chat",
    "welcome_chat_leave",
    "about",
    "thanks",
    "goodbye",
    "what_next",
    "sorry",
    "heard",
    "noted",
    "out_of_scope",
    "not_understood",
    "support_head",
    "human_head",
    "human_no_home",
)
# What every text may name, besides the blanks of the sentence that it replaces.
ALWAYS: tuple[str, ...] = ("helpline", "retention")
LONGEST = 600
_BLANK = re.compile(r"\{(\w*)\}")
_COMMAND = re.compile(r'"([a-z ]+)"')
_PROGRAM = "computer program"
_FIGURE = re.compile(r"\d|https?:|www\.", re.IGNORECASE)


def replaced(section: Node, words: Words, problems: list[Problem]) -> tuple[tuple[str, str], ...]:
    """Return the helpline's own sentences by name, after noting those that cannot be used."""
    found: list[tuple[str, str]] = []
    for name, node in section.items().items():
        if name not in REPLACEABLE:
            problems.append(_refused(name, node, words))
            continue
        text = "" if isinstance(node.value, dict | list) else str(node.value or "").strip()
        wrong = list(_wrong(text, words.texts[name]))
        problems += [Problem(node.where, f"'{name}' {what}", to_do) for what, to_do in wrong]
        if not wrong:
            found.append((name, text))
    return tuple(found)


def _refused(name: str, node: Node, words: Words) -> Problem:
    if words.has(name):
        hint = f"leave it out; these can be: {', '.join(REPLACEABLE)}"
        return Problem(node.where, f"'{name}' cannot be replaced", hint)
    return Problem(node.where, f"no sentence is called '{name}'", did_you_mean(name, REPLACEABLE))


def _wrong(text: str, original: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text, and what to do."""
    if not text:
        yield "is not text", "write the sentence, or leave it out"
        return
    if len(text) > LONGEST:
        yield f"has {len(text)} letters", f"use {LONGEST} at most: people read it on a phone"
    if _FIGURE.search(text):
        yield "holds a figure or an address", "put numbers and pages under 'numbers'"
    named, needed = set(_BLANK.findall(text)), set(_BLANK.findall(original))
    for blank in sorted(needed - named):
        yield f"does not say {{{blank}}}", f"keep {{{blank}}}: it is filled in"
    for blank in sorted(named - needed - set(ALWAYS)):
        hint = did_you_mean(blank, needed | set(ALWAYS))
        yield f"has an unknown blank {{{blank}}}", hint
    if re.search(r"[{}]", _BLANK.sub("", text)):
        yield "has a single { or }", "write blanks as {helpline}"
    for command in _COMMAND.findall(original):
        if f'"{command}"' not in text:
            yield f'does not say "{command}"', f'keep "{command}": it is what people write'
    if _PROGRAM in original and _PROGRAM not in text:
        yield "does not say that it is a computer program", f"say '{_PROGRAM}': people must know"
