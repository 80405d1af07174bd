"""How much is sent in a day: to one person, and on a whole channel. Danger is never held back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

_MOST_PEOPLE = 20_000
_DAY = 24 * 3600


class Spend:
    """Counts what is sent; in memory only, by conversation id."""

    def __init__(self, *, a_person: int, a_channel: int, clock: Callable[[], float]) -> None:
        self._a_person = a_person
        self._a_channel = a_channel
        self._clock = clock
        self._day = -1
        self._total = 0
        self._people: OrderedDict[str, int] = OrderedDict()

    def take(self, conversation: str, cost: int, *, urgent: bool) -> bool:
        """Count a message of that cost and say whether it may go out; an urgent one always may."""
        day = int(self._clock() // _DAY)
        if day != self._day:
            self._day, self._total = day, 0
            self._people.clear()
        spent = self._people.get(conversation, 0)
        over = spent + cost > self._a_person or self._total + cost > self._a_channel
        if over and not urgent:
            return False
        self._people[conversation] = spent + cost
        self._people.move_to_end(conversation)
        while len(self._people) > _MOST_PEOPLE:
            self._people.popitem(last=False)
        self._total += cost
        return True
