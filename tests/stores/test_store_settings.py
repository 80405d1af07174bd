"""A setting that cannot hold stops the start and says which it is and what to do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.settings import SettingsError, from_environment
from bot.stores.keys import Keyring
from tests.support.server import ROOT, WAYMARK


@pytest.mark.parametrize("name", ["WAYMARK_DATABASE", "WAYMARK_REDIS"])
@pytest.mark.parametrize(
    "value",
    [
        "here",
        "mysql://user:hunter2@host/database",
        "postgresql://user:hunter2@:5432/database",
        "postgresql://user:hunter2@host:port/database",
        "postgresql://user:hunter2@host",
        "redis://:hunter2@",
        "redis://:hunter2@host:99999999/0",
        "http://[hunter2",
    ],
)
def test_an_address_of_another_form_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        from_environment({name: value})
    (problem,) = raised.value.problems
    assert problem.startswith(f"{name}: ") and "write " in problem
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    "values",
    [
        {"WAYMARK_DATABASE": "postgresql://user:word@host:5432/database?sslmode=require"},
        {"WAYMARK_REDIS": "redis://host:6379"},
        {"WAYMARK_REDIS": "rediss://user:word@host:6379/1"},
    ],
)
def test_an_address_that_holds_is_taken_and_not_shown(values: dict[str, str]) -> None:
    settings = from_environment(values)
    assert "word" not in repr(settings)


def test_an_address_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "database"
    secret.write_text("postgresql://host/database\n")
    settings = from_environment({"WAYMARK_DATABASE_FILE": str(secret)})
    assert settings.database == "postgresql://host/database"
    with pytest.raises(SettingsError, match="WAYMARK_DATABASE_FILE"):
        from_environment({"WAYMARK_DATABASE_FILE": str(tmp_path / "none")})


def test_nothing_kept_and_several_processes_do_not_go_together() -> None:
    with pytest.raises(SettingsError, match="WAYMARK_RETENTION_HOURS"):
        from_environment({"WAYMARK_REDIS": "redis://host", "WAYMARK_RETENTION_HOURS": "0"})


def test_the_server_does_not_start_with_a_bad_database() -> None:
    ended = subprocess.run(
        [str(WAYMARK), "serve"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "WAYMARK_DATABASE": "here"},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "WAYMARK_DATABASE: is not an address of this form" in " ".join(said.split())
    assert "Traceback" not in said


def test_production_needs_a_key_for_the_store() -> None:
    with pytest.raises(SettingsError) as raised:
        from_environment({}, production=True)
    assert any(line.startswith("WAYMARK_STORE_KEY: is missing") for line in raised.value.problems)


def test_a_short_master_key_seals_nothing() -> None:
    with pytest.raises(ValueError, match="32"):
        Keyring(b"short")
