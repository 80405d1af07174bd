"""The page on settings, docs/settings.md: what each setting is by default, and what it means."""

from __future__ import annotations

# The names as the page shows them, the default, and what it is.
ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "`WAYMARK_HOST`",
        "127.0.0.1",
        "the address to listen on; anything but loopback needs `--production`",
    ),
    ("`WAYMARK_PORT`", "5005", "the port"),
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
        "`WAYMARK_ORIGINS`",
        "none",
        "sites that may embed the chat, parted by commas; `*` is refused",
    ),
    (
        "`WAYMARK_MODEL`",
        "models/waymark.tar.gz",
        "the model that `waymark train` makes, served where nothing was released; "
        "who sets it is served just that one",
    ),
    (
        "`WAYMARK_RELEASES`",
        "models/released, or none if `WAYMARK_MODEL` is set",
        "the releases; the one that its `served.json` names is served, and followed while the "
        "server runs",
    ),
    ("`WAYMARK_STORE`", ".local/conversations.db", "where conversations are kept"),
    (
        "`WAYMARK_ACTIONS`",
        "actions.rasa_actions",
        "the module whose `executor()` holds the actions",
    ),
    (
        "`WAYMARK_RETENTION_HOURS`",
        "24",
        "hours after the last message until a conversation is deleted",
    ),
    ("`WAYMARK_DEADLINE`", "8", "seconds until a turn gets a fixed text instead of an answer"),
    ("`WAYMARK_DANGER_DEADLINE`", "1.5", "the same for a turn that holds a danger (1.8 at most)"),
    ("`WAYMARK_MESSAGES_IN_WINDOW`", "20", "messages of one conversation in the window"),
    ("`WAYMARK_WINDOW`", "10", "that window, in seconds"),
    (
        "`WAYMARK_SESSIONS_A_MINUTE`",
        "60",
        "new sessions a minute from one address outside loopback",
    ),
    (
        "`WAYMARK_REVIEW`",
        "off",
        "the file of the review queue, as .local/review.db; off, nobody is asked and nothing is "
        "kept (docs/maintaining.md)",
    ),
    ("`WAYMARK_REVIEW_DAYS`", "30", "days until a message there is deleted (90 at most)"),
    ("`WAYMARK_LOG_LEVEL`", "WARNING", "INFO, WARNING, ERROR or CRITICAL; debug logs are refused"),
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
    "`waymark serve --production` makes nothing up: it needs both keys (32 characters or more) and",
    "`WAYMARK_ORIGINS`, and refuses telemetry. Fixed: a body of 64 KiB, 2,000 characters to NLU,",
    "session tokens of 24 hours, 10 minutes of memory for the last two texts and the home.",
)


def settings_page() -> str:
    """Return the page that lists every setting."""
    rows = (f"| {name} | {default} | {what} |" for name, default, what in ROWS)
    return "\n".join([*_BEFORE, *rows, *_AFTER]) + "\n"
