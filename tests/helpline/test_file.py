"""A helpline's file is read whole, or refused with a line for each thing that is wrong."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import pytest

from bot.helpline import load
from bot.helpline.fields import HAND_OFF, HOURS, NUMBER, TOP
from bot.helpline.load import load_helpline
from bot.helpline.words import REPLACEABLE
from knowledge.words import Words
from tests.helpline.support import EXAMPLE, changed, example, line_of, problems_of, written

_PROBLEM = re.compile(r"helpline\.yml:\d+: [^\n]+: [^\n]+")


def test_the_example_of_the_docs_holds_and_shows_every_field() -> None:
    assert problems_of(EXAMPLE) == []
    text = EXAMPLE.read_text(encoding="utf-8")
    for rule in (*TOP, *NUMBER, *HOURS, *HAND_OFF):
        shown = re.search(rf"^\s*(?:- )?{rule.name}:", text, re.MULTILINE)
        assert shown or rule.name in ("sunday", "account", "inbox"), rule.name


def test_what_stands_in_the_file_is_what_is_served() -> None:
    helpline = example()
    assert helpline.name == "Tern Harbour Advice"
    assert helpline.channels == ("web", "telegram", "whatsapp")
    assert helpline.retention_hours == 12 and helpline.only_home is None
    assert helpline.hours is not None and helpline.hours.zone == "Europe/London"
    assert helpline.hand_off is not None
    assert helpline.hand_off.hours == helpline.hours and helpline.hand_off.fallback == "advice"


def test_a_number_is_a_fact_of_each_place_with_the_helpline_as_its_source() -> None:
    facts = {fact.id: fact for fact in example().facts}
    assert set(facts) == {"ew-own-advice", "sco-own-advice", "sco-own-text"}
    fact = facts["sco-own-text"]
    assert fact.kind == "helpline" and fact.own and fact.jurisdiction == "scotland"
    assert [(n.display, n.dial, n.via) for n in fact.numbers] == [
        ("07700 900123", "+447700900123", "sms")
    ]
    assert fact.citations[0].title == "Tern Harbour Advice"
    assert fact.citations[0].url == "https://www.tern-harbour.example/contact"
    assert fact.checked_on.isoformat() == "2026-11-22"
    assert fact.hours == "Saturday 10:00 to 16:00, London time"
    assert facts["sco-own-advice"].hours.startswith("Monday to Tuesday 9:00 to 17:00; ")


def test_one_place_is_where_people_are_taken_to_be(tmp_path: Path) -> None:
    one = changed(tmp_path, "homes: [england_wales, scotland]", "homes: [scotland]")
    assert load_helpline(one).only_home == "scotland"


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ("name: Tern Harbour Advice", "name:", "name:", "'name' is missing"),
        ("name: Tern Harbour Advice", "name: {a: 1}", "name:", "is not a line of text"),
        ("name: Tern Harbour Advice", f"name: {'x' * 61}", "name:", "60 letters at most"),
        ("name: Tern Harbour Advice", "name: '{retention}'", "name:", "no { or }"),
        ("retention_hours: 12", "retention_hour: 12", "retention_hour:", "'retention_hours'?"),
        ("retention_hours: 12", "retention_hours: a day", "retention_hours", "from 0 to 2160"),
        ("retention_hours: 12", "retention_hours: yes", "retention_hours", "from 0 to 2160"),
        ("retention_hours: 12", "retention_hours: -1", "retention_hours", "from 0 to 2160"),
        ("[england_wales, scotland]", "[england_wales, scotlnd]", "homes", "'scotland'?"),
        ("[england_wales, scotland]", "[united_kingdom, scotland]", "homes", "'united_kingdom'"),
        ("[england_wales, scotland]", "scotland", "homes", "is not a list"),
        ("[england_wales, scotland]", "[]", "homes", "is not a list"),
        ("telegram, whatsapp]", "telegramm, whatsapp]", "channels", "'telegram'?"),
        ("telegram, whatsapp]", "telegram, telegram]", "channels", "stands twice"),
        ("languages: [en]", "languages: [en, xx]", "languages", "'languages' cannot be 'xx'"),
        ("  zone: Europe/London\n  monday", "  zone: Europe/Londn\n  monday", "Londn", "is no time zone here: write continent"),
        ("  zone: Europe/London\n  monday", "  monday", "hours:", "'zone' is missing"),
        ("monday: 09:00-17:00", "monday: 9 to 5", "9 to 5", "write them as 09:00-17:00"),
        ("monday: 09:00-17:00", "monday: 09:00-25:00", "25:00", "are no hours"),
        ("monday: 09:00-17:00", "monday: 09:00-24:30", "24:30", "are no hours"),
        ("monday: 09:00-17:00", "mondays: 09:00-17:00", "mondays", "'monday'?"),
        ("12:00, 19:00-22:00", "12:00, 11:00-22:00", "wednesday", "opens at 11:00 before"),
        ("friday: 22:00-02:00", "friday: 22:00-02:00\n  saturday: 01:00-05:00", "01:00-05", "01:00 before"),
        ("2027-01-01]", "new year]", "closed", "'new year' is not a date"),
        ("2027-01-01]", "2027-13-01]", "closed", "'2027-13-01' is not a date"),
        ("id: advice", "id: Advice Line", "id: Advice", "is no id"),
        ("id: text", "id: advice # again", "id: advice # again", "stands twice"),
        ("    display: 020 7946 0123\n", "", "id: advice", "'display' is missing"),
        ('dial: "+442079460123"', 'dial: "020 7946 0123"', "dial:", "cannot be dialled"),
        ('dial: "+442079460123"', 'dial: "+442079460124"', "dial:", "differ"),
        ('dial: "+442079460123"', "dial: [1]", "dial:", "cannot be dialled"),
        ("    via: sms", "    via: pigeon", "dial: \"+447700900123\"", "via 'pigeon' is unknown"),
        ("places: [scotland]", "places: [australia]", "places", "cannot be 'australia'"),
        ("    via: sms\n    url: https", "    via: sms\n    url: http", "url: http:", "https address"),
        ("    via: sms\n    url: https://", "    via: sms\n    url: 'https://", "url:", ""),
        ("    hours: same", "    hours: whenever", "hours: whenever", "no set of fields"),
        ("    title: Tern Harbour by text\n", "    titel: Text\n", "titel", "'title'?"),
        ("    title: Tern Harbour by text\n", "", "id: text", "'title' is missing"),
        ("desk: webhook", "desk: carrier", "desk", "'desk' cannot be 'carrier'"),
        ("desk: webhook", "desk: chatwoot", "hand_off", "'account' is missing"),
        ("desk: webhook", "desk: webhook\n  inbox: 3", "inbox", "is for chatwoot"),
        ("url: https://desk", "url: http://desk", "url: http://desk", "no https address"),
        ("wait_minutes: 15", "wait_minutes: 0", "wait_minutes", "from 1 to 240"),
        ("fallback: advice", "fallback: advise", "fallback", "did you mean 'advice'?"),
        ("fallback: advice", "fallback: text", "fallback", "does not serve england_wales"),
        ("  fallback: advice\n", "", "hand_off", "'fallback' is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_line_and_what_to_do(
    tmp_path: Path, old: str, new: str, at: str, said: str
) -> None:
    path = changed(tmp_path, old, new)
    found = problems_of(path)
    assert found, "nothing was wrong"
    assert all(_PROBLEM.fullmatch(line) for line in found), found
    if said:
        here = [line for line in found if said in line]
        assert here, found
        assert here[0].startswith(f"helpline.yml:{line_of(path, at)}: "), here


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("homes: [england_wales, scotland]", "homes: [scotlnd]", "did you mean 'scotland'?"),
        ("monday: 09:00-17:00", "monday: soon", "'soon' are no hours"),
        (
            "  zone: Europe/London\n  monday",
            "  zone: Here\n  monday",
            "'Here' is no time zone here",
        ),
    ],
)
def test_what_rests_on_a_mistake_is_not_told_beside_it(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    found = problems_of(changed(tmp_path, old, new))
    assert len(found) == 1 and said in found[0]


def test_the_same_hours_need_hours_to_be_the_same_as(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    bare = text[: text.index("# When people answer")] + text[text.index("# Your own lines") :]
    found = problems_of(written(tmp_path, bare))
    assert len(found) == 1 and "'same' as no hours: write 'hours' at the top" in found[0]


def test_a_placeholder_for_a_number_is_never_filled_in(tmp_path: Path) -> None:
    """No number of the file means no number at all: nothing stands in for one that is missing."""
    text = EXAMPLE.read_text(encoding="utf-8")
    bare = text[: text.index("# Your own lines")] + text[text.index("# Sentences in") :]
    found = problems_of(written(tmp_path, bare))
    assert len(found) == 1 and "'fallback' names no number: write 'numbers' first" in found[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("retention_hours: 12", "retention_hours: soon"),
        ("monday: 09:00-17:00", "monday: always"),
        ('dial: "+442079460123"', "dial: later"),
        ("wait_minutes: 15", "wait_minutes: none"),
    ):
        text = text.replace(old, new)
    found = problems_of(written(tmp_path, text))
    lines = [int(line.split(":")[1]) for line in found]
    assert len(found) == 4 and lines == sorted(lines), found


@pytest.mark.parametrize("bad", ["", "- a\n- b\n", "name: 'x\n", "name: [", "just words", "{}"])
def test_a_file_that_is_no_such_file_is_one_plain_line(tmp_path: Path, bad: str) -> None:
    found = problems_of(written(tmp_path, bad))
    assert found and all(line.startswith("helpline.yml:") for line in found), found


def test_whatever_a_value_is_the_file_is_refused_in_plain_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every value of the example, replaced by each of these, ends in a result or in lines."""
    # Read once: none of them changes here.
    for name in ("load_words", "load_places", "available_timezones"):
        monkeypatch.setattr(load, name, lru_cache(getattr(load, name)))
    odd = ["", "[]", "{}", "[[a]]", "{a: {b: c}}", "true", "12", "2026-12-25", "'\\u0000'", "x" * 300,
           "!!python/object:os.system x", "*nowhere", "&a [*a]", "'https://[::1'", "09:61-10:00"]  # fmt: skip
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    tried = 0
    for at, line in enumerate(lines):
        key, colon, value = line.partition(":")
        if not colon or line.lstrip().startswith("#"):
            continue
        for other in odd if value.strip() else odd[:8]:
            text = "\n".join([*lines[:at], f"{key}: {other}", *lines[at + 1 :]])
            for problem in problems_of(written(tmp_path, text)):
                assert re.match(r"helpline\.yml:\d+: ", problem), problem
            tried += 1
    assert tried > 300


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("emergency_head", "Call us first.", "cannot be replaced"),
        ("crisis_head", "Hello.", "cannot be replaced"),
        ("privacy_text", "We keep nothing.", "cannot be replaced"),
        ("review_ask", "May we?", "cannot be replaced"),
        ("left", "Thanks from the harassment helpline.", "cannot be replaced"),
        ("welcom", "Hello.", "did you mean 'welcome'?"),
        ("welcome", "Hello, I am Sam.", "does not say that it is a computer program"),
        ("welcome", "I am a computer program. Call 0800 000.", "holds a figure or an address"),
        ("welcome", "I am a computer program. See www.example.org.", "figure or an address"),
        ("welcome", "I am the computer program of {helplin}.", "unknown blank {helplin}"),
        ("welcome", "I am a computer program {", "a single { or }"),
        ("welcome", "a computer program " * 40, "600 at most"),
        ("welcome", "[a]", "is not text"),
        ("welcome_safety", "Kept for {retention}. Write 'delete'; \"help now\".", 'keep "delete"'),
        ("welcome_safety", 'Kept for {retention}. Write "delete".', 'keep "help now"'),
        ("welcome_safety", 'Write "delete" or "help now".', "keep {retention}"),
    ],
)  # fmt: skip
def test_a_sentence_keeps_what_people_rely_on(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    start = EXAMPLE.read_text(encoding="utf-8").partition("words:")[0]
    value = text if text.startswith("[") else json.dumps(text)
    path = written(tmp_path, f"{start}words:\n  {name}: {value}\n")
    found = problems_of(path)
    assert len(found) == 1 and said in found[0], found
    assert found[0].startswith(f"helpline.yml:{line_of(path, f'  {name}:')}: ")


def test_every_sentence_that_may_be_replaced_exists_and_none_is_read_in_danger(
    words: Words,
) -> None:
    urgent = (EXAMPLE.parent.parent / "data/responses/emergency.yml").read_text(encoding="utf-8")
    for name in REPLACEABLE:
        assert words.has(name), name
        assert f"utter_{name}:" not in urgent, name
