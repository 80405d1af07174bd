"""The command line as a person uses it: help, values of options, plain errors, JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

WAYMARK = Path(sys.executable).with_name("waymark")


def waymark(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the real command and return what it printed."""
    import os

    return subprocess.run(
        [str(WAYMARK), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.timed
def test_help_is_quick_and_lists_every_command() -> None:
    started = time.monotonic()
    printed = waymark("--help").stdout
    assert time.monotonic() - started < 5
    for name in ("serve", "chat", "train", "check", "facts", "show", "stale", "evaluate", "docs"):
        assert name in printed


def test_help_imports_neither_rasa_nor_tensorflow() -> None:
    code = "import sys, bot.cli; bot.cli.build(); print([m for m in sys.modules if m in M])"
    printed = subprocess.run(
        [sys.executable, "-c", code.replace("M]", "('rasa', 'tensorflow', 'spacy')]")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == "[]"


def test_an_option_takes_its_value() -> None:
    """With a newer click, Typer 0.7 turns every such option into a flag."""
    printed = waymark("stale", "--on", "2030-01-01").stdout
    assert "checked on 2026-11-22" in printed
    assert waymark("stale", "--on", "2026-11-23").stdout.startswith("0 facts")


def test_facts_as_json_have_the_fields_of_the_contract() -> None:
    facts = json.loads(waymark("facts", "--json").stdout)
    wanted = {
        "id", "kind", "jurisdiction", "harm_types", "topics", "text", "numbers", "urls", "statute",
        "section", "max_penalty", "citations", "confidence", "guide_units",
    }  # fmt: skip
    assert len(facts) > 600 and all(wanted <= set(fact) for fact in facts)
    assert set(facts[0]["citations"][0]) == {"title", "url", "section", "checked_on"}


def test_show_hints_at_the_nearest_fact() -> None:
    printed = waymark("show", "sco-stalkin-s39")
    assert printed.returncode == 1 and "sco-stalking-s39" in printed.stderr
    assert "Traceback" not in printed.stderr


def test_check_is_clean_and_judges_dates_only_when_asked() -> None:
    clean = waymark("check")
    assert clean.returncode == 0 and "facts hold" in clean.stdout, clean.stderr
    late = waymark("check", "--on", "2030-01-01")
    assert late.returncode == 1 and "check it again" in late.stderr


def test_an_evaluation_file_is_refused_by_line_all_lines_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.yml"
    file.write_text(
        "- {text: hello, intent: greeet}\n"
        "- {text: hello, harm_types: [staking]}\n"
        "- {text: hello, home: wales}\n"
        "- {intent: greet}\n"
    )
    printed = waymark("evaluate", str(file))
    assert printed.returncode == 1
    for line in (1, 2, 3, 4):
        assert f"bad.yml:{line}: " in printed.stderr
    assert "did you mean 'greet'?" in printed.stderr


def test_unsafe_settings_do_not_start(tmp_path: Path) -> None:
    printed = waymark(
        "serve",
        WAYMARK_HOST="0.0.0.0",
        WAYMARK_PORT="99999",
        WAYMARK_ORIGINS="*",
        WAYMARK_LOG_LEVEL="debug",
    )
    assert printed.returncode == 1
    for name in ("WAYMARK_HOST", "WAYMARK_PORT", "WAYMARK_ORIGINS", "WAYMARK_LOG_LEVEL"):
        assert name in printed.stderr


def test_production_needs_its_secrets() -> None:
    printed = waymark("serve", "--production")
    assert printed.returncode == 1
    for name in ("WAYMARK_SECRET", "WAYMARK_MODEL_KEY", "WAYMARK_ORIGINS"):
        assert name in printed.stderr


@pytest.mark.parametrize("name", ["knowledge", "corrections", "cli", "settings"])
def test_the_pages_made_from_data_are_up_to_date(name: str) -> None:
    from bot.docs_pages import pages

    root = Path(__file__).resolve().parent.parent.parent
    path = f"docs/{name}.md"
    assert (root / path).read_text(encoding="utf-8") == pages()[path]


def test_every_setting_is_documented() -> None:
    root = Path(__file__).resolve().parent.parent.parent
    import re

    named = set(re.findall(r'"(WAYMARK_[A-Z_]+)"', (root / "bot" / "settings.py").read_text()))
    documented = (root / "docs" / "settings.md").read_text()
    assert len(named) > 10
    assert not {name for name in named if name not in documented}
