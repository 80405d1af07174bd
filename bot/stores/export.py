"""What a person gets who asks for what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# What is known of a person; the rest of the slots is our own bookkeeping.
KNOWN = frozenset(
    {
        "home_jurisdiction",
        "australian_state",
        "perpetrator_location",
        "harm_types",
        "topics",
        "rungs_tried",
    }
)


def exported(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what was said on both sides, on which facts, and what is known, from the events."""
    return [kept for event in events if (kept := _shown(event)) is not None]


def _shown(event: Mapping[str, Any]) -> dict[str, Any] | None:
    if event.get("event") == "user":
        return {"from": "you", "text": event.get("text"), "at": event.get("timestamp")}
    if event.get("event") == "bot":
        custom = (event.get("data") or {}).get("custom") or {}
        text = custom.get("text") or event.get("text")
        shown = {"from": "waymark", "text": text, "at": event.get("timestamp")}
        return {**shown, "facts": custom["facts"]} if custom.get("facts") else shown
    if event.get("event") == "slot" and event.get("name") in KNOWN and event.get("value"):
        return {"known": event.get("name"), "value": event.get("value")}
    return None
