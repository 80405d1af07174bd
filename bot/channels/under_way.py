"""The turns that are not answered yet, so that a stop can wait for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


class UnderWay:
    """Everything that was begun for people and has not ended."""

    def __init__(self) -> None:
        self._open: set[asyncio.Future[Any]] = set()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open)

    @contextmanager
    def one(self) -> Generator[None, None, None]:
        """Count what runs inside the block."""
        done = asyncio.get_running_loop().create_future()
        self.add(done)
        try:
            yield
        finally:
            done.set_result(None)

    def add(self, work: asyncio.Future[Any]) -> None:
        """Count a task until it ends."""
        self._open.add(work)
        work.add_done_callback(self._open.discard)

    async def ended(self, *, patience: float) -> bool:
        """Wait until all has ended, for ``patience`` seconds at most; say whether it has."""
        end = time.monotonic() + patience
        while self._open and (left := end - time.monotonic()) > 0:
            await asyncio.wait(set(self._open), timeout=left)
        return not self._open
