"""Settings from the environment (``WAYMARK_...``), checked all at once; docs/settings.md."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.channel_keys import ChannelKeys, channel_keys
from bot.handoff.config import HandOff
from bot.helpline.agree import RETENTION, agree, with_secrets
from bot.helpline.load import load_helpline
from bot.helpline.model import WEB, Helpline
from bot.secret_values import read_secret
from knowledge.yaml_lines import DataError

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
RELEASES = ROOT / "models" / "released"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_KEY_BYTES = 32
_DATABASE_FORM = "postgresql://user:password@host:5432/database"
_REDIS_FORM = "redis://:password@host:6379/0"
_ACTIONS_FORM = "http://host:5055"
_TOKEN = "WAYMARK_ACTIONS_TOKEN"


class SettingsError(Exception):
    """Settings that are unsafe or do not hold; one line for each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. Times in seconds, sizes in bytes or characters."""

    host: str = "127.0.0.1"
    port: int = 5005
    production: bool = False
    secret: bytes = field(default=b"", repr=False)
    model_key: bytes = field(default=b"", repr=False)
    store_key: bytes = field(default=b"", repr=False)
    origins: tuple[str, ...] = ()
    model: Path = ROOT / "models" / "waymark.tar.gz"
    releases: Path | None = None
    store: Path = LOCAL / "conversations.db"
    database: str = field(default="", repr=False)
    redis: str = field(default="", repr=False)
    actions: str = "actions.rasa_actions"
    actions_url: str = ""
    actions_host: str = "127.0.0.1"
    actions_port: int = 5055
    actions_token: str = field(default="", repr=False)
    proxies: int = 0
    wait: float = 0.0
    drain: float = 0.0
    retention_hours: int = 24
    deadline: float = 8.0
    danger_deadline: float = 1.5
    most_body: int = 64 * 1024
    most_characters: int = 2000
    messages_in_window: int = 20
    window: float = 10.0
    sessions_a_minute: int = 60
    sends_a_day: int = 300
    channel_sends_a_day: int = 20_000
    channels: ChannelKeys = field(default_factory=ChannelKeys, repr=False)
    log_level: str = "WARNING"
    review: Path | None = None
    review_days: int = 30
    helpline: Helpline | None = None
    hand_off: HandOff | None = None

    @property
    def default_home(self) -> str | None:
        """Return where people are taken to be until they say otherwise, if that is one place."""
        return self.helpline.only_home if self.helpline else None

    @property
    def web(self) -> bool:
        """Say whether people can write on the web."""
        return self.helpline is None or WEB in self.helpline.channels

    @property
    def retention(self) -> str:
        """Return how long messages are kept, as a person reads it."""
        if self.retention_hours == 0:
            return "ten minutes"
        if self.retention_hours == 24:
            return "one day"
        return "one hour" if self.retention_hours == 1 else f"{self.retention_hours} hours"


def from_environment(
    environment: Mapping[str, str] | None = None, *, production: bool = False
) -> Settings:
    """Return the settings, or raise ``SettingsError`` with every problem in them."""
    values = dict(os.environ if environment is None else environment)
    reader = _Reader(values)
    base = Settings()
    keys = channel_keys(values, reader.problems)
    helpline = helpline_from(values, reader.problems)
    if helpline is not None:
        reader.problems += agree(helpline, values, keys, production=production)
        if helpline.retention_hours is not None:
            values.setdefault(RETENTION, str(helpline.retention_hours))
    settings = Settings(
        host=values.get("WAYMARK_HOST", base.host),
        port=int(reader.number("WAYMARK_PORT", base.port, low=1, high=65535)),
        production=production,
        secret=_key("WAYMARK_SECRET", values, reader, production=production),
        model_key=_key("WAYMARK_MODEL_KEY", values, reader, production=production),
        store_key=_key("WAYMARK_STORE_KEY", values, reader, production=production),
        origins=tuple(o.strip() for o in values.get("WAYMARK_ORIGINS", "").split(",") if o.strip()),
        model=Path(values.get("WAYMARK_MODEL", str(base.model))),
        releases=_releases(values),
        store=Path(values.get("WAYMARK_STORE", str(base.store))),
        database=reader.address("WAYMARK_DATABASE", _DATABASE_FORM),
        redis=reader.address("WAYMARK_REDIS", _REDIS_FORM),
        actions=values.get("WAYMARK_ACTIONS", base.actions),
        actions_url=reader.address("WAYMARK_ACTIONS_URL", _ACTIONS_FORM).rstrip("/"),
        actions_token=_actions_token(values, reader, production=production),
        proxies=int(reader.number("WAYMARK_PROXIES", base.proxies, low=0, high=5)),
        wait=reader.number("WAYMARK_WAIT", base.wait, low=0, high=600),
        drain=reader.number("WAYMARK_DRAIN", base.drain, low=0, high=60),
        retention_hours=int(reader.number(RETENTION, base.retention_hours, low=0, high=24 * 90)),
        deadline=reader.number("WAYMARK_DEADLINE", base.deadline, low=0.1, high=120),
        danger_deadline=reader.number(
            "WAYMARK_DANGER_DEADLINE", base.danger_deadline, low=0.1, high=1.8
        ),
        messages_in_window=int(
            reader.number("WAYMARK_MESSAGES_IN_WINDOW", base.messages_in_window, low=1, high=1000)
        ),
        window=reader.number("WAYMARK_WINDOW", base.window, low=1, high=600),
        sessions_a_minute=int(
            reader.number("WAYMARK_SESSIONS_A_MINUTE", base.sessions_a_minute, low=1, high=10_000)
        ),
        sends_a_day=int(
            reader.number("WAYMARK_SENDS_A_DAY", base.sends_a_day, low=1, high=100_000)
        ),
        channel_sends_a_day=int(
            reader.number(
                "WAYMARK_CHANNEL_SENDS_A_DAY", base.channel_sends_a_day, low=1, high=10_000_000
            )
        ),
        channels=keys,
        review=Path(values["WAYMARK_REVIEW"]) if values.get("WAYMARK_REVIEW") else None,
        review_days=int(reader.number("WAYMARK_REVIEW_DAYS", base.review_days, low=1, high=90)),
        log_level=values.get("WAYMARK_LOG_LEVEL", base.log_level).upper(),
        helpline=helpline,
        hand_off=with_secrets(helpline, values, reader.problems),
    )
    problems = [*reader.problems, *_unsafe(settings, values)]
    if problems:
        raise SettingsError(problems)
    return settings


def helpline_from(values: Mapping[str, str], problems: list[str]) -> Helpline | None:
    """Return what the helpline's file says, if there is one; what is wrong in it is noted."""
    name = values.get("WAYMARK_HELPLINE")
    if not name:
        return None
    if not Path(name).is_file():
        problems.append("WAYMARK_HELPLINE: there is no such file: set the path of one, or unset it")
        return None
    try:
        return load_helpline(Path(name))
    except DataError as error:
        problems += map(str, error.problems)
        return None


