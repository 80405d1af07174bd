"""The place data: what is in it, and that each mistake in it is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.places import STATES, GazetteerError, load_gazetteer

FOLDER = Path(__file__).resolve().parents[2] / "knowledge" / "places"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "knowledge" / "places"
    shutil.copytree(FOLDER, folder)
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(GazetteerError) as caught:
        load_gazetteer(folder)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    return list(caught.value.problems)


def test_the_gazetteer_holds_every_place_and_state() -> None:
    names = load_gazetteer(FOLDER).names.values()
    candidates = {candidate for name in names for candidate in name.candidates}
    assert {state for place, state in candidates if place == "australia"} == {None, *STATES}
    assert len({place for place, _ in candidates}) == 10
    assert len(list(names)) > 4000


MISTAKES = [
    ("scotland.yml", "nation:", "nations:", "unknown type 'nations'", "did you mean 'nation'?"),
    ("scotland.yml", "place: scotland", "place: scotlnd", "does not say scotland", "as the file"),
    ("scotland.yml", "\nnames:", "\nname:", "unknown field 'name'", "did you mean 'names'?"),
    ("scotland.yml", "glasgow,", "glasgow, glasgow,", "'glasgow' stands here twice", "keep one"),
    ("scotland.yml", "glasgow,", "glasgow, no,", "no is read as true or false", "quotes"),
    ("scotland.yml", "glasgow,", "glasgow, bristol,", "'bristol' is also", "ambiguous.yml"),
    ("scotland.yml", "glasgow,", "glasgow, [a],", "not a name", "plain text"),
    ("australia.yml", "  nsw:", "  nsx:", "state 'nsx' is unknown", "nsw"),
    ("australia.yml", '"+61"', '"61"', "dial code '61'", "+27"),
    ("ambiguous.yml", "name: perth", "nam: perth", "unknown field 'nam'", "name, places"),
    ("ambiguous.yml", "australia/wa]", "australia/xx]", "unknown place 'australia/xx'", "state"),
    ("ambiguous.yml", "words:\n  [", "words:\n  [ nowhereatall,", "is no name of any place", "drop"),
    ("ambiguous.yml", "\nwords:", "\nwordz:", "unknown field 'wordz'", "did you mean 'words'?"),
    ("ambiguous.yml", "ambiguous:\n", "ambiguous:\n  - {name: x, places: [scotland]}\n",
     "fewer than two places", "all it can mean"),
    ("ambiguous.yml", "ambiguous:\n",
     "ambiguous:\n  - {name: x, places: [scotland, canada], usually: australia}\n",
     "none of its places", "add it"),
    ("scotland.yml", "place: scotland", "place: [scotland", "expected", "indentation"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "what", "to_do"), MISTAKES)
def test_a_planted_mistake_is_named(
    copy: Path, file: str, old: str, new: str, what: str, to_do: str
) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    found = [one for one in problems(copy) if what in one]
    assert found and to_do in found[0]
    shown, at, _ = found[0].split(":", 2)
    assert shown == f"knowledge/places/{file}"
    assert abs(int(at) - line) <= 3


def test_all_mistakes_are_told_at_once(copy: Path) -> None:
    (copy / "canada.yml").unlink()
    (copy / "atlantis.yml").write_text("place: atlantis\n", encoding="utf-8")
    (copy / "scotland.yml").write_text("place: scotland\nnames:\n  town: [x]\n", encoding="utf-8")
    (copy / "elsewhere.yml").write_bytes(b"\xff\xfe\x00")
    told = "\n".join(problems(copy))
    assert "knowledge/places/canada.yml:1: the file is missing" in told
    assert "knowledge/places/atlantis.yml:1: 'atlantis' is no place" in told
    assert "knowledge/places/scotland.yml:3: unknown type 'town'" in told
    assert "knowledge/places/elsewhere.yml:1: cannot be read" in told
