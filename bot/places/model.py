"""What a reading of places is made of, and the gazetteer that it is made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # spaCy takes a second to import: nobody pays for it before a gazetteer is loaded
    from spacy.matcher import PhraseMatcher
    from spacy.vocab import Vocab

PLACES = (
    "south_africa",
    "england_wales",
    "scotland",
    "northern_ireland",
    "australia",
    "united_kingdom",
    "united_states",
    "canada",
    "new_zealand",
    "elsewhere",
)
STATES = ("nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt")
TYPES = (
    "country",
    "nation",
    "state",
    "province",
    "region",
    "city",
    "suburb",
    "police",
    "court",
    "demonym",
    "currency",
    "dial_code",
)
WEAK = ("currency", "dial_code")
UK_NATIONS = ("england_wales", "scotland", "northern_ireland")

Role = Literal["home", "perpetrator", "both", "unknown", "none"]
Gate = Literal["", "word", "person", "person_or_city", "capitals"]
Candidate = tuple[str, str | None]


class GazetteerError(Exception):
    """Place data that cannot be used. Carries every problem found, one a line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Name:
    """One name of the gazetteer: what kind of name it is and which places it can mean.

    Attributes:
        text: The name, normalised.
        type: One of TYPES.
        candidates: The places it can mean, the likeliest first.
        usually: What it means when nothing says otherwise; None for a name to ask about.
        gate: Which proof it needs to be read as a place at all.
    """

    text: str
    type: str
    candidates: tuple[Candidate, ...]
    usually: Candidate | None
    gate: Gate = ""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All names, and what finds them in a text; made once by ``load_gazetteer``."""

    names: Mapping[str, Name]
    dial_codes: Mapping[str, Name]
    vocab: Vocab
    matcher: PhraseMatcher
    words: frozenset[str]
    shorter: Mapping[str, tuple[str, ...]]
    never_fuzzy: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mention:
    """A place named in the text: characters ``start`` to ``end``, its place and its role."""

    start: int
    end: int
    text: str
    place: str | None
    state: str | None
    role: Role
    weak: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """Return the character offsets."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A name that must be asked about: whose place it is, and what it can mean."""

    name: str
    role: Literal["home", "perpetrator", "unknown"]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """Where the writer is and where the person doing it is; None where it was not said.

    Attributes:
        home: Where the writer is (``united_kingdom`` when no nation was said: to be asked).
        state: The Australian state of the home.
        perpetrator: Where the person doing it is.
        ambiguous: Names to ask about.
        mentions: Every place named, in the order of the text.
    """

    home: str | None = None
    state: str | None = None
    perpetrator: str | None = None
    ambiguous: tuple[Ambiguity, ...] = ()
    mentions: tuple[Mention, ...] = ()
