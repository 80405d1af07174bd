"""A maintainer's commands for the knowledge: templates, checks, links."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import click
import pytest

import bot.links
import knowledge.loader as knowledge_loader
from bot.cli.links import links
from bot.links import Link, check_links, cited, load_skips, offline
from bot.settings import ROOT
from bot.whole import check_channels, check_guides, check_harms, check_places
from knowledge.base import Knowledge
from knowledge.loader import read
from knowledge.yaml_lines import DataError
from tests.maintain.project import waymark_in

# Each command reads all that there is: on a busy machine that takes a while.
pytestmark = pytest.mark.timeout(1200)


def said_of(problems: list[object], name: str) -> str:
    """Return what was said about a field, or nothing."""
    return "\n".join(str(p) for p in problems if f"'{name}'" in str(p))


# --- new


def test_a_new_offence_is_refused_field_by_field_until_it_is_filled(clean: Path) -> None:
    made = waymark_in(clean, "new", "offence", "scotland", "false-name")
    path = "knowledge/jurisdictions/scotland/offence_false_name.yml"
    assert made.returncode == 0 and f"wrote {path}" in made.stdout, made.stderr
    file = clean / path
    assert "sco-false-name" in file.read_text()
    _, problems = read(clean / "knowledge")
    for name in ("title", "text", "url", "checked_on", "confidence", "standing"):
        assert said_of(list(problems), name), name
    assert all(str(problem).startswith(path) for problem in problems)
    again = waymark_in(clean, "new", "offence", "scotland", "false-name")
    assert again.returncode == 1 and "stands there already" in again.stderr
    filled = file.read_text()
    for name, value in {
        "title": "A false name",
        "text": "Using a false name to harm somebody.",
        "checked_on": "2026-11-24",
        "confidence": "likely",
        "standing": "crime",
        "statute": "False Names Act 2020",
        "section": "s.1",
        "max_penalty": "2 years",
        "harm_types": "[impersonation]",
        "needs": "[a false name]",
    }.items():
        assert f"{name}:  #" in filled, name
        filled = filled.replace(f" {name}:  #", f" {name}: {value}  #", 1)
    filled = filled.replace("- title:  #", "- title: False Names Act 2020  #")
    for name, value in {
        "url": "https://www.legislation.gov.uk/asp/2010/13/section/39",
        "section": "s.1",
        "seen_in": "search",
    }.items():
        filled = filled.replace(f" {name}:  #", f" {name}: {value}  #", 1)
    file.write_text(filled)
    found, problems = read(clean / "knowledge")
    assert not problems, "\n".join(map(str, problems))
    assert found.by_id["sco-false-name"].max_penalty == "2 years"


def test_a_citation_without_a_title_is_refused(clean: Path) -> None:
    """An empty field was once read as the word 'None'."""
    file = clean / "knowledge/jurisdictions/new_zealand/bodies.yml"
    text = file.read_text()
    file.write_text(text.replace("- title: Netsafe, report form", "- title:"))
    _, problems = read(clean / "knowledge")
    assert any("citation without 'title'" in str(problem) for problem in problems)


def test_a_fact_without_a_source_is_refused_by_line(clean: Path) -> None:
    file = clean / "knowledge/jurisdictions/new_zealand/bodies.yml"
    lines = file.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip() == "citations:")
    end = next(i for i, line in enumerate(lines) if line.strip().startswith("confidence"))
    file.write_text("\n".join(lines[:start] + lines[end:]) + "\n")
    done = waymark_in(clean, "check")
    assert done.returncode == 1
    assert "new_zealand/bodies.yml:4: 'citations' is missing: add it" in done.stderr


def test_a_new_state_offence_stands_with_its_state(clean: Path) -> None:
    made = waymark_in(clean, "new", "offence", "australia/nt", "false-name")
    assert made.returncode == 0, made.stderr
    text = (
        clean / "knowledge/jurisdictions/australia/states/offence_nt_false_name.yml"
    ).read_text()
    assert "id: au-nt-false-name" in text and "state: nt" in text
    wrong = waymark_in(clean, "new", "offence", "australia/nts", "false-name")
    assert wrong.returncode == 1 and "did you mean 'nt'?" in wrong.stderr


def test_a_new_place_is_refused_until_every_file_knows_it(clean: Path) -> None:
    made = waymark_in(clean, "new", "place", "ireland")
    assert made.returncode == 0, made.stderr
    _, problems = read(clean / "knowledge")
    assert {
        name for name in ("prefix", "name", "in_name", "order") if said_of(list(problems), name)
    }
    index = clean / "knowledge/jurisdictions/ireland/index.yml"
    text = index.read_text()
    for name, value in {
        "prefix": "ie", "name": "Ireland", "in_name": "in Ireland", "order": "11",
    }.items():  # fmt: skip
        text = text.replace(f"{name}:  #", f"{name}: {value}  #", 1)
    index.write_text(text)
    found, problems = read(clean / "knowledge")
    said = "\n".join(map(str, problems))
    assert "ireland/emergency.yml:" in said and "cannot be dialled" in said
    assert "no emergency number to call" in said
    assert any("PLACES has no 'ireland'" in line for line in check_places(found, root=clean))
    assert sum("'ireland'" in line for line in check_places(found, root=clean)) == 3


def test_a_new_harm_is_refused_until_it_is_named_and_taught(clean: Path) -> None:
    made = waymark_in(clean, "new", "harm", "deadnaming")
    assert made.returncode == 0, made.stderr
    done = waymark_in(clean, "check")
    for said in ("'name' is missing", "'meaning' is missing", "add it to HARM_TYPES"):
        assert said in done.stderr, said
    assert "report_harm_deadnaming.yml:7: an example without text" in done.stderr


def test_a_new_channel_is_refused_until_its_functions_are_written(clean: Path) -> None:
    made = waymark_in(clean, "new", "channel", "signal")
    assert made.returncode == 0, made.stderr
    said = list(check_channels(clean / "bot" / "channels", root=clean))
    assert len(said) == 5 and all(s.startswith("bot/channels/signal.py:") for s in said)
    assert waymark_in(clean, "check").returncode == 1
    again = waymark_in(clean, "new", "channel", "web")
    assert again.returncode == 1 and "stands there already" in again.stderr


def test_a_guide_lacks_no_kind_of_fact(knowledge: Knowledge) -> None:
    assert not list(check_guides(knowledge))
    fewer = tuple(f for f in knowledge.facts if (f.kind, f.jurisdiction) != ("offence", "scotland"))
    said = list(check_guides(replace(knowledge, facts=fewer)))
    assert said == [
        "knowledge/jurisdictions/scotland/index.yml:1: a guide without 'offence': add one, "
        "or say 'guide: false'"
    ]


def test_a_harm_that_nobody_teaches_is_named(knowledge: Knowledge) -> None:
    assert len(list(check_harms(knowledge, []))) == 12


# --- links


class Pages(http.server.BaseHTTPRequestHandler):
    """A site with a page that opens, one that moved, one that is gone, one that minds programs."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_HEAD(self) -> None:
        self.asked.append((self.command, self.path))
        status = {"/here": 200, "/old": 301, "/minds": 403, "/no-head": 405}.get(self.path, 404)
        if self.path == "/no-head" and self.command == "GET":
            status = 200
        self.send_response(status)
        if status == 301:
            self.send_header("Location", "/here")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """Return the address of a site on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    Pages.asked.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def states(urls: list[str]) -> dict[str, str]:
    """Return what became of each page, by the end of its address."""
    found = check_links(dict.fromkeys(urls, "f.yml:1"), skips={}, delay=0.0)
    return {link.url.rpartition("/")[2]: link.state for link in found}


def test_pages_are_told_apart(site: str) -> None:
    urls = [f"{site}/{name}" for name in ("here", "old", "gone", "minds", "no-head")]
    assert states(urls) == {
        "here": "opens", "old": "moved", "gone": "gone", "minds": "unsure", "no-head": "opens",
    }  # fmt: skip
    assert Pages.asked[0] == ("HEAD", "/here")


def test_no_network_is_told_apart_from_a_page_that_is_gone() -> None:
    nowhere = ["http://127.0.0.1:9/a", "http://no-such-host.invalid/b"]
    found = list(check_links(dict.fromkeys(nowhere, "f.yml:1"), skips={}, delay=0, timeout=2))
    assert offline(found)
    assert not offline([*found, Link("https://x", "f.yml:1", "gone")])
    assert not offline([])


def test_a_host_that_is_no_more_is_a_failure_while_others_answer(
    site: str, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    gone = "http://no-such-host.invalid/b"
    assert states([f"{site}/here", gone]) == {"here": "opens", "b": "nameless"}

    def call(*urls: str) -> int:
        monkeypatch.setattr(bot.links, "cited", lambda _: dict.fromkeys(urls, "f.yml:1"))
        monkeypatch.setattr(knowledge_loader, "load", lambda: knowledge)
        try:
            links(place=None, delay=0.0, timeout=5.0)
        except click.exceptions.Exit as ended:
            return int(ended.exit_code)
        return 0

    assert call(f"{site}/here") == 0
    assert call(f"{site}/here", gone) == 1
    assert f"f.yml:1: {gone}: is on a host that is no more: " in capsys.readouterr().out
    assert call(gone) == 3


def test_a_skipped_host_is_never_asked(site: str) -> None:
    found = list(check_links({f"{site}/here": "f.yml:1"}, skips={"127.0.0.1": "why"}))
    assert [link.state for link in found] == ["skipped"] and not Pages.asked


def test_two_pages_of_one_host_are_asked_with_a_pause(site: str) -> None:
    import time

    started = time.monotonic()
    list(check_links({f"{site}/here": "", f"{site}/old": ""}, skips={}, delay=0.4))
    assert time.monotonic() - started >= 0.4


def test_every_skip_has_a_reason_and_is_cited(knowledge: Knowledge, tmp_path: Path) -> None:
    skips = load_skips(ROOT / "knowledge" / "links_skip.yml")
    hosts = {url.split("/")[2] for url in cited(knowledge.facts)}
    assert set(skips) <= hosts and all(skips.values())
    bad = tmp_path / "links_skip.yml"
    bad.write_text("skip:\n  - {host: example.org}\n")
    with pytest.raises(DataError, match=r"links_skip\.yml:2: not a skip"):
        load_skips(bad)


def test_every_cited_address_is_looked_at(knowledge: Knowledge) -> None:
    found = cited(knowledge.facts)
    assert len(found) > 300 and all(where.startswith("knowledge/") for where in found.values())
