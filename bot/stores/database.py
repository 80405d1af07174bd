"""Connects to SQLite or PostgreSQL so that nothing can wait for ever, and knows the tables."""

from __future__ import annotations

import contextlib
import select
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from bot.settings import Settings
from bot.stores.errors import StoreDown, StoreError

STATEMENT_SECONDS = 2.0
_CONNECTIONS = 4
_BUSY_SECONDS = 1.5
# PostgreSQL: a lock that was not given, a deadlock, a serialisation failure. One turn fails.
_ONE_TURN = ("55P03", "40P01", "40001")

metadata = sa.MetaData()
# ``epoch`` counts deletions, so that a turn from before one cannot be written after it.
# ``used`` is in minutes: it is there for the retention and for nothing else.
conversations = sa.Table(
    "waymark_conversations",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("used", sa.Integer, nullable=False, index=True),
)
turns = sa.Table(
    "waymark_turns",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.String(32), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
# What a helpline got, and where its answers go, while a conversation is or was handed over.
hand_offs = sa.Table(
    "waymark_hand_offs",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)
# In SQLite a file of its own: a copy of the conversations alone cannot be read.
keys = sa.Table(
    "waymark_keys",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    schema="keys",
)


class Database:
    """An engine with time-outs, and transactions that fail in two ways only."""

    def __init__(self, settings: Settings) -> None:
        self.setting = "WAYMARK_DATABASE" if settings.database else "WAYMARK_STORE"
        self.postgres = bool(settings.database) and settings.retention_hours > 0
        self.path = None if self.postgres or not settings.retention_hours else settings.store
        self.engine = _postgres(settings.database) if self.postgres else _sqlite(self.path)

    @contextlib.contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """Open a transaction that only reads."""
        with self._failing_plainly(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Generator[Connection, None, None]:
        """Open a transaction that writes, and commit it."""
        with self._failing_plainly(), self.engine.connect() as plain:
            connection = plain.execution_options(writes=True)
            with connection.begin():
                yield connection

    def prepare(self) -> None:
        """Make the tables where they are missing."""
        if self.path is not None:
            try:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                for path in (self.path, keys_path(self.path)):
                    path.touch(mode=0o600)
            except OSError as error:
                raise StoreDown(f"{self.setting}: {_plain(error)}: check path and rights") from None
        with self.writing() as connection:
            metadata.create_all(connection)

    def vacuum(self) -> None:
        """Let PostgreSQL overwrite what was deleted; SQLite has done so already."""
        if not self.postgres:
            return
        with self._failing_plainly(), self.engine.connect() as plain, patience(30):
            connection = plain.execution_options(isolation_level="AUTOCOMMIT")
            try:
                # Another process may be at it: waiting for it is no reason to call the store down.
                connection.exec_driver_sql("SET statement_timeout = 0; SET lock_timeout = 0")
                connection.exec_driver_sql("VACUUM waymark_keys, waymark_turns, waymark_hand_offs")
            finally:
                plain.invalidate()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _failing_plainly(self) -> Iterator[None]:
        """Turn a driver's error into ours; its own text may hold what was being written."""
        try:
            yield
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            raise StoreError(f"{self.setting}: {_plain(error)}") from None
        except sa.exc.SQLAlchemyError as error:
            if getattr(getattr(error, "orig", None), "pgcode", None) in _ONE_TURN:
                raise StoreError(f"{self.setting}: {_plain(error)}") from None
            raise StoreDown(f"{self.setting}: the store cannot be used ({_plain(error)})") from None


def keys_path(store: Path) -> Path:
    """Return the file of the sealed data keys: beside the store, and not to be backed up."""
    return store.with_name(store.name + ".keys")


def _plain(error: BaseException) -> str:
    return type(getattr(error, "orig", None) or error).__name__


def _sqlite(path: Path | None) -> Engine:
    """Return an engine on a file, or in memory, where one connection is all there is."""
    engine = sa.create_engine(
        f"sqlite:///{path}" if path else "sqlite://",
        poolclass=QueuePool,
        pool_size=_CONNECTIONS if path else 1,
        max_overflow=0,
        pool_timeout=STATEMENT_SECONDS,
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
        future=True,
    )

    def connected(connection: Any, _: Any) -> None:
        # SQLAlchemy, not the driver, says where a transaction begins.
        connection.isolation_level = None
        connection.execute("ATTACH ? AS keys", (str(keys_path(path)) if path else ":memory:",))
        # What is deleted is overwritten, not only unlinked.
        connection.execute("PRAGMA secure_delete = ON")

    def begun(connection: Any) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begun)
    return engine


def _postgres(url: str) -> Engine:
    import psycopg2.extensions

    psycopg2.extensions.set_wait_callback(_wait)
    milliseconds = int(STATEMENT_SECONDS * 1000)
    engine: Engine = sa.create_engine(
        "postgresql+psycopg2://" + url.partition("://")[2],
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=STATEMENT_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "application_name": "waymark",
            "options": f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds // 2}"
            f" -c idle_in_transaction_session_timeout={milliseconds * 2}",
        },
        hide_parameters=True,
        future=True,
    )
    return engine.execution_options(schema_translate_map={"keys": None})


_patience = threading.local()


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let statements of this thread take longer than usual."""
    _patience.seconds = seconds
    try:
        yield
    finally:
        _patience.seconds = STATEMENT_SECONDS


def _wait(connection: Any) -> None:
    """Wait for PostgreSQL with a deadline on our side: a server that is stopped says nothing.

    psycopg2 calls this for each statement and closes the connection when it raises.
    """
    import psycopg2
    from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE

    end = time.monotonic() + getattr(_patience, "seconds", STATEMENT_SECONDS)
    events = {POLL_READ: select.POLLIN, POLL_WRITE: select.POLLOUT}
    while (state := connection.poll()) != POLL_OK:
        left = end - time.monotonic()
        if left <= 0 or state not in events:
            raise psycopg2.OperationalError("no answer in time")
        waiting = select.poll()
        waiting.register(connection.fileno(), events[state])
        waiting.poll(left * 1000)
