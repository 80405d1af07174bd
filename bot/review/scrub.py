"""Take out of a message what could tell who somebody is; places stay: the law hangs on them.

Three nets, one behind the other. Forms: mail addresses, links, account names, streets, telephone
and identity numbers. Names: a list of names, capital letters inside a sentence, and what stands
behind "called" or "Mr". And a closed vocabulary: a word that neither the training messages nor the
knowledge know is taken out, whatever it is. Better to lose a word than to keep a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.channels.plain_text import readable
from bot.review.cues import (
    CALLED,
    CAPITALS,
    KIN,
    PARTICLES,
    PLACED,
    PLAIN_STREETS,
    STOP,
    STREETS,
    STRONG,
)

NAME, NUMBER, ID, MAIL, LINK = "[name]", "[number]", "[id]", "[email]", "[link]"
ACCOUNT, ADDRESS, DATE, WORD = "[account]", "[address]", "[date]", "[word]"
MARKS = (NAME, NUMBER, ID, MAIL, LINK, ACCOUNT, ADDRESS, DATE, WORD)


@dataclass(frozen=True, slots=True)
class Known:
    """What may stay: words and places; and what never does: names.

    ``places`` are names of places, a tuple of words each. ``words_too`` are names that are also
    words.
    """

    vocabulary: frozenset[str]
    names: frozenset[str]
    words_too: frozenset[str]
    places: frozenset[tuple[str, ...]]


def scrub(text: str, *, known: Known, most: int | None = None) -> str:
    """Return the text with a mark in square brackets for each thing that was taken out.

    ``most`` is where it is cut, at the end: half a name or number would be known by no net.
    """
    text = _legible(text)
    for pattern, mark in _FORMS:
        text = pattern.sub(lambda found, mark=mark: _kept_edges(found, mark), text)  # type: ignore[misc]
    made = _joined(_words(text, known))
    # Half a mark would be no mark.
    return made if most is None else re.sub(r"\[[a-z]*\Z", "", made[:most]).rstrip()


def _legible(text: str) -> str:
    """Return a text without what no screen shows, and without anything that looks like a mark."""
    text = re.sub(r"[^\S\n\t]", " ", unicodedata.normalize("NFKC", text))
    text = _KEYCAP.sub("", readable(text, len(text)))
    return text.replace("[", "(").replace("]", ")")


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(words)})"


_STREET, _PLAIN_STREET = _any(STREETS), _any(PLAIN_STREETS)
_NOT_NAMED = (
    r"(?!(?:in|on|the|my|a|an|at|to|of|from|and|this|that|their|his|her|our|your|outside|down|up|per|"
    r"next|same|main|whole|other|every|each|times?|messages|calls|texts|days|weeks|people|off|across|"
    r"right|by|long|all|any|no|some|which|what)\b)"
)
_PART = rf"{_NOT_NAMED}[^\W\d_][\w'’-]*\.?"
_DIGIT_WORDS = (
    r"(?:oh|zero|nought|one|two|three|four|five|six|seven|eight|nine|ten|double|triple|treble)"
)
_SITES = (
    r"(?:snap(?:chat)?|insta(?:gram)?|ig|tiktok|tik tok|twitter|telegram|discord|kik|onlyfans|"
    r"twitch|skype|steam|xbox|psn|facebook|fb|reddit|user ?names?|usernames?|user|handles?|tags?|"
    r"gamertag|screen ?name|login|account name|profile name)"
)
_TOP = (
    r"(?:com|co|uk|za|au|nz|ca|org|net|io|me|gg|ly|tv|app|xyz|info|link|site|online|us|be|to|de|ru|"
    r"page|club|live|chat|shop|store|dev|blog|eu|ie|scot|wales|gov|edu|ac)"
)


# What stands between the digits of one number; with commas, only where it can be no list or sum.
_GAP = r"(?:[\s().·•~|_‐‑‒–—―−-]|\*{1,2}){0,3}"
_COMMA_GAP = r"(?:[\s().,;·•~|_‐‑‒–—―−-]|\*{1,2}){0,3}"
_SUM = r"(?:\d{1,3}|\d{1,2},\d{3}),\d{3}(?!,?\d)"
_NO_SUM = rf"(?<!\d)(?<!\d[.,])(?<![£$€R])(?!{_SUM}(?:{_COMMA_GAP}{_SUM})*(?!{_COMMA_GAP}\d))"


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# Groups named 'before' stay. In order: what is whole first, single numbers last.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_re(r"(?<![\w.+-])[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+"), MAIL),
    (
        _re(
            rf"(?<![\w.+-])[\w.+-]+(?:\s+(?:dot|at|underscore)\s+[\w+-]+)*\s*[\s(]at[\s)]\s*[\w-]+"
            rf"\s*[\s(.]dot[\s).]\s*{_TOP}\b(?:\s*dot\s*\w+)?"
        ),
        MAIL,
    ),
    (_re(r"(?:https?|hxxps?)\W+\S+|\bwww\.\S+"), LINK),
    (_re(rf"(?<![\w-])[\w-]+(?:\.[\w-]+)*\.{_TOP}(?:/\S*)?(?![\w@])"), LINK),
    (_re(rf"(?<![\w-])[\w-]+\s+dot\s+{_TOP}\b"), LINK),
    (_re(r"(?<![\w])@[\w.]+\w|(?<!\w)/?[ur]/[\w-]+|#[\w-]*[^\W\d_][\w-]*"), ACCOUNT),
    (_re(r"(?<!\w)(?=\w*[^\W\d_])\w*[^\W_]_+[^\W_]\w*(?:[.-]\w+)*"), ACCOUNT),
    (
        _re(
            rf"(?P<before>\b{_SITES}\s*(?:account|name|id|handle|page|profile)?\s*"
            rf"(?:is|was|=|:|-|called|named|goes by)+\s*[\"'“‘]?)[^\s,;!?\"'”’]+"
        ),
        ACCOUNT,
    ),
    (_re(r"\b(?:p\.?\s?o\.?\s?box|private bag)\s+[\w-]+"), ADDRESS),
    (
        _re(
            rf"\b(?:(?:flat|unit|apartment|apt|room|house|block|no\.?|number|stand|erf|plot|lot)\s*)?"
            rf"#?\d+\s?[a-z]?(?:\s*[/-]\s*\d+[a-z]?)?,?\s+(?:{_PART}\s+){{1,3}}{_STREET}\b\.?"
            rf"(?:\s+(?:north|south|east|west|n|s|e|w)\b)?"
        ),
        ADDRESS,
    ),
    (
        _re(
            r"\b(?:flat|unit|apartment|apt|room|block|house|stand|erf|plot|lot|door)\s*"
            r"(?:number|no\.?|#)?\s*(?:\d+\s?[a-z]?\b|[a-d]\b)(?:\s*[/-]\s*\d+[a-z]?)?"
        ),
        ADDRESS,
    ),
    (
        re.compile(
            rf"\b(?:[A-Z][\w'’-]+\s+){{1,3}}"
            rf"{_any((*map(str.title, STREETS), *PLAIN_STREETS))}\b"
        ),
        ADDRESS,
    ),
    (
        _re(
            rf"(?P<before>\b(?:on|in|at|off|from|to|near|of|down)\s+)(?:{_PART}\s+){{1,2}}"
            rf"{_PLAIN_STREET}\b"
        ),
        ADDRESS,
    ),
    (
        _re(r"\b(?:gir ?0aa|[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2})\b|\b[a-z]\d[a-z][ -]?\d[a-z]\d\b"),
        ADDRESS,
    ),
    (_re(r"\b\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:\d{4}|\d{2})\b"), DATE),
    (
        _re(
            r"(?P<before>\b(?:born|birthday|dob|d\.o\.b\.?|date of birth)\b\W*"
            r"(?:is|was|on|in|:)?\W*)"
            r"\d{1,2}(?:st|nd|rd|th)?(?:\s+of)?\s+[a-z]+(?:\s+\d{2,4})?"
        ),
        DATE,
    ),
    (_re(r"\b[a-z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[a-d]\b"), ID),
    (
        re.compile(
            r"\b[A-Z]{1,3}[ -]?\d{2,3}[ -]\d{2,3}(?:[ -]?[A-Z]{2})?\b|\b[A-Z]{2}\d{2} ?[A-Z]{3}\b"
        ),
        ID,
    ),
    (re.compile(r"\b[A-Z]{2,3}[ -]\d{2,3}(?: ?[A-Z]{1,2})?\b"), ID),
    # 07700, 900, 171 and 212, 555, 0161 and 555, 0142 and 555,1234 and 5,5,5,0,1,4,2.
    (_re(rf"{_NO_SUM}(?:\+\s?[(]?\d|[(]?0)(?:{_COMMA_GAP}\d){{6,}}"), NUMBER),
    (_re(rf"{_NO_SUM}[(]?\d(?:{_COMMA_GAP}\d){{8,}}"), NUMBER),
    (_re(rf"{_NO_SUM}\d{{2,5}}(?:\s?,\s?0\d{{3,}}|,\d{{4,}})\b"), NUMBER),
    (_re(rf"{_NO_SUM}\d(?:\s?,\s?\d){{6,}}\b"), NUMBER),
    (_re(rf"(?:\+|\b00)?[(]?\d(?:{_GAP}\d){{5,}}"), NUMBER),
    (_re(r"\b\d+(?:\s?/\s?\d+)+\b"), NUMBER),
    (_re(rf"\b{_DIGIT_WORDS}(?:[\s,-]+{_DIGIT_WORDS}){{3,}}\b"), NUMBER),
    # 3am, 2nd, 40s, 5k, £500, s.38, mp4 stay; any other mix of letters and digits may be an id.
    (
        _re(
            r"(?<![\w£$€.])(?!\d+(?:am|pm|st|nd|rd|th|s|k|m|h|hr|hrs|mins?|x|yo|yrs?|p|kg|km|g)\b|"
            r"(?:4chan|2fa|mp3|mp4|b4|m8|gr8|l8r|4g|5g|2day|2nite|s\d{1,3}[a-z]?|r\d{1,5})\b)"
            r"(?=[\w-]*\d)(?=[\w-]*[^\W\d])[\w-]{2,}"
        ),
        ID,
    ),
    (_re(r"(?<![£$€R])\b\d{4,}\b"), NUMBER),
    (
        _re(
            r"(?P<before>\b(?:pin|code|passcode|password|account|acc|case|cas|ref|reference|badge|"
            r"room|extension|ext|plate|reg)\s*(?:number|no\.?|#)?\s*(?:is|was|:)?\s*)\d+"
        ),
        NUMBER,
    ),
    (_re(r"(?P<before>\b(?:password|passcode)\s*(?:is|was|:)\s*)\S+"), ID),
)

# What makes a key of a digit: a telephone number can be written in such keys.
_KEYCAP = re.compile("\ufe0f?\u20e3")
_TOKEN = re.compile(r"\[[a-z]+\]|[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|\s+|.", re.DOTALL)
_STARTS = frozenset('.!?\n:;"“(')


@dataclass(slots=True)
class _Token:
    text: str
    plain: str
    at_start: bool
    joined: bool = True
    mark: str = ""
    place: int = 0

    @property
    def is_word(self) -> bool:
        return self.text[:1].isalpha()

    @property
    def capital(self) -> bool:
        return self.text[:1].isupper()


def _words(text: str, known: Known) -> list[_Token]:
    tokens = list(_tokens(text))
    shouting = sum(t.text.isupper() for t in tokens if t.is_word and len(t.text) > 1) * 2 > sum(
        t.is_word for t in tokens
    )
    spoken = [token for token in tokens if token.is_word]
    _mark_places(tokens, known)
    for at, token in enumerate(spoken):
        before = spoken[at - 1] if at else None
        after = spoken[at + 1] if at + 1 < len(spoken) else None
        if _is_name(token, before, after, known, shouting=shouting):
            token.mark = NAME
        elif not token.place and not _may_stay(token, before, known):
            token.mark = NAME if token.capital and not shouting else WORD
    _spread_names(spoken, known)
    return tokens


def _tokens(text: str) -> Iterator[_Token]:
    start, joined = True, False
    for found in _TOKEN.finditer(text):
        piece = found.group()
        if piece.startswith("[") and len(piece) > 2:
            yield _Token(piece, "", start)
            start = joined = False
            continue
        yield _Token(piece, plain_word(piece), start, joined)
        if not piece.isspace():
            start, joined = piece in _STARTS, piece[0].isalpha()
        elif "\n" in piece:
            start, joined = True, False


def plain_word(word: str) -> str:
    """Return a word in lower case, without accents and possessive endings."""
    folded = unicodedata.normalize("NFD", word.lower().replace("’", "'"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return bare.removesuffix("'s").removesuffix("'")


def _mark_places(tokens: list[_Token], known: Known) -> None:
    spoken = [token for token in tokens if token.is_word]
    words = [part for token in spoken for part in token.plain.split("-")]
    owner = [token for token in spoken for _ in token.plain.split("-")]
    for at in range(len(words)):
        for length in range(5, 0, -1):
            if tuple(words[at : at + length]) in known.places and at + length <= len(words):
                for token in owner[at : at + length]:
                    token.place = max(token.place, length)
                break


def _is_name(
    token: _Token, before: _Token | None, after: _Token | None, known: Known, *, shouting: bool
) -> bool:
    word, cue = token.plain, before.plain if before else ""
    inside = token.capital and not token.at_start and not shouting
    sure = word in known.names
    if cue in STRONG and word not in STOP:
        return True
    if cue in CALLED and not token.place and (inside or sure or word in known.words_too):
        return word not in STOP
    if cue == "is" and before is not None and word not in STOP and (inside or sure):
        return not token.place
    if sure and token.place < 2:
        # Tyrone is a county too: behind "in" it is a place.
        return not (token.place and cue in PLACED) or _named_beside(before, after, known)
    if word in known.words_too:
        beside = _named_beside(before, after, known)
        kin = cue in KIN and (
            inside or after is None or after.plain in known.words_too | known.names
        )
        return (inside and not token.place and word not in CAPITALS) or beside or kin
    if inside and not token.place and word not in CAPITALS and not token.text.isupper():
        # "Please Help Me": many write capitals anywhere, so a common word is still a word.
        return word not in known.vocabulary or (cue in KIN and word not in STOP)
    return token.place == 1 and inside and cue in KIN


def _named_beside(before: _Token | None, after: _Token | None, known: Known) -> bool:
    return any(
        beside is not None and beside.plain in known.names and beside.place < 2
        for beside in (before, after)
    )


def _may_stay(token: _Token, before: _Token | None, known: Known) -> bool:
    word, cue = token.plain, before.plain if before else ""
    if word in known.vocabulary or word in CAPITALS or word in STOP or len(word) == 1:
        return True
    parts = re.split(r"[-']", word)
    if len(parts) > 1 and all(part in known.vocabulary for part in parts if part):
        return True
    if cue in KIN or cue in CALLED:
        # "my ex brody": rather a name that no list has than "body" with a slip.
        return False
    return len(word) > 4 and not token.capital and word.isascii() and _slipped(word, known)


def _slipped(word: str, known: Known) -> bool:
    """Say whether a word is a known one with a slip of one letter, the first letter right."""
    for at in range(1, len(word) + 1):
        left, right = word[:at], word[at:]
        if right and left + right[1:] in known.vocabulary:
            return True
        if len(right) > 1 and left + right[1] + right[0] + right[2:] in known.vocabulary:
            return True
        for letter in "abcdefghijklmnopqrstuvwxyz":
            if left + letter + right in known.vocabulary:
                return True
            if right and left + letter + right[1:] in known.vocabulary:
                return True
    return False


def _spread_names(spoken: list[_Token], known: Known) -> None:
    """Take out what belongs to a name: the surname behind it, and particles."""
    for at, token in enumerate(spoken[1:], start=1):
        before = spoken[at - 1]
        if token.mark or before.mark != NAME:
            continue
        after = spoken[at + 1] if at + 1 < len(spoken) else None
        if token.plain in PARTICLES and after and (after.mark or after.capital):
            token.mark = NAME
            after.mark = after.mark or NAME
        elif token.plain in known.words_too and token.plain not in STOP and not _verb_like(token):
            token.mark = NAME
        elif token.capital and not token.at_start and token.plain not in CAPITALS:
            # Hartley is a town; right behind a first name it is a surname.
            surname = not token.place or (token.joined and token.place == 1)
            token.mark = NAME if not token.text.isupper() and surname else ""
    for at in range(len(spoken) - 2, -1, -1):
        token, after = spoken[at], spoken[at + 1]
        placed = at and spoken[at - 1].plain in PLACED
        if (
            after.mark == NAME
            and after.joined
            and after.capital
            and token.place == 1
            and not placed
        ):
            # Florence is a town; right before a surname it is a first name.
            token.mark = NAME if token.capital else token.mark
        if after.mark in (NAME, WORD) and token.plain in PARTICLES - {"st", "o", "la", "le"}:
            token.mark = token.mark or NAME


def _verb_like(token: _Token) -> bool:
    """Say whether a name that is also a word is rather the word: 'dave will', 'he can hunt'."""
    return not token.capital and token.plain in {"will", "may", "mark", "hunt", "lead", "love"}


def _joined(tokens: list[_Token]) -> str:
    made = "".join(token.mark or token.text for token in tokens)
    for mark in (NAME, WORD, NUMBER, ID):
        piece = re.escape(mark)
        made = re.sub(rf"{piece}(?:[\s'’.-]*{piece})+", mark, made)
    return re.sub(r"[ \t]{2,}", " ", made).strip()


def _kept_edges(found: re.Match[str], mark: str) -> str:
    return f"{found.groupdict().get('before') or ''}{mark}"
