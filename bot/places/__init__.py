"""The place reader: where the writer is and where the person doing it is, from one message.

`read_places` is a pure function of the text and a gazetteer (knowledge/places/*.yml), which is
loaded once. What cannot be told is left out, and what could be two places is returned as a
question: a wrong law is worse than one more question.
"""

from bot.places.load import load_gazetteer
from bot.places.model import (
    PLACES,
    STATES,
    Ambiguity,
    Candidate,
    Gazetteer,
    GazetteerError,
    Mention,
    PlaceReading,
    Role,
)
from bot.places.read import read_places

__all__ = [
    "PLACES",
    "STATES",
    "Ambiguity",
    "Candidate",
    "Gazetteer",
    "GazetteerError",
    "Mention",
    "PlaceReading",
    "Role",
    "load_gazetteer",
    "read_places",
]
