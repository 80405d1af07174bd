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

from bot.model import ModelError, card_path, checked, named
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
    """A kept model's id and its card, or what is wrong with that."""

    id: str
    card: ModelCard | None
    problem: str = ""


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
        raise ModelError(f"{path}: cannot be read: run 'waymark release rollback ID'") from None
    if not _ID.fullmatch(pointer.served):
        raise ModelError(f"{path}: names no release: run 'waymark release rollback ID'")
    return pointer


def released(settings: Settings) -> Path | None:
    """Return the archive of the served release, or None where nothing was released."""
    if settings.releases is None:
        return None
    pointer = read_pointer(settings.releases)
    return settings.releases / pointer.served / ARCHIVE if pointer else None


def to_serve(settings: Settings) -> Path:
    """Return the archive to serve: the released one, or where nothing was released the trained."""
    return released(settings) or settings.model


def releases(folder: Path) -> list[Release]:
    """Return every release, the oldest first; where a card is broken, by the day in its id."""
    found: list[tuple[str, Release]] = []
    for name in _ids(folder):
        try:
            card = read_model_card(folder / name / ARCHIVE)
        except ModelError as error:
            found.append((name, Release(name, None, str(error))))
        else:
            found.append((card.promoted_at or name, Release(name, card)))
    return [release for _, release in sorted(found, key=lambda item: item[0])]


def find_release(folder: Path, name: str) -> str:
    """Return the id of the release that begins with a name, or whose hash holds it.

    No card is read: one that is broken never stands before a rollback to another.

    Raises:
        ModelError: none or several do.
    """
    known = _ids(folder)
    found = [id_ for id_ in known if id_.startswith(name) or name in id_.split("-")[-1]]
    if len(found) != 1:
        what = "fits no release" if not found else "fits several releases"
        raise ModelError(
            f"{folder.name}: '{name}' {what}: use one of: {', '.join(known) or 'none yet'}"
        )
    return found[0]


def keep(model: Path, *, folder: Path, key: bytes, card: ModelCard, at: datetime) -> str:
    """Copy a signed model and its cards into the folder of releases, and return the id.

    Raises:
        ModelError: the model is not whole, not signed with this key, or not the one of the card.
    """
    signed = named(model, key=key)
    if signed.sha256 != card.sha256:
        raise ModelError(
            f"{model.name}: is not the model that was compared: promote again, or 'waymark train'"
        )
    made = f"{at.date().isoformat()}-{signed.sha256[:12]}"
    if _whole(folder / made / ARCHIVE, key=key):
        # Promoted before on this day, and perhaps served: it stays in its place, with the new card.
        write_model_card(folder / made / ARCHIVE, card)
        return made
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
    try:
        pointer = read_pointer(folder)
    except ModelError:  # a pointer that makes no sense is replaced, or nothing could be served
        pointer = None
    if pointer and pointer.served == release:
        return pointer
    before = (*pointer.before, pointer.served)[-_MOST_BEFORE:] if pointer else ()
    return _write(folder, Pointer(release, before))


def point_back(folder: Path, *, key: bytes, to: str | None = None) -> Pointer:
    """Serve the release that was served before, or the one named.

    Raises:
        ModelError: there is none, or it is not whole any more.
    """
    if to is not None:
        release = find_release(folder, to)
        named(folder / release / ARCHIVE, key=key)
        return point(folder, release)
    pointer = read_pointer(folder)
    if pointer is None or not pointer.before:
        raise ModelError(f"{folder.name}: nothing was served before: run 'waymark release promote'")
    named(folder / pointer.before[-1] / ARCHIVE, key=key)
    return _write(folder, Pointer(pointer.before[-1], pointer.before[:-1]))


def pointed(folder: Path) -> bytes:
    """Return the pointer as it stands, also a broken one, to tell later whether it moved."""
    try:
        return (folder / POINTER).read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def alone(folder: Path, *, since: bytes) -> Iterator[None]:
    """Keep a second promotion or rollback waiting until this one is done.

    Args:
        folder: the releases.
        since: the pointer as it stood when it was decided what to do.

    Raises:
        ModelError: it moved since then, so that the decision was about something else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if pointed(folder) != since:
            raise ModelError(
                f"{folder / POINTER}: another release was served meanwhile: see "
                "'waymark release list', then run it again"
            )
        yield


def _whole(model: Path, *, key: bytes) -> bool:
    try:
        checked(model, key=key)
    except ModelError:
        return False
    return True


def _ids(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*") if _ID.fullmatch(path.name))


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
