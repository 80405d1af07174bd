"""Who is meant by a relative, a friend or a pronoun: the victim or the one who does it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

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
            return is_victim(words, where) and not is_recipient(words, where)
    return False


def is_marked_victim(words: Sequence[str], at: int) -> bool:
    """Return whether anything says that the relative at ``at`` is the one it is done to.

    A child always is. Others: "is being ...", "somebody harasses her", "her ex".
    """
    if words[at] in cues.CHILD or not cues.TARGETED.isdisjoint(words[at + 1 : at + 14]):
        return True
    before = words[max(0, at - 4) : at]
    if any(word in cues.GENERIC_OBJECT or word.endswith("ing") for word in before):
        return True
    return _is_object(words, at)


def _is_object(words: Sequence[str], at: int) -> bool:
    """My mum ..., a man is hounding her; his ex ... him; gets messages from her ex."""
    after = words[at + 1 :]
    doers = [where for where, word in enumerate(after) if word in cues.PERSON]
    if not doers:
        return False
    for where, word in enumerate(after):
        follower = after[where + 1] if where + 1 < len(after) else ""
        if word in ("her", "his", "their") and follower in cues.PERSON:
            return True
        if word in ("her", "him", "them") and doers[0] < where and follower not in cues.PERSON:
            return after[where - 1].endswith(("ing", "s", "ed"))
    return False


def is_victim_partner(words: Sequence[str], at: int) -> bool:
    """Return whether it is done to the writer's partner: "my husband in Leeds, his ex ..."."""
    end = next((w for w in range(at, len(words)) if words[w] in _STOPS), len(words))
    after = words[at + 1 : end]
    if _ME & set(after):
        return False
    passive = any(a in cues.BE and b in ("being", "getting") for a, b in pairwise(after))
    theirs = any(a in ("his", "her", "their") and b in cues.PERSON for a, b in pairwise(after))
    return passive or theirs


def is_recipient(words: Sequence[str], at: int) -> bool:
    """Return whether it was sent, told or shown to the relative at ``at``, not done to them."""
    if words[at] in cues.CHILD:
        return False
    before = words[max(0, at - 7) : at]
    own = max((where for where, word in enumerate(before) if word in _OWN), default=-1)
    if own < 1:
        return False
    verb = before[own - 1]
    sent_to = verb in ("to", "with") and not cues.SENDS.isdisjoint(before[:own])
    return sent_to or verb in cues.RECIPIENT
