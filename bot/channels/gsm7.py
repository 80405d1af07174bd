"""The alphabet of text messages: what fits, what it costs, and how other letters are written."""

from __future__ import annotations

import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These go over the air as two.
_EXTENDED = frozenset("\f^{}\\[~]|€")
_ALL = _BASIC | _EXTENDED
# How many fit alone, and in each part of several.
SEPTETS = (160, 153)
UNITS = (70, 67)

# Letters and marks that have a common spelling in the alphabet. What has none is never dropped: the
# message then goes out in the wider alphabet, which holds fewer letters a part.
_WRITTEN = str.maketrans(
    {
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "`": "'", "´": "'", "ʻ": "'", "ʼ": "'",
        "“": '"', "”": '"', "„": '"', "″": '"', "«": '"', "»": '"',
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "…": "...", "•": "-", "·": "-", "→": "->", "←": "<-", "×": "x", "÷": "/", "⁄": "/",
        "\t": " ", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u200a": " ", "\u202f": " ",
        "\u2002": " ", "\u2003": " ", "\u200b": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
        "©": "(c)", "®": "(R)", "™": "(TM)", "°": " degrees", "№": "No.",
        "½": "1/2", "¼": "1/4", "¾": "3/4", "²": "2", "³": "3", "¹": "1",
        "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L",
        "œ": "oe", "Œ": "OE", "ı": "i", "ħ": "h", "Ħ": "H", "ŋ": "ng", "Ŋ": "Ng", "ẞ": "SS",
        "／": "/",
    }
)  # fmt: skip


def to_gsm7(text: str) -> str:
    """Return a text in the alphabet as far as it can be written there without a loss."""
    if is_gsm7(text):
        return text
    written = text.translate(_WRITTEN)
    return "".join(_letter(letter) for letter in written)


def is_gsm7(text: str) -> bool:
    """Say whether every letter is in the alphabet."""
    return _ALL.issuperset(text)


def segments(text: str) -> int:
    """Return how many parts a text message goes out in."""
    if is_gsm7(text):
        wide = sum(text.count(letter) for letter in _EXTENDED)
        if not wide:
            return _even(len(text), SEPTETS)
        return _parts([2 if letter in _EXTENDED else 1 for letter in text], SEPTETS)
    return _parts([2 if letter > "\uffff" else 1 for letter in text], UNITS)


def _letter(letter: str) -> str:
    if letter in _ALL:
        return letter
    parted = unicodedata.normalize("NFKD", letter)
    plain = "".join(sign for sign in parted if not unicodedata.combining(sign))
    return plain if plain and is_gsm7(plain) else letter


def _even(length: int, sizes: tuple[int, int]) -> int:
    alone, joined = sizes
    return 1 if length <= alone else -(-length // joined)


def _parts(costs: list[int], sizes: tuple[int, int]) -> int:
    """Return the parts; a letter of two is never cut in two."""
    alone, joined = sizes
    if sum(costs) <= alone:
        return 1
    count, room = 1, joined
    for cost in costs:
        if cost > room:
            count, room = count + 1, joined
        room -= cost
    return count
