"""From a Rasa tracker to an ``Ask``, and from a message to the slots it fills."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from actions.ask import NATIONS, UNITED_KINGDOM, Ask
from knowledge.base import Knowledge
from knowledge.message import Message

LIST_ENTITIES = frozenset({"harms", "topics", "laws", "tried"})
# "No" to a question for a place or a harm is an answer: the person will not or cannot say.
NOT_SAYING = frozenset({"dont_know", "deny"})
CONTINUING = frozenset({"inform_location", "correct_information", "dont_know"})
ASKED_BY_ENTITY = {
    "state": "australian_state",
    "perpetrator": "perpetrator_location",
    "home": "home_jurisdiction",
    "harms": "harm_types",
}
HOME = "home"
PERPETRATOR = "perpetrator"
OFF_TOPIC = frozenset({"out_of_scope", "chitchat", "greet", "goodbye", "thanks"})
_AUSTRALIAN = (None, "australia")
_BARE = "none"


def ask_from(slots: Mapping[str, Any], message: Mapping[str, Any]) -> Ask:
    """Return what is asked: this message's own harms and topics, or else the conversation's."""
    entities = entities_of(message)
    harms = tuple(entities.get("harms") or harms_of(message) or slots.get("harm_types") or ())
    own_topics = tuple(entities.get("topics") or message.get("topics") or ())
    own_harms = bool(entities.get("harms") or harms_of(message))
    topics = own_topics or (() if own_harms else tuple(slots.get("topics") or ()))
    question = slots.get("place_question") or []
    return Ask(
        home=slots.get("home_jurisdiction")
        or (UNITED_KINGDOM if question == [HOME, UNITED_KINGDOM] else None),
        state=slots.get("australian_state")
        if slots.get("home_jurisdiction") == "australia"
        else None,
        perpetrator=slots.get("perpetrator_location"),
        perpetrator_unknown=bool(slots.get("perpetrator_unknown")),
        harms=harms,
        topics=topics,
        laws=_laws(slots, message, entities),
        rungs_tried=tuple(slots.get("rungs_tried") or ()),
        given=frozenset(slots.get("given") or ()),
        page=_whole(entities.get("page")),
        reason=str(entities.get("reason") or ""),
    )


def understood(
    slots: Mapping[str, Any], message: Mapping[str, Any], knowledge: Knowledge
) -> dict[str, Any]:
    """Return the slots that this message fills or changes; nothing it does not speak of."""
    filled: dict[str, Any] = {}
    _fill_places(filled, slots, message, knowledge)
    _fill_harms(filled, slots, message, knowledge)
    entities = entities_of(message)
    tried = [rung for rung in entities.get("tried") or () if rung in knowledge.by_id]
    if "tried_that" in (message.get("topics") or ()):
        tried += slots.get("rung_shown") or []
    if tried:
        filled["rungs_tried"] = _union(slots.get("rungs_tried"), tried)
    if intent_of(message) in NOT_SAYING:
        filled.update(_not_known(slots))
    return filled


def intent_of(message: Mapping[str, Any]) -> str:
    """Return the name of the message's intent."""
    return str((message.get("intent") or {}).get("name") or "")


def entities_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a choice carries, by name; Rasa hands on a list as one entity an element."""
    found: dict[str, Any] = {}
    for entity in message.get("entities") or ():
        name, value = str(entity["entity"]), entity.get("value")
        if name in LIST_ENTITIES:
            found.setdefault(name, []).extend(value if isinstance(value, list) else [value])
        else:
            found[name] = value
    return found


def harms_of(message: Mapping[str, Any]) -> list[str]:
    """Return the harm types found in a message, the surest first."""
    return [str(found["name"]) for found in message.get("harm_types") or ()]


def asked_of(messages: Iterable[Message]) -> str | None:
    """Return the slot that the last question asks for, told by what its choices carry."""
    asked = None
    for message in messages:
        if message.kind != "question" or not message.choices:
            continue
        text = " ".join(choice.payload for choice in message.choices)
        asked = next(
            (slot for entity, slot in ASKED_BY_ENTITY.items() if f'"{entity}":' in text), None
        )
    return asked


def _laws(
    slots: Mapping[str, Any], message: Mapping[str, Any], entities: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the laws a message names, or those asked about before when it only says where."""
    own = entities.get("laws") or message.get("laws")
    kept = slots.get("laws") if intent_of(message) in CONTINUING else ()
    return tuple(own or kept or ())


