"""What people are told about their words follows from the settings of the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.privacy import privacy_statement
from bot.settings import Settings
from bot.stores.desk import MEMORY_SECONDS
from knowledge.loader import load
from knowledge.words import Words, load_words


def told(**settings: Any) -> tuple[str, Words]:
    """Return the statement of a server with these settings, and its words."""
    made = replace(Settings(), **settings)
    words = load_words(always={"retention": made.retention})
    return privacy_statement(made, load(), words), words


@pytest.mark.parametrize(
    ("settings", "said", "not_said"),
    [
        ({}, ["privacy_sealed"], ["privacy_memory", "privacy_shared"]),
        ({"redis": "redis://host"}, ["privacy_sealed", "privacy_shared"], ["privacy_memory"]),
        ({"retention_hours": 0}, ["privacy_memory"], ["privacy_sealed", "privacy_shared"]),
    ],
)
def test_a_server_says_what_it_does_and_nothing_else(
    settings: dict[str, Any], said: list[str], not_said: list[str]
) -> None:
    statement, words = told(**settings)
    for name in (*said, "privacy_text", "privacy_logs", "privacy_operator"):
        assert words(name) in statement
    for name in not_said:
        assert words(name) not in statement


@pytest.mark.parametrize(("hours", "words"), [(1, "one hour"), (24, "one day"), (48, "48 hours")])
def test_the_time_that_is_told_is_the_time_that_is_set(hours: int, words: str) -> None:
    assert words in told(retention_hours=hours)[0]


def test_the_time_in_memory_that_is_told_is_the_time_in_memory() -> None:
    assert "ten minutes" in told(retention_hours=0)[0]
    assert MEMORY_SECONDS == 10 * 60
