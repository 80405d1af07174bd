"""The review queue's side of a turn: ask once, keep what was agreed to, forget on request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from bot.brain import Outcome
from bot.channels.memory import RECENT_SECONDS, Conversation
from bot.review.queue import Queue
from bot.settings import LOCAL, Settings
from knowledge.message import Choice, Message
from knowledge.words import Words

log = logging.getLogger(__name__)
YES, NO = "/review_yes", "/review_no"
FALLBACK = "nlu_fallback"
# Surer than this, a message counts as understood.
SURE = 0.45
# How long a deletion waits for the queue, in seconds; then it is tried again.
PATIENCE = 5.0
_LEAST_WORDS = 3
_MOST_CHARACTERS = 500


class ReviewDesk:
    """Stands beside the turn; nothing it does can hold up or fail an answer.

    Nobody's message is kept without a yes. Messages in a danger are never kept.
    """

    def __init__(self, queue: Queue, *, words: Words, days: int) -> None:
        self._queue = queue
        self._words = words
        self._days = days
        self._working: set[asyncio.Task[None]] = set()
        self._one_at_a_time = asyncio.Lock()

    def answered(self, memory: Conversation, payload: str) -> Message | None:
        """Return the answer to a yes or a no to being reviewed; None for any other message."""
        if payload not in (YES, NO):
            return None
        text, memory.review_waits = memory.review_waits, None
        memory.review = payload
        if payload == NO:
            return Message(kind="answer", text=self._words("review_no"))
        if text is not None:
            self._keep(memory.id, *text)
        return Message(kind="answer", text=self._words("review_yes"))

    def after(self, memory: Conversation, text: str, outcome: Outcome) -> Message | None:
        """Keep a message that was not understood, if that was agreed to; ask if it never was."""
        if not text or outcome.confidence is None or outcome.danger:
            return None
        if outcome.intent != FALLBACK and outcome.confidence >= SURE:
            return None
        if memory.danger is not None and time.time() - memory.danger[1] < RECENT_SECONDS:
            # What follows a danger belongs to it.
            return None
        waits = text[: 4 * _MOST_CHARACTERS], outcome.intent, outcome.confidence
        if memory.review == YES:
            self._keep(memory.id, *waits)
        elif not memory.review:
            memory.review, memory.review_waits = "asked", waits
            return Message(
                kind="question",
                text=self._words("review_ask", kept=f"{self._days} days"),
                choices=(
                    Choice(self._words("choice_review_yes"), YES),
                    Choice(self._words("choice_review_no"), NO),
                ),
            )
        return None

    async def forget(self, conversation: str) -> None:
        """Delete what a conversation added, also what is being added right now, or raise."""
        async with asyncio.timeout(PATIENCE):
            if self._working:
                await asyncio.wait(set(self._working))
            async with self._one_at_a_time:
                await asyncio.to_thread(self._queue.forget, conversation)

    def _keep(self, conversation: str, text: str, intent: str, confidence: float) -> None:
        def work() -> None:
            from bot.review.known import shared_known
            from bot.review.scrub import scrub

            left = scrub(text, known=shared_known(), most=_MOST_CHARACTERS)
            if sum(word[0].isalpha() for word in left.split()) >= _LEAST_WORDS:
                self._queue.add(
                    conversation, left, intent=intent, confidence=confidence, today=date.today()
                )

        self._start(work)

    def _start(self, work: Callable[[], Any]) -> None:
        async def apart() -> None:
            try:
                async with self._one_at_a_time:
                    await asyncio.to_thread(work)
            except Exception as error:  # a queue that fails costs nobody an answer
                log.error("a message was not queued for review: %s", type(error).__name__)

        task = asyncio.create_task(apart())
        self._working.add(task)
        task.add_done_callback(self._working.discard)


def desk_for(settings: Settings, words: Words) -> ReviewDesk | None:
    """Return the desk if the operator has switched the queue on, else None."""
    if settings.review is None:
        return None
    return ReviewDesk(queue_for(settings), words=words, days=settings.review_days)


def queue_for(settings: Settings) -> Queue:
    """Return the queue that the settings name."""
    return Queue(
        settings.review or LOCAL / "review.db",
        days=settings.review_days,
        secret=settings.secret,
        linked_days=settings.retention_hours // 24 + 1,
    )
