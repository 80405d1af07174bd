"""Post hostile bodies to every endpoint of a running server; exit 1 at the first that breaks it.

``python tools/fuzz_bodies.py URL TOKEN --seconds 20 [--seed 1]`` with the environment of this
folder. Bodies of the messaging channels are signed with the test secrets below, so that they get
past the check of who sent them. A 5xx, a traceback or an answer in no known form is a failure; the
smallest body that causes it is printed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

# The same as in tests/channels/support.py; of tests only.
PUBLIC = "https://help.example.org"
TWILIO_SID, TWILIO_TOKEN = "AC00000000000000000000000000000001", "twilio-token"
TELEGRAM_SECRET = "telegram-secret-of-tests"
MESSENGER_SECRET = "messenger-secret"
SLACK_SECRET = "slack-signing-secret"
KIB = 1024
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}

_nasty = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "\udfff\ud800",
        "\u202e\u200b\ufeff",
        "/restart",
        '/greet{"x": [1]}',
        "a" * 255,
        "a" * 256,
        "a" * 5000,
        "9" * 5000,
        "../../etc/passwd",
        "{{7*7}}",
        "<script>",
        "he is outside my door with a knife",
        "delete",
        "export",
        "help now",
    ]
)
_text = st.one_of(_nasty, st.text(max_size=60), st.text(st.characters(), max_size=60))
_scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**301),
    st.floats(),
    _text,
)
_value = st.recursive(
    _scalar,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_text, inner, max_size=4)),
    max_leaves=12,
)
_deep = st.integers(1, 40_000).map(lambda n: b"[" * n + b"]" * n) | st.integers(1, 9000).map(
    lambda n: b'{"a":' * n + b"1" + b"}" * n
)
_sized = st.sampled_from([64 * KIB - 1, 64 * KIB, 64 * KIB + 1, KIB * KIB, KIB * KIB + 1])


def _dumped(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _object(names: tuple[str, ...], common: dict[str, st.SearchStrategy[Any]]) -> Any:
    """Return objects whose fields have the names that the endpoint reads, and any values."""
    known = st.fixed_dictionaries({}, optional={name: common.get(name, _value) for name in names})
    return st.one_of(known, st.tuples(known, _value).map(lambda two: {**two[0], "more": two[1]}))


def _nested(names: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Return JSON whose objects carry the names of a provider, anywhere and at any depth."""
    return st.recursive(
        _scalar,
        lambda inner: st.one_of(
            st.dictionaries(st.sampled_from(names), inner, max_size=6), st.lists(inner, max_size=3)
        ),
        max_leaves=25,
    )


