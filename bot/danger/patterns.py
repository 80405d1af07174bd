"""Loading the danger data: every file of a folder, and every mistake in it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, get_args

import yaml

from bot.danger.compile import machine, parse_line
from bot.danger.model import (
    CATEGORIES,
    KINDS,
    DangerPatterns,
    Example,
    Kind,
    Letters,
    Line,
    Pattern,
    PatternErrors,
    Reach,
    Softener,
    Words,
)
from bot.danger.normalise import letter_table

Entry = TypeVar("Entry")

_TOP = [
    "language",
    "sets",
    "patterns",
    "softeners",
    "negation",
    "spellings",
    "never_fold",
    "never_split",
    "glue",
    "letters",
    "leet",
    "emoji",
]
_PATTERN = ["id", "kind", "category", "match", "must_match", "must_not_match"]
_SOFTENER = [
    "id",
    "why",
    "match",
    "unless",
    "reach",
    "softens",
    "spares",
    "must_soften",
    "must_not_soften",
]
_NEGATION = ["words", "not_negation", "must_soften", "must_not_soften"]
_UNITS = ("clause", "sentence", "message")
_FEWEST = {"must_match": 3, "must_not_match": 2, "must_soften": 2, "must_not_soften": 2}


class _Book:
    """All files read so far, and what is wrong in them."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.nodes: list[tuple[str, dict[str, yaml.Node]]] = []
        self.sets: dict[str, frozenset[str]] = {}
        self.ids: dict[str, str] = {}

    def problem(self, file: str, node: yaml.Node, what: str) -> None:
        self.problems.append(f"{file}:{node.start_mark.line + 1}: {what}")

    def mapping(
        self, file: str, node: yaml.Node, allowed: Iterable[str] | None = None
    ) -> dict[str, yaml.Node]:
        """Return a mapping's values by key; unknown and doubled keys are problems."""
        if not isinstance(node, yaml.MappingNode):
            self.problem(file, node, "not a mapping: write `key: value` lines here")
            return {}
        names = None if allowed is None else list(allowed)
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if names is not None and name not in names:
                self.problem(file, key, f"unknown field {name!r}: use one of {', '.join(names)}")
            elif name in found:
                self.problem(file, key, f"{name!r} stands twice: keep one")
            else:
                found[name] = value
        return found

    def text(self, file: str, node: yaml.Node, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:str":
            self.problem(file, node, f"{what} is not text: write a word or a quoted sentence")
            return ""
        if not node.value.strip():
            self.problem(file, node, f"{what} is empty: fill it in or drop it")
        return str(node.value)

    def items(self, file: str, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            self.problem(file, node, f"{what} is not a list: write `- ` lines here")
            return []
        return list(node.value)

    def texts(self, file: str, node: yaml.Node, what: str) -> list[tuple[str, yaml.Node]]:
        return [(self.text(file, item, what), item) for item in self.items(file, node, what)]

    def words(self, file: str, node: yaml.Node, what: str) -> frozenset[str]:
        """Return words from a list, or from a text with spaces between them."""
        if isinstance(node, yaml.SequenceNode):
            given = [(word, item) for item in node.value for word in str(item.value).split()]
        else:
            given = [(word, node) for word in self.text(file, node, what).split()]
        seen: set[str] = set()
        for word, item in given:
            if not (word.isascii() and word.isalnum() and word == word.lower()):
                self.problem(
                    file, item, f"{what}: {word!r} can never match: write plain a-z or 0-9"
                )
            seen.add(word)
        return frozenset(seen)

    def lines(self, file: str, node: yaml.Node | None, what: str) -> tuple[Line, ...]:
        found: list[Line] = []
        for text, item in self.texts(file, node, what) if node else ():
            if text.strip():
                try:
                    found.append(parse_line(text, sets=self.sets))
                except ValueError as error:
                    self.problem(file, item, f"{what}: {error}")
        return tuple(found)

    def examples(
        self, file: str, node: yaml.Node, fields: dict[str, yaml.Node], owner: str
    ) -> tuple[Example, ...]:
        found: list[Example] = []
        for name in fields:
            if not name.startswith("must_"):
                continue
            texts = self.texts(file, fields[name], name)
            if len(texts) < _FEWEST[name]:
                self.problem(file, fields[name], f"{name}: write {_FEWEST[name]} or more sentences")
            found += [
                Example(owner, name, text, f"{file}:{item.start_mark.line + 1}")
                for text, item in texts
            ]
        return tuple(found)

    def required(
        self, file: str, node: yaml.Node, fields: dict[str, yaml.Node], names: str
    ) -> bool:
        missing = [name for name in names.split() if name not in fields]
        if missing:
            self.problem(file, node, f"missing {', '.join(missing)}: add it")
        return not missing

    def new_id(self, file: str, node: yaml.Node) -> str:
        name = self.text(file, node, "id")
        if name and not (name.isascii() and name.replace("_", "a").isalnum() and name.islower()):
            self.problem(file, node, f"id {name!r}: write lower-case words joined by _")
        if name in self.ids:
            self.problem(file, node, f"id {name!r} stands at {self.ids[name]} too: rename one")
        self.ids[name] = f"{file}:{node.start_mark.line + 1}"
        return name


def load_patterns(folder: Path) -> DangerPatterns:
    """Return the danger patterns of a folder, all languages together, ready to scan.

    Raises:
        PatternErrors: Something in the data is wrong; it holds all problems, not the first.
    """
    book = _Book()
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise PatternErrors((f"{folder}:1: no .yml file here: give the folder of the data",))
    for path in files:
        _open(book, path)
    for file, top in book.nodes:
        for name, node in book.mapping(file, top["sets"]).items() if "sets" in top else ():
            if name in book.sets:
                book.problem(file, node, f"set {name!r} stands in another file: rename one")
            book.sets[name] = book.words(file, node, f"set {name}")
    patterns = _each(book, "patterns", _pattern)
    softeners = _each(book, "softeners", lambda *at: _softener(*at, patterns=patterns))
    negators, not_negation, negation_examples = _negation(book)
    words = Words(
        spellings=_pairs(book, "spellings"),
        never_fold=_all_words(book, "never_fold"),
        never_split=_all_words(book, "never_split"),
        glue=_all_words(book, "glue"),
        negators=negators,
    )
    explicit = _pairs(book, "letters")
    explicit.update({sign: f" {word} " for sign, word in _pairs(book, "emoji").items()})
    letters = Letters(explicit, fold=letter_table(explicit), leet=_pairs(book, "leet"))
    if not patterns and not book.problems:
        book.problems.append(f"{folder}:1: no patterns in any file: add one")
    if book.problems:
        raise PatternErrors(tuple(book.problems))
    return DangerPatterns(
        patterns=patterns,
        softeners=softeners,
        not_negation=not_negation,
        negation_examples=negation_examples,
        letters=letters,
        words=words,
        machine=machine(
            patterns=patterns, softeners=softeners, not_negation=not_negation, words=words
        ),
    )


def _open(book: _Book, path: Path) -> None:
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.MarkedYAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or "not UTF-8"
        line = mark.line + 1 if mark else 1
        book.problems.append(f"{path}:{line}: cannot be read ({why}): correct the YAML")
        return
    if node is None:
        book.problems.append(f"{path}:1: the file is empty: write patterns or delete it")
        return
    book.nodes.append((str(path), book.mapping(str(path), node, _TOP)))


def _each(
    book: _Book,
    section: str,
    read: Callable[[_Book, str, yaml.Node], Entry | None],
) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for file, top in book.nodes:
        for node in book.items(file, top[section], section) if section in top else ():
            entry = read(book, file, node)
            if entry is not None:
                found.append(entry)
    return tuple(found)


def _pattern(book: _Book, file: str, node: yaml.Node) -> Pattern | None:
    fields = book.mapping(file, node, _PATTERN)
    if not book.required(file, node, fields, " ".join(_PATTERN)):
        return None
    name = book.new_id(file, fields["id"])
    kind = book.text(file, fields["kind"], "kind")
    category = book.text(file, fields["category"], "category")
    if kind not in KINDS:
        book.problem(file, fields["kind"], f"kind {kind!r}: use one of {', '.join(KINDS)}")
    if category not in CATEGORIES:
        book.problem(
            file, fields["category"], f"category {category!r}: use one of {', '.join(CATEGORIES)}"
        )
    lines = book.lines(file, fields["match"], "match")
    examples = book.examples(file, node, fields, name)
    kinds: dict[str, Kind] = {one: one for one in get_args(Kind)}
    return Pattern(name, kinds.get(kind, "danger"), category, lines, examples)


def _softener(
    book: _Book, file: str, node: yaml.Node, *, patterns: tuple[Pattern, ...]
) -> Softener | None:
    fields = book.mapping(file, node, _SOFTENER)
    if not book.required(file, node, fields, "id why match reach must_soften must_not_soften"):
        return None
    name = book.new_id(file, fields["id"])
    softens = _owners(book, file, fields.get("softens"), patterns)
    spares = _owners(book, file, fields.get("spares"), patterns)
    if softens is None:
        softens = frozenset(pattern.id for pattern in patterns)
    return Softener(
        id=name,
        lines=book.lines(file, fields["match"], "match"),
        unless=book.lines(file, fields.get("unless"), "unless"),
        reach=_reach(book, file, fields["reach"]),
        softens=softens - (spares or frozenset()),
        examples=book.examples(file, node, fields, name),
    )


def _owners(
    book: _Book, file: str, node: yaml.Node | None, patterns: tuple[Pattern, ...]
) -> frozenset[str] | None:
    """Return the pattern ids that a list of categories and ids names; None for no list."""
    if node is None:
        return None
    found: set[str] = set()
    for name, item in book.texts(file, node, "softens and spares"):
        named = {p.id for p in patterns if name in (p.id, p.category)}
        if not named and name not in CATEGORIES:
            book.problem(file, item, f"{name!r} is no category and no pattern id: correct it")
        found |= named
    return frozenset(found)


def _reach(book: _Book, file: str, node: yaml.Node) -> Reach:
    if isinstance(node, yaml.ScalarNode) and node.value == "clause":
        return Reach("clause")
    if isinstance(node, yaml.ScalarNode) and node.value == "sentence":
        return Reach("sentence")
    if isinstance(node, yaml.ScalarNode) and node.value == "message":
        return Reach("message")
    if isinstance(node, yaml.MappingNode):
        counts = {name: 0 for name in ("before", "after")}
        for name, value in book.mapping(file, node, counts).items():
            given = str(value.value)
            if not given.isdigit() or int(given) > 40:
                book.problem(file, value, f"{name}: write a count of words, 0 to 40")
            else:
                counts[name] = int(given)
        return Reach("words", counts["before"], counts["after"])
    book.problem(
        file, node, f"reach: use one of {', '.join(_UNITS)} or {{before: words, after: words}}"
    )
    return Reach("clause")


def _negation(book: _Book) -> tuple[frozenset[str], tuple[Line, ...], tuple[Example, ...]]:
    words: frozenset[str] = frozenset()
    lines: tuple[Line, ...] = ()
    examples: tuple[Example, ...] = ()
    for file, top in book.nodes:
        if "negation" not in top:
            continue
        node = top["negation"]
        fields = book.mapping(file, node, _NEGATION)
        if book.required(file, node, fields, " ".join(_NEGATION)):
            words |= book.words(file, fields["words"], "negation words")
            lines += book.lines(file, fields["not_negation"], "not_negation")
            examples += book.examples(file, node, fields, "negated")
    for line in lines:
        if any(slot.gap or slot.optional for slot in line):
            book.problems.append(
                f"{book.nodes[0][0]}:1: not_negation lines have plain words only: drop ~ and ?"
            )
    return words, lines, examples


def _all_words(book: _Book, section: str) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for file, top in book.nodes:
        if section in top:
            found |= book.words(file, top[section], section)
    return found


def _pairs(book: _Book, section: str) -> dict[str, str]:
    """Return a mapping of texts: what is written -> what is read."""
    found: dict[str, str] = {}
    for file, top in book.nodes:
        if section in top:
            for name, node in book.mapping(file, top[section]).items():
                found[name] = str(node.value)
    return found
