"""The scan: which patterns stand in a text, and which of the hits are softened.

A set of places in the text is one whole number, bit p for word p. Following a slot is then a
shift and an "and" over the whole text at once, and nothing is ever tried again: the work depends
on the number of slots and the length of the text, never on what the text says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from bot.danger.model import (
    CATEGORIES,
    DangerMatch,
    DangerPatterns,
    Node,
    Reach,
    Tree,
)
from bot.danger.normalise import EITHER, Said, said

# Of an earlier text only the end can be part of a danger split over messages.
EARLIER_TEXTS = 2
EARLIER_LETTERS = 600
EARLIER_WORDS = 60
_LONGEST_CLAUSE = 128
# In texts of fewer words nothing is gained by counting them first.
MANY = 400
_NO_ATOM = -1

_AS_DIGITS = bytes([48, 49, *range(2, 256)])

Masks = dict[int, int]
# How a gap is walked in steps that may each double what was reached before.
_STEPS = {1: (1,), 2: (1, 1), 3: (1, 2), 4: (1, 2, 1), 5: (1, 2, 2), 6: (1, 2, 2, 1), 7: (1, 2, 4)}


@dataclass(frozen=True)
class _Text:
    """A text as sets of places: of each atom, of clause and sentence starts, of negators."""

    places: Mapping[int, int]
    groups: Mapping[frozenset[str], tuple[int, ...]]
    size: int
    new: int
    clauses: int
    sentences: int
    negators: int

    @property
    def whole(self) -> int:
        return (1 << self.size) - 1


def find_danger(
    text: str, *, recent: Sequence[str] = (), patterns: DangerPatterns
) -> DangerMatch | None:
    """Return the most serious danger in a text, a present one before a softened one.

    Args:
        text: What the person wrote, whole (up to 64 KiB is scanned in about 10 ms).
        recent: Up to two texts written before it, oldest first. A danger split over the texts is
            found; one that stands in the old texts alone is not told again.
        patterns: What `load_patterns` returned.

    Returns:
        The match, or None when no words of danger were found at all.
    """
    words = said(text, patterns=patterns)
    earlier = [
        said(old[-EARLIER_LETTERS:], patterns=patterns) for old in recent[-EARLIER_TEXTS:] if old
    ]
    here = _places(words, earlier, patterns=patterns)
    if not here.size:
        return None
    machine = patterns.machine
    clean = _follow(machine.danger, here, gaps=_gap_masks(here, through_negators=False))
    softened = _softened(here, patterns=patterns) if clean else {}
    best: tuple[int, int] | None = None
    for at, ends in clean.items():
        pattern = patterns.patterns[at]
        left = ends & here.new
        for owners, places in softened.items():
            if pattern.id in owners:
                left &= ~places
        if left:
            rank = (CATEGORIES.index(pattern.category), at)
            best = rank if best is None else min(best, rank)
    present = best is not None
    if best is None:
        any_way = clean
        if here.negators:
            any_way = _follow(machine.danger, here, gaps=_gap_masks(here, through_negators=True))
        ranks = [
            (CATEGORIES.index(patterns.patterns[at].category), at)
            for at, ends in any_way.items()
            if ends & here.new
        ]
        if not ranks:
            return None
        best = min(ranks)
    if not present and earlier:
        # What was said before may complete a danger; it never makes light of a new one.
        alone = find_danger(text, patterns=patterns)
        if alone is not None and alone.present:
            return alone
    found = patterns.patterns[best[1]]
    return DangerMatch(found.kind, found.category, found.id, present)


def _places(words: Said, earlier: Sequence[Said], *, patterns: DangerPatterns) -> _Text:
    """Return where each word of the patterns stands, earlier texts first."""
    before: list[str] = []
    clauses: list[int] = []
    sentences: list[int] = []
    for old in earlier:
        cut = max(0, len(old.words) - EARLIER_WORDS)
        # A new message begins a clause, but not a sentence: people break off in the middle.
        clauses.append(len(before))
        clauses += [len(before) + at - cut for at in old.clauses if at >= cut]
        sentences += [len(before) + at - cut for at in old.sentences if at >= cut]
        before += old.words[cut:]
    old_size = len(before)
    clauses.append(old_size)
    clauses += [old_size + at for at in words.clauses]
    # A full stop at the end of the old text, or none: the newest text may go on after it.
    sentences = [at for at in sentences if at < old_size]
    sentences += [old_size + at for at in words.sentences]
    every = [*before, *words.words] if before else words.words
    machine = patterns.machine
    size = len(every)
    misspelt = {word for one in (*earlier, words) for word in one.misspelt}
    places = _places_of_atoms(every, misspelt, patterns=patterns)
    negators = 0
    for atom in machine.groups[patterns.words.negators]:
        negators |= places.get(atom, 0)
    here = _Text(
        places=places,
        groups=machine.groups,
        size=size,
        new=((1 << size) - 1) ^ ((1 << old_size) - 1),
        clauses=_bits([at for at in clauses if at < size], size),
        sentences=_bits([at for at in sentences if at < size], size),
        negators=negators,
    )
    return replace(here, negators=negators & ~_not_negations(here, patterns)) if negators else here


def _places_of_atoms(
    every: Sequence[str], misspelt: Collection[str], *, patterns: DangerPatterns
) -> dict[int, int]:
    """Return where each atom stands; a misspelt word stands for all words it may mean."""
    size, machine = len(every), patterns.machine
    atoms: Mapping[str, int] = machine.atoms
    if misspelt:
        atoms = {**atoms, **{word: machine.atom_count + at for at, word in enumerate(misspelt)}}
    ids = list(map(atoms.get, every, repeat(_NO_ATOM)))
    # The words that stand here: a message has ten, the patterns have thousands.
    lists: dict[int, list[int]] = {atom: [] for atom in sorted(set(ids))}
    counts = Counter(ids) if size > MANY else {}
    places: dict[int, int] = {}
    for atom, count in counts.items():
        if atom != _NO_ATOM and count * 5 > size:
            # A word that stands everywhere is quicker to find all at once than place by place.
            signs = bytes(map(atom.__eq__, ids)).translate(_AS_DIGITS)
            places[atom] = int(signs[::-1], 2)
    for at, atom in enumerate(ids):
        if atom != _NO_ATOM and atom not in places:
            lists[atom].append(at)
    for atom, where in lists.items():
        if where:
            places[atom] = _bits(where, size)
    for at, word in enumerate(misspelt):
        bits = places.get(machine.atom_count + at, 0)
        for meant in word.split(EITHER):
            atom = machine.atoms[meant]
            places[atom] = places.get(atom, 0) | bits
    return places


def _not_negations(here: _Text, patterns: DangerPatterns) -> int:
    """Return the negators of phrases such as "won't stop", which negate nothing."""
    found = 0
    for line in patterns.not_negation:
        ends = start = _places_of(line[0].words, here)
        for slot in line[1:]:
            ends = (ends << 1) & _places_of(slot.words, here)
        found |= start & (ends >> (len(line) - 1))
    return found


def _places_of(words: frozenset[str], here: _Text) -> int:
    """Return where any of the words stands."""
    return _union(here.groups[words], here.places)


def _union(atoms: Sequence[int], places: Mapping[int, int]) -> int:
    """Return where any of the atoms stands."""
    found = 0
    for atom in atoms:
        bits = places.get(atom)
        if bits:
            found |= bits
    return found


def _bits(where: Sequence[int], size: int) -> int:
    """Return a set of places as a whole number."""
    if len(where) < 4:
        found = 0
        for at in where:
            found |= 1 << at
        return found
    raw = bytearray(size // 8 + 1)
    for at in where:
        raw[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(raw, "little")


def _gap_masks(here: _Text, *, through_negators: bool) -> Masks:
    """Return where a gap may end that is 0, 1, 2 or 4 words long: in its sentence, unnegated."""
    inside = here.whole & ~here.sentences
    one = inside if through_negators else inside & ~(here.negators << 1)
    two = one & (one << 1)
    return {0: inside, 1: one, 2: two, 4: two & (two << 2)}


def _narrowed(masks: Masks, through: int) -> Masks:
    """Return where a gap may end that passes these places only."""
    one = masks[1] & (through << 1)
    two = one & (one << 1)
    return {0: masks[0], 1: one, 2: two, 4: two & (two << 2)}


def _spread(ends: int, gap: int, masks: Masks) -> int:
    """Return where the next word may stand: right after, or after up to `gap` words."""
    found = ends << 1
    if not gap:
        return found
    # A word that begins a sentence may be the next word, but is not skipped.
    reached = found & masks[0]
    for step in _STEPS[gap]:
        reached |= (reached << step) & masks[step]
    return found | reached


def _follow(tree: Tree, here: _Text, *, gaps: Masks) -> dict[int, int]:
    """Return for each owner of a line the places where one of its lines ends."""
    found: dict[int, int] = {}
    slots: dict[int, int] = {}
    narrow: dict[tuple[int, ...], Masks] = {(): gaps}
    every, places = here.whole, here.places
    begun: dict[int, int] = {}
    for atom, bits in places.items():
        if bits and atom < len(tree.begun_by):
            for at in tree.begun_by[atom]:
                begun[at] = begun.get(at, 0) | bits

    def masks(through: tuple[int, ...]) -> Masks:
        if through not in narrow:
            narrow[through] = _narrowed(gaps, _union(through, places))
        return narrow[through]

    def end(node: Node, reached: int) -> None:
        for owner in node.ends:
            found[owner] = found.get(owner, 0) | (reached & every)
        if node.children:
            walk(node.children, reached)

    def walk(children: Sequence[Node], ends: int) -> None:
        spread: dict[tuple[int, tuple[int, ...]], int] = {}
        for node in children:
            slot = node.slot
            where = slots.get(node.group)
            if where is None:
                where = slots[node.group] = _union(node.atoms, places)
            if where:
                key = (slot.gap, node.through)
                reached = spread.get(key)
                if reached is None:
                    reached = spread[key] = _spread(ends, slot.gap, masks(node.through))
                where &= reached
            reached = where | ends if slot.optional else where
            if reached:
                end(node, reached)

    for at, reached in begun.items():
        end(tree.nodes[at], reached)
    return found


def _softened(here: _Text, *, patterns: DangerPatterns) -> dict[frozenset[str], int]:
    """Return for each group of pattern ids the places whose hits are softened."""
    gaps = _gap_masks(here, through_negators=True)
    soft = _follow(patterns.machine.soft, here, gaps=gaps)
    if not soft:
        return {}
    unless = _follow(patterns.machine.unless, here, gaps=gaps)
    found: dict[frozenset[str], int] = {}
    for at, ends in soft.items():
        softener = patterns.softeners[at]
        reached = _reach(ends, softener.reach, here)
        kept = unless.get(at)
        if kept:
            reached &= ~_reach(kept, softener.reach, here)
        found[softener.softens] = found.get(softener.softens, 0) | reached
    return found


def _reach(ends: int, reach: Reach, here: _Text) -> int:
    """Return all places within reach of these."""
    if reach.unit == "message":
        return here.whole
    starts = here.clauses if reach.unit == "clause" else here.sentences
    inside = here.whole & ~starts
    right, left = ends, ends
    if reach.unit == "words":
        for _ in range(reach.after):
            right |= (right << 1) & inside
        for _ in range(reach.before):
            left |= (left & inside) >> 1
        return (right | left) & here.whole
    step = 1
    while step < _LONGEST_CLAUSE:
        right |= (right << step) & inside
        left |= (left & inside) >> step
        inside &= inside << step
        step *= 2
    return right | left
