"""Holds a message to the closed world: nothing in it that its own facts do not state."""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.base import Knowledge
from knowledge.message import Message
from knowledge.model import EVERYWHERE, Fact

_MARK = re.compile(r"\s?\[\d{1,3}\]")
_URL = re.compile(r"https://[^\s;)\]”]+")
_NUMBER = re.compile(r"[£$R*+]?\d[\d,. ]*(?:\(\w{1,3}\))*[A-Za-z]{0,3}")


def faults(
    message: Message, knowledge: Knowledge, *, home: str | None, other: str | None
) -> list[str]:
    """Return everything in a message that breaks the closed world."""
    found: list[str] = []
    facts = [knowledge.by_id[fact] for fact in message.facts if fact in knowledge.by_id]
    found += [f"unknown fact {fact}" for fact in message.facts if fact not in knowledge.by_id]
    text = _MARK.sub("", message.text)
    known = _said(facts)
    for url in _URL.findall(text):
        if url.rstrip(".,") not in known:
            found.append(f"address {url} is in none of {[fact.id for fact in facts]}")
    for number in _numbers(_URL.sub(" ", text)):
        if number not in _numbers(known):
            found.append(f"number '{number}' is in none of {[fact.id for fact in facts]}")
    allowed = {home, other, EVERYWHERE}
    for fact in facts:
        if home is not None and fact.jurisdiction not in allowed:
            found.append(f"{fact.id} belongs to {fact.jurisdiction}")
        cited = {(cited.title, cited.url) for cited in message.citations}
        if not any((citation.title, citation.url) in cited for citation in fact.citations):
            found.append(f"{fact.id} is not cited")
    for cited in message.citations:
        if f"[{cited.n}]" not in message.text:
            found.append(f"citation {cited.n} is not marked in the text")
    return found


def _numbers(text: str) -> set[str]:
    """Return the digit groups of a text, so that '3 years' and 's.19(7)' are held one by one."""
    return set(re.findall(r"\d+", text.replace(",", "")))


def _said(facts: Iterable[Fact]) -> str:
    parts: list[str] = []
    for fact in facts:
        parts += [fact.title, fact.full_text, fact.statute, fact.section, fact.max_penalty]
        parts += [number.display for number in fact.numbers]
        parts += [*fact.urls, *fact.emails, fact.checked_on.isoformat()]
    return "\n".join(parts)
