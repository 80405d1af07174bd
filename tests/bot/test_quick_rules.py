"""The quicker rules predict what Rasa's own do, through whole conversations with the real model."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy

from bot import quick_rules
from tests.channels.support import SETTINGS
from tests.support.real_brain import started, with_real_model

REPLACED = (
    "_find_action_from_rules",
    "_prediction_states",
    "_get_possible_keys",
    "format_tracker_states",
)
_predict = RulePolicy._predict
# Each goes on where the one before left: forms, questions in their middle, corrections, buttons.
CONVERSATIONS = (
    ("hello", "my ex keeps posting my address", "what is a screenshot good for", "Glasgow", "he is in Durban", "thanks"),
    ("someone shares my nudes", "i don't know", "actually i live in Cardiff", "what can he go to prison for", "asdf qwer", "zxcv"),
    ("he is outside my door with a knife", "I can't", "he is gone now", "where do i report it", "Scotland"),
    ("/ask_escalation", "they shrugged", "tried that", "start over", "report", "no", "what about in Sydney"),
    ("i want to kill myself", "no", "a person please", "what evidence should i keep", "what else", "bye"),
)  # fmt: skip


@pytest.fixture
def put_back() -> Iterator[None]:
    now = {name: inspect.getattr_static(RulePolicy, name, None) for name in REPLACED}
    yield
    _put(now)


def _put(methods: dict[str, Any]) -> None:
    for name, method in methods.items():
        if method is not None:
            setattr(RulePolicy, name, method)


def _rasas(policy: RulePolicy, tracker: Any, domain: Any) -> Any:
    """Return what Rasa's own methods predict."""
    quick = {name: inspect.getattr_static(RulePolicy, name) for name in REPLACED}
    _put(
        {
            "_find_action_from_rules": quick_rules._find_action,
            "_prediction_states": Policy._prediction_states,
            "_get_possible_keys": quick_rules._possible,
            "format_tracker_states": inspect.getattr_static(Policy, "format_tracker_states"),
        }
    )
    try:
        return _predict(policy, tracker, domain)[0]
    finally:
        _put(quick)


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("put_back")
async def test_every_prediction_of_whole_conversations_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brain = await started(with_real_model(SETTINGS, tmp_path))
    assert RulePolicy._prediction_states is quick_rules._last_states
    compared, differing = 0, []
    predict = RulePolicy._predict

    def both(policy: RulePolicy, tracker: Any, domain: Any) -> Any:
        nonlocal compared
        made, source = predict(policy, tracker, domain)
        theirs = _rasas(policy, tracker, domain)
        compared += 1
        for part in ("probabilities", "events", "is_no_user_prediction", "hide_rule_turn"):
            if getattr(made, part) != getattr(theirs, part):
                differing.append((tracker.latest_action_name, part))
        return made, source

    monkeypatch.setattr(RulePolicy, "_predict", both)
    try:
        for number, texts in enumerate(CONVERSATIONS):
            for text in texts:
                await brain.answer(
                    f"web-rules{number:016d}",
                    text,
                    metadata={"danger_answered": False, "default_home": None},
                    on_message=lambda message: None,
                    on_danger=lambda kind: None,
                )
    finally:
        brain.stop()
    assert compared > 60 and not differing


def test_rasa_still_asks_what_is_replaced_here() -> None:
    asks = inspect.getsource(quick_rules._find_action)
    for name in ("_prediction_states(", "format_tracker_states(", "_get_possible_keys("):
        assert f"self.{name}" in asks, (
            "Rasa finds rules in another way now: see what a turn costs, and change quick_rules.py"
        )
