"""The action server, ``waymark actions``: rasa-sdk's executor behind rasa-sdk's HTTP contract.

rasa-sdk's own server asks for no token, lets every site in, and on an error sends the whole
conversation back and logs it. This one answers the same calls and says nothing of what it was sent.
"""

from __future__ import annotations

import hmac
import json
import logging
from typing import Any

from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.helpline.book import executor_of
from bot.settings import Settings

log = logging.getLogger(__name__)
# A call holds a conversation's last turns and the domain; both are bounded.
MOST_BODY = 4 * 1024 * 1024


def make_actions_app(settings: Settings, *, name: str = "waymark-actions") -> Sanic:
    """Return the server; every action runs in it, one at a time."""
    executor = executor_of(settings.actions, settings.helpline, retention=settings.retention)
    app = Sanic(name, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MOST_BODY
    app.config.ACCESS_LOG = False
    wanted = f"Bearer {settings.actions_token}".encode()

    async def health(request: Request) -> HTTPResponse:
        return json_response({"status": "ok"})

    async def actions(request: Request) -> HTTPResponse:
        return json_response([{"name": action} for action in executor.actions])

    async def webhook(request: Request) -> HTTPResponse:
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
            return json_response({"error": "the token is missing or another one"}, status=401)
        try:
            call = json.loads(request.body)
        except (ValueError, RecursionError):
            call = None
        if not isinstance(call, dict) or not call.get("next_action"):
            return json_response({"error": "send a call of Rasa's"}, status=400)
        return await _run(executor, call)

    async def failed(request: Request | None, error: Exception) -> HTTPResponse:
        status = getattr(error, "status_code", 500) if isinstance(error, SanicException) else 500
        return json_response({"error": "failed"}, status=status)

    app.add_route(health, "/health")
    app.add_route(actions, "/actions")
    app.add_route(webhook, "/webhook", methods=["POST"])
    app.error_handler.add(Exception, failed)
    return app


async def _run(executor: Any, call: dict[str, Any]) -> HTTPResponse:
    action = str(call["next_action"])
    try:
        return json_response(await executor.run(call))
    except ActionExecutionRejection:
        return json_response({"action_name": action, "error": "rejected"}, status=400)
    except ActionNotFoundException:
        log.error("a call for an action that is not there")
        return json_response({"action_name": action, "error": "not found"}, status=404)
    except Exception as error:
        # Only the type: the message of an error may hold what a person wrote.
        log.error("action %s failed: %s", action, type(error).__name__)
        return json_response({"action_name": action, "error": "failed"}, status=500)
