"""Releases: kept whole, switched in one step, refused when broken, and taken while serving."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.model import ModelError, card_path, file_hash, write_card
from bot.release.card import ModelCard, model_card_path, read_model_card, write_model_card
from bot.release.follow import Follower
from bot.release.store import (
    ARCHIVE,
    POINTER,
    find_release,
    keep,
    point,
    point_back,
    read_pointer,
    releases,
    to_serve,
)
from bot.settings import Settings, from_environment, local_key
from tests.bot.test_cli import waymark
from tests.support.server import Server

KEY = b"k" * 32
DAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def a_model(folder: Path, content: bytes) -> Path:
    """Return a stand-in for an archive with both cards."""
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "waymark.tar.gz"
    model.write_bytes(content)
    signed = write_card(model, key=KEY)
    write_model_card(model, ModelCard(signed.sha256, signed.data, signed.encoder, "2026-11-24T08"))
    return model


def released(folder: Path, content: bytes, *, at: datetime = DAY) -> str:
    """Keep a stand-in as a release, and serve it."""
    model = a_model(folder.parent / "trained", content)
    card = replace(read_model_card(model), promoted_at=at.isoformat())
    made = keep(model, folder=folder, key=KEY, card=card, at=at)
    point(folder, made)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of releases."""
    return tmp_path / "released"


def test_nothing_released_means_the_trained_model_is_served(folder: Path) -> None:
    settings = Settings(releases=folder)
    assert to_serve(settings) == settings.model
    assert read_pointer(folder) is None


def test_the_pointer_names_the_release_that_is_served(folder: Path) -> None:
    made = released(folder, b"one")
    assert to_serve(Settings(releases=folder)) == folder / made / ARCHIVE
    assert (folder / made / ARCHIVE).read_bytes() == b"one"
    assert [r.id for r in releases(folder)] == [made]
    assert not list(folder.glob(".half*"))


def test_rollback_serves_the_one_before_and_then_the_one_before_that(folder: Path) -> None:
    made = [
        released(folder, text, at=DAY.replace(hour=hour))
        for hour, text in ((1, b"one"), (2, b"two"), (3, b"three"))
    ]
    assert point_back(folder, key=KEY).served == made[1]
    assert point_back(folder, key=KEY).served == made[0]
    with pytest.raises(ModelError, match="nothing was served before"):
        point_back(folder, key=KEY)
    assert point_back(folder, key=KEY, to=made[2][-6:]).served == made[2]


def test_rollback_refuses_a_release_that_is_broken(folder: Path) -> None:
    first = released(folder, b"one")
    second = released(folder, b"two")
    (folder / first / ARCHIVE).write_bytes(b"on")
    with pytest.raises(ModelError, match="not the one"):
        point_back(folder, key=KEY)
    pointer = read_pointer(folder)
    assert pointer is not None and pointer.served == second


def test_a_release_is_found_by_part_of_its_name_or_refused_in_words(folder: Path) -> None:
    made = released(folder, b"one")
    assert find_release(folder, made[:18]) == made
    with pytest.raises(ModelError, match=f"fits no release: use one of: {made}"):
        find_release(folder, "zzz")


def test_a_model_signed_with_another_key_is_never_kept(folder: Path, tmp_path: Path) -> None:
    model = a_model(tmp_path / "trained", b"one")
    with pytest.raises(ModelError, match="signature"):
        keep(model, folder=folder, key=b"x" * 32, card=read_model_card(model), at=DAY)
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("content", ["{", '{"served": "../../etc", "before": []}', "[]"])
def test_a_pointer_that_makes_no_sense_is_named(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / POINTER).write_text(content)
    with pytest.raises(ModelError, match=r"served\.json: .*: run 'waymark release rollback ID'"):
        read_pointer(folder)


def test_a_pointer_that_makes_no_sense_is_mended_by_a_rollback_to_a_named_release(
    folder: Path,
) -> None:
    first, second = released(folder, b"one"), released(folder, b"two")
    (folder / POINTER).write_text("{")
    model_card_path(folder / second / ARCHIVE).write_text("{")
    with pytest.raises(ModelError, match="rollback ID"):
        point_back(folder, key=KEY)
    assert point_back(folder, key=KEY, to=first).served == first
    assert to_serve(Settings(releases=folder)) == folder / first / ARCHIVE


