"""Nothing is dropped and nothing is over a limit, for every answer that the knowledge gives."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest

from actions.registry import TOPICS
from bot.channels.gsm7 import is_gsm7, segments, to_gsm7
from bot.channels.render import (
    TO_DIAL,
    Limits,
    Outgoing,
    in_segments,
    pages,
    render,
    split,
    utf16,
    within,
)
from bot.channels.slack import blocks, escaped, unescaped
from knowledge.base import Knowledge
from knowledge.emergency import crisis_message, danger_message
from knowledge.message import Choice, Message
from knowledge.schema import HARM_TYPES
from knowledge.welcome import welcome_message
from knowledge.words import Words
from tests.actions.test_matrix import HOMES, OTHERS, every_part
from tests.channels.support import KEYS

TODAY = date(2026, 11, 24)


def limits() -> dict[str, Limits]:
    """Return the real limits of every channel."""
    from bot.channels.messenger import Messenger
    from bot.channels.slack import Slack
    from bot.channels.telegram import Telegram
    from bot.channels.twilio import Twilio

    assert KEYS.telegram and KEYS.twilio and KEYS.messenger and KEYS.slack
    twilio = Twilio(KEYS.twilio, public_url=KEYS.public_url)
    return {
        "telegram": Telegram(KEYS.telegram).limits(("1",)),
        "messenger": Messenger(KEYS.messenger).limits(("1",)),
        "slack": Slack(KEYS.slack).limits(("D1",)),
        "whatsapp": twilio.limits(("whatsapp:+27000000001", "whatsapp:+440000000002")),
        "sms": twilio.limits(("+27000000001", "+440000000001")),
    }


LIMITS = limits()


@pytest.fixture(scope="module")
def answers(knowledge: Knowledge, words: Words) -> list[Message]:
    """Return every different message that the answers, the danger screen and the welcome give."""
    said: dict[Message, None] = {}
    for home, harm in itertools.product((*HOMES, None), HARM_TYPES):
        slots = {"home_jurisdiction": home, "harm_types": [harm]}
        for topic in TOPICS:
            if harm == HARM_TYPES[0] or topic.name in ("report", "offences", "penalties"):
                said.update(dict.fromkeys(every_part(topic.action, slots)))
    for home, other in itertools.product(HOMES, OTHERS):
        slots = {
            "home_jurisdiction": home,
            "perpetrator_location": other,
            "harm_types": ["stalking"],
        }
        said.update(dict.fromkeys(every_part("action_cross_border", slots)))
    for home in (*HOMES, None):
        for make in (danger_message, crisis_message):
            said[make(knowledge, words, home=home, today=TODAY)] = None
    said[welcome_message(words, today=TODAY)] = None
    return list(said)


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", LIMITS)
def test_every_answer_fits_and_is_whole(name: str, answers: list[Message], words: Words) -> None:
    assert len(answers) > 300
    limit = LIMITS[name]
    hint = words("more_hint")
    for message in answers:
        made = render(message, limit, words=words)
        pieces = pages(made.pieces, limit, hint=hint) if limit.paged else made.pieces
        for n, piece in enumerate(pieces):
            more = limit.paged and n + 1 < len(pieces)
            over(name, Outgoing(f"{piece.text}\n\n{hint}") if more else piece)
        pieces += made.sources
        for piece in made.sources:
            over(name, piece)
        whole = squeezed("".join(piece.text for piece in pieces))
        marked = not (limit.plain and message.kind in TO_DIAL)
        text = message.text if marked else re.sub(r" ?\[\d+\]", "", message.text)
        assert squeezed(to_gsm7(text) if limit.plain else text) in whole
        for cited in message.citations:
            assert cited.url in "".join(piece.text for piece in pieces), cited.url
        buttons = [button for piece in pieces for button in piece.buttons]
        reachable = {button.payload for button in buttons} | {c.payload for c in made.numbered}
        assert reachable >= {choice.payload for choice in message.choices}
        for n, choice in enumerate(made.numbered, start=1):
            assert squeezed(f"{n}. {choice.title}") in whole


def over(name: str, piece: Outgoing) -> None:
    """Assert the documented limits, counted apart from the code under test."""
    units = len(piece.text.encode("utf-16-le")) // 2
    most = {"telegram": 4096, "messenger": 2000, "slack": 3000, "whatsapp": 1600, "sms": 1600}
    assert 0 < units <= most[name]
    count, title = {"messenger": (13, 20), "slack": (25, 75), "telegram": (100, 64)}.get(
        name, (0, 0)
    )
    assert len(piece.buttons) <= count
    assert all(0 < utf16(button.title) <= title for button in piece.buttons)
    if name == "slack":
        section = blocks(piece)[0]["text"]["text"]
        assert len(section) <= 3000
    if name == "sms":
        assert is_gsm7(piece.text)
        septets = sum(2 if letter in "\f^{}\\[~]|€" else 1 for letter in piece.text)
        assert septets <= 3 * 153


@pytest.mark.parametrize("name", LIMITS)
def test_no_address_and_no_number_is_cut_in_two(
    name: str, answers: list[Message], knowledge: Knowledge, words: Words
) -> None:
    limit = LIMITS[name]
    for message in answers:
        made = render(message, limit, words=words)
        pieces = [piece.text for piece in (*made.pieces, *made.sources)]
        text = to_gsm7(message.text) if limit.plain else message.text
        for address in re.findall(r"https://[^\s)]+", text):
            assert any(address in piece for piece in pieces), address
        for fact in message.facts:
            for number in knowledge.by_id[fact].numbers:
                if number.display in text:
                    assert any(number.display in piece for piece in pieces), number.display


def test_an_urgent_text_message_shows_the_numbers_in_its_first_part(
    knowledge: Knowledge, words: Words
) -> None:
    message = danger_message(knowledge, words, home=None, today=TODAY)
    first = render(message, LIMITS["sms"], words=words).pieces[0].text
    for number in ("10111", "999", "000", "112", "911", "111"):
        assert number in first
    assert "[" not in first


def test_a_long_title_becomes_a_line_and_a_button_with_its_number(words: Words) -> None:
    choices = (Choice("Is it safe to chat here", "/a"), Choice("More", "/b"))
    made = render(Message("question", "What next?", choices), LIMITS["messenger"], words=words)
    assert made.pieces[-1].text == "What next?\n\n1. Is it safe to chat here\n2. More"
    assert [b.title for b in made.pieces[-1].buttons] == ["1", "2"]
    assert [choice.payload for choice in made.numbered] == ["/a", "/b"]


def test_too_many_choices_become_lines(words: Words) -> None:
    choices = tuple(Choice(f"Place {n}", f"/p{n}") for n in range(40))
    for name, limit in LIMITS.items():
        made = render(Message("question", "Where?", choices), limit, words=words)
        assert len(made.numbered) == 40, name
        assert "40. Place 39" in "".join(piece.text for piece in made.pieces)


@pytest.mark.parametrize("most", [1, 2, 7, 30, 100, 1600])
def test_any_text_is_split_without_a_loss(most: int) -> None:
    texts = (
        "x" * 5000,
        "a b " * 900,
        "One. Two! Three? " * 200,
        "p\n\nq\nr " * 300,
        "😀" * 50,
        "",
        " \n ",
    )
    for text in texts:
        if most == 1 and "😀" in text:
            continue  # a letter of two units does not fit into one
        pieces = split(text, within(most))
        assert all(0 < utf16(piece) <= most for piece in pieces)
        assert squeezed("".join(pieces)) == squeezed(text)


def test_a_text_is_cut_at_the_best_place_there_is() -> None:
    text = "One two three four. Five six.\n\nSeven eight nine ten eleven."
    assert split(text, within(30)) == [
        "One two three four. Five six.",
        "Seven eight nine ten eleven.",
    ]
    assert split(text, within(19)) == [
        "One two three four.",
        "Five six.",
        "Seven eight nine",
        "ten eleven.",
    ]
    number = "Please do call 0800 567 567 now and ask for them"
    assert all("0800 567 567" in p or "0800" not in p for p in split(number, within(20)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("it’s “fine” – really… ", 'it\'s "fine" - really... '),
        ("Māori, Llŷn, Ŵyr, Zoë", "Maori, Llyn, Wyr, Zoe"),
        ("¡Ayuda! ¿Qué?", "¡Ayuda! ¿Qué?"),
        ("naïve café Ångström", "naive café Ångström"),
        ("*120*7867# @ _ £ €", "*120*7867# @ _ £ €"),
        ("日本 кириллица", "日本 кириллица"),
    ],
)
def test_letters_are_written_another_way_and_never_dropped(text: str, written: str) -> None:
    assert to_gsm7(text) == written


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("日" * 70, 1),
        ("日" * 71, 2),
        ("日" * 201, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_parts_of_a_text_message_are_counted_as_the_networks_do(text: str, parts: int) -> None:
    assert segments(text) == parts


def test_a_wide_letter_makes_pieces_shorter_and_not_more_parts(words: Words) -> None:
    made = render(Message("answer", "日本 " * 400), LIMITS["sms"], words=words)
    assert all(in_segments(piece.text) for piece in made.pieces)
    assert squeezed("".join(piece.text for piece in made.pieces)) == "日本" * 400


def test_slack_shows_a_star_in_a_number_as_it_is() -> None:
    section = blocks(Outgoing("Dial *120*7867# now"))[0]["text"]
    assert section == {"type": "plain_text", "text": "Dial *120*7867# now", "emoji": False}
    linked = blocks(Outgoing("See https://a.example/b_c_d & <x>"))[0]["text"]
    assert linked == {"type": "mrkdwn", "text": "See https://a.example/b_c_d &amp; &lt;x&gt;"}


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("he &amp; she &lt;3", "he & she <3"),
        ("<@U00000BOT> he is outside", "he is outside"),
        ("see <https://x.example/a|x.example>", "see x.example"),
        ("see <https://x.example/a>", "see https://x.example/a"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_slacks_markup_is_read_as_a_person_typed_it(said: str, plain: str) -> None:
    assert unescaped(said) == plain


def test_what_is_escaped_for_slack_comes_back_the_same() -> None:
    assert unescaped(escaped("a < b && c > d")) == "a < b && c > d"
