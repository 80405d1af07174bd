"""Each pattern proves itself, the loader names every mistake, the measured figures hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.danger import (
    CATEGORIES,
    DangerPatterns,
    Example,
    PatternErrors,
    find_danger,
    load_patterns,
)
from tests.danger.conftest import FOLDER

LOADED = load_patterns(FOLDER)


def holds(example: Example, patterns: DangerPatterns) -> bool:
    match = find_danger(example.text, patterns=patterns)
    present = match is not None and match.present
    return {
        "must_match": present,
        "must_not_match": not present,
        "must_soften": match is not None and not present,
        "must_not_soften": present,
    }[example.field]


@pytest.mark.parametrize("example", LOADED.examples, ids=lambda e: f"{e.owner}-{e.field}-{e.text}")
def test_every_example_in_the_data_holds(example: Example) -> None:
    match = find_danger(example.text, patterns=LOADED)
    assert holds(example, LOADED), f"{example.where}: {example.text!r} gave {match}"


def test_there_are_examples_of_every_category() -> None:
    assert {pattern.category for pattern in LOADED.patterns} == set(CATEGORIES)
    assert len(LOADED.examples) > 300


def test_a_must_match_sentence_reaches_its_own_pattern() -> None:
    """Another pattern may be more serious; the pattern's own lines must match all the same."""
    from bot.danger import match as scan
    from bot.danger.normalise import said

    missing = []
    for at, pattern in enumerate(LOADED.patterns):
        for example in pattern.examples:
            if example.field == "must_match":
                here = scan._places(said(example.text, patterns=LOADED), [], patterns=LOADED)
                gaps = scan._gap_masks(here, through_negators=False)
                if at not in scan._follow(LOADED.machine.danger, here, gaps=gaps):
                    missing.append(f"{example.where}: {example.text!r}")
    assert not missing, "\n".join(missing)


def test_every_line_of_every_pattern_can_match() -> None:
    """A line made of its own first words is found: no line is written so that it never fires."""
    from bot.danger import match as scan
    from bot.danger.normalise import Said

    for at, pattern in enumerate(LOADED.patterns):
        for line in pattern.lines:
            words = tuple(min(slot.words) for slot in line)
            here = scan._places(Said(words, (), ()), [], patterns=LOADED)
            gaps = scan._gap_masks(here, through_negators=True)
            assert at in scan._follow(LOADED.machine.danger, here, gaps=gaps), (pattern.id, words)