def actions_from_environment(
    environment: Mapping[str, str] | None = None, *, production: bool = False
) -> Settings:
    """Return the settings of an action server, which is given no key of a store or a model.

    Raises:
        SettingsError: with every problem in them.
    """
    values = dict(os.environ if environment is None else environment)
    reader = _Reader(values)
    base = Settings()
    host = values.get("WAYMARK_ACTIONS_HOST", base.actions_host)
    helpline = helpline_from(values, reader.problems)
    if helpline is not None and helpline.retention_hours is not None:
        values.setdefault(RETENTION, str(helpline.retention_hours))
    settings = Settings(
        production=production,
        actions=values.get("WAYMARK_ACTIONS", base.actions),
        actions_host=host,
        actions_port=int(
            reader.number("WAYMARK_ACTIONS_PORT", base.actions_port, low=1, high=65535)
        ),
        actions_token=_key(_TOKEN, values, reader, production=production).decode(),
        retention_hours=int(reader.number(RETENTION, base.retention_hours, low=0, high=24 * 90)),
        log_level=values.get("WAYMARK_LOG_LEVEL", base.log_level).upper(),
        helpline=helpline,
    )
    problems = [*reader.problems, *_unsafe_log(settings)]
    if not production and host not in LOOPBACK:
        problems.append(
            f"WAYMARK_ACTIONS_HOST: '{host}' is not loopback: use 'actions --production' for that"
        )
    if problems:
        raise SettingsError(problems)
    return settings


