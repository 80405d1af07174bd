"""The knowledge and the sentences as they were: at a commit, or in another folder."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT
from knowledge.base import Knowledge
from knowledge.loader import read
from knowledge.words import load_words
from knowledge.yaml_lines import DataError, Problem

_PARTS = ("knowledge", "data/responses")


@dataclass(frozen=True, slots=True)
class Version:
    """What Waymark knows and says at one time."""

    knowledge: Knowledge
    sentences: Mapping[str, str]


def version_of(name: str, *, root: Path = ROOT) -> Version:
    """Return the version in a folder or at a git ref.

    Facts that could not be read any more by today's schema are left out.

    Raises:
        DataError: it is neither.
    """
    folder = Path(name)
    if (folder / "knowledge").is_dir():
        return _read(folder)
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
        return _read(Path(unpacked))


def _read(folder: Path) -> Version:
    knowledge, _ = read(folder / "knowledge")
    try:
        sentences = load_words(folder / "data" / "responses").texts
    except DataError:
        sentences = {}
    return Version(knowledge, sentences)