def test_a_release_promoted_twice_on_a_day_never_leaves_its_place(folder: Path) -> None:
    made = released(folder, b"one")
    before = (folder / made).stat().st_ino
    assert released(folder, b"one", at=DAY.replace(hour=10)) == made
    assert (folder / made).stat().st_ino == before
    card = releases(folder)[0].card
    assert card is not None and card.promoted_at.startswith("2026-11-24T10")


def test_a_model_trained_during_the_comparison_is_never_kept(folder: Path, tmp_path: Path) -> None:
    compared = read_model_card(a_model(tmp_path / "trained", b"compared"))
    model = a_model(tmp_path / "trained", b"trained since")
    with pytest.raises(ModelError, match="not the model that was compared"):
        keep(model, folder=folder, key=KEY, card=compared, at=DAY)
    assert not folder.exists()


def test_readers_never_see_half_a_pointer(folder: Path) -> None:
    """One thread switches, another reads as fast as it can."""
    ids = [released(folder, b"one"), released(folder, b"two")]
    ended = threading.Event()
    seen: set[str] = set()

    def read() -> None:
        while not ended.is_set():
            pointer = read_pointer(folder)
            assert pointer is not None
            seen.add(pointer.served)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        reading = pool.submit(read)
        for turn in range(200):
            point(folder, ids[turn % 2])
        ended.set()
        reading.result()
    assert seen == set(ids)


# --- following


