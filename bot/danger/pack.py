"""The patterns of `export.py` in a form that travels light; widget/unpack.js makes them whole.

Nothing is left out: unpacking gives the same data, and a test compares. Words stand once, those
used about as often beside each other, each as what differs from the word before. A list of words
is the steps from number to number, with lists that stand in many others named once. All of it is
text of signs that JSON takes as they are, in a shape that gzip packs well.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

FORMAT = "packed-1"
# The signs: '#' to '~' without the backslash. The last ends a list, or means "the next new list".
SIGNS = "".join(chr(code) for code in range(35, 127) if code != 92)
LAST = len(SIGNS) - 1
# A step below ONE is one sign, below TWO two signs, else three.
ONE = 50
TWO = ONE + (LAST - 1 - ONE) * LAST
MOST_PREFIX = 25
FEWEST_SHARED = 4
IN_FOLD, IN_SPLIT = 1, 2
_Parts = tuple[list[int], list[str]]


def pack(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of `to_json`, packed."""
    groups = [frozenset(group.split(" ")) for group in data["groups"]]
    known = _shared(groups)
    parts = [_parts(at, groups, known) for at in range(len(groups))]
    shared = sorted({ref for refs, _ in parts for ref in refs})
    classes = _classes(parts, set(data["never_fold"].split()), set(data["never_split"].split()))
    words = [word for _, some in classes for word in some]
    # Lists that stand in others have the lowest numbers, then come the words.
    named = {ref: at for at, ref in enumerate(shared)}
    number = {word: at for at, word in enumerate(words, len(shared))}
    lines = _Lines()
    special = ("groups", "never_fold", "never_split")
    rest = {key: value for key, value in data.items() if key not in special}
    rest["not_negation"] = lines.text(data["not_negation"])
    rest["patterns"] = [{**one, "lines": lines.text(one["lines"])} for one in data["patterns"]]
    rest["softeners"] = [
        {**one, "lines": lines.text(one["lines"]), "unless": lines.text(one["unless"])}
        for one in data["softeners"]
    ]
    return {
        "format": FORMAT,
        "rest": rest,
        "words": [[flags, _differences(some)] for flags, some in classes],
        "shared": _steps(shared),
        "lists": "".join(
            _steps([*(named[ref] for ref in refs), *(number[word] for word in own)])
            for refs, own in parts
        ),
    }


def _shared(groups: Sequence[frozenset[str]]) -> list[int]:
    """Return the lists that stand in enough others to be named, longest first."""
    holders: dict[str, set[int]] = defaultdict(set)
    for at, group in enumerate(groups):
        for word in group:
            holders[word].add(at)
    found = []
    for at, group in enumerate(groups):
        if len(group) >= FEWEST_SHARED:
            within = set.intersection(*(holders[word] for word in group))
            if (len(within) - 1) * (len(group) - 1) > 12:
                found.append(at)
    return sorted(found, key=lambda at: (-len(groups[at]), at))


def _parts(at: int, groups: Sequence[frozenset[str]], shared: Iterable[int]) -> _Parts:
    """Return a list as named lists and the words that are in none of them."""
    left = set(groups[at])
    refs = []
    for ref in shared:
        some = groups[ref]
        new = len(some & left)
        if some < groups[at] and new >= 3 and new >= 0.6 * len(some):
            refs.append(ref)
            left -= some
    return refs, sorted(left)


def _classes(
    parts: Iterable[_Parts], fold: set[str], split: set[str]
) -> list[tuple[int, list[str]]]:
    """Return all words, the frequent ones first, in classes with the same flags."""
    used = Counter(word for _, own in parts for word in own)
    classes: dict[tuple[float, int], list[str]] = defaultdict(list)
    for word in sorted({*used, *fold, *split}):
        often = -int(math.log(used[word], 4)) if word in used else 1
        flags = IN_FOLD * (word in fold) + IN_SPLIT * (word in split)
        classes[often, flags].append(word)
    return [(flags, classes[often, flags]) for often, flags in sorted(classes)]


def _differences(words: Iterable[str]) -> str:
    """Return sorted words, each as the length of what it shares with the one before, and the rest.

    The length is a capital letter, so that nothing else has to part the words.
    """
    made, before = [], ""
    for word in words:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(before, word, strict=False))
        length = min(sum(1 for _ in same), MOST_PREFIX)
        made.append(chr(ord("A") + length) + word[length:])
        before = word
    return "".join(made)


def _steps(numbers: Iterable[int]) -> str:
    """Return a set of numbers as the steps between them, in order, with an end."""
    made, before = [], -1
    for number in sorted(numbers):
        made.append(_step(number - before - 1))
        before = number
    return "".join(made) + SIGNS[LAST]


def _step(step: int) -> str:
    if step < ONE:
        return SIGNS[step]
    if step < TWO:
        return SIGNS[ONE + (step - ONE) // LAST] + SIGNS[(step - ONE) % LAST]
    return SIGNS[LAST - 1] + SIGNS[step // LAST] + SIGNS[step % LAST]


class _Lines:
    """Writes lines of slots; a list that comes for the first time is the next one."""

    def __init__(self) -> None:
        self._next = 0

    def text(self, lines: Iterable[Sequence[Sequence[int]]]) -> str:
        """Return lines: for each slot its gap and flags, its list, and the list of its gap."""
        return "".join("".join(map(self._slot, line)) + SIGNS[LAST] for line in lines)

    def _slot(self, slot: Sequence[int]) -> str:
        words, gap, only, optional = slot
        made = SIGNS[gap * 4 + 2 * (only >= 0) + optional] + self._list(words)
        return made + self._list(only) if only >= 0 else made

    def _list(self, at: int) -> str:
        if at == self._next:
            self._next += 1
            return SIGNS[LAST]
        return SIGNS[at // LAST] + SIGNS[at % LAST]
