"""Reads and writes sealed conversations; plain functions of a database, for any thread."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection

from bot.stores.database import Database, conversations, hand_offs, keys, turns
from bot.stores.errors import LateWriter
from bot.stores.keys import DataKey, Keyring, Unreadable

log = logging.getLogger(__name__)
# What a turn has to see of the turns before it; older ones are carried by the slots.
WINDOW = 10
_PURGED_AT_ONCE = 500
# How many turns back a message is looked for that another process may have answered already.
_SAME_MESSAGE = 8
# The place of a hand-off among the turns that a conversation's key seals.
_HAND_OFF = -1


@dataclass(frozen=True, slots=True)
class State:
    """What is known after a turn, so that the turns before it need not be read again."""

    slots: Mapping[str, Any] = field(default_factory=dict)
    loop: str | None = None

    def after(self, events: Iterable[Mapping[str, Any]]) -> State:
        """Return the state with the slots and the loop that these events set."""
        slots, loop = dict(self.slots), self.loop
        for event in events:
            if event.get("event") == "slot":
                slots[str(event["name"])] = event.get("value")
            elif event.get("event") == "active_loop":
                loop = event.get("name")
        return State({name: value for name, value in slots.items() if value is not None}, loop)


@dataclass(frozen=True, slots=True)
class Kept:
    """The end of a conversation as it is stored, and where the next turn goes."""

    epoch: int = 0
    seq: int = 0
    before: State | None = None
    events: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class NewTurn:
    """What a turn adds: its events, and the state that it was answered in.

    ``mark`` tells a turn that is written again, after an outage or at a second process, from
    another one. ``fence`` is the number that its place in the order has; a smaller one than the
    last written comes too late.
    """

    mark: str
    epoch: int
    seq: int
    events: tuple[dict[str, Any], ...]
    state: State
    fence: int | None = None


class Conversations:
    """All conversations of a database."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def load(self, conversation: str, *, window: int | None = WINDOW) -> Kept:
        """Return the last turns of a conversation; ``None`` for a window returns all of them."""
        name = self._keyring.name(conversation)
        with self._database.reading() as connection:
            row = connection.execute(
                sa.select(conversations.c.epoch, conversations.c.seq).where(
                    conversations.c.name == name
                )
            ).first()
            if row is None:
                return Kept()
            query = sa.select(turns.c.seq, turns.c.body).where(turns.c.name == name)
            query = query.order_by(turns.c.seq.desc())
            if window is not None:
                query = query.limit(window + 1)
            rows = connection.execute(query).all()[::-1]
            key = self._key(connection, name)
        return self._kept(row, rows, key, window)

    def append(self, conversation: str, turn: NewTurn) -> int:
        """Write a turn and return its number; one that is there already is not written twice.

        Raises:
            LateWriter: the conversation was deleted, or a later turn was written, meanwhile.
        """
        name = self._keyring.name(conversation)
        with self._database.writing() as connection:
            row = self._locked(connection, name)
            if row is None and (turn.epoch or turn.seq):
                raise LateWriter("the conversation was past its time during the turn")
            if row is None:
                row = self._made(connection, name)
            if row.epoch != turn.epoch:
                raise LateWriter("the conversation was deleted during the turn")
            after = row.seq - _SAME_MESSAGE if row.seq == turn.seq else 0
            if self._written(connection, name, turn.mark, after=after):
                return int(row.seq)
            if turn.fence is not None and row.fence > turn.fence:
                raise LateWriter("a later turn has been written")
            key = self._key(connection, name, make=True)
            assert key is not None
            state = turn.state
            if row.seq != turn.seq:
                # Another process wrote while the order could not be kept: both turns count.
                before = self._state_at(connection, name, row.seq, key)
                state = before.after(turn.events) if before else state
            seq = int(row.seq) + 1
            body = {"events": turn.events, "slots": dict(state.slots), "loop": state.loop}
            connection.execute(
                sa.insert(turns).values(
                    name=name, seq=seq, mark=turn.mark, body=key.seal(body, seq=seq)
                )
            )
            connection.execute(
                sa.update(conversations)
                .where(conversations.c.name == name)
                .values(seq=seq, fence=max(row.fence, turn.fence or 0), used=_minute(time.time()))
            )
            return seq

    def delete(self, conversation: str) -> None:
        """Destroy a conversation's key and turns; what is under way cannot be written any more."""
        name = self._keyring.name(conversation)
        with self._database.writing() as connection:
            row = self._made(connection, name)
            for table in (keys, turns, hand_offs):
                connection.execute(sa.delete(table).where(table.c.name == name))
            connection.execute(
                sa.update(conversations)
                .where(conversations.c.name == name)
                .values(epoch=row.epoch + 1, seq=0, used=_minute(time.time()))
            )

    def purge(self, *, before: float) -> int:
        """Destroy the conversations that nobody used since; return how many."""
        count = 0
        while True:
            with self._database.writing() as connection:
                names = [
                    row.name
                    for row in connection.execute(
                        sa.select(conversations.c.name)
                        .where(conversations.c.used < _minute(before))
                        .limit(_PURGED_AT_ONCE)
                        .with_for_update(skip_locked=True)
                    )
                ]
                for table in (keys, turns, hand_offs, conversations):
                    connection.execute(sa.delete(table).where(table.c.name.in_(names)))
            count += len(names)
            if len(names) < _PURGED_AT_ONCE:
                break
        if count:
            self._database.vacuum()
        return count

    def keep_hand_off(self, conversation: str, record: Mapping[str, Any]) -> None:
        """Write what is known of a hand-off, in place of what was written before."""
        name = self._keyring.name(conversation)
        with self._database.writing() as connection:
            if self._locked(connection, name) is None:
                self._made(connection, name)
            key = self._key(connection, name, make=True)
            assert key is not None
            body = key.seal(dict(record), seq=_HAND_OFF)
            connection.execute(sa.delete(hand_offs).where(hand_offs.c.name == name))
            connection.execute(sa.insert(hand_offs).values(name=name, body=body))
            connection.execute(
                sa.update(conversations)
                .where(conversations.c.name == name)
                .values(used=_minute(time.time()))
            )

    def drop_hand_off(self, conversation: str) -> None:
        """Delete what is known of a hand-off."""
        name = self._keyring.name(conversation)
        with self._database.writing() as connection:
            connection.execute(sa.delete(hand_offs).where(hand_offs.c.name == name))

    def hand_offs(self) -> list[dict[str, Any]]:
        """Return every hand-off that can be read."""
        with self._database.reading() as connection:
            query = sa.select(hand_offs.c.name, hand_offs.c.body)
            found = []
            for row in connection.execute(query).all():
                with contextlib.suppress(Unreadable):
                    key = self._key(connection, row.name)
                    if key is not None:
                        found.append(dict(key.open(row.body, seq=_HAND_OFF)))
            return found

    def count(self) -> int:
        """Return how many conversations are kept, to see that the store answers."""
        with self._database.reading() as connection:
            query = sa.select(sa.func.count()).select_from(conversations)
            return int(connection.execute(query).scalar_one())

    def names(self) -> list[str]:
        """Return the hashed names of all conversations."""
        with self._database.reading() as connection:
            return [row.name for row in connection.execute(sa.select(conversations.c.name))]

    def _kept(self, row: Any, rows: list[Any], key: DataKey | None, window: int | None) -> Kept:
        bodies: list[dict[str, Any]] = []
        cut = window is not None and len(rows) > window
        for stored in rows:
            try:
                if key is None:
                    raise Unreadable("the key is gone")
                bodies.append(key.open(stored.body, seq=stored.seq))
            except Unreadable:
                # Spoilt or forged: what stands before it would mislead, what follows is sound.
                log.error("a stored turn cannot be read: it is left out")
                bodies.clear()
                cut = True
        before = None
        if cut and bodies:
            before = State(bodies[0]["slots"], bodies[0]["loop"])
            del bodies[0]
        events = tuple(event for body in bodies for event in body["events"])
        return Kept(epoch=row.epoch, seq=row.seq, before=before, events=events)

    def _locked(self, connection: Connection, name: str) -> Any:
        columns = (conversations.c.epoch, conversations.c.seq, conversations.c.fence)
        query = sa.select(*columns).where(conversations.c.name == name).with_for_update()
        return connection.execute(query).first()

    def _made(self, connection: Connection, name: str) -> Any:
        """Return a conversation's row, locked, and make it where it is missing."""
        insert = pg_insert if self._database.postgres else sqlite_insert
        values = {"name": name, "epoch": 0, "seq": 0, "fence": 0, "used": _minute(time.time())}
        connection.execute(insert(conversations).values(**values).on_conflict_do_nothing())
        return self._locked(connection, name)

    def _written(self, connection: Connection, name: str, mark: str, *, after: int) -> bool:
        query = sa.select(turns.c.seq).where(
            turns.c.name == name, turns.c.seq > after, turns.c.mark == mark
        )
        return connection.execute(query).first() is not None

    def _key(self, connection: Connection, name: str, *, make: bool = False) -> DataKey | None:
        row = connection.execute(sa.select(keys.c.wrapped).where(keys.c.name == name)).first()
        if row is not None:
            with contextlib.suppress(Unreadable):
                return self._keyring.open_key(name, row.wrapped)
        if not make:
            return None
        key, wrapped = self._keyring.new_key(name)
        # What was sealed with a key that is lost is lost with it.
        for table in (keys, turns, hand_offs):
            connection.execute(sa.delete(table).where(table.c.name == name))
        connection.execute(sa.insert(keys).values(name=name, wrapped=wrapped))
        return key

    def _state_at(self, connection: Connection, name: str, seq: int, key: DataKey) -> State | None:
        """Return the state after a turn, or nothing where the turn cannot be read."""
        query = sa.select(turns.c.body).where(turns.c.name == name, turns.c.seq == seq)
        row = connection.execute(query).first()
        if row is not None:
            with contextlib.suppress(Unreadable):
                body = key.open(row.body, seq=seq)
                return State(body["slots"], body["loop"])
        return None


def _minute(moment: float) -> int:
    return int(moment // 60)
