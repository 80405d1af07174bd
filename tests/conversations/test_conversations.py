"""Conversations through the real server, as YAML: what is said, and what the answer has.

A case is a name and turns. A turn says or chooses something; ``has`` are words that the reply
holds, ``lacks`` words that it does not, ``first`` the kind of its first message, ``asks`` whether
it ends in a question, ``facts`` ids that it rests on, ``cites`` addresses that it cites.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.base import Knowledge
from knowledge.message import Cited, Message
from tests.support.closed_world import faults
from tests.support.server import Server, Talk

FOLDER = Path(__file__).parent
FIELDS = {
    "say",
    "choose",
    "has",
    "has_any",
    "lacks",
    "first",
    "asks",
    "facts",
    "cites",
    "choices",
    "kind",
}


def cases() -> list[Any]:
    """Return every case of the folder, named after its file."""
    found = []
    for path in sorted(FOLDER.glob("*.yml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return one real server for all conversations."""
    with Server(
        tmp_path_factory.mktemp("talk"), WAYMARK_MESSAGES_IN_WINDOW="1000", WAYMARK_DEADLINE="30"
    ) as running:
        yield running.until_ready()


@pytest.mark.parametrize("case", cases())
def test_conversation(server: Server, knowledge: Knowledge, case: dict[str, Any]) -> None:
    """Each turn's reply has what the case names, and nothing beyond its facts."""
    talk = server.talk(home=case.get("site"))
    for number, turn in enumerate(case["turns"], start=1):
        assert set(turn) <= FIELDS, set(turn) - FIELDS
        if "say" in turn:
            talk.say(str(turn["say"]))
        else:
            talk.choose(str(turn["choose"]))
        where = f"turn {number}: {turn.get('say') or turn.get('choose')}\n{talk.text}"
        check(talk, turn, where)
        for message in talk.last:
            bad = faults(as_message(message), knowledge, home=None, other=None)
            assert message["kind"] == "fallback" or not bad or "kept" in talk.text, bad


def check(talk: Talk, turn: dict[str, Any], where: str) -> None:
    """Hold a reply against its turn."""
    text = talk.text.lower()
    for words in listed(turn.get("has")):
        assert words.lower() in text, f"lacks '{words}' in {where}"
    options = listed(turn.get("has_any"))
    assert not options or any(words.lower() in text for words in options), f"{options} in {where}"
    for words in listed(turn.get("lacks")):
        assert words.lower() not in text, f"has '{words}' in {where}"
    if "first" in turn:
        assert talk.kinds[0] == turn["first"], where
    if "kind" in turn:
        assert turn["kind"] in talk.kinds, where
    if "asks" in turn:
        assert (talk.kinds[-1] == "question") is turn["asks"], where
    for fact in listed(turn.get("facts")):
        assert fact in talk.facts, f"lacks fact {fact} of {sorted(talk.facts)} in {where}"
    urls = {cited["url"] for message in talk.last for cited in message["citations"]}
    for url in listed(turn.get("cites")):
        assert url in urls, f"does not cite {url} in {where}"
    titles = {choice["title"] for message in talk.last for choice in message["choices"]}
    for title in listed(turn.get("choices")):
        assert title in titles, f"lacks choice {title} of {sorted(titles)} in {where}"


def listed(value: Any) -> list[str]:
    """Return a list for one value or several."""
    return (
        [] if value is None else [str(v) for v in (value if isinstance(value, list) else [value])]
    )


def as_message(data: dict[str, Any]) -> Message:
    """Return a protocol message as the closed-world check takes it."""
    return Message(
        kind=data["kind"],
        text=data["text"],
        citations=tuple(Cited(**cited) for cited in data["citations"]),
        facts=tuple(data["facts"]),
    )
