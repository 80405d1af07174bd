"""What is served for the widget: whole, pinned, light, and with every number where it stands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bot.channels.numbers import numbers_in
from bot.channels.widget_files import (
    CODE_BUDGET,
    DATA_BUDGET,
    STUB,
    STUB_BUDGET,
    joined,
    numbers_data,
    sizes,
    widget_files,
)
from bot.danger import load_patterns
from bot.danger.export import to_json
from bot.danger.pack import pack
from knowledge.base import Knowledge
from knowledge.words import Words

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = widget_files()


def node(script: str, *arguments: str) -> str:
    """Run a module in Node and return what it prints."""
    found = shutil.which("node")
    if not found and "node" in os.environ.get("WAYMARK_REQUIRE", "").split(","):
        pytest.fail("node is required (WAYMARK_REQUIRE) and is not installed")
    if not found:
        pytest.skip("node is not installed")
    done = subprocess.run(
        [found, "--input-type=module", "-e", script, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def linked(text: str, facts: list[str], knowledge: Knowledge) -> list[tuple[str, str, str]]:
    """Return what becomes a link: the digits as shown, what is dialled, and how."""
    units = text.encode("utf-16-le")
    return [
        (
            units[2 * n["at"] : 2 * (n["at"] + n["length"])].decode("utf-16-le"),
            n["dial"],
            n["via"],
        )
        for n in numbers_in(text, [knowledge.by_id[fact] for fact in facts])
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Call 999 and ask for the police.", [("999", "999", "call")]),
        ("Name section 999, or s.999, or s 999 of the Act.", []),
        ("A fine of £999, or 999 years, or 1,999, or 999.5.", []),
        ("An address: https://example.org/999", []),
        ("You can text 999. Or call 999.", [("999", "999", "sms"), ("999", "999", "call")]),
        ("Call or text 999.", [("999", "999", "call")]),
        ("In danger 🚨 999 (text)", [("999", "999", "sms")]),
        ("Call 112.", []),
    ],
)
def test_only_a_number_of_its_own_facts_can_be_tapped(
    text: str, expected: list[tuple[str, str, str]], knowledge: Knowledge
) -> None:
    assert linked(text, ["sco-emergency-999", "sco-emergency-sms"], knowledge) == expected


def test_every_home_has_a_number_that_is_its_own_fact(knowledge: Knowledge, words: Words) -> None:
    homes = numbers_data(knowledge, words)["homes"]
    assert set(homes) == {"", *(place.id for place in knowledge.homes())}
    for home, data in homes.items():
        if not home:
            continue
        dialled = {
            number.dial
            for fact in knowledge.facts
            if fact.jurisdiction == home
            for number in fact.numbers
        }
        assert data["bar"][0]["dial"] in dialled
        for kind in ("emergency", "crisis"):
            assert data[kind]["numbers"] and data[kind]["facts"]
            assert {number["dial"] for number in data[kind]["numbers"]} <= dialled


def test_packed_patterns_are_the_same_patterns(tmp_path: Path) -> None:
    data = to_json(load_patterns(ROOT / "knowledge" / "danger"))
    whole, packed = tmp_path / "whole.json", tmp_path / "packed.json"
    whole.write_text(json.dumps(data))
    packed.write_text(json.dumps(pack(data)))
    printed = node(
        f"import {{ unpack }} from {json.dumps(str(ROOT / 'widget' / 'unpack.js'))};"
        "import { readFileSync } from 'node:fs'; import assert from 'node:assert';"
        "const read = (path) => JSON.parse(readFileSync(path, 'utf8'));"
        "assert.deepStrictEqual(unpack(read(process.argv[2])), read(process.argv[1]));"
        "console.log('same')",
        str(whole),
        str(packed),
    )
    assert printed.strip() == "same"


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".js")])
def test_what_is_served_is_a_script_without_its_comments(path: str, tmp_path: Path) -> None:
    served = tmp_path / "served.mjs"
    served.write_bytes(FILES[path].content)
    node("import { execFileSync } from 'node:child_process';"
         "execFileSync(process.execPath, ['--check', process.argv[1]])", str(served))  # fmt: skip
    assert not any(
        line.startswith(("//", "/*", "*")) for line in FILES[path].content.decode().splitlines()
    )


def test_the_stub_holds_the_hash_of_every_other_script_and_style() -> None:
    stub = FILES[STUB].content.decode()
    code = [path for path in FILES if path.endswith((".js", ".css")) and path != STUB]
    assert {"widget/chat.js", "widget/danger.js", "widget/chat.css"} <= set(code)
    assert all(FILES[path].short_sri in stub for path in code)


def test_a_name_at_the_top_of_two_modules_is_an_error() -> None:
    one = 'import { b } from "./b.js";\nconst same = b;\n'
    with pytest.raises(ValueError, match="same"):
        joined({"a.js": one, "b.js": "export const b = 1;\nconst same = 2;\n"}, "a.js")
    assert "const b = 1" in joined({"a.js": one, "b.js": "export const b = 1;\n"}, "a.js")


def test_the_widget_keeps_its_budgets() -> None:
    found = sizes(FILES)
    assert found["stub"] <= STUB_BUDGET
    assert found["code"] <= CODE_BUDGET
    assert found["data"] <= DATA_BUDGET


def test_every_word_of_the_widget_is_used_and_every_used_word_is_there() -> None:
    strings = json.loads((ROOT / "widget" / "strings" / "en.json").read_text("utf-8"))
    stub = (ROOT / "widget" / "waymark.js").read_text("utf-8")
    chat = "".join(
        path.read_text("utf-8")
        for path in (ROOT / "widget").glob("*.js")
        if path.name not in ("waymark.js", "danger.js", "unpack.js")
    )
    assert set(re.findall(r"#words\.(\w+)", stub)) == set(strings.pop("stub"))
    used = set(re.findall(r"\b(?:strings|s)\.(\w+)", chat))
    assert used | {"locale"} == set(strings) | {"locale"}
    assert "{ locale }" in chat
