"""Find the topics that a message names: an order, a hidden camera, a child, a tracker."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.yaml_lines import DataError, Problem, read_yaml

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class TopicIndex:
    """Phrases (as word tuples) of every topic."""

    phrases: dict[tuple[str, ...], str]
    longest: int
    unless: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def find(self, text: str) -> tuple[str, ...]:
        """Return the topics whose phrases stand in the text, once each, in its order."""
        words = _WORD.findall(text.lower().replace("'", "").replace("’", ""))
        found: dict[str, None] = {}
        for start in range(len(words)):
            for size in range(1, min(self.longest, len(words) - start) + 1):
                phrase = tuple(words[start : start + size])
                topic = self.phrases.get(phrase)
                after = words[start + size] if start + size < len(words) else ""
                if topic and after not in self.unless.get(phrase, ()):
                    found[topic] = None
        return tuple(found)


def load_topics(path: Path) -> TopicIndex:
    """Return the phrases of ``topics.yml``: a topic to its list.

    ``a|b`` are alternatives; a last ``!a|b`` means "unless one of these words comes next".
    """
    problems: list[Problem] = []
    node = read_yaml(path, root=path.parent.parent, problems=problems)
    phrases: dict[tuple[str, ...], str] = {}
    unless: dict[tuple[str, ...], frozenset[str]] = {}
    for topic, item in node.items().items() if node else ():
        if not item.entries():
            problems.append(Problem(item.where, f"'{topic}' has no phrases", "write a list"))
        for entry in item.entries():
            slots = str(entry.value).lower().split()
            stop = frozenset(slots.pop()[1:].split("|")) if slots[-1].startswith("!") else None
            for words in _spread(slots):
                if stop:
                    unless[words] = stop
                if phrases.setdefault(words, topic) != topic:
                    problems.append(
                        Problem(entry.where, f"'{' '.join(words)}' is in two topics", "keep one")
                    )
    if problems:
        raise DataError(problems)
    return TopicIndex(phrases, max((len(words) for words in phrases), default=0), unless)


def _spread(slots: list[str]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [()]
    for slot in slots:
        rows = [(*row, word) for row in rows for word in slot.split("|")]
    return rows
