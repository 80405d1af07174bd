"""The widget's sources can be read, hold nothing that must not be there, and need no download."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

WIDGET = Path(__file__).resolve().parents[2] / "widget"


def test_sources_can_be_read() -> None:
    """No minified file, no line that nobody reads, comments at the top of each."""
    sources = sorted([*WIDGET.glob("*.js"), *WIDGET.glob("*.css")])
    assert len(sources) > 4
    for path in sources:
        text = path.read_text("utf-8")
        assert ".min." not in path.name
        assert max(map(len, text.splitlines())) <= 200, path.name
        assert text.lstrip().startswith("/*"), path.name
        assert len(text.splitlines()) < 800, path.name


def test_no_code_that_reads_text_as_html_or_runs_it() -> None:
    bad = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|localStorage|indexedDB|document\.cookie|console\."
    )
    found = [
        f"{path.name}: {match[0]}"
        for path in WIDGET.glob("*.js")
        for match in bad.finditer(path.read_text("utf-8"))
    ]
    assert not found


def test_no_number_to_dial_and_no_address_stands_in_code_or_words() -> None:
    for path in [*WIDGET.glob("*.js"), *WIDGET.glob("strings/*.json")]:
        text = path.read_text("utf-8")
        assert not re.search(r"(?<![#\w])(?:999|112|10111|000|911|116 ?123)\b", text), path.name
        assert not re.search(r"https?://(?!www\.w3\.org)[a-z]", text), path.name


def test_with_the_playwright_of_these_tests_no_browser_is_downloaded() -> None:
    text = (WIDGET.parent / "pyproject.toml").read_text("utf-8")
    assert "playwright==" in text
    for path in [WIDGET.parent / "Makefile", WIDGET.parent / ".ci" / "run"]:
        assert "playwright install" not in path.read_text("utf-8")


def test_without_a_browser_the_tests_say_so_and_fail_only_where_it_is_required(
    tmp_path: Path,
) -> None:
    code = (
        "import os, pytest; os.environ['PATH'] = ''\n"
        "from tests.support.browser import chromium\n"
        "try:\n    chromium()\n"
        "except pytest.skip.Exception as told:\n    print('skipped:', told)\n"
        "except pytest.fail.Exception as told:\n    print('failed:', told)\n"
    )

    def told(require: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=WIDGET.parent,
            env={**os.environ, "WAYMARK_REQUIRE": require},
            check=True,
        ).stdout

    assert told("").startswith("skipped: no chromium")
    assert told("postgres,browser").startswith("failed: a browser is required")
