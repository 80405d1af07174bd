"""What a turn of Rasa's does once instead of each time refuses and finds the same as before."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import ValidationError, validate
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import Event, SlotSet, UserUttered, deserialise_events
from rasa.shared.utils.schemas.events import EVENT_SCHEMA

from bot import costs

RESULTS: tuple[Any, ...] = (
    {"events": [], "responses": []},
    {"events": [{"event": "slot", "name": "a", "value": [1]}], "responses": [{"text": "a"}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}]},
    {"events": [{"event": "action", "name": "a"}, {"event": "active_loop", "name": None}]},
    {"events": [{"event": "followup", "name": "b"}], "more": 1},
    {},
    ["events"],
    {"events": "none"},
    {"events": [{}]},
    {"events": [7]},
    {"events": [{"event": "slot"}]},
    {"events": [{"event": "slot", "name": 5, "value": 1}]},
    {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": "now"}]},
    {"events": [{"event": "nothing_known"}]},
    {"events": [{"event": ["slot"], "name": "a"}]},
    {"responses": ["a"]},
)


@pytest.fixture(autouse=True)
def saved() -> Iterator[None]:
    before = RemoteAction._validate_action_result, Event.resolve_by_type
    costs.save_costs()
    yield
    RemoteAction._validate_action_result = before[0]
    Event.resolve_by_type = staticmethod(before[1])


@pytest.mark.parametrize("result", RESULTS, ids=str)
def test_a_result_is_refused_just_when_rasa_refuses_it(result: Any) -> None:
    def refused(check: Any) -> bool:
        try:
            check()
        except ValidationError:
            return True
        return False

    by_rasa = refused(lambda: validate(result, RemoteAction.action_response_format_spec()))
    by_us = refused(lambda: RemoteAction("action_a", None)._validate_action_result(result))
    assert by_us is by_rasa


def test_no_schema_is_held_against_anything_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("the schema was checked again")

    monkeypatch.setattr(validator_for(EVENT_SCHEMA), "check_schema", fail)
    assert RemoteAction("action_a", None)._validate_action_result(RESULTS[1])


def test_events_come_back_as_what_they_were_and_an_unknown_one_is_refused() -> None:
    events = [UserUttered("hello"), SlotSet("a", 1)]
    for _ in range(2):
        assert deserialise_events([event.as_dict() for event in events]) == events
        with pytest.raises(ValueError, match="Unknown event"):
            Event.from_parameters({"event": "nothing_known"})


def test_rasa_still_asks_what_is_replaced_here() -> None:
    assert "self._validate_action_result(" in inspect.getsource(RemoteAction.run), (
        "Rasa checks results elsewhere now: see what a turn costs, and change bot/costs.py"
    )
    assert "Event.resolve_by_type(" in inspect.getsource(Event.from_parameters)