@dataclass(slots=True)
class _Reader:
    values: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def number(self, name: str, default: float, *, low: float, high: float) -> float:
        text = self.values.get(name)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = high + 1
        if not low <= value <= high:
            self.problems.append(f"{name}: '{text}' is no number from {low:g} to {high:g}: set one")
            return default
        return value

    def address(self, name: str, example: str) -> str:
        """Return an address of the form of an example; no part of it is ever shown."""
        text = read_secret(name, self.values, self.problems)
        if not text:
            return ""
        wanted = urlsplit(example)
        try:
            parts = urlsplit(text)
            schemes = (wanted.scheme, f"{wanted.scheme}s")
            right = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
            right = right and (len(parts.path) > 1 or wanted.path in ("/0", ""))
        except ValueError:
            right = False
        if not right:
            self.problems.append(f"{name}: is not an address of this form: write {example}")
            return ""
        return text


def _releases(values: Mapping[str, str]) -> Path | None:
    """Return the folder whose served release is followed; who names a model gets just that one."""
    if values.get("WAYMARK_RELEASES"):
        return Path(values["WAYMARK_RELEASES"])
    return None if "WAYMARK_MODEL" in values else RELEASES


def _unsafe(settings: Settings, values: Mapping[str, str]) -> list[str]:
    problems = []
    if "*" in settings.origins:
        problems.append("WAYMARK_ORIGINS: '*' lets every site in: list the sites that embed it")
    problems += _unsafe_log(settings)
    if not settings.production and settings.host not in LOOPBACK:
        problems.append(
            f"WAYMARK_HOST: '{settings.host}' is not loopback: use 'serve --production' for that"
        )
    if settings.production and values.get("RASA_TELEMETRY_ENABLED", "false").lower() != "false":
        problems.append("RASA_TELEMETRY_ENABLED: is on: set it to false")
    if settings.redis and not settings.retention_hours:
        problems.append(
            "WAYMARK_RETENTION_HOURS: 0 keeps conversations in one process only, which does not go "
            "with WAYMARK_REDIS: set 1 or more, or leave WAYMARK_REDIS out"
        )
    if settings.redis and settings.hand_off is not None:
        problems.append(
            "WAYMARK_REDIS: several processes do not share who has been handed over: leave it out, "
            "or leave 'hand_off' out of the helpline's file"
        )
    if settings.production and settings.web and not settings.origins:
        problems.append("WAYMARK_ORIGINS: is not set: list the sites that may embed the chat")
    return problems


def _unsafe_log(settings: Settings) -> list[str]:
    if settings.log_level in ("WARNING", "ERROR", "CRITICAL", "INFO"):
        return []
    return [f"WAYMARK_LOG_LEVEL: '{settings.log_level}': use INFO, WARNING, ERROR or CRITICAL"]


def _actions_token(values: Mapping[str, str], reader: _Reader, *, production: bool) -> str:
    """Return what the action server asks of who calls it; needed only where there is one."""
    if not values.get("WAYMARK_ACTIONS_URL"):
        return ""
    return _key(_TOKEN, values, reader, production=production).decode()


def _key(name: str, values: Mapping[str, str], reader: _Reader, *, production: bool) -> bytes:
    """Return a key from the environment, a file, or (locally only) one made once."""
    known = len(reader.problems)
    key = read_secret(name, values, reader.problems).encode()
    if key and len(key) < _KEY_BYTES:
        reader.problems.append(f"{name}: is shorter than 32 characters: make a longer one")
    if key or len(reader.problems) > known:
        return key
    if production:
        reader.problems.append(f"{name}: is missing: set it or {name}_FILE (32 characters or more)")
        return b""
    return local_key(name.removeprefix("WAYMARK_").lower())


def local_key(name: str) -> bytes:
    """Return a key of the local mode, made at the first call and readable by its owner only."""
    path = LOCAL / f"{name}.key"
    if not path.exists():
        LOCAL.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(_KEY_BYTES).encode())
    return path.read_bytes()
