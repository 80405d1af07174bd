"""Every answer by topic, and the actions that Rasa may call: the one table of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.answers import (
    cross_border,
    escalation,
    essentials,
    offences,
    orders,
    report,
    reporting,
    support,
    talk,
)
from actions.ask import Ask, Book
from knowledge.message import Message

Answer = Callable[[Ask, Book], list[Message]]


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that can be asked: the intents that ask it, and the answer to it.

    ``lasting`` topics are answered again when a place or a harm is corrected afterwards.
    """

    name: str
    intents: tuple[str, ...]
    answer: Answer
    lasting: bool = True

    @property
    def action(self) -> str:
        """Return the name of the Rasa action that gives this answer."""
        return f"action_{self.name}"


TOPICS: tuple[Topic, ...] = (
    Topic("report", ("report_harm",), report.report),
    Topic("where_to_report", ("ask_where_to_report",), reporting.where_to_report),
    Topic("offences", ("ask_offence",), offences.which_offences),
    Topic("penalties", ("ask_penalty",), offences.penalties),
    Topic("ready_words", ("ask_ready_words",), reporting.ready_words),
    Topic("escalation", ("ask_escalation",), escalation.escalation),
    Topic("evidence", ("ask_evidence",), essentials.evidence, lasting=False),
    Topic("swatting", ("ask_swatting",), essentials.swatting, lasting=False),
    Topic("platforms", ("ask_platform_removal",), essentials.platforms, lasting=False),
    Topic("cross_border", ("ask_cross_border",), cross_border.cross_border),
    Topic("recording", ("ask_recording_calls",), offences.recording_calls),
    Topic("doxxing_status", ("ask_doxxing_status",), offences.doxxing_status),
    Topic("several_victims", ("ask_multiple_victims",), essentials.several_victims, lasting=False),
    Topic("protection_orders", ("ask_protection_order",), orders.protection_orders),
    Topic("unmask", ("ask_anonymous_unmask",), orders.unmask),
    Topic("emergency_numbers", ("ask_emergency_number",), support.emergency_numbers),
    Topic("support", ("ask_support",), support.support_lines),
    Topic("person", ("ask_human",), support.person),
    Topic("privacy", ("ask_privacy",), support.privacy, lasting=False),
    Topic("cannot_call", ("cannot_call",), support.cannot_call, lasting=False),
    Topic("perpetrator_asks", ("perpetrator_asks",), essentials.perpetrator_asks, lasting=False),
    Topic("greeting", ("greet",), talk.greeting, lasting=False),
    Topic("about", ("chitchat",), talk.about, lasting=False),
    Topic("out_of_scope", ("out_of_scope",), talk.out_of_scope, lasting=False),
    Topic("not_understood", ("nlu_fallback",), talk.not_understood, lasting=False),
    Topic("thanks", ("thanks",), talk.thanks, lasting=False),
    Topic("goodbye", ("goodbye",), talk.goodbye, lasting=False),
    Topic("what_next", ("affirm", "deny", "dont_know"), talk.yes, lasting=False),
)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
BY_INTENT: dict[str, Topic] = {intent: topic for topic in TOPICS for intent in topic.intents}
