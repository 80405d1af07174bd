"""The page on settings, docs/settings.md: what each setting is by default, and what it means."""

from __future__ import annotations

from collections.abc import Iterator

from bot.channel_keys import NEEDED
from bot.helpline.fields import SECTIONS

# The names as the page shows them, the default, and what it is.
ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "`WAYMARK_HOST`",
        "127.0.0.1",
        "the address to listen on; anything but loopback needs `--production`",
    ),
    (
        "`WAYMARK_PORT`",
        "5005",
        "the port",
    ),
    (
        "`WAYMARK_SECRET`, `WAYMARK_SECRET_FILE`",
        "made once in `.local/`",
        "signs session tokens; needed with `--production`",
    ),
    (
        "`WAYMARK_MODEL_KEY`, `WAYMARK_MODEL_KEY_FILE`",
        "made once in `.local/`",
        "signs the model; needed with `--production`",
    ),
    (
        "`WAYMARK_STORE_KEY`, `WAYMARK_STORE_KEY_FILE`",
        "made once in `.local/`",
        "seals conversations; needed with `--production`; with another key nothing stored "
        "can be read",
    ),
    (
        "`WAYMARK_ORIGINS`",
        "none",
        "sites that may embed the chat, parted by commas; `*` is refused",
    ),
    (
        "`WAYMARK_MODEL`",
        "models/waymark.tar.gz",
        "the model that `waymark train` makes, served where nothing was released; who "
        "sets it is served just that one",
    ),
    (
        "`WAYMARK_RELEASES`",
        "models/released, or none if `WAYMARK_MODEL` is set",
        "the releases; the one that its `served.json` names is served, and followed while "
        "the server runs",
    ),
    (
        "`WAYMARK_STORE`",
        ".local/conversations.db",
        "the SQLite file of the conversations; their keys are beside it in `.keys`: leave "
        "those out of back-ups",
    ),
    (
        "`WAYMARK_DATABASE`, `WAYMARK_DATABASE_FILE`",
        "none",
        "`postgresql://user:password@host:5432/database`: keep conversations there instead",
    ),
    (
        "`WAYMARK_REDIS`, `WAYMARK_REDIS_FILE`",
        "none",
        "`redis://:password@host:6379/0`: several processes share one order of messages",
    ),
    (
        "`WAYMARK_ACTIONS`",
        "actions.rasa_actions",
        "the module whose `executor()` holds the actions",
    ),
    (
        "`WAYMARK_ACTIONS_URL`",
        "none",
        "`http://host:5055`: an action server (`waymark actions`) gives the answers; it is sent "
        "what people write, so: on this machine, a private network, or https",
    ),
    (
        "`WAYMARK_ACTIONS_TOKEN`, `WAYMARK_ACTIONS_TOKEN_FILE`",
        "made once in `.local/`",
        "the same at both; needed with `--production` where there is an action server",
    ),
    (
        "`WAYMARK_ACTIONS_HOST`, `WAYMARK_ACTIONS_PORT`",
        "127.0.0.1, 5055",
        "where `waymark actions` listens; anything but loopback needs `--production`",
    ),
    (
        "`WAYMARK_PROXIES`",
        "0",
        "how many proxies of yours stand in front; the address of who writes is read from "
        "`X-Forwarded-For`, so many places from its end",
    ),
    (
        "`WAYMARK_WAIT`",
        "0",
        "seconds at most that the port waits for the model to load before it opens: for one of "
        "several processes, while the others answer; what is broken is not waited for; 0 opens it "
        "at once",
    ),
    (
        "`WAYMARK_DRAIN`",
        "0",
        "seconds to go on serving with a red `/ready` when a stop is asked for: for a load "
        "balancer that looks at it",
    ),
    (
        "`OTEL_EXPORTER_OTLP_ENDPOINT`",
        "none",
        "`http://host:4318`: send the times of turns there, without any text; needs "
        "`waymark[otel]`",
    ),
    (
        "`WAYMARK_RETENTION_HOURS`",
        "24",
        "hours after the last message until a conversation is deleted; 0: in memory only, "
        "for ten minutes, and what was kept before is destroyed",
    ),
    (
        "`WAYMARK_DEADLINE`",
        "8",
        "seconds until a turn gets a fixed text instead of an answer",
    ),
    (
        "`WAYMARK_DANGER_DEADLINE`",
        "1.5",
        "the same for a turn that holds a danger (1.8 at most)",
    ),
    (
        "`WAYMARK_MESSAGES_IN_WINDOW`",
        "20",
        "messages of one conversation in the window",
    ),
    (
        "`WAYMARK_WINDOW`",
        "10",
        "that window, in seconds",
    ),
    (
        "`WAYMARK_SESSIONS_A_MINUTE`",
        "60",
        "new sessions a minute from one address outside loopback",
    ),
    (
        "`WAYMARK_SENDS_A_DAY`",
        "300",
        "messages to one person in a day on a messaging channel; a text message counts "
        "its parts; danger is always sent",
    ),
    (
        "`WAYMARK_CHANNEL_SENDS_A_DAY`",
        "20000",
        "the same for a whole messaging channel",
    ),
    (
        "`WAYMARK_HELPLINE`",
        "none",
        "the YAML file in which a helpline says who it is; see below",
    ),
    (
        "`WAYMARK_HANDOFF_SECRET`, `WAYMARK_HANDOFF_SECRET_FILE`",
        "none",
        "signs what goes to the desk and checks what comes from it; needed with `hand_off` there "
        "(16 characters or more)",
    ),
    (
        "`WAYMARK_CHATWOOT_TOKEN`, `WAYMARK_CHATWOOT_TOKEN_FILE`",
        "none",
        "writes to Chatwoot; needed where the desk is `chatwoot`",
    ),
    (
        "`WAYMARK_REVIEW`",
        "off",
        "the file of the review queue, as .local/review.db; off, nobody is asked and "
        "nothing is kept (docs/maintaining.md)",
    ),
    (
        "`WAYMARK_REVIEW_DAYS`",
        "30",
        "days until a message there is deleted (90 at most)",
    ),
    (
        "`WAYMARK_LOG_LEVEL`",
        "WARNING",
        "INFO, WARNING, ERROR or CRITICAL; debug logs are refused",
    ),
)
# The same for the messaging channels: the name, the channel, and what it is.
CHANNEL_ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "`WAYMARK_PUBLIC_URL`",
        "all",
        "the https address that providers reach us at, without a path; Twilio signs it",
    ),
    *(
        (f"`{name}`", channel, what)
        for channel, secrets in NEEDED.items()
        for name, what in secrets.items()
    ),
)
_BEFORE = (
    "# Settings",
    "",
    "<!-- Made by 'waymark docs' from bot/settings_page.py. -->",
    "",
    "Environment variables. All problems are reported at once, and the server does not start with",
    "one.",
    "",
    "| name | default | what |",
    "|---|---|---|",
)
_AFTER = (
    "",
    "`waymark serve --production` makes nothing up: it needs the three keys (32 characters or",
    "more) and",
    "`WAYMARK_ORIGINS`, and refuses telemetry. Fixed: a body of 64 KiB, 2,000 characters to",
    "NLU, session",
    "tokens of 24 hours, 10 minutes of memory for the last two texts and the home.",
    "",
    "## Messaging channels",
    "",
    "A channel is on when all its secrets are set, and answers 403 to everything when none",
    "is. With only",
    "some of them the server does not start. Each may be read from a file instead: `..._FILE`",
    "holds the",
    "path. [docs/helplines.md](helplines.md) goes through it step by step.",
    "",
    "| name | of | what |",
    "|---|---|---|",
)
_END = (
    "",
    "Fixed: a provider's post of 1 MiB, 1,000 events in hand, 50,000 message ids remembered, five",
    "attempts to send, two minutes at most between two of them.",
)


_HELPLINE = (
    "",
    "## A helpline's file",
    "",
    "[example-helpline.yml](example-helpline.yml) is a whole one, `waymark new helpline` writes an",
    "empty one, and `waymark check --helpline FILE` names every line that does not hold. With such",
    "a line the server does not start. No secret stands in the file.",
)


def settings_page() -> str:
    """Return the page that lists every setting."""
    lines = [*_BEFORE, *_rows(ROWS), *_AFTER, *_rows(CHANNEL_ROWS), *_END]
    return "\n".join([*lines, *_HELPLINE, *_sections()]) + "\n"


def _sections() -> Iterator[str]:
    """Yield a table for each part of a helpline's file."""
    for name, rules in SECTIONS.items():
        yield from ("", *((f"### `{name}`", "") if name else ()))
        yield from ("| field | needed | what |", "|---|---|---|")
        for rule in rules:
            allowed = f"; one of {', '.join(rule.allowed)}" if rule.allowed else ""
            needed = "yes" if rule.required else ""
            yield f"| `{rule.name}` | {needed} | {rule.meaning}{allowed} |"


def _rows(rows: tuple[tuple[str, str, str], ...]) -> list[str]:
    return [f"| {name} | {default} | {what} |" for name, default, what in rows]
