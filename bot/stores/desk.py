"""The one way to the conversations: off every loop, never for long, and through an outage.

A keeper thread makes the tables, deletes what is past its time, sees whether a store that was down
is well again, and then writes what could not be written: the turn whose answer had gone out when
the store broke. Until then a turn is refused at once instead of after a time-out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from bot.settings import Settings
from bot.stores.adopt import adopt
from bot.stores.conversations import Conversations, Kept, NewTurn
from bot.stores.database import STATEMENT_SECONDS, Database
from bot.stores.errors import LateWriter, StoreDown, StoreError
from bot.stores.export import exported
from bot.stores.keys import Keyring

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_WORKERS = 4
_PATIENCE = STATEMENT_SECONDS + 0.5
# With a retention of 0 nothing is written: a conversation lives in memory for this long.
MEMORY_SECONDS = 600.0
STARTING = "the store is starting"
_PROBE_EVERY = 1.0
_MOST_UNWRITTEN = 1000


class Desk:
    """Loads, saves, deletes and exports conversations for loops that must not wait."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keep = settings.retention_hours * 3600.0 or MEMORY_SECONDS
        self._purge_every = min(600.0, self._keep / 4)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="store")
        self._keeper = threading.Thread(target=self._run, name="store-keeper", daemon=True)
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._exporting = asyncio.Lock()
        self._preparing = threading.Lock()
        self._unwritten: OrderedDict[str, NewTurn] = OrderedDict()
        self._trouble = STARTING
        self._prepared = False
        self._purged = 0.0
        self._database = Database(settings)
        self._keyring = Keyring(settings.store_key)
        self.conversations = Conversations(self._database, self._keyring)

    @property
    def trouble(self) -> str:
        """Return why conversations cannot be kept now, or nothing."""
        return self._trouble

    def start(self) -> None:
        """Start the keeper; it makes the tables and goes on from there."""
        self._keeper.start()

    def stop(self) -> None:
        """Stop the keeper and close the store, with a last try to write what was not written."""
        self._stop.set()
        self._keeper.join(timeout=5)
        if self._unwritten:
            with contextlib.suppress(Exception):
                self._round()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._database.close()

    async def load(self, conversation: str) -> Kept:
        """Return the end of a conversation; raises ``StoreDown`` at once while the store is."""

        def work() -> Kept:
            self._write_late(conversation)
            return self.conversations.load(conversation)

        return await self._off_loop(work)

    async def save(self, conversation: str, turn: NewTurn) -> None:
        """Write a turn that was answered; during an outage it waits in memory.

        Raises:
            LateWriter: the turn may not be written any more.
        """
        try:
            await self._off_loop(lambda: self.conversations.append(conversation, turn))
        except LateWriter:
            raise
        except StoreError:
            with self._lock:
                if len(self._unwritten) >= _MOST_UNWRITTEN:
                    raise
                self._unwritten[conversation] = turn

    async def delete(self, conversation: str) -> None:
        """Destroy a conversation, or raise: nothing may be called deleted that is not."""

        def work() -> None:
            self.conversations.delete(conversation)
            with self._lock:
                self._unwritten.pop(conversation, None)

        await self._off_loop(work, even_when_down=True)

    async def export(self, conversation: str) -> list[dict[str, Any]]:
        """Return what was said on both sides and what is known, oldest first."""

        def work() -> list[dict[str, Any]]:
            self._write_late(conversation)
            return exported(self.conversations.load(conversation, window=None).events)

        # Long to read: the other threads stay with the turns.
        async with self._exporting:
            return await self._off_loop(work, even_when_down=True)

    async def keep_hand_off(self, conversation: str, record: dict[str, Any]) -> None:
        """Write what is known of a hand-off."""
        await self._off_loop(lambda: self.conversations.keep_hand_off(conversation, record))

    async def drop_hand_off(self, conversation: str) -> None:
        """Delete what is known of a hand-off."""
        await self._off_loop(
            lambda: self.conversations.drop_hand_off(conversation), even_when_down=True
        )

    async def hand_offs(self) -> list[dict[str, Any]]:
        """Return every hand-off that can be read; raises ``StoreDown`` while the store is."""
        return await self._off_loop(self.conversations.hand_offs)

    async def names(self) -> list[str]:
        """Return the hashed names of all conversations."""
        return await self._off_loop(self.conversations.names)

    async def _off_loop(self, work: Callable[[], _T], *, even_when_down: bool = False) -> _T:
        if self._trouble and not even_when_down:
            raise StoreDown(self._trouble)
        future = self._pool.submit(self._prepared_first, work)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), _PATIENCE)
        except TimeoutError:
            self._down(f"{self._database.setting}: the store does not answer in time")
            raise StoreDown(self._trouble) from None
        except StoreDown as error:
            self._down(str(error))
            raise

    def _prepared_first(self, work: Callable[[], _T]) -> _T:
        if not self._prepared:
            self._prepare()
        return work()

    def _prepare(self) -> None:
        with self._preparing:
            if self._prepared:
                return
            self._database.prepare()
            if self._database.path is not None:
                adopt(self._database.path, self.conversations, before=time.time() - self._keep)
            if not self._settings.retention_hours:
                self._destroy_what_lasts()
            self._prepared = True

    def _destroy_what_lasts(self) -> None:
        """Destroy what was kept before somebody set that nothing is to be kept."""
        if not self._settings.database and not self._settings.store.is_file():
            return
        lasting = Database(replace(self._settings, retention_hours=1))
        lasting.prepare()
        kept = Conversations(lasting, self._keyring)
        future = time.time() + 3600
        if lasting.path is not None:
            adopt(lasting.path, kept, before=future)
        kept.purge(before=future)
        lasting.close()

    def _write_late(self, conversation: str) -> None:
        """Write the turn that an outage held up, if this conversation has one."""
        turn = self._unwritten.get(conversation)
        if turn is None:
            return
        try:
            self.conversations.append(conversation, turn)
        except LateWriter as error:
            log.error("a turn was not written: %s", error)
        with self._lock:
            if self._unwritten.get(conversation) is turn:
                del self._unwritten[conversation]

    def _down(self, why: str) -> None:
        if not self._trouble:
            log.error("%s", why)
        self._trouble = why

    def _run(self) -> None:
        while True:
            try:
                self._round()
            except StoreDown as error:
                self._down(str(error))
            except StoreError as error:
                log.error("%s", error)
            except Exception as error:  # the keeper never ends: the next round tries again
                self._down(f"{self._database.setting}: the store failed ({type(error).__name__})")
            if self._stop.wait(_PROBE_EVERY):
                return

    def _round(self) -> None:
        if not self._prepared:
            self._prepare()
        if self._trouble:
            self.conversations.count()
        for conversation in list(self._unwritten):
            try:
                self._write_late(conversation)
            except StoreDown:
                raise
            except StoreError as error:  # this conversation's row only: everybody else goes on
                log.error("a turn still waits: %s", error)
        now = time.time()
        if now - self._purged > self._purge_every:
            self.conversations.purge(before=now - self._keep)
            self._purged = now
        if self._trouble not in ("", STARTING):
            log.warning("the store answers again")
        self._trouble = ""
