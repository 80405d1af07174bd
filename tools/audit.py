"""Hold the locked packages against the published vulnerabilities: ``make audit`` (network).

Every one that is found has to be mended, or waived in docs/waivers.yml with a reason and a last
day. A waiver that is over, or that waives nothing, is a failure too.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.yaml_lines import DataError, Problem, did_you_mean, read_yaml

ROOT = Path(__file__).resolve().parent.parent
WAIVERS = ROOT / "docs/waivers.yml"
LOCKS = (ROOT / "requirements.lock", ROOT / "tools/requirements.lock")
SCANNER = ROOT / "tools/.venv/bin/pip-audit"
_FIELDS = ("id", "package", "reason", "until")


@dataclass(frozen=True, slots=True)
class Waiver:
    """A known vulnerability that is lived with, why, and how long."""

    id: str
    package: str
    reason: str
    until: date
    where: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A vulnerability of a locked package; ``ids`` are all the names it goes by."""

    lock: str
    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]


def read_waivers(path: Path = WAIVERS, *, root: Path = ROOT) -> tuple[Waiver, ...]:
    """Return the waivers, or raise ``DataError`` with every problem in the file."""
    problems: list[Problem] = []
    node = read_yaml(path, root=root, problems=problems)
    waivers = []
    for entry in node.entries() if node else []:
        fields = entry.items()
        for name, value in fields.items():
            if name not in _FIELDS:
                hint = did_you_mean(name, _FIELDS)
                problems.append(Problem(value.where, f"unknown field '{name}'", hint))
        for name in _FIELDS:
            kind: type = date if name == "until" else str
            value = fields.get(name)
            if value is None:
                problems.append(Problem(entry.where, f"'{name}' is missing", "write it"))
            elif not isinstance(value.value, kind) or value.value == "":
                form = "a day like 2027-05-01" if kind is date else "a text"
                problems.append(Problem(value.where, f"'{name}' is not {form}", "write one"))
        if not problems:
            waivers.append(Waiver(**{n: fields[n].value for n in _FIELDS}, where=entry.where))
    if problems:
        raise DataError(problems)
    return tuple(waivers)


def findings_in(report: dict[str, Any], *, lock: str) -> list[Finding]:
    """Return what a report of pip-audit (``--format json``) found in a lock file."""
    return [
        Finding(
            lock=lock,
            package=found["name"],
            version=found["version"],
            ids=frozenset((vulnerability["id"], *vulnerability.get("aliases", ()))),
            fixed_in=tuple(vulnerability.get("fix_versions", ())),
        )
        for found in report["dependencies"]
        for vulnerability in found.get("vulns", ())
    ]


def judge(
    findings: Iterable[Finding], waivers: Iterable[Waiver], *, today: date
) -> tuple[Problem, ...]:
    """Return what has to be done: about vulnerabilities without a waiver, and about waivers."""
    problems, used = [], set()
    waivers = tuple(waivers)
    for finding in findings:
        waiver = next(
            (w for w in waivers if w.id in finding.ids and w.package == finding.package), None
        )
        if waiver is not None:
            used.add(waiver)
            continue
        name = min(finding.ids, key=lambda one: (not one.startswith("CVE-"), one))
        fixed = ", ".join(finding.fixed_in)
        problems.append(
            Problem(
                finding.lock,
                f"{finding.package} {finding.version}: {name}",
                f"raise it to {fixed}, or waive it in docs/waivers.yml"
                if fixed
                else "waive it in docs/waivers.yml, or do without the package",
            )
        )
    for waiver in waivers:
        if waiver not in used:
            problems.append(Problem(waiver.where, f"{waiver.id} is not found", "delete the waiver"))
        elif waiver.until < today:
            what = f"the waiver of {waiver.id} was until {waiver.until}"
            problems.append(Problem(waiver.where, what, "mend it, or give it a new reason and day"))
    return tuple(problems)


def scan(lock: Path) -> list[Finding]:
    """Return what is known against the packages of a lock file; ``OSError`` without a network."""
    command = [
        *(str(SCANNER), "--requirement", str(lock), "--disable-pip", "--require-hashes"),
        *("--vulnerability-service", "osv", "--format", "json", "--progress-spinner", "off"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise OSError(done.stderr.strip().rpartition("\n")[2][:200]) from None
    return findings_in(report, lock=lock.relative_to(ROOT).as_posix())


def main() -> int:
    """Scan both lock files; 1 when something is left to do, 2 without a network."""
    try:
        waivers = read_waivers()
        findings = [finding for lock in LOCKS for finding in scan(lock)]
    except DataError as error:
        print(error)
        return 1
    except OSError as error:
        print(f"make audit: the advisories cannot be read: try again with a network ({error})")
        return 2
    problems = judge(findings, waivers, today=date.today())
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{len(findings)} known, all of them waived in docs/waivers.yml")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
