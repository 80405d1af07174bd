"""What can be read without learning: places, laws named, topics; loaded once a process."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.places import Gazetteer, load_gazetteer, read_places
from knowledge.laws import LawIndex, law_index
from knowledge.loader import FOLDER, load
from knowledge.topics import TopicIndex, load_topics

ASKED = ("home_jurisdiction", "perpetrator_location", "australian_state")

danger_seen: ContextVar[list[str] | None] = ContextVar("danger_seen", default=None)
"""What the danger head found in the turn under way; the runtime reads it before the answer."""

understood: ContextVar[list[tuple[str, float]] | None] = ContextVar("understood", default=None)
"""The intent of the turn under way and how sure it is; the runtime reads it after the answer."""


class Reader:
    """Reads a message with the gazetteer, the index of laws and the topics."""

    def __init__(self, *, gazetteer: Gazetteer, laws: LawIndex, topics: TopicIndex) -> None:
        self._gazetteer = gazetteer
        self._laws = laws
        self._topics = topics

    def read(self, text: str) -> dict[str, Any]:
        """Return ``places`` (one reading for each question that may stand), laws and topics."""
        places = {"none": self._places(text, None)}
        if places["none"]["mentions"]:
            places.update({asked: self._places(text, asked) for asked in ASKED})
        return {
            "only_place": _only_place(text, places["none"]["spans"]),
            "places": places,
            "laws": list(self._laws.find(text)),
            "topics": list(self._topics.find(text)),
        }

    def home_in(self, text: str) -> str | None:
        """Return the home that a text names, if it names no other place.

        "I'm from Leeds but live in Sydney": a wrong number costs more than all of them on a screen.
        """
        reading = read_places(text, gazetteer=self._gazetteer)
        places = {mention.place for mention in reading.mentions}
        sure = reading.home != "united_kingdom" and places <= {reading.home}
        return reading.home if sure else None

    def tell_danger(self, kind: str) -> None:
        """Note for the runtime that the danger head saw a danger in this turn."""
        seen = danger_seen.get()
        if seen is not None:
            seen.append(kind)

    def tell_intent(self, name: str, confidence: float) -> None:
        """Note for the runtime what was understood in this turn."""
        heard = understood.get()
        if heard is not None:
            heard.append((name, confidence))

    def _places(self, text: str, asked: str | None) -> dict[str, Any]:
        reading = read_places(text, gazetteer=self._gazetteer, asked=asked)
        return {
            "home": reading.home,
            "state": reading.state,
            "perpetrator": reading.perpetrator,
            "ambiguous": [asdict(found) for found in reading.ambiguous],
            "mentions": len(reading.mentions),
            "spans": [list(mention.span) for mention in reading.mentions],
        }


def _only_place(text: str, spans: list[list[int]]) -> bool:
    """Say whether a text is nothing but a place: then it answers a question."""
    if not spans or len(text) > 40:
        return False
    rest = text
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    return not re.sub(r"\b(in|im|i'm|near|from|the|uk|here)\b|\W", "", rest.lower())


@lru_cache(maxsize=1)
def shared_reader() -> Reader:
    """Return the one reader of this process."""
    return Reader(
        gazetteer=load_gazetteer(Path(FOLDER) / "places"),
        laws=law_index(load()),
        topics=load_topics(Path(FOLDER) / "topics.yml"),
    )
