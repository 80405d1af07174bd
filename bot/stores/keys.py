"""Seals what is stored: a data key for each conversation, itself sealed by the master key.

Deleting a conversation destroys its data key, and with it every copy of its words. Names in the
database are keyed hashes: without the master key nobody can tell whose conversation a row is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import zlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12
_KEY = 32


class Unreadable(Exception):
    """Bytes that this key did not seal, or not for this place."""


class Keyring:
    """Everything that is made from one master key."""

    def __init__(self, master: bytes) -> None:
        if len(master) < _KEY:
            raise ValueError("the master key is shorter than 32 bytes")
        self._names = _derived(master, b"waymark names")
        self._wrapping = AESGCM(_derived(master, b"waymark wrapping"))
        self._shared = AESGCM(_derived(master, b"waymark shared memory"))

    def name(self, conversation: str) -> str:
        """Return the name of a conversation in a database: a keyed hash."""
        return hmac.new(self._names, conversation.encode(), hashlib.sha256).hexdigest()

    def new_key(self, name: str) -> tuple[DataKey, bytes]:
        """Return a new data key of a conversation, and its sealed form."""
        raw = secrets.token_bytes(_KEY)
        return DataKey(raw, name), _sealed(self._wrapping, raw, name.encode())

    def open_key(self, name: str, wrapped: bytes) -> DataKey:
        """Return the data key of a conversation from its sealed form.

        Raises:
            Unreadable: another master key, another conversation or spoilt bytes.
        """
        return DataKey(_opened(self._wrapping, wrapped, name.encode()), name)

    def seal_shared(self, data: Any, *, name: str) -> bytes:
        """Return data sealed for the memory that processes share for some minutes."""
        return _sealed(self._shared, _packed(data), name.encode())

    def open_shared(self, sealed: bytes, *, name: str) -> Any:
        """Return what ``seal_shared`` sealed under the same name, or raise ``Unreadable``."""
        return _unpacked(_opened(self._shared, sealed, name.encode()))


class DataKey:
    """Seals the turns of one conversation, each for its own place."""

    def __init__(self, raw: bytes, name: str) -> None:
        self._cipher = AESGCM(raw)
        self._name = name

    def seal(self, data: Any, *, seq: int) -> bytes:
        """Return a turn's data, sealed for its number in the conversation."""
        return _sealed(self._cipher, _packed(data), self._place(seq))

    def open(self, sealed: bytes, *, seq: int) -> Any:
        """Return the data of a turn, or raise ``Unreadable``."""
        return _unpacked(_opened(self._cipher, sealed, self._place(seq)))

    def _place(self, seq: int) -> bytes:
        return f"{self._name}:{seq}".encode()


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=purpose).derive(master)


def _sealed(cipher: AESGCM, plain: bytes, place: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, place)


def _opened(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(bytes(sealed[:_NONCE]), bytes(sealed[_NONCE:]), place)
    except (InvalidTag, ValueError):
        raise Unreadable("sealed with another key or for another place") from None


def _packed(data: Any) -> bytes:
    return zlib.compress(json.dumps(data, separators=(",", ":")).encode(), 1)


def _unpacked(packed: bytes) -> Any:
    return json.loads(zlib.decompress(packed))