def _bytes_of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    return st.one_of(
        values.map(_dumped),
        st.binary(max_size=300),
        _deep,
        _sized.map(lambda n: b'{"id": "a", "text": "' + b"x" * (n - 23) + b'"}'),
        values.map(_dumped).map(lambda b: b[: len(b) // 2]),
    )


_said = _object(
    ("id", "text", "choice", "sender", "metadata"),
    {"id": st.one_of(st.text("abcdefghij-_0123456789", min_size=1, max_size=64), _value)},
)
_form_value = _text.map(lambda text: text.encode("utf-8", "replace"))
_TWILIO = (
    *("Body", "From", "To", "MessageSid", "NumMedia", "Latitude", "OptOutType", "MessageStatus"),
    "MediaUrl0",
)
_twilio = st.one_of(
    st.dictionaries(
        st.sampled_from([name.encode() for name in _TWILIO]),
        _form_value,
        max_size=9,
    ),
    _form_value.map(
        lambda body: {
            b"Body": body,
            b"From": b"+440000000009",
            b"To": b"+440000000001",
            b"MessageSid": hashlib.sha1(body).hexdigest().encode(),
        }
    ),
).map(lambda form: urlencode({b"AccountSid": TWILIO_SID.encode(), **form}).encode())

_TELEGRAM = (
    *("update_id", "message", "edited_message", "callback_query", "chat", "from", "id", "text"),
    *("caption", "photo", "date", "type", "data", "reply_markup", "inline_keyboard", "is_bot"),
)
_MESSENGER = (
    *("object", "entry", "messaging", "sender", "recipient", "id", "message", "mid", "text"),
    *("timestamp", "postback", "payload", "quick_reply", "attachments", "is_echo", "changes"),
)
_SLACK = (
    *("type", "event", "event_id", "challenge", "channel", "channel_type", "user", "text", "ts"),
    *("actions", "files", "subtype", "bot_id", "event_time", "payload", "message", "edited"),
)
_slack = st.one_of(
    _nested(_SLACK),
    st.tuples(st.sampled_from(["url_verification", "event_callback"]), _nested(_SLACK), _text).map(
        lambda made: {"type": made[0], "event": made[1], "event_id": "E1", "challenge": made[2]}
    ),
)
_messenger = st.one_of(
    _nested(_MESSENGER),
    _nested(_MESSENGER).map(lambda made: {"object": "page", "entry": [{"messaging": [made]}]}),
    st.lists(_nested(_MESSENGER), max_size=3).map(lambda made: {"object": "page", "entry": made}),
)
_telegram = st.one_of(
    _nested(_TELEGRAM),
    _nested(_TELEGRAM).map(lambda made: {"update_id": 1, "message": made}),
    st.tuples(st.integers(), _text).map(
        lambda made: {
            "update_id": made[0],
            "message": {
                "chat": {"id": 5, "type": "private"},
                "from": {"id": 5},
                "text": made[1],
            },
        }
    ),
)


def _sign_twilio(body: bytes) -> dict[str, str]:
    url = f"{PUBLIC}/webhooks/twilio/webhook"
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True)
    except (UnicodeDecodeError, ValueError):
        pairs = []
    joined = url + "".join(f"{name}{value}" for name, value in sorted(set(pairs)))
    digest = hmac.new(TWILIO_TOKEN.encode(), joined.encode("utf-8", "replace"), hashlib.sha1)
    return {**FORM, "X-Twilio-Signature": base64.b64encode(digest.digest()).decode()}


def _sign_telegram(body: bytes) -> dict[str, str]:
    return {**JSON, "X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}


def _sign_messenger(body: bytes) -> dict[str, str]:
    digest = hmac.new(MESSENGER_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {**JSON, "X-Hub-Signature-256": f"sha256={digest}"}


def _sign_slack(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    signed = b"v0:" + stamp.encode() + b":" + body
    digest = hmac.new(SLACK_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    kind = FORM if body.startswith(b"payload=") else JSON
    return {**kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _unsigned(body: bytes) -> dict[str, str]:
    return JSON


_slack_form = _slack.map(lambda made: urlencode({"payload": json.dumps(made)}).encode())
Sign = Callable[[bytes], dict[str, str]]
TARGETS: tuple[tuple[str, st.SearchStrategy[bytes], Sign], ...] = (
    ("/webhooks/web/messages", _bytes_of(_said), _unsigned),
    ("/webhooks/web/sessions", _bytes_of(_object(("home", "language"), {})), _unsigned),
    ("/webhooks/web/session/end", _bytes_of(_value), _unsigned),
    ("/webhooks/twilio/webhook", st.one_of(_twilio, st.binary(max_size=300)), _sign_twilio),
    ("/webhooks/telegram/webhook", _bytes_of(_telegram), _sign_telegram),
    ("/webhooks/messenger/webhook", _bytes_of(_messenger), _sign_messenger),
    ("/webhooks/slack/webhook", st.one_of(_bytes_of(_slack), _slack_form), _sign_slack),
    ("/nowhere", _bytes_of(_value), _unsigned),
)


class Broken(AssertionError):
    """An answer that no body may lead to."""


@dataclass
class Tally:
    """What was posted and what came back."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int | str] = field(default_factory=Counter)


def main() -> None:
    """Fuzz until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("token")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    http = requests.Session()
    tally = Tally()
    end = time.monotonic() + asked.seconds
    rounds = 0
    while time.monotonic() < end:
        for path, bodies, sign in TARGETS:
            post_some(http, asked, path, bodies, sign, tally, number=rounds)
        rounds += 1
    if http.get(f"{asked.url}/live", timeout=10).status_code != 200:
        raise Broken("/live does not answer afterwards")
    print(json.dumps({"rounds": rounds, "sent": tally.sent, "statuses": tally.statuses}))


def post_some(
    http: requests.Session,
    asked: argparse.Namespace,
    path: str,
    bodies: st.SearchStrategy[bytes],
    sign: Sign,
    tally: Tally,
    *,
    number: int,
) -> None:
    """Post some bodies to one endpoint; the same ones for the same seed and number."""

    @seed(asked.seed * 1_000_003 + number)
    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(bodies)
    def post(body: bytes) -> None:
        headers = {"Authorization": f"Bearer {asked.token}", **sign(body)}
        try:
            answer = http.post(asked.url + path, data=body, headers=headers, timeout=30)
        except requests.ConnectionError:
            if len(body) >= 64 * KIB:
                # It was refused before it had been sent to its end.
                tally.statuses["closed"] += 1
                return
            # A connection that was kept open too long may be closed just as it is used again; a new
            # one has to hold.
            answer = requests.post(asked.url + path, data=body, headers=headers, timeout=30)
        tally.sent[path] += 1
        tally.statuses[answer.status_code] += 1
        judge(path, body, answer)

    post()


def judge(path: str, body: bytes, answer: requests.Response) -> None:
    """Raise ``Broken`` for a 5xx, a traceback, or an error without its form."""
    shown = body[:300]
    if answer.status_code >= 500:
        raise Broken(f"{path}: {answer.status_code} for {shown!r}: {answer.text[:300]}")
    if "Traceback" in answer.text or ".py" in answer.text:
        raise Broken(f"{path}: the inside of the server shows for {shown!r}")
    if answer.status_code >= 400 and answer.headers.get("content-type", "").startswith(
        "application/json"
    ):
        told = answer.json()
        if set(told) != {"error", "numbers"} or set(told["error"]) != {"code", "message"}:
            raise Broken(f"{path}: an error in no known form for {shown!r}")


if __name__ == "__main__":
    main()
