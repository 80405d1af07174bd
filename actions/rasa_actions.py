"""The Rasa edge of the answers: parse the tracker, ask, utter. No rule lives here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet, UserUtteranceReverted
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.answers.parts import ask_home, ask_nation, payload
from actions.answers.report import ask_harm, ask_perpetrator, report
from actions.ask import UNITED_KINGDOM, Ask, Book
from actions.registry import BY_INTENT, BY_NAME, TOPICS, Topic
from actions.slots import (
    HOME,
    NOT_SAYING,
    ask_from,
    asked_of,
    harms_of,
    intent_of,
    understood,
)
from knowledge.emergency import DANGER, SELF_HARM, crisis_message, danger_message
from knowledge.loader import load
from knowledge.message import Choice, Message
from knowledge.model import Fact
from knowledge.words import load_words

Events = list[dict[str, Any]]
_REQUESTED = "requested_slot"


@dataclass(frozen=True)
class Desk:
    """What every action shares: the knowledge and the sentences, loaded once."""

    base: Book

    @property
    def book(self) -> Book:
        """Return the book as of today: a server may run past midnight."""
        return Book(self.base.knowledge, self.base.words, date.today())


class AnswerAction(Action):  # type: ignore[misc]
    """Gives the answer of one topic."""

    def __init__(self, topic: Topic, desk: Desk) -> None:
        self._topic = topic
        self._desk = desk

    def name(self) -> str:
        """Return the name that domain.yml lists."""
        return self._topic.action

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the answer; remember what was asked and given."""
        ask = ask_from(tracker.slots, tracker.latest_message)
        messages = self._topic.answer(ask, self._desk.book)
        if tracker.slots.get(_REQUESTED):
            # The form puts its own question right after this answer; two would confuse.
            messages = [m for m in messages if m.kind != "question"]
        return _send(dispatcher, messages, ask, self._topic)


class FallbackAction(Action):  # type: ignore[misc]
    """Answers where no rule does, and takes the message back: the next one is met afresh."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """Return the name of Rasa's own fallback, which this one replaces."""
        return "action_default_fallback"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the standing choices."""
        ask = ask_from(tracker.slots, tracker.latest_message)
        for message in BY_NAME["not_understood"].answer(ask, self._desk.book):
            dispatcher.utter_message(json_message=message.as_dict())
        return [UserUtteranceReverted()]


class DangerAction(Action):  # type: ignore[misc]
    """Gives the numbers when NLU, not the word list, sees the danger."""

    def __init__(self, kind: str, desk: Desk) -> None:
        self._kind = kind
        self._desk = desk

    def name(self) -> str:
        """Return the name that domain.yml lists."""
        return f"action_{self._kind}"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the emergency or the crisis message, unless the turn has sent it already."""
        seen = (tracker.latest_message.get("danger") or {}).get("kind")
        answered = turn_metadata(tracker).get("danger_answered") or seen
        book = self._desk.book
        make = crisis_message if self._kind == SELF_HARM else danger_message
        home = tracker.slots.get("home_jurisdiction")
        message = make(book.knowledge, book.words, home=home, today=book.today)
        if not answered:
            dispatcher.utter_message(json_message=message.as_dict())
        ask = ask_from(tracker.slots, tracker.latest_message)
        if ask.has_home and harms_of(tracker.latest_message):
            # A danger can be a report too: what to file follows the numbers, with nothing asked.
            return _send(dispatcher, report(ask, book), ask, BY_NAME["report"])
        return []


class ContinueAction(Action):  # type: ignore[misc]
    """Answers the last topic again after a place or a harm was given or corrected."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """Return the name that domain.yml lists."""
        return "action_continue"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send the last answer for the new place, or ask what is happening."""
        book = self._desk.book
        ask = ask_from(tracker.slots, tracker.latest_message)
        question = place_question(book, tracker.slots)
        if question is not None:
            return _send(dispatcher, [question], ask, None)
        topic = BY_NAME.get(str(tracker.slots.get("last_topic") or ""))
        if topic is None and ask.harms:
            topic = BY_NAME["report"]
        if topic is None or (topic.name == "report" and not (ask.harms or ask.topics)):
            messages = [book.message("answer", [_noted(book, ask)]), ask_harm(book)]
            return _send(dispatcher, messages, ask, None)
        messages = topic.answer(ask, book)
        if not messages:
            choices = (Choice(book.words("choice_report"), payload("ask_where_to_report")),)
            messages = [book.message("answer", [_noted(book, ask)], choices)]
        return _send(dispatcher, messages, ask, topic)


