"""Releases: each a folder with a model and its cards, and one small file that names the served one.

The file is replaced in one step, after everything it names is on disk: a server that looks at any
moment sees a whole release or the one before.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.model import ModelError, card_path, checked
from bot.release.card import ModelCard, model_card_path, read_model_card, write_model_card
from bot.settings import Settings

ARCHIVE = "waymark.tar.gz"
POINTER = "served.json"
_ID = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}")
_MOST_BEFORE = 50


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which release is served, and which were served before it, the last one last."""

    served: str
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A kept model and its card."""

    id: str
    model: Path
    card: ModelCard


def read_pointer(folder: Path) -> Pointer | None:
    """Return the pointer of a folder of releases, or None where nothing was ever released.

    Raises:
        ModelError: there is one, but it cannot be read.
    """
    path = folder / POINTER
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        pointer = Pointer(str(content["served"]), tuple(map(str, content["before"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        raise ModelError(f"{path}: cannot be read: run 'waymark release promote'") from None
    if not _ID.fullmatch(pointer.served):
        raise ModelError(f"{path}: names no release: run 'waymark release promote'")
    return pointer


def to_serve(settings: Settings) -> Path:
    """Return the archive to serve: the released one, or where nothing was released the trained."""
    pointer = read_pointer(settings.releases) if settings.releases else None
    if pointer is None or settings.releases is None:
        return settings.model
    return settings.releases / pointer.served / ARCHIVE


def releases(folder: Path) -> list[Release]:
    """Return every whole release, the oldest first."""
    found = []
    for path in sorted(folder.glob("*")):
        if _ID.fullmatch(path.name):
            model = path / ARCHIVE
            found.append(Release(path.name, model, read_model_card(model)))
    return sorted(found, key=lambda release: release.card.promoted_at)


def find_release(folder: Path, name: str) -> Release:
    """Return the release whose id is or begins with or ends with a name.

    Raises:
        ModelError: none or several do.
    """
    found = [r for r in releases(folder) if r.id.startswith(name) or name in r.id.split("-")[-1]]
    if len(found) != 1:
        known = ", ".join(release.id for release in releases(folder)) or "none yet"
        what = "fits no release" if not found else "fits several releases"
        raise ModelError(f"{folder.name}: '{name}' {what}: use one of: {known}")
    return found[0]


def keep(model: Path, *, folder: Path, key: bytes, card: ModelCard, at: datetime) -> str:
    """Copy a signed model and its cards into the folder of releases, and return the id.

    Raises:
        ModelError: the model is not whole or not signed with this key.
    """
    signed = checked(model, key=key)
    made = f"{at.date().isoformat()}-{signed.sha256[:12]}"
    half = folder / f".half-{made}-{os.getpid()}"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    try:
        copy = half / ARCHIVE
        shutil.copyfile(model, copy)
        shutil.copyfile(card_path(model), card_path(copy))
        write_model_card(copy, card)
        checked(copy, key=key)
        for path in (copy, card_path(copy), model_card_path(copy), half):
            _to_disk(path)
        shutil.rmtree(folder / made, ignore_errors=True)
        half.rename(folder / made)
        _to_disk(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return made


def point(folder: Path, release: str) -> Pointer:
    """Serve a release from now on; what was served before is remembered."""
    pointer = read_pointer(folder)
    if pointer and pointer.served == release:
        return pointer
    before = (*pointer.before, pointer.served)[-_MOST_BEFORE:] if pointer else ()
    return _write(folder, Pointer(release, before))


def point_back(folder: Path, *, key: bytes, to: str | None = None) -> Pointer:
    """Serve the release that was served before, or the one named.

    Raises:
        ModelError: there is none, or it is not whole any more.
    """
    pointer = read_pointer(folder)
    if pointer is None or (to is None and not pointer.before):
        raise ModelError(f"{folder.name}: nothing was served before: run 'waymark release promote'")
    if to is not None:
        release = find_release(folder, to).id
        before = (*pointer.before, pointer.served)[-_MOST_BEFORE:]
    else:
        release, before = pointer.before[-1], pointer.before[:-1]
    checked(folder / release / ARCHIVE, key=key)
    return _write(folder, Pointer(release, before))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second promotion or rollback waiting until this one is done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(folder: Path, pointer: Pointer) -> Pointer:
    half = folder / f".{POINTER}.{os.getpid()}"
    content = {"served": pointer.served, "before": list(pointer.before)}
    half.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    _to_disk(half)
    half.replace(folder / POINTER)
    _to_disk(folder)
    return pointer


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
