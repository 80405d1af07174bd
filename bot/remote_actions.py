"""Calls an action server of its own (``waymark actions``), and waits for it only so long.

Rasa's own endpoint waits five minutes, reads an answer of any size and puts the token into the
address, where proxies log it. Whatever comes back here is an answer, a rejection, or a failure
after which the turn gives the numbers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from typing import Any

import aiohttp
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.local_actions import LocalActions
from bot.settings import Settings

log = logging.getLogger(__name__)
PATIENCE = 2.0
# After a failure nobody waits again before it has answered to a look.
LOOK_EVERY = 1.0
MOST_BYTES = 1024 * 1024
# What fills slots from what a person said. It needs no answer of the server, so that nothing said
# while the server was away has to be said again.
_HERE = frozenset({"action_understand", "validate_intake_form"})


class RemoteActions(EndpointConfig):  # type: ignore[misc]
    """Stands where Rasa expects an action server's address."""

    def __init__(self, settings: Settings, *, here: LocalActions) -> None:
        super().__init__(
            settings.actions_url, headers={"Authorization": f"Bearer {settings.actions_token}"}
        )
        self._here = here
        self._session: aiohttp.ClientSession | None = None
        self.trouble = ""

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look once a second, on Rasa's loop, whether the server answers."""
        asyncio.run_coroutine_threadsafe(self._watch(), loop)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def request(self, json: dict[str, Any], **_: Any) -> Any:
        """Let the server run the action that the call names; return its events and messages.

        Raises:
            ClientResponseError: 400 when the action rejects, 502 when there is no usable answer.
        """
        action = str(json.get("next_action"))
        if action in _HERE:
            return await self._here.request(json=json)
        if self.trouble:
            raise _failed()
        started = time.monotonic()
        try:
            status, body = await asyncio.wait_for(self._post(json), PATIENCE)
        except (TimeoutError, aiohttp.ClientError, OSError, _UnusableError) as error:
            self._down(f"{type(error).__name__} after {time.monotonic() - started:.1f} s")
            raise _failed() from None
        if status == 400 and body.get("action_name"):
            raise ClientResponseError(400, "rejected", _rejection(action))
        if status != 200:
            log.error("action %s: the action server answered %d", action, status)
            raise _failed()
        return body

    async def _post(self, call: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        async with self._connected().post(
            f"{self.url}/webhook", json=call, allow_redirects=False
        ) as response:
            return response.status, await _object(response)

    async def _watch(self) -> None:
        while True:
            try:
                url = f"{self.url}/health"
                async with self._connected().get(url, allow_redirects=False) as response:
                    await _object(response)
                    status = response.status
            except (TimeoutError, aiohttp.ClientError, OSError, _UnusableError) as error:
                self._down(type(error).__name__)
            else:
                if status != 200:
                    self._down(f"status {status}")
                elif self.trouble:
                    log.warning("the action server answers again")
                    self.trouble = ""
            await asyncio.sleep(LOOK_EVERY)

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self.headers, timeout=aiohttp.ClientTimeout(total=PATIENCE)
            )
        return self._session

    def _down(self, why: str) -> None:
        if not self.trouble:
            log.error("WAYMARK_ACTIONS_URL: no usable answer (%s)", why)
        self.trouble = (
            f"WAYMARK_ACTIONS_URL: the action server does not answer ({why}): check that "
            "'waymark actions' runs there"
        )


class _UnusableError(Exception):
    """An answer that is too long or is no JSON object."""


async def _object(response: aiohttp.ClientResponse) -> dict[str, Any]:
    raw = b""
    async for part in response.content.iter_any():
        raw += part
        if len(raw) > MOST_BYTES:
            raise _UnusableError
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        if response.status == 200:
            raise _UnusableError
        return {}
    return body


def _failed() -> ClientResponseError:
    return ClientResponseError(502, "no usable answer", "{}")


def _rejection(action: str) -> str:
    return json.dumps({"action_name": action, "error": "rejected"})
