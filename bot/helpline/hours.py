"""Opening hours in a time zone: is anybody there now, and when next.

A span that ends on the next day belongs to the day it begins on: a closed date does not cut short
what began the evening before. Times are those of the clock on the wall. On the night when the clock
goes back, a time that comes twice is the first of the two; when it goes forward, a time that is
skipped is as many minutes later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.handoff.config import Hours

_DAY = timedelta(days=1)
# A year and a week: what does not open by then is closed for good.
_HORIZON = 373


def open_at(hours: Hours, moment: datetime) -> bool:
    """Say whether somebody answers at a moment (with a time zone, any)."""
    _with_zone(moment)
    today = moment.astimezone(ZoneInfo(hours.zone)).date()
    return any(
        begins <= moment < ends
        for day in (today - _DAY, today)
        for begins, ends in _openings(hours, day)
    )


def next_opening(hours: Hours, moment: datetime) -> datetime | None:
    """Return when it opens next after a moment, in its own time zone; None if not within a year.

    While it is open this is the opening after the one under way.
    """
    _with_zone(moment)
    zone = ZoneInfo(hours.zone)
    today = moment.astimezone(zone).date()
    for ahead in range(_HORIZON):
        coming = [begins for begins, _ in _openings(hours, today + ahead * _DAY) if begins > moment]
        if coming:
            return min(coming).astimezone(zone)
    return None


def _with_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone: use datetime.now(UTC)")


def _openings(hours: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield the openings that begin on a day, in universal time: there no hour comes twice."""
    if day.isoformat() in hours.closed:
        return
    zone = ZoneInfo(hours.zone)
    for span in hours.spans:
        if span.weekday == day.weekday():
            until = day if span.ends > span.begins else day + _DAY
            yield (
                datetime.combine(day, span.begins, zone).astimezone(UTC),
                datetime.combine(until, span.ends, zone).astimezone(UTC),
            )
