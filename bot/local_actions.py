"""Runs the actions inside the server process: no second process to fail, no request to log."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from rasa.utils.endpoints import ClientResponseError

log = logging.getLogger(__name__)
DEADLINE = 20.0


class LocalActions:
    """Stands where Rasa expects an action server's address; never leaks a traceback or a text."""

    url = "in-process"

    def __init__(self, executor: Any) -> None:
        self.kwargs: dict[str, Any] = {}
        self._executor = executor

    async def request(self, json: dict[str, Any], **_: Any) -> Any:
        """Run the action that the call names and return its events and messages.

        Raises:
            ClientResponseError: 400 when the action rejects, 500 when it fails. Rasa handles only
                these two while it fills slots; anything else would lose the whole turn.
        """
        action = str(json.get("next_action"))
        try:
            return await asyncio.wait_for(self._executor.run(json), DEADLINE)
        except Exception as error:
            if type(error).__name__ == "ActionExecutionRejection":
                raise ClientResponseError(400, "rejected", _rejection(action)) from None
            # Only the type: the message of an error may hold what a person wrote.
            log.error("action %s failed: %s", action, type(error).__name__)
            raise ClientResponseError(500, "failed", _rejection(action)) from None


def _rejection(action: str) -> str:
    return json.dumps({"action_name": action, "error": "rejected"})
