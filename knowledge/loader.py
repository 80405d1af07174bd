"""Read the whole knowledge folder, check it, and return it frozen or say all that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from knowledge.base import Knowledge
from knowledge.fields import GUIDE_HOST, FactReader
from knowledge.model import EVERYWHERE, Fact, Harm, Place, Source
from knowledge.schema import HARM_TYPES, KINDS, PLACE_FIELDS
from knowledge.yaml_lines import DataError, Node, Problem, did_you_mean, read_yaml

FOLDER = Path(__file__).resolve().parent
_FILE_KEYS = {"kind", "checked_on", "facts"}
_ALL = Place(
    id=EVERYWHERE,
    prefix=EVERYWHERE,
    name="everywhere",
    in_name="everywhere",
    order=0,
    home=False,
    perpetrator=False,
    guide=False,
)


def load(folder: Path = FOLDER) -> Knowledge:
    """Return the knowledge base, or raise ``DataError`` with every problem in it."""
    knowledge, problems = read(folder)
    if problems:
        raise DataError(problems)
    return knowledge


def load_places(folder: Path = FOLDER) -> dict[str, Place]:
    """Return the places alone, by id and in order, or raise ``DataError``."""
    problems: list[Problem] = []
    places = _places(folder, folder.parent, problems)
    if problems:
        raise DataError(problems)
    return places


def read(folder: Path = FOLDER) -> tuple[Knowledge, list[Problem]]:
    """Return what can be read of the knowledge base, and all that is wrong with it."""
    problems: list[Problem] = []
    root = folder.parent
    places = _places(folder, root, problems)
    sources = _sources(folder, root, problems)
    reader = FactReader(hosts=frozenset(sources), problems=problems)
    facts: list[Fact] = []
    for place in places.values():
        base = folder / "jurisdictions" / place.id
        for path in sorted(base.rglob("*.yml")):
            if path.name != "index.yml":
                facts.extend(_facts(path, root, place, places, reader, problems))
    for path in sorted((folder / "everywhere").glob("*.yml")):
        facts.extend(_facts(path, root, _ALL, places, reader, problems))
    _unique(facts, problems)
    knowledge = Knowledge(
        facts=tuple(facts),
        places=places,
        harms=_harms(folder, root, problems),
        sources=sources,
    )
    problems.extend(_whole(knowledge))
    return knowledge, problems


def _facts(
    path: Path,
    root: Path,
    place: Place,
    places: dict[str, Place],
    reader: FactReader,
    problems: list[Problem],
) -> list[Fact]:
    node = read_yaml(path, root=root, problems=problems)
    if node is None:
        return []
    top = node.items()
    for name, item in top.items():
        if name not in _FILE_KEYS:
            problems.append(
                Problem(item.where, f"unknown key '{name}'", did_you_mean(name, _FILE_KEYS))
            )
    kind_node = top.get("kind")
    kind = str(kind_node.value) if kind_node else ""
    if kind not in KINDS:
        where = kind_node.where if kind_node else f"{node.path}:1"
        problems.append(Problem(where, f"kind '{kind}' is unknown", did_you_mean(kind, KINDS)))
        return []
    if not top.get("facts") or not top["facts"].entries():
        problems.append(
            Problem(f"{node.path}:1", "no facts", "add 'facts:' with one entry or more")
        )
        return []
    defaults = {"checked_on": top["checked_on"]} if "checked_on" in top else {}
    facts: list[Fact] = []
    for entry in top["facts"].entries():
        fact = reader.read(entry, kind=kind, place=place, defaults=defaults)
        if fact is not None:
            facts.extend(_spread(fact, entry, places, problems))
    return facts


def _spread(
    fact: Fact, entry: Node, places: dict[str, Place], problems: list[Problem]
) -> list[Fact]:
    """Return the fact, or one copy for each nation that an entry names."""
    node = entry.items().get("nations")
    if node is None:
        return [fact]
    if fact.jurisdiction != "united_kingdom":
        problems.append(
            Problem(node.where, "'nations' outside united_kingdom/", "move the fact or drop it")
        )
        return [fact]
    stem = fact.id.removeprefix("uk-")
    return [
        replace(fact, id=f"{places[str(item.value)].prefix}-{stem}", jurisdiction=str(item.value))
        for item in node.entries()
        if str(item.value) in places
    ]


def _unique(facts: list[Fact], problems: list[Problem]) -> None:
    seen: dict[str, str] = {}
    for fact in facts:
        if fact.id in seen:
            problems.append(
                Problem(fact.where, f"id '{fact.id}' is taken", f"see {seen[fact.id]}; rename one")
            )
        seen.setdefault(fact.id, fact.where)


def _places(folder: Path, root: Path, problems: list[Problem]) -> dict[str, Place]:
    known = {name for name in Place.__dataclass_fields__}
    found: list[Place] = []
    for path in sorted((folder / "jurisdictions").glob("*/index.yml")):
        node = read_yaml(path, root=root, problems=problems)
        if node is None:
            continue
        values = node.plain() if node.items() else {}
        for name, item in node.items().items():
            if name not in known:
                problems.append(
                    Problem(item.where, f"unknown field '{name}'", did_you_mean(name, known))
                )
        before = len(problems)
        for name, meaning in PLACE_FIELDS.items():
            if values.get(name) is None:
                where = node.items()[name].where if name in values else f"{node.path}:1"
                problems.append(Problem(where, f"'{name}' is missing", f"add it: {meaning}"))
        if len(problems) > before:
            continue
        place = Place(**{key: value for key, value in values.items() if key in known})
        if place.id != path.parent.name:
            problems.append(Problem(f"{node.path}:1", f"id '{place.id}'", "name it as its folder"))
            continue
        found.append(place)
    return {place.id: place for place in sorted(found, key=lambda place: place.order)}


def _harms(folder: Path, root: Path, problems: list[Problem]) -> dict[str, Harm]:
    node = read_yaml(folder / "harms.yml", root=root, problems=problems)
    if node is None:
        return {}
    harms: dict[str, Harm] = {}
    entries = node.items().get("harms", node).entries()
    for order, entry in enumerate(entries, start=1):
        values = entry.plain()
        if not isinstance(values, dict) or set(values) != {"id", "name", "meaning"}:
            problems.append(Problem(entry.where, "not a harm", "write id, name and meaning"))
            continue
        empty = [name for name, value in values.items() if value is None]
        for name in empty:
            problems.append(
                Problem(entry.items()[name].where, f"'{name}' is missing", "add it, in plain words")
            )
        if values["id"] not in HARM_TYPES:
            problems.append(
                Problem(
                    entry.where,
                    f"harm '{values['id']}' is not in knowledge/schema.py",
                    "add it to HARM_TYPES",
                )
            )
        if not empty:
            harms[values["id"]] = Harm(order=order, **values)
    for missing in set(HARM_TYPES) - set(harms):
        problems.append(Problem(f"{node.path}:1", f"harm '{missing}' is missing", "add it"))
    return harms


def _sources(folder: Path, root: Path, problems: list[Problem]) -> dict[str, Source]:
    node = read_yaml(folder / "sources.yml", root=root, problems=problems)
    entries = node.items().get("sources", node).entries() if node else []
    sources: dict[str, Source] = {}
    for entry in entries:
        values = entry.plain()
        if not isinstance(values, dict) or set(values) != {"host", "publisher", "official"}:
            problems.append(Problem(entry.where, "not a source", "write host, publisher, official"))
            continue
        if values["host"] in sources:
            problems.append(Problem(entry.where, f"'{values['host']}' twice", "keep one"))
        sources[values["host"]] = Source(**values)
    sources.setdefault(GUIDE_HOST, Source(GUIDE_HOST, "FalseOS", False))
    return sources


def _whole(knowledge: Knowledge) -> list[Problem]:
    """Return what is missing for the guide to be safe to start."""
    problems: list[Problem] = []
    for place in knowledge.homes():
        where = f"knowledge/jurisdictions/{place.id}/emergency.yml:1"
        if not knowledge.emergency(place.id):
            problems.append(
                Problem(where, "no emergency number to call", "add one with 'way: call'")
            )
    return problems
