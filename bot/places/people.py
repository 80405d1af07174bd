"""Who is meant by a relative, a friend or a pronoun: the victim or the one who does it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.places import cues

_STOPS = frozenset((".", "!", "?", "\n", ";", "because", "cos"))
_STRANGERS = frozenset(("kid", "kids", "student", "child"))
_OWN = frozenset(("my", "our", "her", "his", "their"))
_ME = frozenset(("me", "my", "us", "our"))


def is_victim(words: Sequence[str], at: int) -> bool:
    """Return whether the relative or friend named at ``at`` is the one it is done to.

    "My sister is being blackmailed" is; "my sister keeps posting about me" is not.
    """
    if words[at] in _STRANGERS and _OWN.isdisjoint(words[max(0, at - 3) : at]):
        return False
    before = [word for word in words[max(0, at - 3) : at] if word not in ("my", "a", "our", "the")]
    if before and before[-1] in ("by", "from", "ex", "former", "old", "called", "fake"):
        return False
    for where in range(at + 1, min(len(words), at + 14)):
        word = words[where]
        if word in _STOPS or word in cues.PASSIVE or word in cues.SPEECH:
            return True
        if word in ("and", "but", ",") and where > at + 5:
            return True
        if word in ("by", "from") and words[where - 1] not in cues.FAMILY:
            return True
        if word in _ME and words[where - 1] not in ("of", "like", "to", "with", "and", ",", "in"):
            return False
    return True


def pronoun_is_victim(words: Sequence[str], at: int) -> bool:
    """Return whether he, she or they at ``at`` is a relative or friend it is done to.

    "My daughter is being blackmailed, she's in Cape Town": unless somebody else was named since
    whom the pronoun could mean.
    """
    pronoun = words[at]
    fits = {"she": cues.SHE_VICTIMS, "he": cues.HE_VICTIMS}.get(pronoun, cues.FAMILY)
    for where in range(at - 1, -1, -1):
        word = words[where]
        if word in cues.PERSON and (pronoun != "she" or word in cues.FEMALE):
            return False
        if word in fits:
            return is_victim(words, where)
    return False
