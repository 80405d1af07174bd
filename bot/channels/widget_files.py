"""The widget's files as they are served: path to bytes, type and hash, made once at the start.

The server serves them and ``waymark embed`` prints the hash of the stub, so both always agree.
Sources have their comments taken out, and the modules of the chat travel as one; nothing else is
done to them. The stub is given the hashes of the code that it loads, so that the one hash which a
site pins stands for all code that runs in its pages. Data (numbers, patterns, words) is not
pinned: a corrected number must reach every site at once.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.channels.card import capital, first_numbers
from bot.channels.numbers import numbers_in
from bot.danger import DangerPatterns, load_patterns
from bot.danger.export import to_json
from bot.danger.pack import pack
from knowledge.base import Knowledge
from knowledge.emergency import CALL_WAYS, crisis_lines, quiet_ways
from knowledge.loader import FOLDER as KNOWLEDGE
from knowledge.loader import load
from knowledge.message import Line
from knowledge.model import Fact, Number
from knowledge.words import Words, load_words

FOLDER = Path(__file__).resolve().parent.parent.parent / "widget"
STUB = "widget/waymark.js"
SCRIPT = "text/javascript; charset=utf-8"
STYLE = "text/css; charset=utf-8"
DATA = "application/json; charset=utf-8"
# Where the stub has its hashes and its few words; the line stays valid JavaScript in the source.
_SLOT = "const GIVEN = { hashes: {}, words: {} };"
_STUB_WORDS = "stub"
# Modules that are served by themselves; the rest is joined into the one that imports it.
APART = ("danger.js",)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w.]+)";\n', re.M)
_TOP_NAME = re.compile(r"^(?:export )?(?:async )?(?:const|let|function\*?|class) (\w+)", re.M)
CODE_BUDGET = 25_000
# Nearly all of it is the danger patterns; they are fetched after the panel is there.
DATA_BUDGET = 60_000
STUB_BUDGET = 3_000


@dataclass(frozen=True)
class WidgetFile:
    """One file: what is sent, as what, and the hash that a page can pin."""

    content: bytes
    content_type: str

    @cached_property
    def sri(self) -> str:
        """Return the integrity value."""
        return "sha384-" + base64.b64encode(hashlib.sha384(self.content).digest()).decode()

    @cached_property
    def short_sri(self) -> str:
        """Return a shorter integrity value, for the stub to hold."""
        return "sha256-" + base64.b64encode(hashlib.sha256(self.content).digest()).decode()

    @cached_property
    def zipped(self) -> bytes:
        """Return the content as it travels."""
        return gzip.compress(self.content, 9, mtime=0)


def widget_files(
    knowledge: Knowledge | None = None,
    words: Words | None = None,
    patterns: DangerPatterns | None = None,
) -> dict[str, WidgetFile]:
    """Return every file of the widget by its path, as the server serves it."""
    knowledge = knowledge or load()
    words = words or load_words()
    patterns = patterns or load_patterns(Path(KNOWLEDGE) / "danger")
    made: dict[str, WidgetFile] = {}
    sources = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.js"))}
    for name in ("waymark.js", *APART):
        made[f"widget/{name}"] = WidgetFile(stripped(sources[name]), SCRIPT)
    made["widget/chat.js"] = WidgetFile(stripped(joined(sources, "chat.js")), SCRIPT)
    style = (FOLDER / "chat.css").read_text("utf-8")
    made["widget/chat.css"] = WidgetFile(stripped(style), STYLE)
    stub_words: dict[str, dict[str, str]] = {}
    for path in sorted((FOLDER / "strings").glob("*.json")):
        strings = json.loads(path.read_text("utf-8"))
        stub_words[path.stem] = strings.pop(_STUB_WORDS)
        made[f"widget/strings/{path.name}"] = WidgetFile(_json(strings), DATA)
    made["widget/danger.json"] = WidgetFile(_json(pack(to_json(patterns))), DATA)
    made["widget/numbers.json"] = WidgetFile(_json(numbers_data(knowledge, words)), DATA)
    made[STUB] = _stub(made, stub_words)
    return made


def _stub(made: dict[str, WidgetFile], words: dict[str, dict[str, str]]) -> WidgetFile:
    source = made[STUB].content.decode()
    if source.count(_SLOT) != 1:
        raise ValueError(f"widget/waymark.js: the line '{_SLOT}' must stand once: restore it")
    hashes = {
        path.removeprefix("widget/"): file.short_sri
        for path, file in made.items()
        if path.endswith((".js", ".css")) and path != STUB
    }
    given = _json({"hashes": hashes, "words": words}).decode()
    return WidgetFile(source.replace(_SLOT, f"const GIVEN = {given};").encode(), SCRIPT)


def numbers_data(knowledge: Knowledge, words: Words) -> dict[str, Any]:
    """Return whom to call in each home, for the widget's bar and for a page without a server.

    ``homes`` maps a home to its name, the numbers of the bar, and the texts shown when the danger
    screen of the browser finds something. The home ``""`` is somebody whose place is not known.
    """
    homes = {
        place.id: _home(knowledge, words, place.id, place.name)
        for place in knowledge.homes()
        if knowledge.emergency(place.id)
    }
    return {
        "made_on": date.today().isoformat(),
        "homes": {"": _anywhere(knowledge, words), **homes},
    }


def _home(knowledge: Knowledge, words: Words, home: str, name: str) -> dict[str, Any]:
    call = knowledge.emergency(home, ways=CALL_WAYS)
    crisis = (
        *map(_titled, crisis_lines(knowledge, home)[:2]),
        Line(words("crisis_emergency", numbers=_shown(call, words)), call),
    )
    return {
        "name": capital(name),
        "bar": _bars([(name, call[0])]),
        "emergency": _danger(words, map(_titled, (*call, *quiet_ways(knowledge, home)))),
        "crisis": _crisis(words, crisis),
    }


def _anywhere(knowledge: Knowledge, words: Words) -> dict[str, Any]:
    firsts = first_numbers(knowledge)
    places = [
        Line(words("emergency_place", place=capital(name), number=_shown((fact,), words)), (fact,))
        for name, fact in firsts
    ]
    crisis = [
        Line(f"{place.name}: {_titled(fact).text}", (fact,))
        for place in knowledge.guides()
        for fact in crisis_lines(knowledge, place.id)[:1]
    ]
    return {
        "name": "",
        "bar": _bars(firsts),
        "emergency": _danger(words, places),
        "crisis": _crisis(words, (*crisis, *places)),
    }


def _danger(words: Words, lines: Iterable[Line]) -> dict[str, Any]:
    return _text([Line(words("emergency_head")), *lines, Line(words("emergency_tail"))])


def _crisis(words: Words, lines: Iterable[Line]) -> dict[str, Any]:
    return _text([Line(words("crisis_head")), *lines, Line(words("crisis_tail"))])


def _titled(fact: Fact) -> Line:
    """Return a fact's title, with its number where the title does not say it."""
    shown = fact.numbers[0].display
    said = shown.removesuffix(" (text)") in fact.title
    return Line(fact.title if said else f"{fact.title}: {shown}", (fact,))


