"""64 KiB of the worst text stays quick: the texts that cost most, of every kind we know.

The goal is 10 ms on a quiet core; `benchmarks/danger/run.py` measures it. Here only work that
grows out of hand is caught, because a test shares its machine with others.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import pytest

from bot.danger import DangerPatterns, find_danger

pytestmark = pytest.mark.timed

SIZE = 65536
ALPHABET = "abcdefghijklmnopqrstuvwxyz"
# Thirty times the goal: no neighbour slows a scan that much, and one bad loop does at once.
LIMIT_MS = 300.0


def _repeat(text: str) -> str:
    return (text * (SIZE // len(text.encode()) + 1))[: SIZE * len(text) // len(text.encode())]


def _many(make: Callable[[], str]) -> str:
    made: list[str] = []
    size = 0
    while size < SIZE:
        made.append(make())
        size += len(made[-1]) + 1
    return " ".join(made)[:SIZE]


def worst_texts(patterns: DangerPatterns) -> dict[str, str]:
    """Return 64 KiB texts, each made to cost one part of the scan the most."""
    chance = random.Random(20261122)
    words = sorted(patterns.machine.vocabulary)
    first = sorted({word for node in patterns.machine.danger.nodes for word in node.slot.words})
    short = [word for word in words if len(word) <= 2]

    def letters(count: int, of: str = ALPHABET) -> str:
        return "".join(chance.choices(of, k=count))

    return {
        "prose": _repeat("the council has said that it would publish the report next week. "),
        "first words": _many(lambda: chance.choice(first)),
        "all words": _many(lambda: chance.choice(words)),
        "all words negated": _many(lambda: chance.choice([*words, *["not"] * 200])),
        "short words": _many(lambda: chance.choice(short)),
        "one first word": _repeat("he "),
        "two first words": _repeat("is he "),
        "letters i a": _repeat("i a "),
        "near misses": _repeat("he is out side the doors of a knives shop "),
        "softened hits": _repeat("is it illegal to carry a knife he is not outside my door "),
        "random words of 3": _many(lambda: letters(3)),
        "random words of 5": _many(lambda: letters(5)),
        "random words of 7": _many(lambda: letters(7)),
        "random words of 12": _many(lambda: letters(12)),
        "misspelt words": _many(lambda: (word := chance.choice(words))[:2] + letters(1) + word[3:]),
        "glued words": _many(lambda: "".join(chance.choices(words, k=3))),
        "one glued word": "".join(chance.choices(words, k=20000))[:SIZE],
        "one random word": letters(SIZE),
        "killkill": _repeat("kill"),
        "one letter": "a" * SIZE,
        "letters apart": " ".join(letters(SIZE // 2)),
        "full stops": _repeat(". "),
        "commas": _repeat("he, "),
        "leetspeak": _many(lambda: letters(5, "abk1l4l0e3")),
        "stars": _many(lambda: letters(5, "abk*ll")),
        "drawn out": _many(lambda: "".join(c * 3 for c in letters(3))),
        "cyrillic": letters(SIZE // 2, "абвгдеж "),
        "chinese": "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(SIZE // 3)),
        "ligatures": "\ufdfa" * (SIZE // 3),
        "marks": "a" + "\u0301" * (SIZE // 2 - 1),
        "zero width": _repeat("k\u200bi\u200bl\u200bl "),
        "emoji": "🔪" * (SIZE // 4),
    }


def median_ms(text: str, patterns: DangerPatterns, *, runs: int) -> float:
    """Return the median time of a scan in milliseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        find_danger(text, patterns=patterns)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def test_the_worst_texts_never_run_away(patterns: DangerPatterns) -> None:
    figures = {}
    for name, text in worst_texts(patterns).items():
        assert SIZE - 64 <= len(text.encode()) <= SIZE + 64 or not text.isascii(), name
        figures[name] = median_ms(text, patterns, runs=3)
    worst = max(figures, key=lambda name: figures[name])
    assert figures[worst] <= LIMIT_MS, (worst, figures[worst])


def test_a_short_message_takes_a_few_milliseconds_at_most(patterns: DangerPatterns) -> None:
    text = "he keeps posting my address online and i dont know what to do, where do i report this"
    assert median_ms(text, patterns, runs=50) <= 10


@pytest.mark.parametrize("name", ["first words", "all words", "random words of 5", "glued words"])
def test_the_work_grows_with_the_length_only(patterns: DangerPatterns, name: str) -> None:
    """A quarter of the text takes no more than its share: nothing is tried again and again."""
    text = worst_texts(patterns)[name]

    def taken(part: str) -> float:
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            find_danger(part, patterns=patterns)
            times.append(time.perf_counter() - begin)
        return min(times)

    assert taken(text) <= 12 * taken(text[: SIZE // 4])
