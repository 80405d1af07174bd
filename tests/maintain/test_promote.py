"""Promotion and rollback: what holds is served, and nobody decides over what moved meanwhile."""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from bot.cli import release as command
from bot.compare import Comparison
from bot.release import store
from bot.release.store import ARCHIVE, POINTER, point_back, read_pointer, releases, to_serve
from bot.settings import Settings
from tests.maintain.test_release import KEY, a_model, released


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of releases."""
    return tmp_path / "released"


def comparison(*, danger: tuple[str, ...] = (), floors: tuple[str, ...] = ()) -> Comparison:
    """Return a comparison with these problems."""
    return Comparison((), (), danger, floors)


@pytest.fixture
def promote(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a call of ``release promote`` with a comparison of the test's own."""
    model = a_model(tmp_path / "trained", b"new")
    settings = Settings(model=model, releases=folder, model_key=KEY)
    monkeypatch.setattr(command, "_settings", lambda: (settings, folder))

    def call(found: Comparison, *, anyway: str | None = None) -> int:
        monkeypatch.setattr(command, "held", lambda *_, **__: (found, None))
        try:
            command.promote(anyway=anyway)
        except click.exceptions.Exit as ended:
            return int(ended.exit_code)
        return 0

    return call


def test_a_model_that_holds_is_served(promote: Any, folder: Path) -> None:
    assert promote(comparison()) == 0
    assert read_pointer(folder) is not None


def test_a_floor_stops_it_unless_there_is_a_reason_which_the_card_keeps(
    promote: Any, folder: Path
) -> None:
    failing = comparison(floors=("greet: 0.5 is below its floor",))
    assert promote(failing) == 1 and promote(failing, anyway="  ") == 1
    assert read_pointer(folder) is None
    assert promote(failing, anyway="greetings matter less than the new order questions") == 0
    (release,) = releases(folder)
    assert release.card is not None
    assert release.card.anyway.startswith("greetings matter less")
    assert release.card.comparison["problems"] == ["greet: 0.5 is below its floor"]


def test_no_reason_lets_a_fall_of_danger_recall_through(promote: Any, folder: Path) -> None:
    assert promote(comparison(danger=("danger recall: fell",)), anyway="it is fine") == 1
    assert read_pointer(folder) is None


@pytest.mark.parametrize("moved_to", ["another", "back"])
def test_nothing_is_promoted_over_a_release_that_was_served_meanwhile(
    promote: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, moved_to: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """While it compares, nobody has to wait, and what was compared with is served no more."""
    released(folder, b"one")
    released(folder, b"two")

    def meanwhile(*_: object, **__: object) -> tuple[Comparison, None]:
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if moved_to == "another":
            released(folder, b"three")
        else:
            point_back(folder, key=KEY)
        return comparison(), None

    monkeypatch.setattr(command, "held", meanwhile)
    with pytest.raises(click.exceptions.Exit):
        command.promote(anyway=None)
    said = capsys.readouterr().err
    assert f"{folder / POINTER}: another release was served meanwhile: see" in said
    assert len(releases(folder)) == (3 if moved_to == "another" else 2)


@pytest.mark.parametrize("named", [False, True])
def test_a_rollback_that_waited_never_steps_back_from_what_was_served_meanwhile(
    promote: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """It was the bad one that it meant to leave; one step back would lead to just that."""
    first = released(folder, b"one")
    released(folder, b"bad")
    good: list[str] = []
    waits = SimpleNamespace(
        LOCK_EX=fcntl.LOCK_EX, flock=lambda *_: good.append(released(folder, b"good"))
    )
    monkeypatch.setattr(store, "fcntl", waits)
    with pytest.raises(click.exceptions.Exit):
        command.rollback(to=first if named else None)
    pointer = read_pointer(folder)
    assert pointer is not None and pointer.served == good[0]


def test_a_rollback_of_what_is_served_goes_through(promote: Any, folder: Path) -> None:
    first, second = released(folder, b"one"), released(folder, b"two")
    command.rollback(to=None)
    assert to_serve(Settings(releases=folder)) == folder / first / ARCHIVE
    (folder / POINTER).write_text("{")
    command.rollback(to=second)
    assert to_serve(Settings(releases=folder)) == folder / second / ARCHIVE