def _bars(firsts: Iterable[tuple[str, Fact]]) -> list[dict[str, Any]]:
    """Return the numbers of the bar, each once with the places where it is right."""
    names: dict[Number, list[str]] = {}
    for name, fact in firsts:
        number = replace(fact.numbers[0], label="")
        names.setdefault(number, []).append(capital(name.removeprefix("the ")))
    return [
        {
            "name": ", ".join(places),
            "display": number.display,
            "dial": number.dial,
            "via": number.via,
        }
        for number, places in names.items()
    ]


def _text(lines: Iterable[Line]) -> dict[str, Any]:
    """Return paragraphs with their numbers, each as the facts of its own paragraph have it."""
    text, numbers, facts = "", list[dict[str, Any]](), dict[str, None]()
    for line in lines:
        text += "\n\n" if text else ""
        start = len(text.encode("utf-16-le")) // 2
        numbers += [{**one, "at": one["at"] + start} for one in numbers_in(line.text, line.facts)]
        facts.update((fact.id, None) for fact in line.facts)
        text += line.text
    return {"text": text, "numbers": numbers, "facts": list(facts)}


def _shown(facts: tuple[Fact, ...], words: Words) -> str:
    return words("list_or").join(dict.fromkeys(fact.numbers[0].display for fact in facts))


def joined(sources: Mapping[str, str], entry: str) -> str:
    """Return a module with the modules that it imports in one text, those it needs before it.

    All share one scope then, so a name at the top of two modules is an error.
    """
    order: list[str] = []
    _visit(entry, sources, order)
    pieces, names = [], Counter[str]()
    for name in order:
        imports = _IMPORT.findall(sources[name])
        source = _IMPORT.sub(lambda found: found[0] if found[2] in APART else "", sources[name])
        pieces.append(source if name == entry else re.sub(r"^export ", "", source, flags=re.M))
        names.update(_TOP_NAME.findall(source))
        names.update(n for given, file in imports if file in APART for n in _names(given))
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise ValueError(
            f"widget/: {', '.join(twice)} stands at the top of two modules: rename one"
        )
    return "\n".join(pieces)


def _visit(name: str, sources: Mapping[str, str], order: list[str]) -> None:
    for _, needed in _IMPORT.findall(sources[name]):
        if needed not in order and needed not in APART:
            _visit(needed, sources, order)
    order.append(name)


def _names(given: str) -> list[str]:
    return [name.strip() for name in given.split(",") if name.strip()]


def stripped(source: str) -> bytes:
    """Return a script or style sheet without whole-line comments, indents and empty lines.

    A comment at the end of a line stays; a string over several lines must not begin one with
    ``//`` or ``/*``. A test gives the result to a parser.
    """
    source = re.sub(r"^[ \t]*/\*.*?\*/[ \t]*$", "", source, flags=re.S | re.M)
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")).encode()


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def sizes(files: dict[str, WidgetFile]) -> dict[str, int]:
    """Return what travels, in bytes: the stub, all code and styles, all data."""
    code = [path for path in files if path.endswith((".js", ".css"))]
    return {
        "stub": len(files[STUB].zipped),
        "code": sum(len(files[path].zipped) for path in code),
        "data": sum(len(file.zipped) for path, file in files.items() if path not in code),
    }


def main() -> None:
    """Print the size of each file, and fail where a budget is broken."""
    files = widget_files()
    for path, file in files.items():
        sys.stdout.write(f"{len(file.zipped):7} {len(file.content):7}  {path}\n")
    found = sizes(files)
    budgets = {"stub": STUB_BUDGET, "code": CODE_BUDGET, "data": DATA_BUDGET}
    for name, most in budgets.items():
        sys.stdout.write(f"{found[name]:7} of {most}  {name}\n")
    if any(found[name] > most for name, most in budgets.items()):
        sys.exit("the widget is over its budget: see the sizes above")


if __name__ == "__main__":
    main()