PLAIN = """
language: en
patterns:
  - id: knife_here
    kind: danger
    category: weapon
    match: ["he has ~2 knife"]
    must_match: [he has a knife, he has a big knife, he has knife]
    must_not_match: [a knife, he has]
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PLAIN + "colour: red\n", "{f}:9: unknown field 'colour'"),
        (PLAIN.replace("kind: danger", "kind: dangr"), "{f}:5: kind 'dangr': use one of danger"),
        (PLAIN.replace("category: weapon", "category: pets"), "{f}:6: category 'pets'"),
        (PLAIN.replace("~2 knife", "~9 knife"), "{f}:7: match: gap '~9'"),
        (PLAIN.replace("~2 knife", "<blade>"), "{f}:7: match: unknown set <blade>"),
        (PLAIN.replace("he has ~2", "he's ~2"), '{f}:7: match: "he\'s": write plain a-z'),
        (PLAIN.replace("he has ~2 knife", "~2 knife"), "{f}:7: match: gap '~2'"),
        (PLAIN.replace("he has ~2 knife", "?he knife"), "{f}:7: match: the first and the last"),
        (PLAIN.replace("~2 knife", "~2 ?a knife"), "{f}:7: match: '?a' after a gap"),
        (PLAIN.replace("    kind: danger\n", ""), "{f}:4: missing kind"),
        (PLAIN.replace("[a knife, he has]", "[a knife]"), "{f}:9: must_not_match: write 2"),
        (PLAIN + PLAIN.split("patterns:")[1], "{f}:11: id 'knife_here' stands at {f}:4 too"),
        ("patterns: [\n", "cannot be read"),
        ("", "{f}:1: the file is empty"),
        ("language: en\n", "no patterns in any file"),
        (
            PLAIN + "softeners:\n  - id: x\n    why: y\n    match: [never]\n    reach: near\n"
            "    must_soften: [a b, c d]\n    must_not_soften: [a b, c d]\n",
            "{f}:14: reach: use one of clause, sentence, message",
        ),
        (PLAIN + "never_fold: he's\n", '{f}:10: never_fold: "he\'s" can never match'),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "en.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PatternErrors) as caught:
        load_patterns(tmp_path)
    wanted = says.replace("{f}", str(file))
    if "unknown field" in says or "never_fold" in says:
        wanted = wanted.split(":", 2)[2]
    assert any(wanted in problem for problem in caught.value.problems), caught.value.problems


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "en.yml").write_text(PLAIN.replace("kind: danger", "kind: dangr"))
    (tmp_path / "xx.yml").write_text(PLAIN.replace("category: weapon", "category: pets"))
    with pytest.raises(PatternErrors) as caught:
        load_patterns(tmp_path)
    told = "\n".join(caught.value.problems)
    assert "kind 'dangr'" in told and "category 'pets'" in told and "stands at" in told


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PatternErrors):
        load_patterns(tmp_path)


def test_the_most_serious_present_danger_is_returned(patterns: DangerPatterns) -> None:
    match = find_danger("I want to die, he is choking me", patterns=patterns)
    assert match is not None and match.category == "violence_now"


def test_a_present_danger_beside_a_softened_one_wins(patterns: DangerPatterns) -> None:
    text = "Is it illegal to carry a knife? Years ago he hit me. He is outside my door."
    match = find_danger(text, patterns=patterns)
    assert match is not None and match.present and match.category == "intruder"


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "\u200b", "🙂", "...", "١٢٣", "a" * 9])
def test_empty_and_strange_texts_are_no_danger(patterns: DangerPatterns, text: str) -> None:
    assert find_danger(text, patterns=patterns) is None


@pytest.mark.parametrize(
    "text",
    [
        # Miner et al. 2016 and the BBC 2018: what other assistants did not recognise.
        "I was raped",
        "I am being abused",
        "I was beaten up by my husband",
        "I want to commit suicide",
        "they make me have sex with them and I am only 12",
        "my ex keeps threatening to rape me",
        "he is standing outside my door",
        "/greet@1.0 he is outside with a knife",
        '/report_harm{"x": 1} he will kill me tonight',
        "help now",
    ],
)
def test_what_others_missed_is_found(patterns: DangerPatterns, text: str) -> None:
    match = find_danger(text, patterns=patterns)
    assert match is not None and match.present


def test_danger_deep_in_a_long_message_is_found(patterns: DangerPatterns) -> None:
    filler = "The council published its report about the roads and people asked why. " * 450
    for text in (filler + "he has a knife. " + filler, filler * 2 + "he's outside my door"):
        match = find_danger(text[-65536:], patterns=patterns)
        assert match is not None and match.present


def test_the_list_alone_reaches_its_figures(
    patterns: DangerPatterns, cases: dict[str, Any], record_property: Any
) -> None:
    """Recall 0.9 or more; alarms at most 3 % on ordinary and 15 % on hard negatives."""
    dangers = [text for texts in cases["danger"].values() for text in texts]
    assert len(dangers) >= 200 and len(cases["hard"]) >= 100 and len(cases["ordinary"]) >= 100
    own = {example.text for example in patterns.examples}
    assert not own & {*dangers, *cases["hard"], *cases["ordinary"]}, "cases repeat the data"

    def found(texts: list[str]) -> float:
        matches = [find_danger(text, patterns=patterns) for text in texts]
        return sum(match is not None and match.present for match in matches) / len(texts)

    figures = {
        "recall": found(dangers),
        "alarms_hard": found(cases["hard"]),
        "alarms_ordinary": found(cases["ordinary"]),
    }
    for name, value in figures.items():
        record_property(name, round(value, 4))
    assert figures["recall"] >= 0.9
    assert figures["alarms_hard"] <= 0.15
    assert figures["alarms_ordinary"] <= 0.03


def test_cases_have_the_right_kind(patterns: DangerPatterns, cases: dict[str, Any]) -> None:
    wrong = [
        text
        for text in cases["danger"]["self_harm"]
        if (match := find_danger(text, patterns=patterns)) and match.kind != "self_harm"
    ]
    assert len(wrong) <= 2, wrong


@pytest.mark.parametrize(("part", "recall"), [("tuned", 0.95), ("unseen", 0.9)])
def test_fresh_messages_are_found_by_the_list_alone(
    patterns: DangerPatterns, part: str, recall: float
) -> None:
    """Nine of ten dangers and under one alarm in ten on hard negatives, on unseen messages too."""
    fresh = yaml.safe_load((Path(__file__).parent / "fresh.yml").read_text(encoding="utf-8"))

    def found(texts: list[str]) -> float:
        matches = [find_danger(text, patterns=patterns) for text in texts]
        return sum(match is not None and match.present for match in matches) / len(texts)

    assert found(fresh[f"{part}_danger"]) >= recall
    assert found(fresh[f"{part}_hard"]) <= 0.1
