"""What differs between two versions beside facts and sentences: places, harms, other files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from bot.versions import Version
from knowledge.model import Place

_TOLD_WHOLE = ("knowledge/jurisdictions/", "knowledge/everywhere/", "knowledge/harms.yml")
# What a file decides, by the beginning of its path.
_DECIDES = {
    "knowledge/danger/": "what counts as a danger",
    "knowledge/places/": "which words mean a place",
    "knowledge/topics.yml": "which words ask about a topic",
    "knowledge/commands.yml": "which words are a command",
    "knowledge/sources.yml": "which sites may be cited",
}
_OFFERED = {
    "guide": ("There {is_} a guide for people {in_name}", "is now", "is no longer"),
    "home": ("People {is_} say that they are {in_name}", "can now", "can no longer"),
    "perpetrator": (
        "People {is_} say that the other person is {in_name}",
        "can now",
        "can no longer",
    ),
}


def place_changes(old: Version, new: Version) -> Iterator[str]:
    """Yield what is new about the places, a sentence each."""
    before, after = old.knowledge.places, new.knowledge.places
    for place in after.values():
        if place.id in before:
            yield from _place(before[place.id], place)
        elif place.id not in old.unread_places:
            yield f"Waymark now knows {place.name} as a place [{place.id}]"
    for place in before.values():
        if place.id not in after:
            yield f"Waymark no longer knows {place.name} as a place [{place.id}]"


def harm_changes(old: Version, new: Version) -> Iterator[str]:
    """Yield what is new about the harms' names, meanings and order, a sentence each."""
    before, after = old.knowledge.harms, new.knowledge.harms
    if not before:
        return
    for harm in after.values():
        was = before.get(harm.id)
        if was is None:
            yield f"Waymark now knows the harm '{harm.name}': {harm.meaning} [{harm.id}]"
            continue
        if was.name != harm.name:
            yield f"A harm is now called '{harm.name}' (before: '{was.name}') [{harm.id}]"
        if was.meaning != harm.meaning:
            yield f"'{harm.name}' now means: {harm.meaning} (before: {was.meaning}) [{harm.id}]"
    for harm in before.values():
        if harm.id not in after:
            yield f"Waymark no longer knows the harm '{harm.name}' [{harm.id}]"
    stay = [[one for one in harms if one in before and one in after] for harms in (before, after)]
    if stay[0] != stay[1]:
        yield f"The harms now stand in this order: {', '.join(after)} (before: {', '.join(before)})"


def file_changes(old: Version, new: Version) -> Iterator[str]:
    """Yield the other files that differ; what is in them is for their own reviewers to read."""
    for path in sorted({*old.files, *new.files}):
        if path.startswith(_TOLD_WHOLE) or old.files.get(path) == new.files.get(path):
            continue
        how = "changed" if path in old.files else "is new"
        if path not in new.files:
            how = "is gone"
        decides = next((what for start, what in _DECIDES.items() if path.startswith(start)), "")
        yield f"{path} {how}{f', which says {decides}' if decides else ''}"


def _place(was: Place, is_: Place) -> Iterator[str]:
    for field in fields(Place):
        before, after = getattr(was, field.name), getattr(is_, field.name)
        if before == after:
            continue
        if field.name in _OFFERED:
            said, yes, no = _OFFERED[field.name]
            told = said.format(is_=yes if after else no, in_name=is_.in_name)
            yield f"{told} [{is_.id}]"
        elif field.name == "name":
            yield f"A place is now called '{after}' (before: '{before}') [{is_.id}]"
        elif field.name == "in_name":
            yield f"Waymark now says '{after}' (before: '{before}') [{is_.id}]"
        elif field.name == "order":
            yield f"{is_.name} now stands at {after} among the places (before: {before}) [{is_.id}]"
        elif field.name == "states":
            yield f"The states {is_.in_name} are now: {_names(after)} (before: {_names(before)})"
        else:
            yield (
                f"What is said of {is_.name} as '{field.name}' is now: {after or 'nothing'} "
                f"(before: {before or 'nothing'}) [{is_.id}]"
            )


def _names(states: dict[str, Any]) -> str:
    return ", ".join(map(str, states.values())) or "none"
