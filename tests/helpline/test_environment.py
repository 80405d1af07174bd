"""The file and the environment say the same, or nothing starts and both places are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.channel_keys import NEEDED
from bot.helpline.book import executor_of
from bot.helpline.reserved import is_reserved_address, is_reserved_number
from bot.settings import Settings, SettingsError, actions_from_environment, from_environment
from tests.helpline.support import EXAMPLE, SECRETS, changed

GOOD = {**SECRETS, "WAYMARK_HELPLINE": str(EXAMPLE)}
AT = "example-helpline.yml"


def refused(values: dict[str, str], **options: Any) -> list[str]:
    """Return why a server does not start."""
    with pytest.raises(SettingsError) as caught:
        from_environment(values, **options)
    assert "canary" not in str(caught.value), "a secret is shown"
    return list(caught.value.problems)


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in GOOD.items() if name not in names}


def test_without_a_file_everything_is_as_it_was() -> None:
    settings = from_environment({})
    assert settings.helpline is None and settings.hand_off is None
    assert settings.web and settings.default_home is None
    assert settings.retention_hours == Settings().retention_hours


def test_a_separate_action_server_says_what_the_file_says() -> None:
    values = {"WAYMARK_ACTIONS_TOKEN": "k" * 32, "WAYMARK_HELPLINE": str(EXAMPLE)}
    settings, serving = actions_from_environment(values), from_environment(GOOD)
    assert settings.helpline == serving.helpline and settings.retention == serving.retention
    made = executor_of("tests.helpline.support", settings.helpline, retention=settings.retention)
    assert made["always"]["helpline"] == "Tern Harbour Advice"
    assert {fact.id for fact in made["own"]} == {fact.id for fact in serving.helpline.facts}


def test_what_the_file_says_holds() -> None:
    settings = from_environment(GOOD)
    assert settings.helpline is not None and settings.helpline.name == "Tern Harbour Advice"
    assert settings.retention_hours == 12 and settings.retention == "12 hours"
    assert settings.hand_off is not None and settings.hand_off.desk == "webhook"
    assert settings.hand_off.secret.decode() == SECRETS["WAYMARK_HANDOFF_SECRET"]
    assert "canary" not in repr(settings)


def test_every_problem_of_file_and_environment_is_told_at_once(tmp_path: Path) -> None:
    path = changed(tmp_path, "retention_hours: 12", "retention_hour: 12")
    found = refused({**GOOD, "WAYMARK_HELPLINE": str(path), "WAYMARK_PORT": "no"})
    assert any("helpline.yml:13: unknown field 'retention_hour'" in line for line in found)
    assert any(line.startswith("WAYMARK_PORT") for line in found)


def test_a_path_to_nothing_is_named(tmp_path: Path) -> None:
    found = refused({"WAYMARK_HELPLINE": str(tmp_path / "none.yml")})
    assert found == ["WAYMARK_HELPLINE: there is no such file: set the path of one, or unset it"]


@pytest.mark.parametrize(
    ("channel", "provider"), [("telegram", "telegram"), ("whatsapp", "twilio")]
)
def test_a_channel_without_its_secrets_is_named_by_its_line(channel: str, provider: str) -> None:
    found = refused(without(*NEEDED[provider]))
    assert len(found) == 1 and found[0].startswith(f"{AT}:9: '{channel}' is listed without")
    assert all(name in found[0] for name in NEEDED[provider])


@pytest.mark.parametrize("provider", sorted(set(NEEDED) - {"twilio", "telegram"}))
def test_secrets_of_a_channel_that_is_not_listed_are_named(provider: str) -> None:
    name = next(iter(NEEDED[provider]))
    found = refused({**GOOD, **dict.fromkeys(NEEDED[provider], "canary-x")})
    assert found == [
        f"{name}: is set, but 'channels' ({AT}:9) does not list '{provider}': list it or unset this"
    ]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("+447700900998", f"{AT}:9: 'whatsapp' is listed, but WAYMARK_TWILIO_FROM has no number"),
        (
            "whatsapp:+447700900999,+447700900998",
            f"WAYMARK_TWILIO_FROM: has a number of 'sms', but 'channels' ({AT}:9) does not list it",
        ),
    ],
)
def test_whatsapp_and_text_messages_are_told_apart(numbers: str, said: str) -> None:
    found = refused({**GOOD, "WAYMARK_TWILIO_FROM": numbers})
    assert any(line.startswith(said) for line in found), found


def test_two_retentions_are_an_error_that_names_both_places() -> None:
    found = refused({**GOOD, "WAYMARK_RETENTION_HOURS": "24"})
    assert found == [f"WAYMARK_RETENTION_HOURS: is 24, but {AT}:13 says 12: keep one of them"]
    assert from_environment({**GOOD, "WAYMARK_RETENTION_HOURS": "12"}).retention_hours == 12


def test_a_retention_of_zero_in_the_file_does_not_go_with_redis(tmp_path: Path) -> None:
    path = changed(tmp_path, "retention_hours: 12", "retention_hours: 0")
    values = {**GOOD, "WAYMARK_HELPLINE": str(path), "WAYMARK_REDIS": "redis://host:6379/0"}
    assert "does not go with WAYMARK_REDIS" in " ".join(refused(values))


def test_a_hand_off_needs_its_secret() -> None:
    found = refused(without("WAYMARK_HANDOFF_SECRET"))
    assert len(found) == 1 and found[0].startswith(
        f"WAYMARK_HANDOFF_SECRET: is missing: 'hand_off' ({AT}:"
    )
    assert "16 characters" in refused({**GOOD, "WAYMARK_HANDOFF_SECRET": "canary"})[0]


def test_an_empty_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    values = without("WAYMARK_HANDOFF_SECRET")
    (said,) = refused({**values, "WAYMARK_HANDOFF_SECRET_FILE": str(tmp_path / "empty")})
    assert said.startswith("WAYMARK_HANDOFF_SECRET: is missing")


def test_several_processes_cannot_hand_over() -> None:
    (said,) = refused({**GOOD, "WAYMARK_REDIS": "redis://localhost:6379/0"})
    assert said.startswith("WAYMARK_REDIS: ") and "hand_off" in said


def test_chatwoot_needs_its_token_too(tmp_path: Path) -> None:
    path = changed(tmp_path, "desk: webhook", "desk: chatwoot\n  account: 1\n  inbox: 2")
    values = {**GOOD, "WAYMARK_HELPLINE": str(path)}
    assert [line.split(":")[0] for line in refused(values)] == ["WAYMARK_CHATWOOT_TOKEN"]
    settings = from_environment({**values, "WAYMARK_CHATWOOT_TOKEN": "canary-token"})
    assert settings.hand_off is not None and settings.hand_off.token == "canary-token"
    assert (settings.hand_off.account, settings.hand_off.inbox) == (1, 2)


def test_a_secret_may_stand_in_a_file_and_an_unused_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file-" * 4)
    name = "WAYMARK_HANDOFF_SECRET"
    settings = from_environment({**without(name), f"{name}_FILE": str(tmp_path / "secret")})
    assert settings.hand_off is not None and settings.hand_off.secret.startswith(b"from-a-file")
    for unused in (name, "WAYMARK_CHATWOOT_TOKEN"):
        found = refused({unused: "canary-" * 6})
        assert found == [f"{unused}: is set, but nothing uses it: write 'hand_off' or unset it"]


def test_one_place_is_the_default_home(tmp_path: Path) -> None:
    path = changed(tmp_path, "homes: [england_wales, scotland]", "homes: [scotland]")
    assert from_environment({**GOOD, "WAYMARK_HELPLINE": str(path)}).default_home == "scotland"


def test_in_production_no_number_and_no_page_is_made_up() -> None:
    keys = {f"WAYMARK_{name}_KEY": "canary-key-" * 4 for name in ("MODEL", "STORE")}
    values = {
        **GOOD,
        **keys,
        "WAYMARK_SECRET": "canary-key-" * 4,
        "WAYMARK_ORIGINS": "https://www.example.org",
    }
    found = refused(values, production=True)
    assert [line for line in found if "is kept for examples" not in line] == []
    said = " ".join(found)
    for made_up in ("020 7946 0123", "07700 900123", "tern-harbour.example/contact", "desk.tern"):
        assert made_up in said
    assert from_environment(values).helpline is not None, "to try it out here is fine"


def test_a_production_server_without_the_web_needs_no_site(tmp_path: Path) -> None:
    path = changed(
        tmp_path, "channels: [web, telegram, whatsapp]", "channels: [telegram, whatsapp]"
    )
    found = refused({**GOOD, "WAYMARK_HELPLINE": str(path)}, production=True)
    assert not any(line.startswith("WAYMARK_ORIGINS") for line in found)
    assert any(line.startswith("WAYMARK_ORIGINS") for line in refused(GOOD, production=True))


@pytest.mark.parametrize(
    ("dial", "reserved"),
    [
        ("+442079460123", True),
        ("+441134960999", True),
        ("+441914980000", True),
        ("+442896496123", True),
        ("+442920180123", True),
        ("+441632960123", True),
        ("+447700900123", True),
        ("+448081570123", True),
        ("+443069990123", True),
        ("+12025550143", True),
        ("+442079461234", False),
        ("+447700901123", False),
        ("+12025550243", False),
        ("116123", False),
        ("+27800150150", False),
    ],
)
def test_numbers_kept_for_examples_are_known(dial: str, reserved: bool) -> None:
    assert is_reserved_number(dial) is reserved


@pytest.mark.parametrize(
    ("url", "reserved"),
    [
        ("https://www.tern-harbour.example/contact", True),
        ("https://example.org", True),
        ("https://help.example.com/x", True),
        ("https://www.samaritans.org", False),
        ("https://goodexample.org", False),
        ("https://example.org.uk", False),
    ],
)
def test_addresses_kept_for_examples_are_known(url: str, reserved: bool) -> None:
    assert is_reserved_address(url) is reserved


def test_no_fact_of_ours_is_taken_for_made_up() -> None:
    from knowledge.loader import load

    dials = {number.dial for fact in load().facts for number in fact.numbers}
    assert len(dials) > 50 and not any(map(is_reserved_number, dials))
