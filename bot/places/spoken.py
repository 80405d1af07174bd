"""Spellings of the little words, as people speak: fae is from, ah is I, "were in" is we're in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.places import cues

_ALWAYS = {
    **{"fae": "from", "frae": "from", "frm": "from", "oot": "out", "doon": "down", "wi": "with"},
    **{"noo": "now", "hame": "home", "hoose": "house", "nae": "not", "roon": "round"},
    **{"bide": "live", "bides": "lives", "biding": "living", "bidin": "living"},
    **{"stey": "stay", "steys": "stays", "steyin": "staying", "stayin": "staying"},
    **{"livin": "living", "livs": "lives", "workin": "working", "visitin": "visiting"},
}
_I_DO = frozenset(("live", "stay", "'m", "am", "work", "wis", "hae", "moved", "come", "cannae"))
# Afrikaans: ek is in Durban, ons bly in Paarl.
_AFRIKAANS_I = {"ek": "i", "ons": "we"}
_AFRIKAANS_DO = {"is": "am", "bly": "live", "woon": "live", "werk": "work", "was": "was"}
_A_BIDE = ("bide", "stey")
_CLAUSE = frozenset(("", ",", ".", "!", "?", ";", "\n", "and", "but", "so", "cos", "because", "-"))
_SOMEBODY = cues.ANYBODY | cues.I | {"my", "his", "her", "their"}
_HAD = cues.ANYBODY | cues.MINE | cues.POSSESSED


def little_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words with the little ones in the spelling that the rules know.

    One word stays one word, so that every place keeps its offsets.
    """
    said = [_ALWAYS.get(word, word) for word in words]
    for at, word in enumerate(said):
        before = said[at - 1] if at else ""
        after = said[at + 1] if at + 1 < len(said) else ""
        if word in _AFRIKAANS_I and after in _AFRIKAANS_DO:
            said[at : at + 2] = _AFRIKAANS_I[word], _AFRIKAANS_DO[after]
            continue
        if word == "am" and before in ("i", "we"):
            continue
        me = word == "ah" and after in _I_DO
        me = me or (word == "a" and (after == "'m" or "".join(words[at + 1 : at + 2]) in _A_BIDE))
        if me or (word == "am" and before in _CLAUSE and after in cues.WE_ARE):
            said[at] = "i"
        elif word == "ma" and after in _HAD:
            said[at] = "my"
        elif word in ("an", "n") and after in _SOMEBODY - cues.PERSON_OR_FAMILY:
            said[at] = "and"
        elif word in ("were", "wur", "wir") and before in _CLAUSE and after in cues.WE_ARE:
            said[at] = "we"
    return tuple(said)
