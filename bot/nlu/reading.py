"""What can be read without learning: places, laws named, topics; loaded once a process."""

from __future__ import annotations

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
            "places": places,
            "laws": list(self._laws.find(text)),
            "topics": list(self._topics.find(text)),
        }

    def tell_danger(self, kind: str) -> None:
        """Note for the runtime that the danger head saw a danger in this turn."""
        seen = danger_seen.get()
        if seen is not None:
            seen.append(kind)

    def _places(self, text: str, asked: str | None) -> dict[str, Any]:
        reading = read_places(text, gazetteer=self._gazetteer, asked=asked)
        return {
            "home": reading.home,
            "state": reading.state,
            "perpetrator": reading.perpetrator,
            "ambiguous": [asdict(found) for found in reading.ambiguous],
            "mentions": len(reading.mentions),
        }


@lru_cache(maxsize=1)
def shared_reader() -> Reader:
    """Return the one reader of this process."""
    return Reader(
        gazetteer=load_gazetteer(Path(FOLDER) / "places"),
        laws=law_index(load()),
        topics=load_topics(Path(FOLDER) / "topics.yml"),
    )
