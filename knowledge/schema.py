"""The one definition of every field of a fact: the loader, ``check`` and docs read it."""

from __future__ import annotations

from dataclasses import dataclass

KINDS: dict[str, str] = {
    "emergency_number": "what to call or text when someone is in danger now",
    "reporting_channel": "where to file the first report (step 1)",
    "national_body": "whom to file with besides the police (step 2)",
    "offence": "what the conduct is called in law, or that it is no crime there",
    "doxxing_status": "whether publishing somebody's details is a crime of its own",
    "recording_rule": "whether a person may record their own calls",
    "escalation_step": "a rung of the ladder when the police do not act",
    "cross_border": "how a case moves between two countries, and what works where",
    "essential": "what to keep, what to do, what to avoid; the same everywhere",
    "protection_order": "a court order that tells the person to stop",
    "helpline": "people to talk to: in a crisis, or as a victim",
    "framing": "what the guide is, and what it promises",
}

HARM_TYPES: tuple[str, ...] = (
    "harassment",
    "stalking",
    "threats",
    "intimate_images",
    "extortion",
    "doxxing",
    "impersonation",
    "defamation",
    "hate_abuse",
    "unlawful_interception",
    "swatting",
    "incitement",
)
TOPICS: tuple[str, ...] = (
    "cyberflashing",
    "false_message",
    "domestic_abuse",
    "voyeurism",
    "breach_of_order",
    "child",
    "deepfake",
)
STATES: tuple[str, ...] = ("nsw", "vic", "qld", "wa", "sa", "tas", "act", "nt")
SUBJECTS: tuple[str, ...] = (
    "evidence",
    "swatting",
    "multiple_victims",
    "platforms",
    "police_cooperation",
    "tracker",
    "sextortion",
    "under_18",
    "device_safety",
    "perpetrator_asks",
    "about",
)
SERVES: tuple[str, ...] = (
    "crisis",
    "victims",
    "stalking",
    "intimate_images",
    "domestic_abuse",
    "children",
    "identity",
    "first_nations",
    "complaints",
)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """What one field may hold, for which kinds, and what it means."""

    name: str
    type: str
    meaning: str
    required: bool = False
    kinds: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


_ALL: tuple[str, ...] = ()
_LAW = ("offence", "protection_order", "recording_rule", "doxxing_status")
_STEPS = ("reporting_channel", "national_body", "escalation_step", "protection_order")

