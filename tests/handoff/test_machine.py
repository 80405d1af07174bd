"""The states of a hand-off: no gap, and nothing at the desk without a yes."""

from __future__ import annotations

from itertools import product

import pytest

from bot.handoff.machine import AT_DESK, QUIET, Effect, Event, State, step

TELLS = {Effect.TELL_PACKET, Effect.TELL_CLOSED, Effect.TELL_DELETED}
EVERYTHING = list(product(State, Event))


@pytest.mark.parametrize(("state", "event"), EVERYTHING, ids=lambda one: one.value)
def test_every_event_is_defined_in_every_state(state: State, event: Event) -> None:
    move = step(state, event)
    assert isinstance(move.state, State) and len(set(move.effects)) == len(move.effects)


def test_the_only_way_to_the_desk_is_a_yes_to_a_packet_that_was_seen() -> None:
    into = {(s, e) for s, e in EVERYTHING if step(s, e).state in QUIET and s not in QUIET}
    assert into == {(State.EDITING, Event.AGREE)}
    sends = {(s, e) for s, e in EVERYTHING if Effect.TELL_PACKET in step(s, e).effects}
    assert sends == into
    to_editing = {(s, e) for s, e in EVERYTHING if step(s, e).state is State.EDITING} - {
        (State.EDITING, event) for event in Event
    }
    assert all(Effect.SAY_PACKET in step(s, e).effects for s, e in to_editing)
    assert {event for _, event in to_editing} == {Event.ASK}


def test_the_desk_is_told_nothing_of_somebody_who_has_not_agreed() -> None:
    for state, event in EVERYTHING:
        if state not in AT_DESK and event is not Event.AGREE:
            assert TELLS.isdisjoint(step(state, event).effects), (state, event)


def test_whoever_waits_can_always_go_back_and_have_it_deleted() -> None:
    for state in QUIET:
        assert step(state, Event.RESUME).state is State.RESUMED
        assert step(state, Event.EXPIRE).state not in QUIET
    for state in AT_DESK:
        assert step(state, Event.DELETE).effects == (Effect.TELL_DELETED,)


def test_an_end_is_never_silent() -> None:
    """Whoever was handed over reads why the guide talks again, but for who has long gone."""
    for state, event in EVERYTHING:
        move = step(state, event)
        if state in QUIET and move.state not in QUIET and event not in (Event.EXPIRE, Event.DELETE):
            assert any(effect.value.startswith("say_") for effect in move.effects), (state, event)


def test_the_desk_can_do_nothing_to_somebody_it_was_not_given() -> None:
    for state in set(State) - QUIET:
        for event in (Event.JOIN, Event.REPLY, Event.HAND_BACK, Event.CLOSE, Event.TIME_OUT):
            assert step(state, event) == step(state, Event.DELIVERED)
            assert step(state, event).state is state
