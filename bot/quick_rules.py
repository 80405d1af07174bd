"""Rasa's rule policy, without what cannot change what it predicts.

Rasa 3.6.21 makes a state of every moment of a conversation, twice for a message, takes each rule
apart for each of them, and prints all of it for a debug line. A rule speaks of the last few states
only, and holding a message against rules by its text is for rules with texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

State = dict[str, Any]
_find_action = RulePolicy._find_action_from_rules
_possible = RulePolicy._get_possible_keys
_does_match = RulePolicy._does_rule_match_state


@dataclass(frozen=True, slots=True)
class _Book:
    """The rules of a policy: by their key, the states that each asks for, the last one first."""

    rules: Mapping[str, tuple[State, ...]]
    longest: int
    by_text: bool


def quicken() -> None:
    """Put the quicker ways in the place of Rasa's; they predict the same."""
    RulePolicy._find_action_from_rules = _find_action_from_rules
    RulePolicy._prediction_states = _last_states
    RulePolicy._get_possible_keys = _possible_keys
    # It is computed for a debug line alone.
    RulePolicy.format_tracker_states = staticmethod(lambda states: "")


def _find_action_from_rules(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> Any:
    """Look for rules; by text only where a rule could hold without an intent."""
    if use_text_for_last_user_input and not _book_of(policy).by_text:
        return None, None, False
    return _find_action(policy, tracker, domain, use_text_for_last_user_input)


def _last_states(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
    rule_only_data: Any = None,
) -> list[State]:
    """Return the last states of a conversation, as many as the longest rule has."""
    events = tracker.applied_events()
    before = [at for at, event in enumerate(events) if isinstance(event, ActionExecuted)]
    first = max(0, len(before) + 1 - _book_of(policy).longest)
    wanted = set(before[first:])
    replayed, states = tracker.init_copy(), []
    for at, event in enumerate(events):
        if at in wanted:
            states.append(domain.get_active_state(replayed))
        replayed.update(event)
    states.append(domain.get_active_state(replayed))
    policy.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def _possible_keys(policy: RulePolicy, lookup: Mapping[str, Any], states: list[State]) -> set[str]:
    """Return the keys of the rules that hold for the last states."""
    rules = _book_of(policy).rules
    possible = [(key, rules[key]) for key in lookup]
    for turn, state in enumerate(reversed(states)):
        possible = [
            (key, rule) for key, rule in possible if turn >= len(rule) or _holds(rule[turn], state)
        ]
    return {key for key, _ in possible}


def _holds(rule: State, state: State) -> bool:
    wanted, had = rule.get(PREVIOUS_ACTION), state.get(PREVIOUS_ACTION)
    if not wanted or not had:
        # Both are the beginning of a conversation, or one of them is and the other is not.
        return not wanted and not had
    name = wanted.get(ACTION_NAME)
    if name and name != had.get(ACTION_NAME):
        return False
    return bool(_does_match(rule, state))


def _book_of(policy: RulePolicy) -> _Book:
    return _book(tuple(policy.lookup[RULES]), tuple(policy.lookup[RULES_FOR_LOOP_UNHAPPY_PATH]))


@lru_cache(maxsize=4)
def _book(rules: tuple[str, ...], unhappy: tuple[str, ...]) -> _Book:
    read = {key: tuple(reversed(json.loads(key))) for key in (*rules, *unhappy)}
    return _Book(
        rules=read,
        longest=max((len(states) for states in read.values()), default=1),
        by_text=any(
            states[0].get(PREVIOUS_ACTION, {}).get(ACTION_NAME) in (None, ACTION_LISTEN_NAME)
            and not states[0].get(USER, {}).get(INTENT)
            for states in read.values()
        ),
    )
