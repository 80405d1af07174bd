"""``/live``, ``/ready`` and ``/metrics``: what an operator and a load balancer ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sanic.response import json as json_response

from bot.brain import Brain
from bot.channels.turn import Turn
from bot.danger import DangerPatterns, find_danger
from bot.observability.metrics import CONTENT_TYPE, Metrics
from bot.order.model import Order

# A sentence that must always be found; /ready is red when it is not.
CANARY = "he is outside my door with a knife"
# What every process has for itself. With another part down all are alike, and people are better
# sent to one of them, for the numbers, than to none.
OF_THIS_PROCESS = ("process", "model", "danger")


@dataclass(slots=True)
class State:
    """Whether each part works, asked anew each time."""

    brain: Brain
    order: Order
    patterns: DangerPatterns
    stopping: bool = False

    def parts(self) -> dict[str, str]:
        """Return, for each part by name, why it does not work, or nothing."""
        found = find_danger(CANARY, patterns=self.patterns)
        seen = found is not None and found.present
        return {
            "process": "the process is stopping" if self.stopping else "",
            "danger": "" if seen else "the danger screen does not find its canary",
            **self.brain.parts,
            "order": self.order.trouble,
        }


def add_probes(app: Sanic, turn: Turn, state: State) -> None:
    """Add the routes to a server."""
    figures = Metrics(
        turn.times,
        counts=turn.counts,
        parts=state.parts,
        under_way=lambda: len(turn.under_way),
    )

    async def live(request: Request) -> HTTPResponse:
        return text("alive")

    async def ready(request: Request) -> HTTPResponse:
        await state.order.check()
        return _ready(state.parts())

    async def ready_process(request: Request) -> HTTPResponse:
        parts = state.parts()
        return _ready({name: parts[name] for name in OF_THIS_PROCESS if name in parts})

    async def metrics(request: Request) -> HTTPResponse:
        return text(figures.text(), content_type=CONTENT_TYPE)

    app.add_route(live, "/live")
    app.add_route(ready, "/ready")
    app.add_route(ready_process, "/ready/process")
    app.add_route(metrics, "/metrics")


def _ready(parts: dict[str, str]) -> HTTPResponse:
    why = next((trouble for trouble in parts.values() if trouble), "")
    body = {
        "ready": not why,
        "why": why,
        "on": date.today().isoformat(),
        "parts": {name: {"ready": not why_, "why": why_} for name, why_ in parts.items()},
    }
    return json_response(body, status=503 if why else 200)
