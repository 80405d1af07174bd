"""The shapes of the danger screen: patterns, softeners, letters, and what a scan returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["danger", "self_harm"]
KINDS: tuple[Kind, ...] = ("danger", "self_harm")

# Most serious first: of several present matches the first of these is returned. What is happening
# at this minute goes before what is said or felt, because minutes count there.
CATEGORIES: tuple[str, ...] = (
    "violence_now",
    "weapon",
    "intruder",
    "captivity",
    "medical",
    "following",
    "child",
    "self_harm",
    "threat",
)


@dataclass(frozen=True)
class DangerMatch:
    """What was found: police now (`danger`) or a crisis line (`self_harm`), and whether present.

    `present` is False when the words were there but softened: negated, over, a question of law,
    a figure of speech, a game. Such a match is shown as one line, never as an emergency.
    """

    kind: Kind
    category: str
    pattern_id: str
    present: bool


@dataclass(frozen=True)
class Slot:
    """One place in a pattern: any of `words`, after at most `gap` other words.

    The words in the gap may be any, or only those of `only` if it names some.
    """

    words: frozenset[str]
    gap: int
    only: frozenset[str]
    optional: bool


Line = tuple[Slot, ...]


@dataclass(frozen=True)
class Example:
    """A sentence that a pattern or softener brings to prove itself, and what is expected of it."""

    owner: str
    field: str
    text: str
    where: str


@dataclass(frozen=True)
class Pattern:
    """One way to say that somebody is in danger, in several lines of slots."""

    id: str
    kind: Kind
    category: str
    lines: tuple[Line, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Reach:
    """How far a softener works: its clause, its sentence, the message, or a count of words."""

    unit: Literal["words", "clause", "sentence", "message"]
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Softener:
    """Words that turn a hit into a notice, and the words (`unless`) that keep it an emergency.

    `softens` holds the ids of the patterns it works on.
    """

    id: str
    lines: tuple[Line, ...]
    unless: tuple[Line, ...]
    reach: Reach
    softens: frozenset[str]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Letters:
    """How characters become plain letters before anything is compared.

    `fold` is the whole table; `explicit` is what the data says of it.
    """

    explicit: Mapping[str, str]
    fold: Mapping[str, str]
    leet: Mapping[str, str]


@dataclass(frozen=True)
class Words:
    """What is known about single words: spellings, and what must never be taken for another."""

    spellings: Mapping[str, str]
    never_fold: frozenset[str]
    never_split: frozenset[str]
    glue: frozenset[str]
    negators: frozenset[str]


@dataclass(frozen=True)
class Node:
    """A slot in the tree of all lines; lines that start alike share their first nodes.

    `group` numbers its words and `atoms` says what they are to a scan; `through` names the words
    its gap may pass, none for any.
    """

    slot: Slot
    group: int
    atoms: tuple[int, ...]
    through: tuple[int, ...]
    ends: tuple[int, ...]
    children: tuple[Node, ...]


@dataclass(frozen=True)
class Tree:
    """All lines of one kind, and for each atom the lines that a word of it can begin.

    A text holds few of the words that lines begin with, so a scan asks its words for their lines
    and never looks at the others.
    """

    nodes: tuple[Node, ...]
    begun_by: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Typos:
    """What finds a word by a slip of the finger in it.

    `shorter` holds each word under all its spellings with one letter less. `starts` and `ends`
    hold the first and last letters, one of which a slip leaves whole: quick to ask. `slips` holds
    the slips that touch both.
    """

    words: frozenset[str]
    shorter: Mapping[str, tuple[str, ...]]
    slips: Mapping[str, tuple[str, ...]]
    starts: frozenset[str]
    ends: frozenset[str]


@dataclass(frozen=True)
class Machine:
    """Everything a scan looks up, computed once when the patterns are loaded.

    Words that stand in the same slots everywhere share an atom, so that a scan handles a few
    hundred atoms instead of thousands of words. `groups` gives the atoms of each list of words.
    """

    vocabulary: frozenset[str]
    atoms: Mapping[str, int]
    atom_count: int
    groups: Mapping[frozenset[str], tuple[int, ...]]
    typos: Typos
    starred: Mapping[str, str]
    lengths: Mapping[str, tuple[int, ...]]
    glue_starts: frozenset[str]
    glue_scan: str
    danger: Tree
    soft: Tree
    unless: Tree


@dataclass(frozen=True)
class DangerPatterns:
    """All patterns of a folder, ready to scan; made by `load_patterns`."""

    patterns: tuple[Pattern, ...]
    softeners: tuple[Softener, ...]
    not_negation: tuple[Line, ...]
    negation_examples: tuple[Example, ...]
    letters: Letters
    words: Words
    machine: Machine = field(repr=False)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Return every sentence the data brings to prove itself."""
        owners: tuple[Pattern | Softener, ...] = (*self.patterns, *self.softeners)
        return (
            *(example for owner in owners for example in owner.examples),
            *self.negation_examples,
        )


class PatternErrors(Exception):
    """All that is wrong in the danger data, each as `path:line: what: what to do`."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Hold the problems; the message is all of them, a line each."""
        super().__init__("\n".join(problems))
        self.problems = problems
