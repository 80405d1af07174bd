"""A message's clauses: people tell of several things at once, with small talk around them."""

from __future__ import annotations

import re

MOST_CLAUSES = 8
LEAST_WORDS = 3
# A message longer than this, in words, is read for danger by stretches of so many, step by step.
LONG, STRETCH, STEP = 90, 40, 25
_BETWEEN = re.compile(
    r"(?<=[.!?;])\s+|\n+|,?\s+(?:and|but|then|also|plus|just)\s+"
    r"(?=(?:i|he|she|they|we|it|my|the|now|this|these|those|some)\b)|,\s+(?=(?:just|only)\b)",
    re.IGNORECASE,
)
_WAS = r"(?:has|have|had|did|does|do|is|was|are|were)"
_NOT = r"(?:not|n['’]?t|never)(?:\s+(?:ever|actually|really|even|directly|been))*"
_HARMED = (
    r"(?:threaten|hit|hurt|harm|attack|touch|shar|post|leak|publish|hack|follow|stalk|track|"
    r"blackmail|demand)(?:t?ed|t?ing|e|en|s)?"
)
_DENIED = re.compile(
    rf"\b(?:{_WAS}\s*)?{_NOT}\s+{_HARMED}\b|"
    rf"\b(?:nobody|no[ -]one|none of them)(?:\s+(?:has|have|is|was|ever))*\s+{_HARMED}\b",
    re.IGNORECASE,
)
# "I did not share it" says nothing of what others did.
_OWN = re.compile(rf"\b(?:i|we)(?:['’]?ve)?\s+(?:{_WAS}\s*)?{_NOT}\b", re.IGNORECASE)
# What is only put off, or done in another way, is not denied.
_STILL = re.compile(r"\b(?:yet|until|unless|if|only|just|so far|anymore|any more)\b", re.IGNORECASE)


def clauses(text: str) -> tuple[str, ...]:
    """Return the clauses of a message, or nothing where it is one alone.

    Fragments under three words say too little by themselves and are left out; so is what stands
    behind the eighth clause, which is read with the whole only.
    """
    told = tuple(part for part in _split(text) if len(part.split()) >= LEAST_WORDS)
    return told[:MOST_CLAUSES] if len(told) > 1 else ()


def stretches(text: str) -> tuple[str, ...]:
    """Return a long message in overlapping stretches, or nothing where it is short.

    The encoder reads 192 word pieces, and one sentence weighs little among fifty: what is happening
    now may be the last thing in a long story.
    """
    words = text.split()
    if len(words) <= LONG:
        return ()
    starts = range(0, len(words) - STRETCH + STEP, STEP)
    return tuple(" ".join(words[start : start + STRETCH]) for start in starts)


def without_denied(text: str) -> str:
    """Return a message without the clauses that say what somebody has not done.

    "He has not threatened me, but he posts my address" tells of an address. A message that holds
    nothing else is returned as it is: what is asked about may still be the thing denied.
    """
    parts = _split(text)
    told = [part for part in parts if not _denied(part)]
    return ". ".join(told) if told and len(told) < len(parts) else text


def _split(text: str) -> list[str]:
    return [part for part in (part.strip() for part in _BETWEEN.split(text)) if part]


def _denied(part: str) -> bool:
    return bool(_DENIED.search(part)) and not (_OWN.search(part) or _STILL.search(part))
