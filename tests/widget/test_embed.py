"""``waymark embed`` prints what a site pastes: whom to call in plain HTML, and a pinned script."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.channels.card import card
from bot.channels.widget_files import STUB, widget_files
from bot.cli import build
from knowledge.base import Knowledge
from knowledge.words import Words

WAYMARK = Path(sys.executable).with_name("waymark")
HOMES = (
    *("south_africa", "england_wales", "scotland", "northern_ireland", "australia"),
    *("united_states", "canada", "new_zealand", "elsewhere"),
)


def embed(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner(mix_stderr=False).invoke(build(), ["embed", *arguments])


class Html(HTMLParser):
    """Collects every link, every start tag and all text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str]:
        return [str(found["href"]) for tag, found in self.tags if tag == "a"]


def test_the_snippet_is_the_element_with_its_card_and_the_script_that_is_served() -> None:
    printed = subprocess.run(
        [str(WAYMARK), "embed", "--home", "scotland", "--server", "https://chat.example.org"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    tags = Html(printed).tags
    assert tags[0] == (
        "waymark-chat",
        {"server": "https://chat.example.org", "home": "scotland", "lang": "en"},
    )
    assert tags[-1] == (
        "script",
        {
            "type": "module",
            "src": f"https://chat.example.org/{STUB}",
            "integrity": widget_files()[STUB].sri,
            "crossorigin": "anonymous",
        },
    )
    assert printed.index("tel:999") < printed.index("</waymark-chat>") < printed.index("<script")


@pytest.mark.parametrize("home", HOMES)
def test_each_card_holds_every_number_to_call_of_its_home_and_no_other(
    home: str, knowledge: Knowledge, words: Words
) -> None:
    html = Html(card(knowledge, words, home=home))
    facts = knowledge.find("emergency_number", home)
    called = {n.dial for fact in facts for n in fact.numbers if n.via in ("call", "relay")}
    texted = {n.dial for fact in facts for n in fact.numbers if n.via == "sms"}
    assert {link for link in html.links if link.startswith("tel:")} == {f"tel:{n}" for n in called}
    assert {link for link in html.links if link.startswith("sms:")} == {f"sms:{n}" for n in texted}


def test_without_a_home_the_card_names_every_home_with_its_number(
    knowledge: Knowledge, words: Words
) -> None:
    html = Html(card(knowledge, words, home=None))
    first = {n.dial for h in HOMES for n in knowledge.emergency(h)[0].numbers}
    assert set(html.links) == {f"tel:{number}" for number in first}
    for place in knowledge.homes():
        if place.id not in ("england_wales", "scotland", "northern_ireland"):
            assert place.name[1:] in html.text
    assert "United Kingdom: 999" in html.text


def test_a_textphone_number_is_shown_but_is_no_link(knowledge: Knowledge, words: Words) -> None:
    html = Html(card(knowledge, words, home="scotland"))
    assert "18000" in html.text and not [link for link in html.links if "18000" in link]


def test_no_digit_of_a_card_stands_outside_a_fact(knowledge: Knowledge, words: Words) -> None:
    for home in HOMES:
        facts = knowledge.find("emergency_number", home)
        known = " ".join(
            f"{fact.title} {number.display} {number.label}"
            for fact in facts
            for number in fact.numbers
        )
        html = Html(card(knowledge, words, home=home))
        assert set(re.findall(r"\d+", html.text)) <= set(re.findall(r"\d+", known))


def test_the_card_warns_where_a_number_does_not_always_work(
    knowledge: Knowledge, words: Words
) -> None:
    assert "only in some areas" in card(knowledge, words, home="united_states")
    assert "call first" in card(knowledge, words, home="canada")


def test_a_card_needs_no_script_style_or_address_of_anybody_else(
    knowledge: Knowledge, words: Words
) -> None:
    for home in (None, *HOMES):
        html = Html(card(knowledge, words, home=home))
        assert {tag for tag, _ in html.tags} == {"p", "ul", "li", "a"}
        assert all(link.startswith(("tel:", "sms:")) for link in html.links)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--home", "narnia"), "scotland"),
        (("--home", "united_kingdom"), "scotland"),
        (("--lang", "xx"), "en"),
        (("--server", "http://chat.example.org"), "https://"),
        (("--server", "https://chat.example.org/path"), "https://"),
        (("--server", 'https://a"onload="x'), "https://"),
    ],
)
def test_a_wrong_value_is_one_line_that_says_what_works(
    arguments: tuple[str, ...], says: str
) -> None:
    printed = embed(*arguments)
    assert printed.exit_code == 1 and printed.stdout == ""
    assert printed.stderr.count("\n") == 1 and says in printed.stderr
    assert arguments[1] in printed.stderr and "Traceback" not in printed.stderr


def test_the_address_of_this_machine_may_be_plain_http() -> None:
    assert 'server="http://localhost:5005"' in embed().stdout
