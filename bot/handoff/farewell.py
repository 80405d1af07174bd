"""What a desk is still to delete: known after a restart too, until the desk was told.

It is the desk's own name for a hand-off and ours, sealed in the store under a name of its own: no
word, no address, nothing of the conversation that was deleted. The retention ends it like anything.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.handoff.record import Record
from bot.handoff.shelf import Shelf

log = logging.getLogger(__name__)
Done = Callable[[bool], None]
# Seconds until a desk that did not answer is asked once more.
AGAIN = 600.0


@dataclass(frozen=True, slots=True)
class Farewell:
    """One hand-off that is to be deleted; ``ref`` is what the desk calls it."""

    hand_off: str
    ref: dict[str, str]

    @property
    def name(self) -> str:
        """Return the name under which it is kept."""
        return f"farewell-{self.hand_off}"

    def as_dict(self) -> dict[str, Any]:
        """Return what the store seals."""
        return {"farewell": self.hand_off, "ref": self.ref}


def farewell_from(data: Mapping[str, Any]) -> Farewell | None:
    """Return the farewell that ``as_dict`` wrote; None for anything else."""
    if "farewell" not in data:
        return None
    ref = {str(name): str(value) for name, value in data["ref"].items()}
    return Farewell(str(data["farewell"]), ref)


def farewells_of(record: Record) -> Iterator[Farewell]:
    """Yield what the desk has of a conversation: earlier hand-offs, then the one it was told of."""
    for row in record.earlier:
        yield Farewell(str(row["id"]), dict(row["ref"]))
    if record.packet is not None and record.consent:
        yield Farewell(record.id, record.ref)


class Farewells:
    """Has the desk delete, again after a restart if it was not told before.

    Args:
        shelf: where they are kept; the desk is told also where it fails.
        tell: queues one for the desk; the function it is given hears whether it has arrived.
        clock: seconds.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        tell: Callable[[Farewell, Done], None],
        clock: Callable[[], float],
    ) -> None:
        self._shelf = shelf
        self._tell = tell
        self._clock = clock
        self._under_way: dict[str, asyncio.Task[None]] = {}
        # Given up for now, and when; they are on the shelf as well.
        self._untold: list[tuple[float, Farewell]] = []

    @property
    def waiting(self) -> bool:
        """Say whether the desk is still to be told of one."""
        return bool(self._under_way)

    def bid(self, farewell: Farewell, *, kept: bool = False) -> None:
        """Tell the desk now; ``kept`` says that it is on the shelf already."""
        name = farewell.name
        if name not in self._under_way:
            task = asyncio.create_task(self._through(farewell, kept=kept))
            self._under_way[name] = task
            task.add_done_callback(lambda _: self._under_way.pop(name, None))

    def again(self) -> None:
        """Ask once more where the desk did not answer some time ago."""
        untold, self._untold = self._untold, []
        for since, farewell in untold:
            if self._clock() - since >= AGAIN:
                self.bid(farewell, kept=True)
            else:
                self._untold.append((since, farewell))

    async def close(self) -> None:
        """Stop; what the desk was not told yet stays on the shelf."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _through(self, farewell: Farewell, *, kept: bool) -> None:
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def done(sent: bool) -> None:
            if not told.done():
                told.set_result(sent)

        self._tell(farewell, done)
        try:
            if not kept:
                await self._shelf.keep(farewell.name, farewell.as_dict())
        except Exception as error:  # the desk is told all the same
            log.error("a farewell was not kept: %s", type(error).__name__)
        if not await told:
            self._untold.append((self._clock(), farewell))
            return
        try:
            await self._shelf.drop(farewell.name)
        except Exception as error:  # after a restart the desk is told twice
            log.error("a farewell was not dropped: %s", type(error).__name__)
