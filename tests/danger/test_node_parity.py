"""The widget's danger.js finds exactly what Python finds: on all data, all cases, and noise."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bot.danger import DangerPatterns, find_danger
from bot.danger.export import to_json
from tests.danger.conftest import ROOT
from tests.danger.test_normalise import DISGUISES

RUN = """
import { readFileSync } from "node:fs";
import { compile, findDanger } from %s;
const { patterns, texts } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ready = compile(patterns);
const found = texts.map(([text, recent]) => findDanger(text, { recent, patterns: ready }));
process.stdout.write(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    if found:
        return found
    if "node" in os.environ.get("WAYMARK_REQUIRE", "").split(","):
        pytest.fail("node is required (WAYMARK_REQUIRE) and is not installed")
    pytest.skip("node is not installed")


def in_node(
    node: str, folder: Path, patterns: DangerPatterns, texts: list[tuple[str, list[str]]]
) -> list[dict[str, Any] | None]:
    script = folder / "run.mjs"
    script.write_text(RUN % json.dumps(str(ROOT / "widget" / "danger.js")), encoding="utf-8")
    data = folder / "data.json"
    data.write_text(json.dumps({"patterns": to_json(patterns), "texts": texts}), encoding="ascii")
    done = subprocess.run(
        [node, str(script), str(data)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any] | None] = json.loads(done.stdout)
    return found


def in_python(
    patterns: DangerPatterns, texts: list[tuple[str, list[str]]]
) -> list[dict[str, Any] | None]:
    matches = [find_danger(text, recent=recent, patterns=patterns) for text, recent in texts]
    return [asdict(match) if match else None for match in matches]


def compare(
    node: str, folder: Path, patterns: DangerPatterns, texts: list[tuple[str, list[str]]]
) -> int:
    here, there = in_python(patterns, texts), in_node(node, folder, patterns, texts)
    differ = [
        (text, one, other)
        for text, one, other in zip(texts, here, there, strict=True)
        if one != other
    ]
    assert not differ, differ[:5]
    return sum(match is not None for match in here)


def plain_texts(patterns: DangerPatterns, cases: dict[str, Any]) -> list[str]:
    texts = [example.text for example in patterns.examples]
    texts += [text for many in cases["danger"].values() for text in many]
    return texts + cases["hard"] + cases["ordinary"]


def test_all_sentences_agree(
    node: str, tmp_path: Path, patterns: DangerPatterns, cases: dict[str, Any]
) -> None:
    texts = [(text, list[str]()) for text in plain_texts(patterns, cases)]
    assert compare(node, tmp_path, patterns, texts) > 300


def test_disguises_agree(
    node: str, tmp_path: Path, patterns: DangerPatterns, cases: dict[str, Any]
) -> None:
    texts = plain_texts(patterns, cases)
    disguised = [
        (disguise(text), list[str]())
        for name, disguise in DISGUISES.items()
        for text in texts[:: 7 + len(name) % 3]
    ]
    assert compare(node, tmp_path, patterns, disguised) > 100


def test_noise_agrees(
    node: str, tmp_path: Path, patterns: DangerPatterns, cases: dict[str, Any]
) -> None:
    """Sentences cut, glued, misspelt, mixed, split over messages, with odd signs in them."""
    chance = random.Random(1129)
    sentences = plain_texts(patterns, cases)
    vocabulary = sorted(patterns.machine.vocabulary)
    signs = [*".,!?;*@$|1340'`-_/", "\n", "\t", "\u200b", "é", "к", "ﬁ", "İ", "ẞ", "Σ", "🔪", "👮🏽",
             "\ud800", "𝐤", "ﷺ", "\x00", "\u2028", "ⓚ", "aaa", "  "]  # fmt: skip
    texts: list[tuple[str, list[str]]] = []
    for _ in range(2500):
        text = chance.choice(sentences)
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(text) + 1)
            kind = chance.randrange(7)
            if kind == 0:
                text = text[:at] + chance.choice(signs) + text[at:]
            elif kind == 1:
                text = text[:at] + text[at + 1 :]
            elif kind == 2:
                text = text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
            elif kind == 3:
                text = text.replace(" ", chance.choice(["", ".", "  ", "-"]), chance.randrange(5))
            elif kind == 4:
                text += chance.choice(["", " ", ". ", ", "]) + chance.choice(sentences)
            elif kind == 5:
                text = text[:at] + " " + chance.choice(vocabulary) + " " + text[at:]
            else:
                text = " ".join(text[at : at + 12]) + text[at + 12 :]
        recent = chance.sample(sentences, chance.randrange(3))
        if chance.random() < 0.3 and " " in text:
            cut = text.index(" ")
            recent, text = [*recent[:1], text[:cut]], text[cut:]
        texts.append((text, recent))
    for _ in range(300):
        words = chance.choices([*vocabulary, *signs], k=chance.randrange(1, 60))
        texts.append((chance.choice([" ", "", " "]).join(words), []))
    assert compare(node, tmp_path, patterns, texts) > 1000


def test_long_texts_agree(node: str, tmp_path: Path, patterns: DangerPatterns) -> None:
    """The budgets for repairs are spent on the same words in both languages."""
    from tests.danger.test_speed import worst_texts

    texts = [(text, list[str]()) for text in worst_texts(patterns).values()]
    texts += [(text[:-40] + " he has a kn1fe", []) for text, _ in list(texts)]
    assert compare(node, tmp_path, patterns, texts) > 20