FIELDS: tuple[FieldRule, ...] = (
    FieldRule("id", "id", "lower-case words joined by '-', starting with the place's prefix", True),
    FieldRule("title", "line", "a short name, as a heading", True),
    FieldRule("text", "text", "what the person needs to know, in plain words of our own", True),
    FieldRule("citations", "citations", "where it can be read; one at least", True),
    FieldRule("checked_on", "date", "the day somebody last held it against its source", True),
    FieldRule(
        "confidence",
        "word",
        "'certain', or 'likely' (then it is shown with 'check before relying on it')",
        True,
        allowed=("certain", "likely"),
    ),
    FieldRule(
        "guide_units", "words", "ids of the source guide's units that it covers; four at most"
    ),
    FieldRule("harm_types", "words", "the harms it is about; none means all", allowed=HARM_TYPES),
    FieldRule("topics", "words", "narrower subjects that also find it", allowed=TOPICS),
    FieldRule("narrow", "flag", "true if it is only for those who name one of its topics"),
    FieldRule("numbers", "numbers", "numbers to dial or text, as shown and as dialled"),
    FieldRule("urls", "urls", "web addresses a person can open"),
    FieldRule("emails", "emails", "mail addresses a person can write to"),
    FieldRule("order", "whole", "where it stands among its like; smaller is earlier (50)"),
    FieldRule("state", "word", "the Australian state or territory it holds for", allowed=STATES),
    FieldRule(
        "nations",
        "words",
        "only under united_kingdom/: the places that each get this fact under their own prefix",
        allowed=("united_kingdom", "england_wales", "scotland", "northern_ireland"),
    ),
    FieldRule(
        "say",
        "text",
        "words to say or paste; '{offences}' is filled in, [square brackets] are blanks",
        kinds=_STEPS,
    ),
    FieldRule("statute", "line", "the law's full title, or 'common law'", kinds=_LAW),
    FieldRule(
        "short_names", "lines", "what people call that law: 'PHA', 'Harassment Act'", kinds=_LAW
    ),
    FieldRule("section", "line", "the sections, as cited", kinds=_LAW),
    FieldRule(
        "max_penalty", "line", "the most a court can give, or what happens instead", kinds=_LAW
    ),
    FieldRule("needs", "lines", "what has to be shown, one thing a line", kinds=("offence",)),
    FieldRule("changed", "text", "what changed in this law, and when", kinds=_LAW),
    FieldRule("extent", "line", "where this law applies, if that is not plain", kinds=_LAW),
    FieldRule(
        "standing",
        "word",
        "crime; order (a court order); civil; regulator; not_in_force; none (no such crime here)",
        True,
        kinds=("offence",),
        allowed=("crime", "order", "civil", "regulator", "not_in_force", "none"),
    ),
    FieldRule(
        "way",
        "word",
        "how it is used: call, mobile, silent, text, relay or tty",
        True,
        kinds=("emergency_number",),
        allowed=("call", "mobile", "silent", "text", "relay", "tty"),
    ),
    FieldRule(
        "gives",
        "line",
        "the reference to ask for: 'CAS number'",
        kinds=("reporting_channel", "national_body"),
    ),
    FieldRule("rung", "whole", "its place on the ladder, from 1", True, kinds=("escalation_step",)),
    FieldRule(
        "answers_to",
        "words",
        "what the police did that this rung answers, if it is more than silence",
        kinds=("escalation_step",),
        allowed=("case_closed", "not_charged"),
    ),
    FieldRule(
        "side",
        "word",
        "whose side of the border: home or perpetrator",
        True,
        kinds=("cross_border",),
        allowed=("home", "perpetrator"),
    ),
    FieldRule(
        "part",
        "word",
        "lever (what works there), route (how police reach there), note",
        True,
        kinds=("cross_border",),
        allowed=("lever", "route", "note"),
    ),
    FieldRule(
        "homes", "words", "only for people in these homes; none means all", kinds=("cross_border",)
    ),
    FieldRule(
        "when_in",
        "words",
        "only when the other person is in these places; none means all",
        kinds=("cross_border",),
    ),
    FieldRule(
        "subject",
        "word",
        "what it belongs to",
        True,
        kinds=("essential", "framing"),
        allowed=SUBJECTS,
    ),
    FieldRule(
        "serves", "words", "whom or what the line is for", True, kinds=("helpline",), allowed=SERVES
    ),
    FieldRule(
        "hours",
        "line",
        "when it answers, if known",
        kinds=("helpline", "reporting_channel", "national_body"),
    ),
    FieldRule(
        "consent",
        "word",
        "who has to agree to a recording",
        True,
        kinds=("recording_rule",),
        allowed=("one_party", "all_party", "varies"),
    ),
    FieldRule(
        "own_offence",
        "flag",
        "true if publishing details is an offence by itself",
        True,
        kinds=("doxxing_status",),
    ),
)

PLACE_FIELDS: dict[str, str] = {
    "id": "the folder's name",
    "prefix": "what the ids of its facts begin with",
    "name": "its name, as people there write it",
    "in_name": "that name after 'in' or 'on': in Scotland",
    "order": "where it stands among the places offered, from 1",
    "home": "true if a person can say that they are there",
    "perpetrator": "true if the other person can be there",
    "guide": "true if there is a whole guide for people there",
}
CITATION_FIELDS: dict[str, str] = {
    "title": "the page or law, as a person would look for it",
    "url": "its address: one that stands in a paper or a search result that was seen",
    "section": "the section cited",
    "seen_in": "guide, legal_facts or search",
    "source": "only 'guide': cites the guide's own page where no official page is known",
}
NUMBER_FIELDS: dict[str, str] = {
    "display": "as people read it",
    "dial": "as a telephone takes it: +country and digits, or a short code",
    "via": "call, sms, tty or relay ('call' if left out)",
    "label": "whose number it is, where a fact has several",
}
SEEN_IN: tuple[str, ...] = ("guide", "legal_facts", "search")
VIA: tuple[str, ...] = ("call", "sms", "tty", "relay")


def fields_for(kind: str) -> dict[str, FieldRule]:
    """Return the fields a fact of this kind may have, by name, in order."""
    return {rule.name: rule for rule in FIELDS if not rule.kinds or kind in rule.kinds}
