"""The knowledge and the sentences as they were: at a commit, or in another folder."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.settings import ROOT
from knowledge.base import Knowledge
from knowledge.loader import read
from knowledge.words import load_words
from knowledge.yaml_lines import DataError, Problem

_PARTS = ("knowledge", "data/responses")
_FACTS = ("jurisdictions", "everywhere")
# The line that an entry begins on, also in a file that is no YAML any more.
_ENTRY = re.compile(r"\s*-\s+\{?\s*id:\s*[\"']?([\w-]+)")


@dataclass(frozen=True, slots=True)
class Version:
    """What Waymark knows and says at one time.

    Of an old one, ``unread`` and ``unread_places`` hold the ids of what today's schema cannot read,
    and ``sentences`` is None where that holds for them. ``files`` holds a hash of each file under
    ``knowledge/``, by its path.
    """

    knowledge: Knowledge
    sentences: Mapping[str, str] | None
    unread: frozenset[str] = frozenset()
    unread_places: frozenset[str] = frozenset()
    files: Mapping[str, str] = field(default_factory=dict)


def version_of(name: str, *, whole: bool = False, root: Path = ROOT) -> Version:
    """Return the version in a folder or at a git ref.

    Args:
        name: the folder or the ref.
        whole: refuse what cannot be read, instead of leaving it out.
        root: the project whose git knows the ref.

    Raises:
        DataError: it is neither, or it is to be whole and something in it cannot be read.
    """
    folder = Path(name)
    if (folder / "knowledge").is_dir():
        return _read(folder, whole=whole)
    done = subprocess.run(
        ["git", "archive", "--format=tar", name, "--", *_PARTS],
        cwd=root,
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise DataError([Problem(name, "neither a folder nor a git ref", "name one of the two")])
    with tempfile.TemporaryDirectory() as unpacked:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(unpacked, filter="data")
        return _read(Path(unpacked), whole=whole)


def _read(folder: Path, *, whole: bool) -> Version:
    knowledge, problems = read(folder / "knowledge")
    sentences: Mapping[str, str] | None = None
    try:
        sentences = load_words(folder / "data" / "responses").texts
    except DataError as error:
        problems += error.problems
    if whole and problems:
        raise DataError(problems)
    return Version(
        knowledge,
        sentences,
        unread=frozenset(_unread(folder, knowledge)),
        unread_places=frozenset(
            path.parent.name
            for path in (folder / "knowledge" / "jurisdictions").glob("*/index.yml")
            if path.parent.name not in knowledge.places
        ),
        files={
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((folder / "knowledge").rglob("*.yml"))
        },
    )


def _unread(folder: Path, knowledge: Knowledge) -> Iterator[str]:
    """Yield the ids of facts that stand in the files and are not in the knowledge."""
    read_at = {fact.where for fact in knowledge.facts}
    for part in _FACTS:
        for path in sorted((folder / "knowledge" / part).rglob("*.yml")):
            if path.name == "index.yml":
                continue
            shown = path.relative_to(folder).as_posix()
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, start=1):
                begins = _ENTRY.match(line)
                if begins and f"{shown}:{number}" not in read_at:
                    yield begins.group(1)
