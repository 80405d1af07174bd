"""Load the gazetteer: every file of knowledge/places, and every mistake in it at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import yaml

from bot.places.model import (
    PLACES,
    STATES,
    TYPES,
    Candidate,
    Gate,
    Gazetteer,
    GazetteerError,
    Name,
)
from bot.places.tokens import FUZZY_LETTERS, fuzzy_index, name_words, variants

AMBIGUOUS = "ambiguous.yml"
_GATES: dict[str, Gate] = {
    "words": "word",
    "people": "person",
    "people_or_cities": "person_or_city",
    "capitals": "capitals",
}
_MENDED_BY_WORD = ("country", "nation", "state")
"""Types whose names of several words are mended word by word: new zeland, sth austrlia."""
_DIAL_CODE = re.compile(r"\+\d{1,4}")


def load_gazetteer(folder: Path) -> Gazetteer:
    """Return the gazetteer of a folder, ready to read with.

    Args:
        folder: One ``<place>.yml`` for each place, and ``ambiguous.yml``.

    Raises:
        GazetteerError: Something is wrong; it lists all of it as ``path:line: what: what to do``.
    """
    book = _Book(folder)
    for place in PLACES:
        book.read_place(folder / f"{place}.yml", place)
    for stray in sorted(folder.glob("*.yml")):
        if stray.stem not in PLACES and stray.name != AMBIGUOUS:
            book.problem(_shown(stray), 1, f"'{stray.stem}' is no place", _hint(stray.stem, PLACES))
    book.read_ambiguous(folder / AMBIGUOUS)
    book.check_twice()
    if book.problems:
        raise GazetteerError(book.problems)
    return _gazetteer(book)


class _Book:
    """What has been read so far, and what is wrong with it."""

    def __init__(self, folder: Path) -> None:
        self.problems: list[str] = []
        self.seen: dict[str, list[tuple[Name, str]]] = {}
        self.ambiguous: dict[str, Name] = {}
        self.gates: dict[str, Gate] = {}
        self.never_fuzzy: set[str] = set()
        self._folder = folder

    def problem(self, path: str, line: int, what: str, to_do: str) -> None:
        self.problems.append(f"{path}:{line}: {what}: {to_do}")

    def read_place(self, path: Path, place: str) -> None:
        top = self._top(path, allowed=("place", "names", "states"))
        if top is None:
            return
        shown = _shown(path)
        said = top.get("place")
        if not isinstance(said, yaml.ScalarNode) or said.value != place:
            self.problem(
                shown, said.start_mark.line + 1 if said else 1,
                f"'place' does not say {place}", f"write 'place: {place}', as the file is called",
            )  # fmt: skip
        self._names(shown, top.get("names"), (place, None))
        states = top.get("states")
        for name, node in self._mapping(shown, states, "states"):
            if place != "australia" or name.value not in STATES:
                self.problem(
                    shown, name.start_mark.line + 1, f"state '{name.value}' is unknown",
                    "only australia.yml has states: " + ", ".join(STATES),
                )  # fmt: skip
                continue
            self._names(shown, node, (place, str(name.value)))
        if "names" not in top and "states" not in top:
            self.problem(shown, 1, "holds no names", "add a 'names' mapping")

    def _names(self, path: str, node: yaml.Node | None, where: Candidate) -> None:
        for kind, values in self._mapping(path, node, "names"):
            if kind.value not in TYPES:
                self.problem(
                    path, kind.start_mark.line + 1, f"unknown type '{kind.value}'",
                    _hint(kind.value, TYPES),
                )  # fmt: skip
                continue
            for value in self._list(path, values):
                self._name(path, value, str(kind.value), where)

    def _name(self, path: str, node: yaml.ScalarNode, kind: str, where: Candidate) -> None:
        line = node.start_mark.line + 1
        if kind == "dial_code" and not _DIAL_CODE.fullmatch(node.value):
            self.problem(path, line, f"dial code '{node.value}'", "write + and the digits: +27")
            return
        text = node.value if kind == "dial_code" else " ".join(name_words(node.value))
        for name, shown in self.seen.get(text, ()):
            if name.candidates[0] == where:
                self.problem(path, line, f"'{text}' stands here twice ({shown})", "keep one")
                return
        entry = Name(text, kind, (where,), where)
        self.seen.setdefault(text, []).append((entry, f"{path}:{line}"))

    def read_ambiguous(self, path: Path) -> None:
        top = self._top(path, allowed=("ambiguous", "never_fuzzy", *_GATES))
        if top is None:
            return
        shown = _shown(path)
        for entry in self._list(shown, top.get("ambiguous"), scalars=False):
            self._ambiguity(shown, entry)
        for key, gate in _GATES.items():
            for node in self._list(shown, top.get(key)):
                text = " ".join(name_words(node.value))
                line = node.start_mark.line + 1
                if text not in self.seen and text not in self.ambiguous:
                    self.problem(
                        shown, line, f"'{text}' is no name of any place",
                        "add it to a place's file or drop it here",
                    )  # fmt: skip
                if text in self.gates:
                    self.problem(shown, line, f"'{text}' stands in two of the lists", "keep one")
                self.gates[text] = gate
        self.never_fuzzy = {n.value.lower() for n in self._list(shown, top.get("never_fuzzy"))}

    def _ambiguity(self, path: str, entry: yaml.Node) -> None:
        line = entry.start_mark.line + 1
        fields = {str(key.value): node for key, node in self._mapping(path, entry, "an entry")}
        for unknown in sorted(set(fields) - {"name", "places", "usually", "type"}):
            self.problem(
                path, line, f"unknown field '{unknown}'", "use name, places, usually, type"
            )
        if "name" not in fields or "places" not in fields:
            self.problem(path, line, "an entry needs a name and its places", "add what is missing")
            return
        text = self._ambiguous_name(str(fields["name"].value))
        places = [p for n in self._list(path, fields["places"]) if (p := self._place(path, n))]
        if len(places) < 2:
            self.problem(path, line, f"'{text}' has fewer than two places", "list all it can mean")
            return
        usual = self._place(path, fields["usually"]) if "usually" in fields else None
        if usual and usual not in places:
            self.problem(path, line, f"'usually' of '{text}' is none of its places", "add it")
        kind = str(fields["type"].value) if "type" in fields else "city"
        if kind not in TYPES:
            self.problem(path, line, f"unknown type '{kind}'", _hint(kind, TYPES))
        if text in self.ambiguous:
            self.problem(path, line, f"'{text}' stands here twice", "keep one")
        self.ambiguous[text] = Name(text, kind, tuple(places), usual)

    @staticmethod
    def _ambiguous_name(text: str) -> str:
        return text if _DIAL_CODE.fullmatch(text) else " ".join(name_words(text))

    def _place(self, path: str, node: yaml.Node) -> Candidate | None:
        place, _, state = str(node.value).partition("/")
        if place not in PLACES or (state and (place != "australia" or state not in STATES)):
            self.problem(
                path, node.start_mark.line + 1, f"unknown place '{node.value}'",
                _hint(place, PLACES) + " and for a state australia/nsw",
            )  # fmt: skip
            return None
        return place, state or None

    def check_twice(self) -> None:
        for text, entries in self.seen.items():
            if len(entries) < 2:
                continue
            named = self.ambiguous.get(text)
            missing = [
                f"{name.candidates[0][0]} ({shown})"
                for name, shown in entries
                if named is None or name.candidates[0] not in named.candidates
            ]
            if missing:
                path, _, line = entries[-1][1].rpartition(":")
                self.problem(
                    path, int(line), f"'{text}' is also {', '.join(missing)}",
                    f"say in {AMBIGUOUS} which places it can mean",
                )  # fmt: skip

    def _top(self, path: Path, *, allowed: Iterable[str]) -> dict[str, yaml.Node] | None:
        shown = _shown(path)
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except FileNotFoundError:
            self.problem(shown, 1, "the file is missing", "write it: see the other places")
            return None
        except (OSError, UnicodeDecodeError) as error:
            self.problem(shown, 1, "cannot be read", f"save it as UTF-8 ({error})")
            return None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or "is not YAML"
            line = mark.line + 1 if mark else 1
            self.problem(shown, line, what, "check indentation, quotes and colons")
            return None
        top: dict[str, yaml.Node] = {}
        for key, value in self._mapping(shown, node, "the file"):
            if key.value not in allowed:
                self.problem(
                    shown, key.start_mark.line + 1, f"unknown field '{key.value}'",
                    _hint(key.value, allowed),
                )  # fmt: skip
            if key.value in top:
                self.problem(
                    shown, key.start_mark.line + 1, f"'{key.value}' stands here twice", "keep one"
                )
            top[key.value] = value
        return top

    def _mapping(
        self, path: str, node: yaml.Node | None, what: str
    ) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        if node is None:
            return []
        if not isinstance(node, yaml.MappingNode):
            self.problem(
                path, node.start_mark.line + 1, f"{what} is not a mapping", "write 'key: value'"
            )
            return []
        return list(node.value)

    def _list(
        self, path: str, node: yaml.Node | None, *, scalars: bool = True
    ) -> list[yaml.ScalarNode]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.problem(path, node.start_mark.line + 1, "not a list", "write [one, two]")
            return []
        good: list[yaml.ScalarNode] = []
        for item in node.value:
            if scalars and not (isinstance(item, yaml.ScalarNode) and item.value.strip()):
                self.problem(path, item.start_mark.line + 1, "not a name", "write plain text")
            # YAML reads a bare no, on or yes as true or false: Norway's NO is the old trap.
            elif scalars and item.tag == "tag:yaml.org,2002:bool":
                self.problem(
                    path, item.start_mark.line + 1, f"{item.value} is read as true or false",
                    "put it in quotes",
                )  # fmt: skip
            else:
                good.append(item)
        return good


def _gazetteer(book: _Book) -> Gazetteer:
    # Imported here and not above: spaCy takes a second, and the command line reads this module.
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    names: dict[str, Name] = {}
    dial_codes: dict[str, Name] = {}
    merged = {text: entries[0][0] for text, entries in book.seen.items()} | book.ambiguous
    for text, name in merged.items():
        gated = replace(name, gate=book.gates.get(text, ""))
        if name.type == "dial_code":
            dial_codes[text] = gated
            continue
        for variant in variants(text):
            names.setdefault(variant, gated)
    vocab = spacy.blank("en").vocab
    matcher = PhraseMatcher(vocab, attr="ORTH")
    matcher.add("PLACE", [Doc(vocab, words=text.split(" ")) for text in names])
    long = {
        word
        for text, name in names.items()
        # Gated names are words or people's names already: words near them would be read as places.
        if not name.gate and (" " not in text or name.type in _MENDED_BY_WORD)
        for word in text.split(" ")
        if len(word) >= FUZZY_LETTERS and word.isalpha()
    }
    return Gazetteer(
        names=names,
        dial_codes=dial_codes,
        vocab=vocab,
        matcher=matcher,
        words=frozenset(word for text in names for word in text.split(" ")),
        shorter=fuzzy_index(long),
        never_fuzzy=frozenset(book.never_fuzzy),
    )


def _shown(path: Path) -> str:
    parts = path.parts
    return "/".join(parts[parts.index("knowledge") :]) if "knowledge" in parts else path.name


def _hint(word: str, options: Iterable[str]) -> str:
    names = list(options)
    near = difflib.get_close_matches(word, names, n=1)
    return f"did you mean '{near[0]}'?" if near else f"use one of: {', '.join(names)}"


assert set(_GATES.values()) | {""} == set(get_args(Gate))