class Loader:
    """Stands for Rasa: loads what is readable, remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Path] = []
        self.taken: list[bytes] = []

    def load(self, model: Path) -> bytes:
        self.asked.append(model)
        content = model.read_bytes()
        if content == b"breaks":
            raise ValueError("words of a person")
        return content


def follower(folder: Path, loader: Loader) -> Follower:
    """Return a follower of the folder."""
    settings = Settings(releases=folder, model_key=KEY)
    return Follower(
        settings, load=loader.load, take=loader.taken.append, serving=to_serve(settings)
    )


def test_a_new_release_is_taken_once(folder: Path) -> None:
    loader = Loader()
    released(folder, b"one")
    following = follower(folder, loader)
    asyncio.run(following.look())
    assert not loader.asked
    released(folder, b"two")
    asyncio.run(following.look())
    asyncio.run(following.look())
    assert loader.taken == [b"two"] and len(loader.asked) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda model: model.write_bytes(model.read_bytes()[:2]), "not the one its card names"),
        (lambda model: model.unlink(), "no model"),
        (lambda model: card_path(model).write_text("{"), "no card"),
        (
            lambda model: card_path(model).write_text(
                json.dumps({**json.loads(card_path(model).read_text()), "signature": "0" * 64})
            ),
            "signature",
        ),
    ],
    ids=["half written", "gone", "broken card", "forged"],
)
def test_a_spoilt_release_is_refused_in_words_and_the_old_one_serves_on(
    folder: Path, spoil: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    loader = Loader()
    released(folder, b"one")
    following = follower(folder, loader)
    second = released(folder, b"two")
    spoil(folder / second / ARCHIVE)
    asyncio.run(following.look())
    asyncio.run(following.look())
    assert not loader.taken and said in following.refused
    assert following.refused.startswith(f"{folder / second / ARCHIVE}: ")
    assert len(caplog.records) == 1 and "rollback" in caplog.text
    point_back(folder, key=KEY)
    asyncio.run(following.look())
    assert not following.refused and not loader.taken
    third = released(folder, b"three")
    asyncio.run(following.look())
    assert loader.taken == [b"three"] and following.serving == folder / third / ARCHIVE


def test_a_release_that_cannot_be_loaded_is_refused_without_its_words(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    loader = Loader()
    released(folder, b"one")
    following = follower(folder, loader)
    released(folder, b"breaks")
    asyncio.run(following.look())
    assert not loader.taken and "ValueError" in following.refused
    assert "words of a person" not in caplog.text


def test_who_names_a_model_is_served_just_that_one(tmp_path: Path) -> None:
    keys = {"WAYMARK_SECRET": "s" * 32, "WAYMARK_MODEL_KEY": "k" * 32}
    named = from_environment({**keys, "WAYMARK_MODEL": str(tmp_path / "m.tar.gz")})
    assert named.releases is None and to_serve(named) == tmp_path / "m.tar.gz"
    assert from_environment(keys).releases is not None


# --- the real server


@pytest.mark.timeout(1200)
def test_a_running_server_takes_a_new_model_and_loses_no_turn(tmp_path: Path) -> None:
    """Real model, real server: questions go on while a broken release and a good one appear.

    The deadline and flood control are far away: what is asked here is whether a turn is lost. How
    long one takes meanwhile is measured by benchmarks/maintain.
    """
    folder, key = tmp_path / "released", local_key("model_key")
    real = Settings().model
    card = replace(read_model_card(real), promoted_at=DAY.isoformat())
    first = keep(real, folder=folder, key=key, card=card, at=DAY)
    point(folder, first)
    with Server(tmp_path, WAYMARK_DEADLINE="120", WAYMARK_MESSAGES_IN_WINDOW="1000") as server:
        server.until_ready(seconds=400)
        broken = "2026-11-24-" + "0" * 12
        shutil.copytree(folder / first, folder / broken)
        (folder / broken / ARCHIVE).write_bytes(real.read_bytes()[:-1000])
        point(folder, broken)
        server.until_logged("not served")
        assert str(folder / broken / ARCHIVE) in server.log.read_text()
        second = "2026-11-25-" + file_hash(real)[:12]
        shutil.copytree(folder / first, folder / second)
        kinds: list[list[str]] = []
        taken, one_more = threading.Event(), 2

        def ask() -> None:
            talk, left = server.talk(home="scotland"), one_more
            while left:
                # The last ones begin after the new model has taken over.
                left -= taken.is_set()
                talk.say("what evidence should i keep", timeout=300)
                kinds.append(talk.kinds)

        with concurrent.futures.ThreadPoolExecutor() as pool:
            asking = [pool.submit(ask) for _ in range(2)]
            try:
                point(folder, second)
                server.until_logged(f"{second}: now served")
            finally:
                taken.set()
            for one in asking:
                one.result()
        assert len(kinds) >= len(asking) * one_more
        assert all("fallback" not in reply and "answer" in reply for reply in kinds)
        assert server.talk().say("he is outside my door with a knife")[0]["kind"] == "emergency"


def test_a_half_written_model_is_refused_by_its_path_and_nothing_changes(
    folder: Path, tmp_path: Path
) -> None:
    serving = released(folder, b"one")
    half = a_model(tmp_path / "trained", b"a whole model")
    half.write_bytes(b"a who")
    settings = {
        "WAYMARK_RELEASES": str(folder),
        "WAYMARK_MODEL_KEY": KEY.decode(),
        "WAYMARK_MODEL": str(half),
    }
    for command_ in (("compare",), ("release", "promote")):
        refused = waymark(*command_, **settings)
        assert refused.returncode == 1 and "Traceback" not in refused.stderr
        assert f"{half}: the model is not the one its card names: run" in refused.stderr
    pointer = read_pointer(folder)
    assert pointer is not None and pointer.served == serving


def test_the_list_marks_the_served_release(folder: Path, tmp_path: Path) -> None:
    assert "Nothing was released" in waymark("release", "list", WAYMARK_RELEASES=str(folder)).stdout
    first, second = released(folder, b"one"), released(folder, b"two", at=DAY.replace(hour=10))
    printed = waymark("release", "list", WAYMARK_RELEASES=str(folder)).stdout
    assert f"  {first}" in printed and f"* {second}" in printed
    back = waymark("release", "rollback", WAYMARK_RELEASES=str(folder), WAYMARK_MODEL_KEY="k" * 32)
    assert first in back.stdout


@pytest.mark.parametrize("content", ["{", "[]", '{"sha256": 1}', None], ids=str)
def test_the_list_goes_on_past_a_broken_card_and_names_it_whole(
    folder: Path, content: str | None
) -> None:
    first, second = released(folder, b"one"), released(folder, b"two", at=DAY.replace(hour=10))
    broken = model_card_path(folder / first / ARCHIVE)
    broken.unlink() if content is None else broken.write_text(content)
    printed = waymark("release", "list", WAYMARK_RELEASES=str(folder))
    assert printed.returncode == 1 and "Traceback" not in printed.stderr
    assert f"  {first}  broken: {broken}: is not a model card: " in printed.stdout
    assert f"* {second}  trained 2026-11-24T08" in printed.stdout
