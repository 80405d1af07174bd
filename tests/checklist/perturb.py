"""Changes to a message that a reader would hardly notice, each a pure function of text and seed."""

from __future__ import annotations

import re
from random import Random

LETTERS_A_TYPO = 25
SHORTEST_MISSPELT = 4
LOOK_ALIKE_SHARE = 0.4

ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
LOOK_ALIKES = {
    "cyrillic": dict(zip("aceopxyijsABCEHKMOPTX", "асеорхуіјѕАВСЕНКМОРТХ", strict=True)),
    "greek": dict(zip("aoivABEHIKMNOPTXYZ", "αοινΑΒΕΗΙΚΜΝΟΡΤΧΥΖ", strict=True)),
    "full width": {chr(code): chr(code + 0xFEE0) for code in (*range(65, 91), *range(97, 123))},
    "mathematical bold": {
        **{chr(65 + at): chr(0x1D400 + at) for at in range(26)},
        **{chr(97 + at): chr(0x1D41A + at) for at in range(26)},
    },
}
PREFIXES = (
    "sorry for bothering you, ",
    "hi, hope you are well. ",
    "good evening, ",
    "ok so ",
    "I have never used a chat like this before. ",
    "excuse my spelling, ",
)
SUFFIXES = (
    " thanks in advance",
    ". sent from my phone",
    ", cheers",
    " https://example.com/p/48213",
    " #mondaymood",
    ". kind regards, Sam",
)
SENTENCES = (
    "It has been raining here since the morning.",
    "I have just put the kettle on.",
    "My cat is asleep on the sofa.",
    "The bus was late again today.",
    "I am typing this on an old laptop.",
)
FILLERS = (
    "eish, {}",
    "jislaaik, {}",
    "ag nee man, {}",
    "sawubona, {}",
    "molo, {}",
    "haibo, {}",
    "och, {}",
    "{}, ne",
    "{}, ngiyabonga",
    "{}, asseblief",
    "{}, ken",
    "yoh {} hey",
)
DIALECTS: dict[str, tuple[tuple[str, str], ...]] = {
    "Scots": (
        ("do not", "dinnae"), ("does not", "doesnae"), ("did not", "didnae"), ("is not", "isnae"),
        ("will not", "winnae"), ("cannot", "cannae"), ("have not", "havenae"), ("my", "ma"),
        ("from", "fae"), ("to", "tae"), ("of", "o"), ("house", "hoose"), ("know", "ken"),
        ("going", "gaun"), ("old", "auld"), ("girl", "lassie"), ("children", "weans"),
        ("and", "an"), ("with", "wi"), ("now", "noo"), ("out", "oot"),
    ),
    "South African": (
        ("a man", "this oke"), ("my neighbour", "my neighbour bra"), ("police", "cops"),
        ("some stranger", "some oke"), ("he is", "he's busy"), ("very", "moerse"),
        ("please", "asb"), ("car", "bakkie"), ("everybody", "everyone hey"), ("girl", "chick"),
        ("flat", "place"), ("mates", "brus"), ("right now", "now now"),
    ),
    "Australian": (
        ("a man", "some bloke"), ("man", "bloke"), ("people", "youse lot"), ("police", "coppers"),
        ("my", "me"), ("friends", "mates"), ("girl", "sheila"), ("stranger", "rando"),
        ("horrible", "feral"), ("everybody", "every man and his dog"), ("work", "me work"),
    ),
    "Northern Irish": (
        ("a girl", "a wee girl"), ("a man", "a fella"), ("my mum", "my mammy"), ("people", "ones"),
        ("you", "youse"), ("they are", "them ones are"), ("is", "is wile"), ("house", "gaff"),
        ("message", "wee message"), ("picture", "wee picture"), ("now", "nigh"),
    ),
    "texting": (
        ("you", "u"), ("are", "r"), ("your", "ur"), ("to", "2"), ("for", "4"), ("because", "cos"),
        ("please", "pls"), ("people", "ppl"), ("messages", "msgs"), ("and", "n"), ("with", "w"),
        ("going to", "gonna"), ("want to", "wanna"), ("is not", "aint"), ("what", "wat"),
    ),
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z]+")
_FIRST_PERSON = re.compile(
    r"\b(I am|I have|I was|I go|I get|I think|I talk|I put|I|me|my)\b(?! sister| mum| brother| cousin)"
)
_SISTER = {
    "i am": ("my sister is", "she is"),
    "i have": ("my sister has", "she has"),
    "i was": ("my sister was", "she was"),
    "i go": ("my sister goes", "she goes"),
    "i get": ("my sister gets", "she gets"),
    "i think": ("my sister thinks", "she thinks"),
    "i talk": ("my sister talks", "she talks"),
    "i put": ("my sister puts", "she puts"),
    "i": ("my sister", "she"),
    "me": ("my sister", "her"),
    "my": ("my sister's", "her"),
}


