"""What a messaging channel makes of a provider's post, and how it reads untrusted JSON."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

_ID_BYTES = 18


class Kind(Enum):
    """What happened, as far as the answer differs."""

    TEXT = "text"
    CHOICE = "choice"
    # A picture, voice, place, sticker or file without words.
    WORDLESS = "wordless"
    # A message that was sent before was changed.
    EDIT = "edit"
    # Somebody wrote where others read along.
    GROUP = "group"
    # The person opened the chat with the provider's own start button.
    START = "start"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a person did.

    ``id`` is the provider's own, to drop what is delivered twice. ``sender`` names the person (in a
    group, the person there) and becomes the conversation's id by a keyed hash; ``address`` is where
    answers go. Neither is kept or logged. A pressed button has its opaque id in ``choice`` and what
    it says in ``text``. ``receipt`` is what a provider wants acknowledged apart.
    """

    id: str
    sender: str
    address: tuple[str, ...]
    kind: Kind
    text: str = ""
    choice: str = ""
    sent_at: float | None = None
    receipt: str = ""


class MalformedError(Exception):
    """A verified post that cannot be read; the provider gets a 400."""


@dataclass(frozen=True, slots=True)
class Post:
    """A request as far as a channel looks at it. Names of headers are in lower case."""

    body: bytes
    headers: Mapping[str, str]
    query: str
    now: float


def conversation_id(secret: bytes, channel: str, sender: str) -> str:
    """Return the id of a person's conversation: nobody without our secret can lead it back."""
    said = f"waymark-conversation\0{channel}\0{sender}".encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, said, hashlib.sha256).digest()[:_ID_BYTES]
    return f"{channel}-{base64.urlsafe_b64encode(digest).decode()}"


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that says nothing; an empty one never matches."""
    if not one or not other:
        return False
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def json_object(body: bytes | str) -> dict[str, Any]:
    """Return a body as a JSON object, or raise ``MalformedError``."""
    try:
        made = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError("not JSON") from None
    if not isinstance(made, dict):
        raise MalformedError("not an object")
    return made


def part(node: Any, *path: str) -> dict[str, Any]:
    """Return the object at a path, or an empty one: providers add and leave out fields."""
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def text_of(node: Any, name: str) -> str:
    """Return a text field, or nothing."""
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""


def id_of(node: Any, name: str) -> str:
    """Return an id that is a number or a text, as text, or nothing."""
    value = node.get(name) if isinstance(node, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)


def number_of(node: Any, name: str) -> float | None:
    """Return a number, also one written as text, or None."""
    value = node.get(name) if isinstance(node, dict) else None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def list_of(node: Any, name: str) -> list[Any]:
    """Return a list, or an empty one."""
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []
