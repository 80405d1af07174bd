"""Locked packages are above their security floors, and what is lived with is written down."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

from knowledge.yaml_lines import DataError
from tests.support.server import ROOT
from tools.audit import Finding, Waiver, findings_in, judge, read_waivers

# Below these versions something is known that input, or a file, can make use of.
FLOORS = {
    "aiohttp": "3.14.4",
    "pymongo": "4.18.2",
    "python-socketio": "5.16.2",
    "sanic": "21.12.2",
    "skops": "0.12.0",
    "ujson": "5.12.1",
}
TODAY = date(2026, 11, 30)
WAIVER = Waiver("CVE-1", "keras", "never loaded", date(2027, 1, 1), "docs/waivers.yml:3")
FOUND = Finding("requirements.lock", "keras", "2.12.0", frozenset({"CVE-1", "GHSA-1"}), ("2.13",))


LOCKS = ("requirements.lock", "deploy/requirements.lock", "tools/requirements.lock")


def locked(name: str = "requirements.lock") -> dict[str, str]:
    text = (ROOT / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.M))


@pytest.mark.parametrize(("package", "floor"), FLOORS.items())
def test_a_package_is_locked_above_its_security_floor(package: str, floor: str) -> None:
    assert Version(locked()[package]) >= Version(floor)


def test_a_lock_file_has_a_hash_for_everything_and_names_no_address() -> None:
    for name in LOCKS:
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text and "--index-url" not in text
        entries = re.split(r"^(?=[a-z0-9])", text, flags=re.M)
        assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_the_image_holds_what_is_tested_and_nothing_that_only_tests_need() -> None:
    served, tested = locked("deploy/requirements.lock"), locked()
    assert served.items() <= tested.items(), "run 'make lock'"
    assert {"rasa", "spacy", "sanic", "onnxruntime", "opentelemetry-sdk"} <= set(served)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    dev = {re.split(r"[<>=\[ ]", one)[0] for one in project["optional-dependencies"]["dev"]}
    assert "pytest" in dev
    # Rasa itself asks for this one.
    assert {one.lower() for one in dev} & set(served) <= {"slack-sdk"}


def test_the_waivers_hold_and_are_of_locked_packages() -> None:
    waivers = read_waivers()
    assert {waiver.package for waiver in waivers} <= set(locked())
    assert len({waiver.id for waiver in waivers}) == len(waivers)


def test_every_mistake_in_the_waivers_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yml"
    path.write_text("- id: CVE-1\n  packag: keras\n  reason: ''\n  until: soon\n", "utf-8")
    with pytest.raises(DataError) as raised:
        read_waivers(path, root=tmp_path)
    assert str(raised.value).splitlines() == [
        "waivers.yml:2: unknown field 'packag': did you mean 'package'?",
        "waivers.yml:1: 'package' is missing: write it",
        "waivers.yml:3: 'reason' is not a text: write one",
        "waivers.yml:4: 'until' is not a day like 2027-05-01: write one",
    ]


def test_a_vulnerability_without_a_waiver_fails_and_says_what_to_do() -> None:
    assert [str(problem) for problem in judge([FOUND], [], today=TODAY)] == [
        "requirements.lock: keras 2.12.0: CVE-1: raise it to 2.13, or waive it in docs/waivers.yml"
    ]


def test_a_waiver_counts_under_any_name_of_the_vulnerability() -> None:
    assert judge([FOUND], [WAIVER], today=TODAY) == ()


def test_a_waiver_of_another_package_does_not_count() -> None:
    other = Waiver("CVE-1", "sanic", "no", date(2027, 1, 1), "docs/waivers.yml:9")
    assert len(judge([FOUND], [other], today=TODAY)) == 2


def test_a_waiver_that_is_over_or_waives_nothing_fails() -> None:
    (over,) = judge([FOUND], [WAIVER], today=date(2027, 1, 2))
    (idle,) = judge([], [WAIVER], today=TODAY)
    assert "was until 2027-01-01" in over.what and "not found" in idle.what


def test_a_report_of_the_scanner_is_read() -> None:
    report = {
        "dependencies": [
            {"name": "jinja2", "version": "3.1.6", "vulns": []},
            {
                "name": "keras",
                "version": "2.12.0",
                "vulns": [{"id": "GHSA-1", "aliases": ["CVE-1"], "fix_versions": ["2.13"]}],
            },
        ],
        "fixes": [],
    }
    assert findings_in(report, lock="requirements.lock") == [FOUND]