def typo(text: str, seed: int) -> str:
    """Return the text with a swap, a loss or a doubling for every 25 letters, one at least.

    Only words of four letters and more are misspelt, each at most once, and never at the start.
    """
    random = Random(seed)
    words = [found.span() for found in _WORD.finditer(text)]
    words = [span for span in words if span[1] - span[0] >= SHORTEST_MISSPELT]
    letters = sum(char.isalpha() for char in text)
    for start, end in sorted(
        random.sample(words, min(len(words), max(1, letters // LETTERS_A_TYPO))), reverse=True
    ):
        text = text[:start] + _misspelt(text[start:end], random) + text[end:]
    return text


def _misspelt(word: str, random: Random) -> str:
    at = random.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    dropped = word[:at] + word[at + 1 :]
    doubled = word[: at + 1] + word[at:]
    return random.choice([swapped, dropped, doubled] if swapped != word else [dropped, doubled])


def upper(text: str, seed: int) -> str:
    """Return the text in capitals."""
    return text.upper()


def lower(text: str, seed: int) -> str:
    """Return the text in small letters."""
    return text.lower()


def title(text: str, seed: int) -> str:
    """Return the text With Each Word Like This."""
    return _WORD.sub(lambda found: found[0].capitalize(), text)


def zero_width(text: str, seed: int) -> str:
    """Return the text with a character that nobody sees inside every longer word."""
    random = Random(seed)

    def hidden(found: re.Match[str]) -> str:
        word = found[0]
        if len(word) < 3:
            return word
        at = random.randrange(1, len(word))
        return word[:at] + random.choice(ZERO_WIDTH) + word[at:]

    return _WORD.sub(hidden, text)


def look_alikes(text: str, seed: int) -> str:
    """Return the text with two in five of its letters, one at least, from another alphabet."""
    random = Random(seed)
    table = LOOK_ALIKES[sorted(LOOK_ALIKES)[seed % len(LOOK_ALIKES)]]
    places = [at for at, char in enumerate(text) if char in table]
    chosen = set(
        random.sample(places, min(len(places), max(1, int(len(places) * LOOK_ALIKE_SHARE))))
    )
    return "".join(table[char] if at in chosen else char for at, char in enumerate(text))


def prefix(text: str, seed: int) -> str:
    """Return the text after words that have nothing to do with it."""
    return PREFIXES[seed % len(PREFIXES)] + text


def suffix(text: str, seed: int) -> str:
    """Return the text before words, a link or a hashtag that have nothing to do with it."""
    return text + SUFFIXES[seed % len(SUFFIXES)]


def longer(text: str, seed: int) -> str:
    """Return the text with a sentence about nothing after it."""
    return f"{text}. {SENTENCES[seed % len(SENTENCES)]}"


def much_longer(text: str, seed: int) -> str:
    """Return the text with a sentence about nothing before it and another one after it."""
    first, last = SENTENCES[seed % len(SENTENCES)], SENTENCES[(seed + 2) % len(SENTENCES)]
    return f"{first} {text}. {last}"


def loud(text: str, seed: int) -> str:
    """Return the text with its punctuation doubled and marks at its end."""
    return re.sub(r"([.,!?])", r"\1\1", text) + ("!!", "??", "...", "!!!!")[seed % 4]


def dialect(text: str, seed: int) -> str:
    """Return the text as it is said in one of five ways of speaking; unchanged if none fits."""
    names = sorted(DIALECTS)
    for turn in range(len(names)):
        spoken = in_dialect(text, names[(seed + turn) % len(names)])
        if spoken != text:
            return spoken
    return text


def in_dialect(text: str, name: str) -> str:
    """Return the text with the words of one dialect; longer phrases go first, each place once."""
    pairs = {standard: other for standard, other in DIALECTS[name]}
    phrases = "|".join(sorted(map(re.escape, pairs), key=len, reverse=True))
    return re.sub(rf"\b({phrases})\b", lambda found: pairs[found[0]], text)


def about_my_sister(text: str, seed: int) -> str:
    """Return what happens to me as what happens to my sister; unchanged where nobody is named."""
    told = False

    def person(found: re.Match[str]) -> str:
        nonlocal told
        first, later = _SISTER[found[0].lower()]
        word, told = (later if told else first), True
        return word

    return _FIRST_PERSON.sub(person, text)


def code_switch(text: str, seed: int) -> str:
    """Return the text with a filler or greeting in Afrikaans, isiZulu, isiXhosa or Scots."""
    return FILLERS[seed % len(FILLERS)].format(text)
