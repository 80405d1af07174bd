"""One sitting over the queue: what is left, how a group is settled. Both screens stand on it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bot.checks import TrainingExamples, known_intents
from bot.review.propose import Proposal
from bot.review.queue import Queue, Waiting
from bot.review.teach import Lesson, refusal, teach, without_marks
from bot.settings import ROOT


class Ending(enum.Enum):
    """How an attempt to settle a group ended."""

    WRITTEN = "written"
    DISCARDED = "discarded"
    # It stays as it is; the reason is told.
    REFUSED = "refused"
    # It waits no more: settled elsewhere, deleted by the person who wrote it, or expired.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Settled:
    """An ending, and where a message was written or why it was not."""

    ending: Ending
    said: str = ""


class Sitting:
    """Holds the groups while a maintainer goes through them.

    A group is known by the id of the message that stands for it. What was deleted from the queue
    meanwhile, by anybody, is never shown or taught; what is new comes as groups of its own.

    Args:
        queue: what waits.
        propose: groups messages, and proposes what each group means.
        root: the project whose ``data/nlu`` is written.
    """

    def __init__(
        self,
        queue: Queue,
        propose: Callable[[Sequence[Waiting]], list[Proposal]],
        *,
        root: Path = ROOT,
    ) -> None:
        self._queue = queue
        self._propose = propose
        self._root = root
        self._taught = TrainingExamples(root / "data" / "nlu")
        self._groups: dict[int, Proposal] = {}
        self.intents = known_intents()

    def left(self, *, today: date) -> list[Proposal]:
        """Return the groups that still wait: those known in their order, then new ones."""
        waiting = self._queue.waiting(today=today)
        there = set(waiting)
        kept: dict[int, Proposal] = {}
        grouped: set[Waiting] = set()
        for key, group in self._groups.items():
            # A group whose middle is gone is none any more: what is left of it is grouped anew.
            if group.members[0] in there:
                members = tuple(member for member in group.members if member in there)
                kept[key] = replace(group, members=members)
                grouped.update(members)
        new = [item for item in waiting if item not in grouped]
        kept.update((group.key, group) for group in self._propose(new))
        self._groups = kept
        return list(kept.values())

    def accept(self, key: int, lesson: Lesson) -> Settled:
        """Write the lesson into data/nlu, once, and take the group from the queue."""
        said: list[str] = []
        refused: list[str] = []

        def write() -> bool:
            why = refusal(lesson, self._taught.now())
            if why is not None:
                refused.append(why)
                return False
            said.append(teach(lesson, root=self._root))
            return True

        if not self._settle(key, write):
            return Settled(Ending.GONE)
        if refused:
            return Settled(Ending.REFUSED, refused[0])
        return Settled(Ending.WRITTEN, said[0])

    def discard(self, key: int) -> Settled:
        """Take the group from the queue and teach nothing."""
        return Settled(Ending.DISCARDED if self._settle(key, lambda: True) else Ending.GONE)

    def _settle(self, key: int, work: Callable[[], bool]) -> bool:
        group = self._groups.get(key)
        return group is not None and self._queue.settle(group.members, work)


def first_lesson(group: Proposal) -> Lesson:
    """Return what is proposed to be taught; made-up words stand where something was taken out."""
    read = group.read()
    return Lesson(without_marks(group.text), read.intent, read.harm_types, read.danger)
