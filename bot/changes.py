"""What people see differently between two versions, in plain words for whoever reviews them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from typing import Any

from bot.other_changes import file_changes, harm_changes, place_changes
from bot.versions import Version
from knowledge.base import Knowledge
from knowledge.model import EVERYWHERE, Fact
from knowledge.yaml_lines import Problem

# What is said of a fact without being shown to anybody; where it moved is told apart.
_UNSEEN = ("where", "order", "checked_on", "guide_units", "id", "kind", "jurisdiction")
_ASKING = {
    "emergency_number": "who are in danger",
    "reporting_channel": "who ask where to report",
    "national_body": "who ask where else to report",
    "offence": "who ask which offence it is",
    "doxxing_status": "who ask whether doxxing is a crime",
    "recording_rule": "who ask whether they may record calls",
    "escalation_step": "whose report leads nowhere",
    "cross_border": "with a case across a border",
    "protection_order": "who ask for a protection order",
    "helpline": "who ask for support",
}
_READ = {
    "max_penalty": "a maximum penalty of",
    "section": "the section",
    "statute": "the law",
    "text": "",
    "numbers": "the number",
    "urls": "the address",
    "emails": "the mail address",
    "hours": "the hours",
    "say": "the words to say",
    "gives": "the reference to ask for",
    "needs": "what has to be shown:",
    "citations": "the source",
    "title": "the heading",
}


def differences(old: Version, new: Version) -> Iterator[str]:
    """Yield one sentence for each thing that some people now see differently."""
    yield from _facts(old, new)
    yield from place_changes(old, new)
    yield from harm_changes(old, new)
    yield from _sentences(old, new)
    yield from file_changes(old, new)


def left_out(old: Version) -> Iterator[str]:
    """Yield what of the old version could not be compared, a line each."""
    if old.unread:
        facts = "1 fact" if len(old.unread) == 1 else f"{len(old.unread)} facts"
        yield f"Left out, because today's schema cannot read them: {facts} of before."
    if old.sentences is None:
        yield "Left out, because they cannot be read: the sentences of before."


def _facts(old: Version, new: Version) -> Iterator[str]:
    before, after = old.knowledge.by_id, new.knowledge.by_id
    for fact in new.knowledge.facts:
        if fact.id not in before:
            if not _could_not_be_read(fact, old, new):
                yield f"{audience(fact, new.knowledge)} now also read: {_shown(fact)} [{fact.id}]"
            continue
        changed = changed_fields(before[fact.id], fact)
        for name in changed:
            is_, was = (_value(getattr(f, name)) for f in (fact, before[fact.id]))
            what = _READ.get(name, f"the field '{name}':")
            yield (
                f"{audience(fact, new.knowledge)} now read {what + ' ' if what else ''}"
                f"{is_ or 'nothing'} (before: {was or 'nothing'}) [{fact.id}]"
            )
        moved = list(_moved(before[fact.id], fact, old, new))
        yield from moved
        if not changed and not moved and fact.checked_on != before[fact.id].checked_on:
            yield f"Checked again on {fact.checked_on}, as it was: {fact.title} [{fact.id}]"
    for fact in old.knowledge.facts:
        if fact.id not in after:
            yield f"{audience(fact, old.knowledge)} no longer read: {_shown(fact)} [{fact.id}]"


def _moved(was: Fact, is_: Fact, old: Version, new: Version) -> Iterator[str]:
    """Yield that other people read a fact now, or that they read it sooner or later."""
    if (was.kind, was.jurisdiction) != (is_.kind, is_.jurisdiction):
        now, then = audience(is_, new.knowledge), audience(was, old.knowledge)
        if now == then:
            now, then = f"{now} (as '{is_.kind}')", f"{then} (as '{was.kind}')"
        yield f"{now} now read: {is_.title} (before: {then}) [{is_.id}]"
    elif was.order != is_.order:
        when = "sooner" if is_.order < was.order else "later"
        yield (
            f"{audience(is_, new.knowledge)} now read this {when} than before: {is_.title} "
            f"(order {is_.order}, before: {was.order}) [{is_.id}]"
        )


def _could_not_be_read(fact: Fact, old: Version, new: Version) -> bool:
    """Say whether it was there before too, by its own id or by that of all nations together."""
    place = new.knowledge.places.get(fact.jurisdiction)
    stem = fact.id.removeprefix(f"{place.prefix}-") if place else fact.id
    return not old.unread.isdisjoint((fact.id, stem, f"uk-{stem}"))


def _sentences(old: Version, new: Version) -> Iterator[str]:
    if old.sentences is None or new.sentences is None:
        return
    for name in sorted({*old.sentences, *new.sentences}):
        said, says = old.sentences.get(name), new.sentences.get(name)
        if said != says:
            yield f"Waymark now says at '{name}': {_line(says)} (before: {_line(said)})"


def unchecked(old: Version, new: Version, *, today: date) -> list[Problem]:
    """Return the facts whose content changed without a new check against their source."""
    found = []
    before = old.knowledge.by_id
    for fact in new.knowledge.facts:
        was = before.get(fact.id)
        changed = changed_fields(was, fact) if was else []
        if was and changed and fact.checked_on <= was.checked_on and fact.checked_on < today:
            found.append(
                Problem(
                    fact.where,
                    f"{fact.id}: {', '.join(changed)} changed, but checked_on is still "
                    f"{fact.checked_on}",
                    "hold it against its source, cite that, and set checked_on to that day",
                )
            )
        elif fact.checked_on > today:
            found.append(
                Problem(
                    fact.where,
                    f"{fact.id}: checked_on {fact.checked_on} is still to come",
                    "set it to the day it was checked",
                )
            )
    return found


def changed_fields(was: Fact, is_: Fact) -> list[str]:
    """Return the names of the fields that people see and that differ."""
    return [
        field.name
        for field in fields(Fact)
        if field.name not in _UNSEEN and getattr(was, field.name) != getattr(is_, field.name)
    ]


def audience(fact: Fact, knowledge: Knowledge) -> str:
    """Return who reads a fact: 'People in Scotland who ask about stalking'."""
    place = knowledge.places.get(fact.jurisdiction)
    if fact.jurisdiction == EVERYWHERE or place is None:
        people = "People everywhere"
    elif fact.kind == "cross_border" and fact.side == "perpetrator":
        people = f"People whose harasser is {place.in_name}"
    elif fact.state:
        people = f"People in {place.states.get(fact.state, fact.state)}"
    else:
        people = f"People {place.in_name}"
    if fact.harm_types and fact.kind == "offence":
        names = [knowledge.harms[harm].name for harm in fact.harm_types if harm in knowledge.harms]
        return f"{people} who ask about {_joined(names)}"
    return f"{people} {_ASKING[fact.kind]}" if fact.kind in _ASKING else people


def _joined(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _shown(fact: Fact) -> str:
    penalty = f" (maximum penalty: {fact.max_penalty})" if fact.max_penalty else ""
    return f"{fact.title}{penalty}: {_line(fact.text)}"


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(_value(item) for item in value)
    if hasattr(value, "display"):
        return f"{value.display} ({value.label})" if value.label else str(value.display)
    if hasattr(value, "url"):
        return f"{value.title} <{value.url}>"
    return _line(str(value))


def _line(text: str | None) -> str:
    return " ".join(text.split()) if text else "nothing"