class IntakeAskAction(Action):  # type: ignore[misc]
    """Says what can be said already, then asks for one slot of the form."""

    def __init__(self, slot: str, desk: Desk) -> None:
        self._slot = slot
        self._desk = desk

    def name(self) -> str:
        """Return the name that Rasa's form calls for the slot."""
        return f"action_ask_{self._slot}"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send what is new, then the question."""
        book = self._desk.book
        ask = ask_from(tracker.slots, tracker.latest_message)
        messages, topic = _so_far(book, ask, tracker)
        question = self._question(book, ask, tracker.slots)
        events = _send(dispatcher, [*messages, question], ask, topic)
        # A question in the middle is answered now; what comes next belongs to the report again.
        return [*events, SlotSet("last_topic", "report")] if messages else events

    def _question(self, book: Book, ask: Ask, slots: Mapping[str, Any]) -> Message:
        if self._slot == "harm_types":
            return ask_harm(book)
        unclear = place_question(book, slots)
        if self._slot == "perpetrator_location":
            return unclear or ask_perpetrator(book, ask)
        return unclear or ask_home(book)


class IntakeDoneAction(Action):  # type: ignore[misc]
    """Says what the last answer of the form made possible."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """Return the name that domain.yml lists."""
        return "action_intake_done"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Send what is new."""
        book = self._desk.book
        ask = ask_from(tracker.slots, tracker.latest_message)
        messages, topic = _so_far(book, ask, tracker)
        if not messages:
            name = "intake_no_home" if not ask.has_home else "intake_done"
            messages = BY_NAME["what_next"].answer(ask, book)
            if name == "intake_no_home":
                messages = [book.message("answer", [book.words(name)]), *messages]
        return _send(dispatcher, messages, ask, topic)


class ValidateIntakeAction(Action):  # type: ignore[misc]
    """Tells the form which slot to ask for next, or that it is done."""

    def name(self) -> str:
        """Return the name that Rasa's form calls."""
        return "validate_intake_form"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Return the next slot; repeat what was filled, so that the form does not reject it."""
        slots = tracker.slots
        events: Events = []
        if intent_of(tracker.latest_message) in NOT_SAYING:
            events = [
                SlotSet(name, slots.get(name)) for name in ("perpetrator_unknown", "home_unknown")
            ]
        return [*events, SlotSet(_REQUESTED, next_slot(slots))]


class UnderstandAction(Action):  # type: ignore[misc]
    """Fills the slots from what NLU found in the message; runs before every prediction."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def name(self) -> str:
        """Return the name that the slots' mappings call."""
        return "action_understand"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        """Return the slots that this message fills."""
        slots = dict(tracker.slots)
        filled = understood(slots, tracker.latest_message, self._desk.base.knowledge)
        metadata = turn_metadata(tracker)
        site = metadata.get("default_home")
        danger = bool(
            metadata.get("danger_answered")
            or (tracker.latest_message.get("danger") or {}).get("kind")
            or intent_of(tracker.latest_message) in ("danger_now", "self_harm")
        )
        # A bare "no" belongs to the turn before: the flag goes up one turn after the danger.
        before = bool(slots.get("danger_pending"))
        bare = intent_of(tracker.latest_message) in BARE
        filled["danger_said"] = before
        filled["danger_pending"] = danger or (before and bare)
        if site and not {**slots, **filled}.get("home_jurisdiction"):
            # The site's choice counts until the person says another place.
            filled.setdefault("home_jurisdiction", site)
        return [SlotSet(name, value) for name, value in filled.items()]


