"""Every field of a helpline's file: the reader, the template and docs/settings.md use this list."""

from __future__ import annotations

from bot.handoff.config import DESKS
from bot.helpline.model import CHANNELS
from knowledge.schema import VIA, FieldRule

DAYS: tuple[str, ...] = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
SAME = "same"

TOP: tuple[FieldRule, ...] = (
    FieldRule("name", "line", "what people know the helpline as", True),
    FieldRule(
        "homes",
        "words",
        "the places it serves; where it is one place, people are taken to be there until they say "
        "otherwise",
        True,
    ),
    FieldRule(
        "channels",
        "words",
        "where people can write; each needs its secrets, and none may have them unlisted",
        True,
        allowed=CHANNELS,
    ),
    FieldRule("languages", "words", "the languages it answers in ([en])"),
    FieldRule(
        "retention_hours",
        "whole",
        "hours after the last message until a conversation is deleted, as WAYMARK_RETENTION_HOURS",
    ),
    FieldRule("hours", "hours", "when people answer"),
    FieldRule("numbers", "numbers", "its own lines; an answer names them first"),
    FieldRule("words", "texts", "sentences of data/responses/ that it says in its own way"),
    FieldRule("hand_off", "hand_off", "how people take over a conversation"),
)
NUMBER: tuple[FieldRule, ...] = (
    FieldRule("id", "id", "lower-case words joined by '-'", True),
    FieldRule("title", "line", "what the line is called", True),
    FieldRule("text", "text", "whom it is for and what happens there, in plain words", True),
    FieldRule("display", "line", "the number as people read it", True),
    FieldRule(
        "dial", "line", "the number as a telephone takes it: +country and digits, in quotes", True
    ),
    FieldRule("via", "word", "how it is reached ('call' if left out)", allowed=VIA),
    FieldRule("url", "line", "the https page of the helpline that shows this number", True),
    FieldRule("checked_on", "date", "the day somebody last held it against that page", True),
    FieldRule("places", "words", "the homes that it serves (all of them if left out)"),
    FieldRule(
        "hours", "hours", "when it answers: as 'hours' above, or 'same' (not said if left out)"
    ),
)
HOURS: tuple[FieldRule, ...] = (
    FieldRule("zone", "line", "the time zone, as Europe/London", True),
    *(FieldRule(day, "line", "as 09:00-17:00, or 09:00-12:00, 19:00-02:00") for day in DAYS),
    FieldRule("closed", "words", "dates on which nobody answers, as 2026-12-25"),
)
HAND_OFF: tuple[FieldRule, ...] = (
    FieldRule("desk", "word", "where people answer", True, allowed=DESKS),
    FieldRule("url", "line", "the https address of the desk", True),
    FieldRule(
        "wait_minutes", "whole", "minutes until a person is told that nobody has come yet", True
    ),
    FieldRule("fallback", "word", "the id of the number that they are given then", True),
    FieldRule("account", "whole", "the account's number, for chatwoot"),
    FieldRule("inbox", "whole", "the number of the API inbox, for chatwoot"),
)
# The sections of the file, by the heading that the page gives them.
SECTIONS: dict[str, tuple[FieldRule, ...]] = {
    "": TOP,
    "numbers": NUMBER,
    "hours": HOURS,
    "hand_off": HAND_OFF,
}
LONGEST_NAME = 60
MOST_NUMBERS_A_PLACE = 3
MOST_RETENTION = 24 * 90
MOST_WAIT = 240
