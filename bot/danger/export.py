"""The danger patterns as JSON, for the widget: the browser screens the same words."""

from __future__ import annotations

from collections.abc import Iterable

from bot.danger.model import CATEGORIES, DangerPatterns, Line, Slot

FORMAT = 1


def to_json(patterns: DangerPatterns) -> dict[str, object]:
    """Return a JSON-able dict that `compile` of widget/danger.js reads.

    Word lists stand once, in `groups`; a slot is [group, gap, group or -1, optional].
    """
    groups: dict[frozenset[str], int] = {}

    def group(words: frozenset[str]) -> int:
        return groups.setdefault(words, len(groups)) if words else -1

    def slot(one: Slot) -> list[int]:
        return [group(one.words), one.gap, group(one.only), int(one.optional)]

    def lines(many: Iterable[Line]) -> list[list[list[int]]]:
        return [[slot(one) for one in line] for line in many]

    order = {pattern.id: at for at, pattern in enumerate(patterns.patterns)}
    words = patterns.words
    made: dict[str, object] = {
        "format": FORMAT,
        "categories": list(CATEGORIES),
        "letters": dict(patterns.letters.explicit),
        "leet": dict(patterns.letters.leet),
        "spellings": dict(words.spellings),
        "never_fold": " ".join(sorted(words.never_fold)),
        "never_split": " ".join(sorted(words.never_split)),
        "glue": " ".join(sorted(words.glue)),
        "negators": " ".join(sorted(words.negators)),
        "not_negation": lines(patterns.not_negation),
        "patterns": [
            {
                "id": pattern.id,
                "kind": pattern.kind,
                "category": pattern.category,
                "lines": lines(pattern.lines),
            }
            for pattern in patterns.patterns
        ],
        "softeners": [
            {
                "lines": lines(softener.lines),
                "unless": lines(softener.unless),
                "unit": softener.reach.unit,
                "before": softener.reach.before,
                "after": softener.reach.after,
                "softens": sorted(order[name] for name in softener.softens),
            }
            for softener in patterns.softeners
        ],
    }
    made["groups"] = [" ".join(sorted(one)) for one in groups]
    return made