def turn_metadata(tracker: Tracker) -> dict[str, Any]:
    """Return what the channel tells of this turn: the site's home, danger answered already."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return event.get("metadata") or {}
    return {}


def next_slot(slots: Mapping[str, Any]) -> str | None:
    """Return the slot the form still needs, or None when it has enough.

    The place comes first: with it there is somewhere to report, whatever it is called.
    """
    if slots.get("home_jurisdiction") is None:
        return None if slots.get("home_unknown") else "home_jurisdiction"
    if slots.get("harm_types") is None:
        return "harm_types"
    if slots.get("perpetrator_location") is None and not slots.get("perpetrator_unknown"):
        return "perpetrator_location"
    return None


def place_question(book: Book, slots: Mapping[str, Any]) -> Message | None:
    """Return the question that an ambiguous place leaves: which Perth, which nation."""
    question = slots.get("place_question")
    if not question:
        return None
    role, name, *candidates = question
    if role == HOME and slots.get("home_jurisdiction"):
        return None
    if name == UNITED_KINGDOM:
        return ask_nation(book)
    choices = []
    for candidate in candidates:
        place, _, state = candidate.partition(":")
        title = book.place_name(place, state)
        entities = {role: place, "state": state} if state and role == HOME else {role: place}
        choices.append(Choice(title[0].upper() + title[1:], payload("inform_location", **entities)))
    text = book.words("question_which", name=name.title())
    return book.message("question", [text], tuple(choices))


def _so_far(book: Book, ask: Ask, tracker: Tracker) -> tuple[list[Message], Topic | None]:
    """Return what this message asked for, where no action has answered it in this turn yet."""
    pending = BY_NAME.get(str(tracker.slots.get("last_topic") or ""), BY_NAME["report"])
    topic = BY_INTENT.get(intent_of(tracker.latest_message), pending)
    if _answered(tracker):
        return [], None
    if topic.lasting and topic.name != "report":
        asked = [m for m in topic.answer(ask, book) if m.kind != "question"]
        return asked, topic
    messages = report(ask, book)
    return messages, BY_NAME["report"]


def _answered(tracker: Tracker) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and str(event.get("name")) in _ANSWERING:
            return True
    return False


def _noted(book: Book, ask: Ask) -> str:
    if ask.has_home:
        return book.words("noted_place", place=book.place(ask.home))
    return book.words("noted")


def _send(
    dispatcher: CollectingDispatcher, messages: list[Message], ask: Ask, topic: Topic | None
) -> Events:
    for message in messages:
        dispatcher.utter_message(json_message=message.as_dict())
    events: Events = [SlotSet("asked", asked_of(messages))]
    if topic is not None and topic.lasting:
        events.append(SlotSet("last_topic", topic.name))
    if topic is not None and topic.name == "escalation" and messages:
        events.append(SlotSet("rung_shown", list(messages[0].facts)))
    if topic is not None and topic.name == "report":
        said = [ask.safety_key, ask.steps_key, ask.border_key]
        given = list(dict.fromkeys([*sorted(ask.given), *said]))
        events.append(SlotSet("given", given[-20:]))
    return events


_ANSWERING = frozenset({topic.action for topic in TOPICS} | {"action_continue"})
BARE = frozenset({"affirm", "deny", "dont_know", "nlu_fallback", "cannot_call"})
INTAKE_SLOTS = ("harm_types", "home_jurisdiction", "perpetrator_location")


def executor(
    *,
    always: Mapping[str, str] | None = None,
    replaced: Mapping[str, str] | None = None,
    own: Sequence[Fact] = (),
) -> ActionExecutor:
    """Return an executor that knows every action, with the knowledge loaded once.

    Args:
        always: what settings say in every sentence that names it (``retention``).
        replaced: the sentences that the helpline says in its own way.
        own: the helpline's own numbers.
    """
    words = load_words(always=always, replaced=replaced)
    desk = Desk(Book(load().with_own(own), words, date.today()))
    made = ActionExecutor()
    actions = [
        *(AnswerAction(topic, desk) for topic in TOPICS),
        FallbackAction(desk),
        DangerAction(DANGER, desk),
        DangerAction(SELF_HARM, desk),
        ContinueAction(desk),
        *(IntakeAskAction(slot, desk) for slot in INTAKE_SLOTS),
        IntakeDoneAction(desk),
        ValidateIntakeAction(),
        UnderstandAction(desk),
    ]
    for action in actions:
        made.register_action(action)
    return made