def _fill_places(
    filled: dict[str, Any],
    slots: Mapping[str, Any],
    message: Mapping[str, Any],
    knowledge: Knowledge,
) -> None:
    if intent_of(message) in OFF_TOPIC:
        # "What is the weather in Cape Town" says nothing of where the person is.
        return
    entities = entities_of(message)
    readings = message.get("places") or {}
    asked = str(slots.get("requested_slot") or slots.get("asked") or _BARE)
    reading = readings.get(asked) or readings.get(_BARE) or {}
    home = entities.get("home") or reading.get("home")
    state = entities.get("state") or reading.get("state")
    other = entities.get("perpetrator") or reading.get("perpetrator")
    question: list[str] | None = None
    for found in () if home or other else reading.get("ambiguous") or ():
        pair, question = _settled(found, slots)
        if pair and found["role"] == PERPETRATOR:
            other = pair[0]
        elif pair:
            home, state = pair
    if home == UNITED_KINGDOM:
        if slots.get("home_jurisdiction") not in NATIONS:
            filled["place_question"] = [HOME, UNITED_KINGDOM]
            filled["home_jurisdiction"] = None
    elif home in knowledge.places or (state and slots.get("home_jurisdiction") in _AUSTRALIAN):
        filled["home_jurisdiction"] = home or "australia"
        filled["australian_state"] = state if filled["home_jurisdiction"] == "australia" else None
        filled["place_question"] = None
    elif question:
        filled["place_question"] = question
    if other in knowledge.places:
        filled["perpetrator_location"] = other
        filled["perpetrator_unknown"] = False
        if (slots.get("place_question") or [HOME])[0] == PERPETRATOR:
            filled["place_question"] = None


def _settled(
    found: Mapping[str, Any], slots: Mapping[str, Any]
) -> tuple[tuple[str, str | None] | None, list[str] | None]:
    """Settle an ambiguous name by the home that is known, or return the question it leaves."""
    candidates = [(str(place), region) for place, region in found["candidates"]]
    known = [pair for pair in candidates if pair[0] == slots.get("home_jurisdiction")]
    if len(known) == 1:
        return known[0], None
    role = PERPETRATOR if found["role"] == PERPETRATOR else HOME
    flat = [f"{place}:{region or ''}" for place, region in candidates]
    return None, [role, str(found["name"]), *flat]


def _fill_harms(
    filled: dict[str, Any],
    slots: Mapping[str, Any],
    message: Mapping[str, Any],
    knowledge: Knowledge,
) -> None:
    entities = entities_of(message)
    harms = [harm for harm in entities.get("harms") or harms_of(message) if harm in knowledge.harms]
    intent = intent_of(message)
    if harms:
        corrected = intent == "correct_information"
        filled["harm_types"] = harms if corrected else _union(slots.get("harm_types"), harms)
    if intent not in CONTINUING:
        laws = list(entities.get("laws") or message.get("laws") or ())
        if laws or slots.get("laws"):
            filled["laws"] = laws
    topics = list(entities.get("topics") or message.get("topics") or ())
    if topics:
        filled["topics"] = _union(slots.get("topics"), topics)


def _not_known(slots: Mapping[str, Any]) -> dict[str, Any]:
    asked = slots.get("requested_slot") or slots.get("asked")
    if asked == "perpetrator_location":
        return {"perpetrator_unknown": True}
    if asked == "harm_types":
        return {"harm_types": slots.get("harm_types") or []}
    if asked in ("home_jurisdiction", "australian_state"):
        return {"home_unknown": True}
    return {}


def _union(old: Any, new: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*(old or ()), *new]))


def _whole(value: Any) -> int:
    try:
        return max(0, min(int(value), 99))
    except (TypeError, ValueError):
        return 0
