"""Rasa on a thread and loop of its own, so that nothing it does can hold up a person.

NLU and policies compute synchronously: on the loop that faces people, one hanging component would
silence everybody, and no deadline could fire.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from bot.brain import Outcome
from bot.erase import erase
from bot.model import ModelError, checked
from bot.nlu.encoder import EncoderError
from bot.settings import Settings
from knowledge.message import Message

if TYPE_CHECKING:
    from bot.store import ConversationStore

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_SWITCH_INTERVAL = 0.001
_PURGE_EVERY = 600.0


class RasaBrain:
    """Loads the model in the background and answers on a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="rasa", daemon=True)
        self._agent: Any = None
        self._store: ConversationStore | None = None
        self._trouble = "starting"
        self._purger: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Return why no question can be answered now, or nothing."""
        return self._trouble

    def home_in(self, text: str) -> str | None:
        """Return the home that a text names, once the place reader has been loaded."""
        if self._agent is None:
            return None
        from bot.nlu.reading import shared_reader

        return shared_reader().home_in(text)

    def start(self) -> None:
        """Start the thread; the model loads behind it."""
        # A long computation on the other thread gives way a thousand times a second.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._load(), self._loop)

    def stop(self) -> None:
        """Stop the loop; a turn under way has had its deadline already."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    async def answer(
        self,
        conversation: str,
        text: str,
        *,
        metadata: dict[str, Any],
        on_message: Callable[[Message], None],
        on_danger: Callable[[str], None],
    ) -> Outcome:
        """Answer one message; the callbacks run on the caller's loop, in order."""
        caller = asyncio.get_running_loop()

        def send(message: Message) -> None:
            caller.call_soon_threadsafe(on_message, message)

        def warn(kind: str) -> None:
            caller.call_soon_threadsafe(on_danger, kind)

        return await self._there(self._answer(conversation, text, metadata, send, warn))

    async def delete(self, conversation: str) -> None:
        """Delete all that is kept of a conversation."""
        await self._there(self._delete(conversation))

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return the conversation's events as plain data."""
        return await self._there(self._export(conversation))

    async def _there(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _load(self) -> None:
        try:
            checked(self._settings.model, key=self._settings.model_key)
            started = time.monotonic()
            self._agent = self._load_agent()
            # Half a million objects stay for good. Looking through them again and again would hold
            # up everybody, also who is in danger, for a third of a second each time.
            gc.collect()
            gc.freeze()
            self._purger = asyncio.create_task(self._purge())
            self._trouble = ""
            log.info("model loaded in %.1f s", time.monotonic() - started)
        except ModelError as error:
            self._trouble = str(error)
        except Exception as error:  # a bad model must not end the process: the numbers go on
            log.error("the model cannot be loaded: %s", type(error).__name__)
            self._trouble = _encoder_trouble(error) or (
                f"the model cannot be loaded ({type(error).__name__})"
            )

    def _load_agent(self) -> Any:
        os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        from bot.quiet import silence_rasa

        # Before Rasa is imported: what it imports warns at length about itself.
        silence_rasa(self._settings.log_level)
        from rasa.core.agent import Agent
        from rasa.core.lock_store import InMemoryLockStore

        from bot.local_actions import LocalActions
        from bot.store import ConversationStore

        executor = importlib.import_module(self._settings.actions).executor(
            always={"retention": self._settings.retention}
        )
        agent = Agent(action_endpoint=LocalActions(executor), lock_store=InMemoryLockStore())
        agent.load_model(self._settings.model)
        self._store = ConversationStore(self._settings.store, domain=agent.domain)
        agent.tracker_store = self._store
        agent.processor.tracker_store = self._store
        return agent

    async def _answer(
        self,
        conversation: str,
        text: str,
        metadata: dict[str, Any],
        send: Callable[[Message], None],
        warn: Callable[[str], None],
    ) -> Outcome:
        from rasa.core.channels.channel import UserMessage

        from bot.nlu.reading import danger_seen
        from bot.output import TurnOutput

        if self._agent is None:
            raise ModelError(self._trouble)
        seen: list[str] = []
        danger_seen.set(seen)
        output = TurnOutput(send=send, warn=warn, seen=seen)
        await self._agent.handle_message(
            UserMessage(
                text=text,
                output_channel=output,
                sender_id=conversation,
                input_channel=conversation.partition("-")[0],
                metadata=metadata,
            )
        )
        output.finish()
        assert self._store is not None
        return Outcome(home=self._store.home_of(conversation))

    async def _delete(self, conversation: str) -> None:
        if self._store is None:
            # Without a model there is no store object, but what was kept before can still go.
            erase(self._settings.store, conversation)
        else:
            self._store.delete(conversation)

    async def _export(self, conversation: str) -> list[dict[str, Any]]:
        if self._store is None:
            raise ModelError(self._trouble)
        return self._store.export(conversation)

    async def _purge(self) -> None:
        while True:
            assert self._store is not None
            try:
                self._store.purge(before=time.time() - self._settings.retention_hours * 3600)
            except Exception as error:  # the next round tries again
                log.error("old conversations were not deleted: %s", type(error).__name__)
            await asyncio.sleep(_PURGE_EVERY)


def _encoder_trouble(error: BaseException) -> str | None:
    """Return what is wrong with the encoder: Rasa wraps the error of a component in its own."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, EncoderError):
            return str(inner)
        inner = inner.__cause__ or inner.__context__
    return None
