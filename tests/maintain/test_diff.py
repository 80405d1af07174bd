"""What people see differently between two versions, and what a change of a fact asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.changes import differences, left_out, unchecked
from bot.versions import Version, version_of
from knowledge.base import Knowledge
from knowledge.yaml_lines import DataError
from tests.conftest import TODAY
from tests.maintain.project import waymark_in

# Each command reads all that there is: on a busy machine that takes a while.
pytestmark = pytest.mark.timeout(1200)

STALKING = "sco-stalking-s39"


def changed(knowledge: Knowledge, **fields: object) -> Knowledge:
    """Return the knowledge with fields of one fact changed."""
    facts = tuple(replace(f, **fields) if f.id == STALKING else f for f in knowledge.facts)  # type: ignore[arg-type]
    return Knowledge(facts, knowledge.places, knowledge.harms, knowledge.sources)


def told(old: Knowledge, new: Knowledge) -> list[str]:
    """Return the differences between two states of the knowledge."""
    return list(differences(Version(old, {}), Version(new, {})))


def test_a_changed_penalty_is_told_to_a_reader_of_the_law(knowledge: Knowledge) -> None:
    (said,) = told(knowledge, changed(knowledge, max_penalty="7 years"))
    assert said.startswith("People in Scotland who ask about stalking")
    assert "now read a maximum penalty of 7 years (before: " in said
    assert said.endswith(f"[{STALKING}]")


def test_what_comes_and_what_goes_is_told(knowledge: Knowledge) -> None:
    fewer = Knowledge(
        tuple(f for f in knowledge.facts if f.id != STALKING),
        knowledge.places, knowledge.harms, knowledge.sources,
    )  # fmt: skip
    assert "no longer read: " in told(knowledge, fewer)[0]
    assert "now also read: " in told(fewer, knowledge)[0]
    assert not told(knowledge, knowledge)


def test_a_state_and_the_other_side_of_a_border_are_named(knowledge: Knowledge) -> None:
    said = "\n".join(told(Knowledge((), knowledge.places, knowledge.harms, {}), knowledge))
    assert "People in New South Wales who ask about" in said
    assert "People whose harasser is in New Zealand" in said
    assert "People everywhere" in said


def test_a_changed_sentence_is_told(knowledge: Knowledge) -> None:
    one, two = (
        Version(knowledge, {"empty": "I got no words."}),
        Version(knowledge, {"empty": "Hm."}),
    )
    assert list(differences(one, two)) == [
        "Waymark now says at 'empty': Hm. (before: I got no words.)"
    ]


def test_a_changed_fact_asks_for_a_new_check(knowledge: Knowledge) -> None:
    old, new = Version(knowledge, {}), Version(changed(knowledge, max_penalty="7 years"), {})
    (problem,) = unchecked(old, new, today=TODAY)
    assert "max_penalty changed, but checked_on is still" in str(problem)
    assert str(problem).startswith("knowledge/jurisdictions/scotland/")
    checked = Version(changed(knowledge, max_penalty="7 years", checked_on=TODAY), {})
    assert not unchecked(old, checked, today=TODAY)
    ahead = Version(changed(knowledge, checked_on=TODAY + timedelta(days=1)), {})
    assert "still to come" in str(unchecked(old, ahead, today=TODAY)[0])


def test_a_fact_that_only_moved_asks_for_nothing(knowledge: Knowledge) -> None:
    old, new = Version(knowledge, {}), Version(changed(knowledge, order=99, where="x.yml:1"), {})
    assert not unchecked(old, new, today=TODAY)
    (said,) = told(knowledge, new.knowledge)
    assert "now read this later than before: " in said and "(order 99, before: " in said
    assert not told(knowledge, changed(knowledge, where="x.yml:1"))


def test_a_fact_of_another_kind_or_place_is_told_to_its_new_readers(knowledge: Knowledge) -> None:
    (kind,) = told(knowledge, changed(knowledge, kind="national_body"))
    assert kind.startswith("People in Scotland who ask where else to report now read: ")
    assert "(before: People in Scotland who ask about stalking" in kind
    (place,) = told(knowledge, changed(knowledge, jurisdiction="northern_ireland"))
    assert place.startswith("People in Northern Ireland") and "(before: People in Scotland" in place


def place_changed(knowledge: Knowledge, **fields: object) -> Knowledge:
    """Return the knowledge with fields of Scotland changed."""
    scotland = replace(knowledge.places["scotland"], **fields)  # type: ignore[arg-type]
    return replace(knowledge, places={**knowledge.places, "scotland": scotland})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"guide": False}, "There is no longer a guide for people in Scotland [scotland]"),
        ({"home": False}, "People can no longer say that they are in Scotland [scotland]"),
        ({"name": "Alba"}, "A place is now called 'Alba' (before: 'Scotland') [scotland]"),
        ({"in_name": "up north"}, "Waymark now says 'up north' (before: 'in Scotland') [scotland]"),
    ],
)
def test_a_changed_place_is_told(
    knowledge: Knowledge, fields: dict[str, object], said: str
) -> None:
    assert said in told(knowledge, place_changed(knowledge, **fields))


def test_a_place_that_comes_and_one_that_goes_are_told(knowledge: Knowledge) -> None:
    fewer = replace(
        knowledge, places={k: p for k, p in knowledge.places.items() if k != "scotland"}
    )
    assert "Waymark now knows Scotland as a place [scotland]" in told(fewer, knowledge)
    assert "Waymark no longer knows Scotland as a place [scotland]" in told(knowledge, fewer)


def test_a_harm_with_another_name_or_meaning_is_told(knowledge: Knowledge) -> None:
    harm = replace(knowledge.harms["hate_abuse"], name="hatred", meaning="Abuse.")
    renamed = replace(knowledge, harms={**knowledge.harms, "hate_abuse": harm})
    first, second = told(knowledge, renamed)[-2:]
    assert first == "A harm is now called 'hatred' (before: 'hate') [hate_abuse]"
    assert second.startswith("'hatred' now means: Abuse. (before: Abuse because of who")


def test_every_other_file_that_changed_is_named_once(knowledge: Knowledge) -> None:
    before = {"knowledge/danger/en.yml": "1", "knowledge/topics.yml": "1", "knowledge/old.yml": "1"}
    after = {"knowledge/danger/en.yml": "2", "knowledge/topics.yml": "1", "knowledge/new.yml": "1"}
    also = {"knowledge/harms.yml": "2", "knowledge/everywhere/about.yml": "2"}
    old = Version(knowledge, {}, files=before)
    assert list(differences(old, Version(knowledge, {}, files={**after, **also}))) == [
        "knowledge/danger/en.yml changed, which says what counts as a danger",
        "knowledge/new.yml is new",
        "knowledge/old.yml is gone",
    ]


# --- what cannot be read


def test_a_typo_in_the_file_just_edited_is_named_by_line_and_nothing_is_called_gone(
    clean: Path,
) -> None:
    file = clean / "knowledge/jurisdictions/scotland/offences_harassment.yml"
    text = file.read_text()
    file.write_text(text.replace("max_penalty:", "max_penality:", 1))
    line = text[: text.index("max_penalty:")].count("\n") + 1
    done = waymark_in(clean, "diff", "HEAD")
    assert done.returncode == 1 and "no longer read" not in done.stdout
    where = f"knowledge/jurisdictions/scotland/offences_harassment.yml:{line}: "
    assert f"{where}unknown field 'max_penality'" in done.stderr


def test_what_an_old_version_says_unreadably_is_counted_and_not_called_new(clean: Path) -> None:
    """One fact with a field of another time, and a file that is no YAML."""
    new = version_of(str(clean), whole=True)
    harassment = clean / "knowledge/jurisdictions/scotland/offences_harassment.yml"
    harassment.write_text(harassment.read_text().replace("max_penalty:", "penalty:", 1))
    doxxing = clean / "knowledge/jurisdictions/scotland/doxxing.yml"
    doxxing.write_text(doxxing.read_text().replace("title: ", 'title: "', 1))
    united = next((clean / "knowledge/jurisdictions/united_kingdom").glob("[!i]*.yml"))
    united.write_text(united.read_text().replace("confidence: ", "sure: "))
    old = version_of(str(clean))
    with pytest.raises(DataError):
        version_of(str(clean), whole=True)
    gone = {fact.id for fact in new.knowledge.facts} - {fact.id for fact in old.knowledge.facts}
    assert "sco-doxxing-status" in gone and len(gone) > len(old.unread) > 2
    assert not list(differences(replace(old, files=new.files), new))
    assert list(left_out(old)) == [
        f"Left out, because today's schema cannot read them: {len(old.unread)} facts of before."
    ]
    assert not list(left_out(new))


def test_sentences_that_cannot_be_read_are_not_called_new(clean: Path) -> None:
    new = version_of(str(clean), whole=True)
    file = next((clean / "data/responses").glob("*.yml"))
    file.write_text(file.read_text() + '\n"')
    old = version_of(str(clean))
    assert not list(differences(old, new))
    assert list(left_out(old)) == [
        "Left out, because they cannot be read: the sentences of before."
    ]


# --- told by the commands


def test_the_commands_hold_the_folder_against_a_commit(clean: Path) -> None:
    path = next((clean / "knowledge/jurisdictions/scotland").glob("offences_harassment.yml"))
    text = path.read_text()
    at = text.index(f"id: {STALKING}")
    penalty = text.index("max_penalty:", at)
    end = text.index("\n", penalty)
    path.write_text(text[:penalty] + "max_penalty: 50 years" + text[end:])
    printed = waymark_in(clean, "diff", "HEAD")
    assert "People in Scotland who ask about" in printed.stdout, printed.stderr
    assert "50 years" in printed.stdout and "1 difference." in printed.stdout
    since = waymark_in(clean, "check", "--since", "HEAD")
    assert since.returncode == 1
    assert f"{STALKING}: max_penalty changed, but checked_on is still" in since.stderr
    wrong = waymark_in(clean, "diff", "no-such-ref")
    assert wrong.returncode == 1 and "neither a folder nor a git ref" in wrong.stderr
