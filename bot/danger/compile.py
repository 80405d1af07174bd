"""From pattern lines to what a scan looks up: slots, the shared tree, the typo dictionary.

A line is words with spaces between:
    word          this word              a|b|c     any of these
    <set>         any word of a set      <set>|x   a set and a word
    ?slot         may be left out        ~N slot   up to N other words before it
    ~N:a|b slot   up to N words before it, each one of these
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.danger.model import Line, Machine, Node, Pattern, Slot, Softener, Tree, Typos, Words

MOST_GAP = 7
LONGEST_LINE = 12
TYPO_LETTERS = 5
# The words of two letters that people run together with others; any more make nonsense fit.
_SHORT = frozenset(
    "am an as at be by do go he if im in is it me my no of on or so to up us we".split()  # noqa: SIM905 - words read best in a row
)
_WORD = re.compile(r"[a-z0-9]+")


def parse_line(text: str, *, sets: Mapping[str, frozenset[str]]) -> Line:
    """Return a line as slots.

    Raises:
        ValueError: The line cannot be read; the message says why and what to do.
    """
    slots: list[Slot] = []
    gap, only = 0, frozenset[str]()
    for part in text.split():
        if part.startswith("~"):
            count, _, through = part[1:].partition(":")
            if not count.isdigit() or not 1 <= int(count) <= MOST_GAP:
                raise ValueError(f"gap {part!r}: write ~1 to ~{MOST_GAP}")
            if not slots or gap:
                raise ValueError(f"gap {part!r}: a gap stands between two words")
            gap = int(count)
            only = _alternatives(through, sets) if through else frozenset()
            continue
        optional = part.startswith("?")
        if optional and gap:
            raise ValueError(f"{part!r} after a gap: make the gap one longer instead")
        slots.append(Slot(_alternatives(part.lstrip("?"), sets), gap, only, optional))
        gap, only = 0, frozenset()
    if gap:
        raise ValueError("a line cannot end with a gap: put a word after it")
    if not any(not slot.optional for slot in slots):
        raise ValueError("every slot may be left out: make at least one required")
    if len(slots) > LONGEST_LINE:
        raise ValueError(f"{len(slots)} slots: split it, {LONGEST_LINE} is the most")
    if slots[0].optional or slots[-1].optional:
        raise ValueError("the first and the last slot must be required: drop them")
    return tuple(slots)


def _alternatives(part: str, sets: Mapping[str, frozenset[str]]) -> frozenset[str]:
    words: set[str] = set()
    for choice in part.split("|"):
        if choice.startswith("<") and choice.endswith(">"):
            if choice[1:-1] not in sets:
                raise ValueError(f"unknown set {choice}: define it under sets")
            words |= sets[choice[1:-1]]
        elif _WORD.fullmatch(choice):
            words.add(choice)
        else:
            raise ValueError(f"{choice!r}: write plain a-z or 0-9, without apostrophes")
    return frozenset(words)


def _tree(
    lines: Sequence[tuple[int, Line]], groups: Mapping[frozenset[str], tuple[int, ...]], atoms: int
) -> Tree:
    """Return the lines as a tree, with the beginnings that each atom has."""
    numbers: dict[frozenset[str], int] = {}
    nodes = _nodes(lines, groups, numbers)
    begun_by: list[list[int]] = [[] for _ in range(atoms)]
    for at, node in enumerate(nodes):
        for atom in node.atoms:
            begun_by[atom].append(at)
    return Tree(nodes, tuple(tuple(begun) for begun in begun_by))


def _nodes(
    lines: Sequence[tuple[int, Line]],
    groups: Mapping[frozenset[str], tuple[int, ...]],
    numbers: dict[frozenset[str], int],
) -> tuple[Node, ...]:
    """Return the lines so that a shared beginning is looked for once; number their words."""
    heads: dict[Slot, list[tuple[int, Line]]] = {}
    for owner, line in lines:
        heads.setdefault(line[0], []).append((owner, line[1:]))
    return tuple(
        Node(
            slot=slot,
            group=numbers.setdefault(slot.words, len(numbers)),
            atoms=groups[slot.words],
            through=groups[slot.only] if slot.only else (),
            ends=tuple(dict.fromkeys(owner for owner, rest in group if not rest)),
            children=_nodes([(owner, rest) for owner, rest in group if rest], groups, numbers),
        )
        for slot, group in heads.items()
    )


def _deletions(word: str) -> set[str]:
    return {word[:at] + word[at + 1 :] for at in range(len(word))}


def _typo_index(vocabulary: frozenset[str], words: Words) -> Typos:
    """Return what finds words by a slip of the finger in them."""
    can = sorted(word for word in vocabulary if word.isalpha() and word not in words.never_fold)
    long = [word for word in can if len(word) >= TYPO_LETTERS]
    shorter: dict[str, list[str]] = {}
    for word in long:
        for short in _deletions(word):
            shorter.setdefault(short, []).append(word)
    slips: dict[str, set[str]] = {}
    for word in can:
        for slip in _quick_slips(word):
            if slip not in vocabulary and slip not in words.never_fold:
                slips.setdefault(slip, set()).add(word)
    return Typos(
        words=frozenset(long),
        shorter={short: tuple(sorted(meant)) for short, meant in shorter.items()},
        slips={slip: tuple(sorted(meant)) for slip, meant in slips.items()},
        starts=frozenset(word[:3] for word in long),
        ends=frozenset(word[0] + word[-3:] for word in long),
    )


def _quick_slips(word: str) -> Iterable[str]:
    """Return the slips that leave neither the start nor the end of a word as it was.

    Two letters swapped, and the first letter left out. In words of five letters the middle is
    near both ends, so its slips stand here too. In words of four, two inner letters swapped are
    the only slip that still tells the word from others.
    """
    size = len(word)
    if size < TYPO_LETTERS - 1:
        return
    for at in range(1 if size < TYPO_LETTERS else 0, size - 1):
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if size >= TYPO_LETTERS:
        yield word[1:]
    if size == TYPO_LETTERS:
        yield word[:2] + word[3:]
        for letter in "abcdefghijklmnopqrstuvwxyz":
            yield word[:2] + letter + word[3:]
            yield word[:2] + letter + word[2:]
            yield word[:3] + letter + word[3:]


def _atoms(
    lists: Sequence[frozenset[str]],
) -> tuple[dict[str, int], dict[frozenset[str], tuple[int, ...]]]:
    """Return an atom for each word, shared by words that stand in the same lists, and by list."""
    where: dict[str, list[int]] = {}
    for at, words in enumerate(lists):
        for word in words:
            where.setdefault(word, []).append(at)
    numbers: dict[tuple[int, ...], int] = {}
    atoms = {
        word: numbers.setdefault(tuple(stands), len(numbers)) for word, stands in where.items()
    }
    return atoms, {words: tuple(sorted({atoms[word] for word in words})) for words in lists}


def _starred(vocabulary: Iterable[str]) -> dict[str, str]:
    """Return the censored spellings of words: k*ll, r*pe, su*c*de, k**l."""
    found: dict[str, str] = {}
    for word in sorted(vocabulary):
        if len(word) < 4 or not word.isalpha():
            continue
        for first in range(1, len(word)):
            one = word[:first] + "*" + word[first + 1 :]
            found.setdefault(one, word)
            for second in range(first + 1, len(word)):
                found.setdefault(one[:second] + "*" + one[second + 1 :], word)
    return found


def _scan_for(words: Iterable[str]) -> str:
    """Return an expression that finds any of the words; a tree, so nothing is tried twice."""
    by_letter: dict[str, list[str]] = {}
    whole = False
    for word in words:
        if word:
            by_letter.setdefault(word[0], []).append(word[1:])
        else:
            whole = True
    if whole:
        return ""
    branches = [letter + _scan_for(rest) for letter, rest in sorted(by_letter.items())]
    return branches[0] if len(branches) == 1 else "(?:" + "|".join(branches) + ")"


def machine(
    *,
    patterns: Sequence[Pattern],
    softeners: Sequence[Softener],
    not_negation: Sequence[Line],
    words: Words,
) -> Machine:
    """Return all look-ups of a set of patterns."""
    soft = [(at, line) for at, softener in enumerate(softeners) for line in softener.lines]
    unless = [(at, line) for at, softener in enumerate(softeners) for line in softener.unless]
    danger = [(at, line) for at, pattern in enumerate(patterns) for line in pattern.lines]
    vocabulary = frozenset(
        word
        for _, line in (*danger, *soft, *unless)
        for slot in line
        for word in slot.words | slot.only
    )
    in_danger = frozenset(word for _, line in danger for slot in line for word in slot.words)
    vocabulary |= words.negators | {w for line in not_negation for slot in line for w in slot.words}
    lengths: dict[str, set[int]] = {}
    for word in vocabulary:
        if len(word) > 2 or word in _SHORT:
            lengths.setdefault(word[:2], set()).add(len(word))
    firsts = {word[0] for word in vocabulary}
    glue_starts = {word[:3] for word in vocabulary if len(word) > 2}
    glue_starts |= {word + first for word in _SHORT for first in firsts}
    glue_starts |= {one + start for one in "ai" for start in lengths}
    glue_starts |= {one + other + first for one in "ai" for other in "ai" for first in firsts}
    keys = words.glue | {word for word in in_danger if len(word) >= TYPO_LETTERS}
    slots = [slot for _, line in (*danger, *soft, *unless) for slot in line]
    slots += [slot for line in not_negation for slot in line]
    lists = {words.negators, *(slot.words for slot in slots), *(slot.only for slot in slots)}
    atoms, groups = _atoms(sorted(lists, key=sorted))
    count = len(set(atoms.values()))
    return Machine(
        vocabulary=vocabulary,
        atoms=atoms,
        atom_count=count,
        groups=groups,
        typos=_typo_index(in_danger, words),
        starred=_starred(in_danger),
        lengths={start: tuple(sorted(all_, reverse=True)) for start, all_ in lengths.items()},
        glue_starts=frozenset(glue_starts),
        glue_scan=_scan_for(sorted(keys)) or "(?!)",
        danger=_tree(danger, groups, count),
        soft=_tree(soft, groups, count),
        unless=_tree(unless, groups, count),
    )
