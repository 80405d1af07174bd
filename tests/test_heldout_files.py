"""The held-out files keep their shape: enough rows of each sort, labels that exist, no text twice."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from knowledge.loader import load as load_knowledge
from knowledge.schema import HARM_TYPES as HARMS

HERE = Path(__file__).parent

ROOT = HERE.parent
INTENTS = set(yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])
PLACES = set(load_knowledge().places)
HARM_TYPES = set(HARMS)
CATEGORIES = set(
    [
        "violence_now",
        "weapon",
        "intruder_following",
        "captivity",
        "self_harm",
        "child_at_risk",
        "medical",
    ]
)
ROW = {"text", "intent", "also_ok", "harm_types", "home", "perpetrator", "danger", "tags"}
DANGER_ROW = {"text", "danger", "kind", "tags"}


def load(name):
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def normal(text):
    return re.sub(r"\W+", " ", text.lower()).strip()


@pytest.fixture(scope="module")
def heldout():
    return load("heldout.yml")


@pytest.fixture(scope="module")
def danger():
    return load("danger_heldout.yml")


def test_no_text_stands_twice_in_either_file_or_in_both(heldout, danger):
    seen = Counter(normal(row["text"]) for row in heldout + danger)
    assert [text for text, times in seen.items() if times > 1 or not text] == []


def test_heldout_labels_exist(heldout):
    for row in heldout:
        text = row["text"]
        assert isinstance(text, str) and text.strip(), row
        assert set(row) <= ROW, text
        assert row["intent"] in INTENTS, text
        assert set(row.get("also_ok", ())) <= INTENTS - {row["intent"]}, text
        harms = row.get("harm_types", [])
        assert set(harms) <= HARM_TYPES and len(harms) == len(set(harms)), text
        assert {row[k] for k in ("home", "perpetrator") if k in row} <= PLACES, text
        assert row.get("danger", False) in (True, False), text
        assert all(isinstance(tag, str) for tag in row.get("tags", ())), text


def test_heldout_covers_every_intent(heldout):
    assert len(heldout) >= 520
    counts = Counter(row["intent"] for row in heldout)
    assert {intent: counts[intent] for intent in INTENTS if counts[intent] < 10} == {}
    assert counts["report_harm"] >= 150
    assert counts["out_of_scope"] >= 60


def test_heldout_covers_every_harm_type(heldout):
    reports = [row for row in heldout if row["intent"] == "report_harm"]
    assert all(row.get("harm_types") for row in reports)
    counts = Counter(harm for row in reports for harm in row["harm_types"])
    assert {harm: counts[harm] for harm in HARM_TYPES if counts[harm] < 20} == {}
    assert sum(len(row["harm_types"]) > 1 for row in reports) >= len(reports) / 3


def test_heldout_names_places(heldout):
    placed = [row for row in heldout if "home" in row or "perpetrator" in row]
    assert len(placed) >= 0.33 * len(heldout)
    assert {row[k] for row in placed for k in ("home", "perpetrator") if k in row} == PLACES


def test_present_danger_intents_are_marked(heldout):
    for row in heldout:
        if row["intent"] in ("danger_now", "self_harm"):
            assert row.get("danger") is True, row["text"]


def test_danger_labels_exist(danger):
    for row in danger:
        text, tags = row["text"], row["tags"]
        assert isinstance(text, str) and text.strip(), row
        assert set(row) <= DANGER_ROW, text
        if row["danger"] is True:
            assert row["kind"] in ("danger", "self_harm"), text
            assert tags[0] in CATEGORIES, text
            assert (row["kind"] == "self_harm") == (tags[0] == "self_harm"), text
        else:
            assert row["danger"] is False and "kind" not in row, text
            assert tags[0] in ("hard_negative", "ordinary"), text


def test_danger_has_enough_of_each(danger):
    counts = Counter(row["tags"][0] for row in danger)
    assert sum(counts[category] for category in CATEGORIES) >= 300
    assert {category: counts[category] for category in CATEGORIES if counts[category] < 40} == {}
    assert counts["hard_negative"] >= 300
    assert counts["ordinary"] >= 500
