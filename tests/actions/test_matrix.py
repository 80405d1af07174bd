"""Every home, place of the other person and harm, through the real actions."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.rasa_actions import executor
from knowledge.base import Knowledge
from knowledge.message import Message, message_from
from knowledge.schema import HARM_TYPES
from tests.support.closed_world import faults

TABLE = yaml.safe_load((Path(__file__).parent / "offence_table.yml").read_text(encoding="utf-8"))
HOMES = (
    "south_africa",
    "england_wales",
    "scotland",
    "northern_ireland",
    "australia",
    "united_states",
    "canada",
    "new_zealand",
    "elsewhere",
)
OTHERS = (*HOMES, "united_kingdom", None)
EXECUTOR = executor(always={"retention": "24 hours"})


def run(
    action: str, slots: dict[str, Any], entities: dict[str, Any] | None = None
) -> list[Message]:
    """Run an action as Rasa does and return what it says."""
    tracker = {
        "sender_id": "test",
        "slots": slots,
        "latest_message": {
            "intent": {"name": "report_harm", "confidence": 1.0},
            "entities": [{"entity": k, "value": v} for k, v in (entities or {}).items()],
        },
        "events": [{"event": "user", "text": ""}],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
        "latest_input_channel": "web",
    }
    call = {"next_action": action, "tracker": tracker, "domain": {}}
    result = asyncio.run(EXECUTOR.run(call))
    return [message_from(response["custom"]) for response in result["responses"]]


def every_part(action: str, slots: dict[str, Any]) -> list[Message]:
    """Run an action and follow 'more' to its end."""
    said: list[Message] = []
    for page in range(20):
        part = run(action, slots, {"page": page} if page else None)
        said += part
        if not any('"page"' in choice.payload for message in part for choice in message.choices):
            return said
    raise AssertionError(f"{action} never ends")


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("harm", HARM_TYPES)
def test_every_cell_keeps_to_its_own_facts(knowledge: Knowledge, home: str, harm: str) -> None:
    """Report, offences, penalties and cross-border say nothing beyond their facts."""
    bad: list[str] = []
    for other in OTHERS:
        slots = {
            "home_jurisdiction": home,
            "perpetrator_location": other,
            "perpetrator_unknown": other is None,
            "harm_types": [harm],
        }
        for action in ("action_report", "action_offences", "action_penalties"):
            for message in run(action, slots):
                bad += faults(message, knowledge, home=home, other=other)
        for message in every_part("action_cross_border", slots):
            bad += faults(message, knowledge, home=home, other=other)
    assert not bad, "\n".join(sorted(set(bad)))


@pytest.mark.parametrize("home", HOMES)
def test_a_report_is_answered_within_its_home(knowledge: Knowledge, home: str) -> None:
    """Each home's report names its emergency number first."""
    for harm in HARM_TYPES:
        said = run("action_report", {"home_jurisdiction": home, "harm_types": [harm]})
        number = knowledge.emergency(home)[0].numbers[0].display
        assert any(number in message.text for message in said), (home, harm)


@pytest.mark.parametrize(
    ("home", "harm"), [(home, harm) for home, row in TABLE["homes"].items() for harm in row]
)
def test_the_offences_of_the_checked_table_are_named(
    knowledge: Knowledge, home: str, harm: str
) -> None:
    """The offence answer names what the legal check lists, with section and maximum."""
    said = every_part("action_offences", {"home_jurisdiction": home, "harm_types": [harm]})
    text = "\n".join(message.text for message in said)
    for fact_id in TABLE["homes"][home][harm]:
        fact = knowledge.by_id[fact_id]
        assert any(fact_id in message.facts for message in said), fact_id
        assert fact.section in text and fact.max_penalty in text, fact_id


@pytest.mark.parametrize(
    ("state", "harm"), [(state, harm) for state, row in TABLE["states"].items() for harm in row]
)
def test_the_offences_of_each_australian_state_are_named(
    knowledge: Knowledge, state: str, harm: str
) -> None:
    """A state's own offences come with its section, and none of another state's."""
    slots = {"home_jurisdiction": "australia", "australian_state": state, "harm_types": [harm]}
    said = every_part("action_offences", slots)
    named = {fact for message in said for fact in message.facts}
    for fact_id in TABLE["states"][state][harm]:
        assert fact_id in named, fact_id
    assert all(knowledge.by_id[fact].state in ("", state) for fact in named)


@pytest.mark.parametrize(
    ("home", "other"),
    [(h, o) for h, o in itertools.product(HOMES, OTHERS) if o is not None and h != o],
)
def test_each_pair_names_its_lever_and_its_route(
    knowledge: Knowledge, home: str, other: str
) -> None:
    """What works there, and how the police reach there, for every pair."""
    slots = {
        "home_jurisdiction": home,
        "perpetrator_location": other,
        "harm_types": ["harassment"],
    }
    said = every_part("action_cross_border", slots)
    facts = [knowledge.by_id[fact] for message in said for fact in message.facts]
    parts = {fact.part for fact in facts if fact.side == "perpetrator"}
    assert {"lever", "route"} <= parts
    nations = {"england_wales", "scotland", "northern_ireland", "united_kingdom"}
    named = "xb-honest-truth-interpol" in {fact.id for fact in facts}
    assert named is not ({home, other} <= nations)


def test_answers_of_different_cells_differ() -> None:
    """No two homes and no two harms get the same offences; no two pairs the same border."""
    guides = HOMES[:5]
    offences = {
        (home, harm): "\n".join(
            message.text
            for message in every_part(
                "action_offences", {"home_jurisdiction": home, "harm_types": [harm]}
            )
        )
        for home in guides
        for harm in HARM_TYPES
    }
    assert len(set(offences.values())) == len(offences)
    borders = {
        (home, other): "\n".join(
            message.text
            for message in every_part(
                "action_cross_border",
                {
                    "home_jurisdiction": home,
                    "perpetrator_location": other,
                    "harm_types": ["harassment"],
                },
            )
        )
        for home in HOMES
        for other in OTHERS
        if other is not None and other != home
    }
    assert len(set(borders.values())) == len(borders)


def test_the_checker_finds_an_invented_number(knowledge: Knowledge) -> None:
    """A number that no fact states is caught."""
    good = run("action_emergency_numbers", {"home_jurisdiction": "south_africa"})[0]
    assert not faults(good, knowledge, home="south_africa", other=None)
    bad = Message(
        good.kind, good.text + " Or call 0800 555 123.", good.choices, good.citations, good.facts
    )
    assert faults(bad, knowledge, home="south_africa", other=None)


def test_the_checker_finds_a_foreign_fact_and_a_missing_citation(knowledge: Knowledge) -> None:
    """A fact of another place and a fact without citation are caught."""
    good = run("action_emergency_numbers", {"home_jurisdiction": "south_africa"})[0]
    assert any(
        "belongs to" in fault for fault in faults(good, knowledge, home="scotland", other=None)
    )
    bare = Message(good.kind, good.text, good.choices, (), good.facts)
    assert any(
        "not cited" in fault for fault in faults(bare, knowledge, home="south_africa", other=None)
    )


def test_the_checker_finds_an_invented_address(knowledge: Knowledge) -> None:
    """A web address that no fact holds is caught."""
    bad = Message("answer", "See https://example.org/help for more.")
    assert faults(bad, knowledge, home="scotland", other=None)
