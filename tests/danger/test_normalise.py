"""However it is spelt or disguised, a danger is found; ordinary words are left alone."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from bot.danger import DangerMatch, DangerPatterns, find_danger
from bot.danger.normalise import meant_by, said

CYRILLIC = str.maketrans("aeopcxyisjhkt", "аеорсхуіѕјһкт")
GREEK = str.maketrans("aoikvtpx", "αοικντρχ")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
BOLD = {ord("a") + at: 0x1D41A + at for at in range(26)}

DISGUISES: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "title": str.title,
    "swapcase": str.swapcase,
    "zero width": lambda text: "\u200b".join(text),
    "joiners": lambda text: "".join(c + "\u200d\u2060" for c in text),
    "soft hyphens": lambda text: "\u00ad".join(text),
    "right to left marks": lambda text: "\u202e" + "\u200f".join(text) + "\u202c",
    "combining marks": lambda text: "".join(c + "\u0336" if c.isalpha() else c for c in text),
    "NUL": lambda text: "\x00".join(text),
    "variation": lambda text: "\ufe0f".join(text),
    "tags": lambda text: "".join(c + chr(0xE0020 + ord(c) % 90) for c in text),
    "cyrillic": lambda text: text.lower().translate(CYRILLIC),
    "greek": lambda text: text.lower().translate(GREEK),
    "full width": lambda text: text.translate(WIDE),
    "bold": lambda text: text.lower().translate(BOLD),
    "accents": lambda text: text.replace("e", "é").replace("i", "ï").replace("a", "ä"),
    "spaces": lambda text: text.replace(" ", "  \t "),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "curly": lambda text: text.replace("'", "\u2019"),
}


Found = dict[str, DangerMatch | None]


@pytest.fixture(scope="module")
def in_data(patterns: DangerPatterns) -> Found:
    """Return what is found in each sentence of the data as it stands."""
    texts = [example.text for example in patterns.examples if example.text]
    return {text: find_danger(text, patterns=patterns) for text in texts}


@pytest.fixture(scope="module")
def in_cases(patterns: DangerPatterns, cases: dict[str, Any]) -> Found:
    """Return what is found in each case as it stands."""
    texts = [text for many in cases["danger"].values() for text in many] + cases["hard"]
    return {text: find_danger(text, patterns=patterns) for text in texts}


def flips(name: str, plain: Found, patterns: DangerPatterns) -> list[str]:
    """Return the texts in which a disguise changes what is found."""
    return [
        text
        for text, found in plain.items()
        if find_danger(DISGUISES[name](text), patterns=patterns) != found
    ]


@pytest.mark.parametrize("name", DISGUISES)
def test_no_disguise_flips_any_sentence_of_the_data(
    patterns: DangerPatterns, in_data: Found, name: str
) -> None:
    found = flips(name, in_data, patterns)
    assert in_data and not found, found


@pytest.mark.parametrize("name", DISGUISES)
def test_no_disguise_flips_any_case(patterns: DangerPatterns, in_cases: Found, name: str) -> None:
    found = flips(name, in_cases, patterns)
    assert in_cases and not found, found


@pytest.mark.parametrize(
    "text",
    [
        "he has a kn1fe", "he will k1ll me", "he will k!ll me", "he has a gvn and a knif3",
        "he r@ped me", "he r*ped me", "he wants to k*ll me", "su!cidal", "su1c1dal", "h3lp n0w",
        "he has a 🔪", "he has a🔫", "🆘", "🔪🔪 he has a 🔪",
        "heeeelp meeee nooow", "hes outsideeee", "he has a knifeeee", "killll myself i want to",
        "hesoutsidemydoor", "heisoutsidemydoor", "hehasagun", "iwanttokillmyself",
        "heisgoingtokillme", "helpmenow", "hes got aknife", "mikeisoutsidemydoor",
        "he will k i l l me", "he has a k.n.i.f.e", "he has a k-n-i-f-e", "h e l p  n o w",
        "he is o u t s i d e my door", "k i l l m y s e l f",
        "he is outisde my door", "he is outsde my door", "he has a kinfe", "he has a knofe",
        "he has a knifee", "hes stranglng me", "he thretened to kill me", "i am suicdal",
        "my husbnad is hitting me", "he is folowing me home", "i want to kill mysefl",
        "hlep now", "he will klil me", "he locekd me in", "i took an ovrdose", "sucidal",
        "he.is.outside.my.door", "he/is/outside/my/door", "he_is_outside_my_door",
        "ʜᴇ ɪꜱ ᴏᴜᴛꜱɪᴅᴇ ᴍʏ ᴅᴏᴏʀ", "🅗🅔 is outside", "🇭🇪🇱🇵 now", "ⓚⓘⓛⓛ myself i will ⓚⓘⓛⓛ myself",
        "Не is оutsidе mу dооr", "ΗΕ ΗΑS Α ΚΝΙFΕ",
    ],
)  # fmt: skip
def test_misspelt_and_disguised_dangers_are_found(patterns: DangerPatterns, text: str) -> None:
    match = find_danger(text, patterns=patterns)
    assert match is not None and match.present, said(text, patterns=patterns)


ORDINARY = (
    "night right light sight fight life wife bill fill will hill till mill gum run fun sun sacred "
    "scarred lunch bunch widow contact pace prayed shelf beading boring batch sharing hearing "
    "therapist skilled passage beacon grant trail quality cheque"
)


@pytest.mark.parametrize("word", ORDINARY.split())
def test_ordinary_words_are_never_taken_for_danger_words(
    patterns: DangerPatterns, word: str
) -> None:
    assert word in patterns.machine.vocabulary or not meant_by(word, patterns=patterns)
    assert said(word, patterns=patterns).words == (word,)


@pytest.mark.parametrize(
    "text",
    [
        "he has a good life", "he has a new wife", "he sent me a bill", "he will bill me",
        "good night he said", "my therapist is outside the city", "he has a fun run",
        "see you at the pub at 8", "e.g. i.e. u.k. law", "a b c d e f g", "x y z",
        "my email is kay@kilmer.com", "order no. 47111 for k1 a1", "I got 10111 likes",
    ],
)  # fmt: skip
def test_repairs_do_not_make_danger_of_ordinary_text(patterns: DangerPatterns, text: str) -> None:
    match = find_danger(text, patterns=patterns)
    assert match is None or not match.present, (match, said(text, patterns=patterns))


def test_one_slip_in_a_word_flips_few_dangers(
    patterns: DangerPatterns, cases: dict[str, Any]
) -> None:
    """One slip in a word of five letters or more: at most 2 % of the dangers are lost."""
    chance = random.Random(7)
    lost, tried = [], 0
    for many in cases["danger"].values():
        for text in many:
            words = text.split()
            known = patterns.machine.vocabulary
            long = [at for at, word in enumerate(words) if len(word) > 4 and word in known]
            if not long:
                continue
            at = chance.choice(long)
            word = words[at]
            place = chance.randrange(1, len(word) - 1)
            slips = [
                word[:place] + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
                word[:place] + chance.choice("aeiostn") + word[place:],
                word[:place] + chance.choice("qzxvw") + word[place + 1 :],
            ]
            words[at] = chance.choice(slips)
            tried += 1
            match = find_danger(" ".join(words), patterns=patterns)
            if match is None or not match.present:
                lost.append(" ".join(words))
    assert tried > 100
    assert len(lost) <= 0.02 * tried, lost


def test_normal_form_does_not_matter(patterns: DangerPatterns) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        text = unicodedata.normalize(form, "hé ïs oütside my door")
        assert find_danger(text, patterns=patterns) is not None
