"""Signed session tokens for the web channel: minted here, never chosen by a client."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

LIFETIME = 24 * 3600
_SALT = "waymark-web-session"


@dataclass(frozen=True, slots=True)
class Session:
    """Which conversation a token opens, and the home that the site chose, if any."""

    conversation: str
    home: str | None


class Tokens:
    """Mints tokens and opens them."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt=_SALT)

    def mint(self, home: str | None) -> tuple[str, Session]:
        """Return a new token and the session it opens."""
        session = Session(f"web-{secrets.token_urlsafe(18)}", home)
        token = self._serializer.dumps([session.conversation, session.home])
        return (token if isinstance(token, str) else token.decode()), session

    def open(self, token: str) -> Session | None:
        """Return the session of a token, or None for one that is forged or has expired."""
        try:
            conversation, home = self._serializer.loads(token, max_age=LIFETIME)
        except (BadSignature, ValueError, TypeError):
            return None
        return Session(str(conversation), str(home) if home else None)
