"""Find the laws that a message names: by title, by short name, by section."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.base import Knowledge
from knowledge.completeness import section_tokens
from knowledge.model import Fact

_SECTION = re.compile(
    r"\b(?:s|ss|sec|sect|section|sections|art|article)[\s.]{0,2}(\d{1,3}[a-z]{0,3}(?:\.\d+[a-z]{0,2})?)"
    r"(?![\w.]*\d)",
    re.IGNORECASE,
)
_BARE_SECTION = re.compile(r"\b(\d{3}\.\d{1,2}[a-z]{0,2}|\d{1,3}[a-z]{1,2})\b", re.IGNORECASE)
_DOTTED = re.compile(r"\b\d{3}\.\d{1,2}[a-z]{0,2}\b", re.IGNORECASE)
_YEAR = re.compile(r"\s*\b(?:\d+ of )?(?:1[89]|20)\d\d\b")
_PLACE = re.compile(r"\s*\([^)]*\)")
_WORD = re.compile(r"[a-z0-9]+")
MOST_FOUND = 24


@dataclass(frozen=True)
class LawIndex:
    """Names of laws (as word tuples) and sections, each with the facts that they mean."""

    names: dict[tuple[str, ...], tuple[str, ...]]
    sections: dict[str, tuple[str, ...]]
    longest: int

    def find(self, text: str) -> tuple[str, ...]:
        """Return ids of the facts whose law or section the text names, at most two dozen."""
        words = _words(text)
        named: dict[str, None] = {}
        for start in range(len(words)):
            for size in range(min(self.longest, len(words) - start), 0, -1):
                found = self.names.get(tuple(words[start : start + size]))
                if found:
                    named.update(dict.fromkeys(found))
                    break
        sections = {match.lower() for match in _SECTION.findall(text)}
        sections |= {match.lower() for match in _DOTTED.findall(text)}
        if named:
            sections |= {match.lower() for match in _BARE_SECTION.findall(text)}
        by_section = [fact for section in sections for fact in self.sections.get(section, ())]
        if named and by_section:
            both = [fact for fact in by_section if fact in named]
            return tuple(dict.fromkeys(both or named))[:MOST_FOUND]
        return tuple(dict.fromkeys(named or by_section))[:MOST_FOUND]


def law_index(knowledge: Knowledge) -> LawIndex:
    """Return the index over every offence and order that names a statute."""
    names: dict[tuple[str, ...], dict[str, None]] = {}
    sections: dict[str, dict[str, None]] = {}
    for fact in knowledge.facts:
        if fact.kind not in ("offence", "protection_order") or not fact.statute:
            continue
        for name in _names(fact):
            names.setdefault(name, {})[fact.id] = None
        for token in section_tokens(fact.section):
            sections.setdefault(token.split("(")[0].lower(), {})[fact.id] = None
    return LawIndex(
        names={name: tuple(facts) for name, facts in names.items()},
        sections={section: tuple(facts) for section, facts in sections.items()},
        longest=max((len(name) for name in names), default=0),
    )


def _names(fact: Fact) -> set[tuple[str, ...]]:
    if fact.statute.lower().endswith("common law"):
        return set()
    full = [part for part in re.split(r"\s*[;+]\s*", fact.statute) if " " in part]
    spoken = {_YEAR.sub("", name) for name in full} | {
        _YEAR.sub("", _PLACE.sub("", name)) for name in full
    }
    # One everyday word ("hacking", "act") would find a law in any sentence: a name of one word has
    # to be an abbreviation, in capitals.
    short = [name for name in fact.short_names if " " in name or (name.isupper() and len(name) > 2)]
    return {words for name in (*full, *spoken, *short) if (words := tuple(_words(name)))}


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().replace("'", "").replace("’", ""))
