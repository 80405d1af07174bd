"""Keeps a person's words out of logs: Rasa writes message texts at several levels."""

from __future__ import annotations

import logging
import warnings

_OURS = ("bot", "actions", "knowledge")


class OnlyOurs(logging.Filter):
    """Lets through what our own modules log, and of others only that something was logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the text of a foreign record by its place; it may hold a person's words."""
        if record.name.split(".")[0] not in _OURS:
            record.msg = f"{record.name}:{record.lineno} ({record.levelname.lower()})"
            record.args = None
            record.exc_info = None
            record.exc_text = None
        return True


def silence_rasa(level: str) -> None:
    """Route structlog and logging through the filter, and drop warnings that quote texts."""
    import structlog

    structlog.configure(
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        processors=[_only_event_name, structlog.stdlib.render_to_log_kwargs],
        cache_logger_on_first_use=False,
    )
    set_up_logging(level)
    warnings.simplefilter("ignore")
    # Libraries set filters of their own when they are imported; nobody here can mend what they say.
    warnings.showwarning = lambda *_, **__: None


def set_up_logging(level: str) -> None:
    """Send the log to standard error, with every foreign text replaced."""
    handler = logging.StreamHandler()
    handler.addFilter(OnlyOurs())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("sanic.root", "sanic.error", "sanic.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    # A foreign library that sets its own level lower would flood the log with placeholders.
    for name in ("rasa", "rasa_sdk", "asyncio", "matplotlib", "tensorflow"):
        logging.getLogger(name).setLevel(max(logging.getLevelName(level), logging.WARNING))


def _only_event_name(logger: object, name: str, event: dict[str, object]) -> dict[str, object]:
    return {"event": str(event.get("event", ""))[:60] if " " not in str(event.get("event")) else ""}
