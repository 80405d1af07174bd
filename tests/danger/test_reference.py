"""The quick scan finds exactly what a plain reading of the lines finds, place by place."""

from __future__ import annotations

import random
from collections.abc import Sequence

from bot.danger import DangerPatterns
from bot.danger import match as scan
from bot.danger.model import Line
from bot.danger.normalise import Said


def ends_of(
    line: Line, words: Sequence[str], sentences: frozenset[int], stops_gap: frozenset[int]
) -> set[int]:
    """Return where a line ends, by following each of its ways one word at a time.

    A gap skips up to so many words: none that begins a sentence, none of the negators (their
    places are `stops_gap`), none outside its own list. What follows a gap may begin a sentence
    only if nothing was skipped.
    """
    reached = {at for at, word in enumerate(words) if word in line[0].words}
    for slot in line[1:]:
        after: set[int] = set()
        for end in reached:
            for skipped in range(slot.gap + 1):
                at = end + 1 + skipped
                between = range(end + 1, at)
                if at >= len(words):
                    break
                if any(place in sentences for place in between) or (skipped and at in sentences):
                    break
                if any(place in stops_gap for place in between):
                    break
                if slot.only and any(words[place] not in slot.only for place in between):
                    break
                if words[at] in slot.words:
                    after.add(at)
        reached = after | reached if slot.optional else after
    return reached


def text_of(chance: random.Random, vocabulary: Sequence[str], lines: Sequence[Line]) -> list[str]:
    """Return words that stand in the patterns, half of them as a line would have them."""
    words: list[str] = []
    while len(words) < 60:
        if chance.random() < 0.5:
            words.append(chance.choice(vocabulary))
            continue
        for slot in chance.choice(lines):
            words += chance.choices(vocabulary, k=chance.randrange(slot.gap + 1))
            if not slot.optional or chance.random() < 0.5:
                words.append(chance.choice(sorted(slot.words)))
    return words


def test_the_scan_equals_the_plain_reading(patterns: DangerPatterns) -> None:
    chance = random.Random(31)
    vocabulary = sorted(patterns.machine.vocabulary)
    owned = [(at, line) for at, pattern in enumerate(patterns.patterns) for line in pattern.lines]
    seen = 0
    for _ in range(25):
        words = text_of(chance, vocabulary, [line for _, line in owned])
        sentences = tuple(sorted(chance.sample(range(1, len(words)), 6)))
        here = scan._places(Said(tuple(words), sentences, sentences), [], patterns=patterns)
        negators = frozenset(at for at in range(len(words)) if here.negators >> at & 1)
        for through in (True, False):
            gaps = scan._gap_masks(here, through_negators=through)
            found = {
                at: {place for place in range(len(words)) if ends >> place & 1}
                for at, ends in scan._follow(patterns.machine.danger, here, gaps=gaps).items()
            }
            wanted: dict[int, set[int]] = {}
            for at, line in owned:
                stops = frozenset[int]() if through else negators
                ends = ends_of(line, words, frozenset(sentences), stops)
                if ends:
                    wanted.setdefault(at, set()).update(ends)
            assert found == wanted, " ".join(words)
            seen += len(wanted)
    assert seen > 300
