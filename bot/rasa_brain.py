"""Rasa on a thread and loop of its own, so that nothing it does can hold up a person.

NLU and policies compute synchronously: on the loop that faces people, one hanging component would
silence everybody, and no deadline could fire.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.brain import Outcome
from bot.helpline.book import executor_of
from bot.model import ModelError, checked
from bot.nlu.encoder import EncoderError
from bot.release.follow import Follower
from bot.release.store import to_serve
from bot.settings import Settings
from knowledge.message import Message

if TYPE_CHECKING:
    from bot.local_actions import LocalActions
    from bot.remote_actions import RemoteActions
    from bot.stores.desk import Desk
    from bot.stores.tracker_store import ConversationStore

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_SWITCH_INTERVAL = 0.0005
# How much the thread that thinks stands back where both have work: 0 not at all, 19 most.
_STANDS_BACK = 10
_COLLECT_AFTER = (10_000, 10, 10)
_STARTING = "starting"


class RasaBrain:
    """Loads the model in the background and answers on a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="rasa", daemon=True)
        self._agent: Any = None
        self._desk: Desk | None = None
        self._locks: Any = None
        self._store: ConversationStore | None = None
        self._remote: RemoteActions | None = None
        self._trouble = _STARTING
        self._following: asyncio.Task[None] | None = None

    @property
    def trouble(self) -> str:
        """Return why no question can be answered now, or nothing."""
        return self._trouble or (self._desk.trouble if self._desk else "")

    @property
    def parts(self) -> dict[str, str]:
        """Return, for each part by name, why it does not work now, or nothing."""
        return {
            "model": self._trouble,
            "store": self._desk.trouble if self._desk else _STARTING,
            "actions": self._remote.trouble if self._remote else "",
        }

    @property
    def starting(self) -> bool:
        """Say whether it is not known yet what works."""
        from bot.stores.desk import STARTING

        return self._trouble == _STARTING or self._desk is None or self._desk.trouble == STARTING

    def home_in(self, text: str) -> str | None:
        """Return the home that a text names, once the place reader has been loaded."""
        if self._agent is None:
            return None
        from bot.nlu.reading import shared_reader

        return shared_reader().home_in(text)

    def start(self) -> None:
        """Start the thread; the model loads behind it."""
        # A long computation on the other thread gives way two thousand times a second.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        from bot.stores.desk import Desk

        self._desk = Desk(self._settings)
        self._desk.start()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._load(), self._loop)

    def stop(self) -> None:
        """Stop the loop; a turn under way has had its deadline already."""
        if self._remote is not None:
            with contextlib.suppress(TimeoutError):
                asyncio.run_coroutine_threadsafe(self._remote.close(), self._loop).result(1)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if self._desk is not None:
            self._desk.stop()

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

    async def danger_in(self, text: str) -> str | None:
        """Return the kind of danger in a text that no conversation gets, or None."""
        return await self._there(self._danger_in(text))

    async def delete(self, conversation: str) -> None:
        """Destroy all that is kept of a conversation; neither Rasa nor a model is needed."""
        await self.kept.delete(conversation)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return the conversation's events as plain data, with or without a model."""
        return await self.kept.export(conversation)

    @property
    def kept(self) -> Desk:
        """Return the way to the store; an error before the start."""
        if self._desk is None:
            raise RuntimeError("the brain has not been started")
        return self._desk

    async def _there(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        if sys.platform == "linux":
            # On a full machine the thread that faces people, also who is in danger, goes first.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _STANDS_BACK)
        self._loop.run_forever()

    async def _load(self) -> None:
        model: Path | None = None
        try:
            model = to_serve(self._settings)
            checked(model, key=self._settings.model_key)
            started = time.monotonic()
            self._take(self._load_agent(model))
            # What is only made at the first message is made now, and stays with the rest.
            await self._danger_in(_STARTING)
            # Half a million objects stay for good. Looking through them again and again would hold
            # up everybody, also who is in danger, for a third of a second each time.
            gc.collect()
            gc.freeze()
            # What is left is small: it need not be looked through after every few messages.
            gc.set_threshold(*_COLLECT_AFTER)
            log.info("model loaded in %.1f s", time.monotonic() - started)
        except ModelError as error:
            self._trouble = str(error)
        except Exception as error:  # a bad model must not end the process: the numbers go on
            log.error("the model cannot be loaded: %s", type(error).__name__)
            self._trouble = _encoder_trouble(error) or (
                f"the model cannot be loaded ({type(error).__name__})"
            )
        if self._settings.releases is not None:
            follower = Follower(
                self._settings, load=self._load_agent, take=self._take, serving=model
            )
            self._following = asyncio.create_task(follower.run())

    def _take(self, agent: Any) -> None:
        """Answer with this agent from the next turn on; one under way ends with its own."""
        if self._store is None:
            from bot.stores.tracker_store import ConversationStore

            self._store = ConversationStore(self.kept, domain=agent.domain)
        self._store.domain = agent.domain
        agent.tracker_store = self._store
        agent.processor.tracker_store = self._store
        self._agent = agent
        self._trouble = ""

    def _load_agent(self, model: Path) -> Any:
        os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        from bot import light
        from bot.quiet import silence_rasa

        # Before Rasa is imported: what it imports warns at length about itself.
        silence_rasa(self._settings.log_level)
        light.prepare(model)
        from rasa.core.agent import Agent
        from rasa.core.lock_store import InMemoryLockStore

        from bot.costs import save_costs

        save_costs()
        self._locks = self._locks or InMemoryLockStore()
        executor = executor_of(
            self._settings.actions, self._settings.helpline, retention=self._settings.retention
        )
        agent = Agent(action_endpoint=self._actions(executor), lock_store=self._locks)
        agent.load_model(model)
        return agent

    def _actions(self, executor: Any) -> LocalActions | RemoteActions:
        """Return what runs the actions: this process, or the action server that is set."""
        from bot.local_actions import LocalActions

        local = LocalActions(executor)
        if not self._settings.actions_url:
            return local
        if self._remote is None:
            from bot.remote_actions import RemoteActions

            self._remote = RemoteActions(self._settings, here=local)
            self._remote.watch(self._loop)
        return self._remote

    async def _danger_in(self, text: str) -> str | None:
        from bot.nlu.reading import danger_seen

        if self._agent is None:
            raise ModelError(self._trouble)
        seen: list[str] = []
        danger_seen.set(seen)
        await self._agent.parse_message(text)
        return next(iter(seen), None)

    async def _answer(
        self,
        conversation: str,
        text: str,
        metadata: dict[str, Any],
        send: Callable[[Message], None],
        warn: Callable[[str], None],
    ) -> Outcome:
        from rasa.core.channels.channel import UserMessage

        from bot.nlu.reading import danger_seen, understood
        from bot.output import TurnOutput
        from bot.stores.tracker_store import home_known

        if self._agent is None:
            raise ModelError(self._trouble)
        seen: list[str] = []
        danger_seen.set(seen)
        heard: list[tuple[str, float]] = []
        understood.set(heard)
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
        dangerous = output.finish()
        intent, confidence = heard[-1] if heard else ("", None)
        return Outcome(
            home=home_known.get(),
            intent=intent,
            confidence=confidence,
            danger=dangerous,
        )


def _encoder_trouble(error: BaseException) -> str | None:
    """Return what is wrong with the encoder: Rasa wraps the error of a component in its own."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, EncoderError):
            return str(inner)
        inner = inner.__cause__ or inner.__context__
    return None
