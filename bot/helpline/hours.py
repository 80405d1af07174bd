"""Opening hours in a time zone: is anybody there now, when next, and how a person reads it.

A span that ends on the next day belongs to the day it begins on: a closed date does not cut short
what began the evening before. Times are those of the clock on the wall. On the night when the clock
goes back, a time that comes twice is the first of the two; when it goes forward, a time that is
skipped is as many minutes later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.handoff.config import Hours, Span
from knowledge.words import Words

_DAY = timedelta(days=1)
# A year and a week: what does not open by then is closed for good.
_HORIZON = 373
_NAMES = (
    "weekday_monday",
    "weekday_tuesday",
    "weekday_wednesday",
    "weekday_thursday",
    "weekday_friday",
    "weekday_saturday",
    "weekday_sunday",
)
_MIDNIGHT = time(0)


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


def in_words(hours: Hours, words: Words) -> str:
    """Return 'Monday to Friday 9:00 to 17:00, London time; not on 2026-12-25'."""
    by_day = [tuple(s for s in hours.spans if s.weekday == day) for day in range(7)]
    if all(_times(spans) == [(_MIDNIGHT, _MIDNIGHT)] for spans in by_day):
        parts = [words("hours_always")]
    else:
        parts = [
            words("hours_on", days=_days(first, last, words), times=_spoken(spans, words))
            for first, last, spans in _runs(by_day)
        ]
        city = hours.zone.rpartition("/")[2].replace("_", " ")
        parts[-1] = words("hours_zone", hours=parts[-1], city=city)
    if hours.closed:
        parts.append(words("hours_closed", dates=", ".join(sorted(hours.closed))))
    return "; ".join(parts)


def overlap(hours: Hours) -> Span | None:
    """Return a span that begins before the one in front of it has ended, if there is one."""
    minutes = sorted((_minute(span), span.weekday, span) for span in hours.spans)
    week = 7 * 24 * 60
    for at, (begins, _, span) in enumerate(minutes):
        following, _, after = minutes[(at + 1) % len(minutes)]
        if at + 1 == len(minutes):
            following += week
        if len(minutes) > 1 and begins + _length(span) > following:
            return after
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


def _runs(
    by_day: list[tuple[Span, ...]],
) -> Iterator[tuple[int, int, tuple[Span, ...]]]:
    """Yield the days that follow each other with the same times: first, last, their spans."""
    first = 0
    for day in range(1, 8):
        if day == 7 or _times(by_day[day]) != _times(by_day[first]):
            if by_day[first]:
                yield first, day - 1, by_day[first]
            first = day


def _times(spans: tuple[Span, ...]) -> list[tuple[time, time]]:
    return sorted((span.begins, span.ends) for span in spans)


def _days(first: int, last: int, words: Words) -> str:
    if first == last:
        return words(_NAMES[first])
    return words("hours_days", first=words(_NAMES[first]), last=words(_NAMES[last]))


def _spoken(spans: tuple[Span, ...], words: Words) -> str:
    return words("list_and").join(
        words("hours_times", begins=_clock(begins), ends=_clock(ends))
        for begins, ends in _times(spans)
    )


def _clock(moment: time) -> str:
    return f"{moment.hour}:{moment.minute:02}"


def _minute(span: Span) -> int:
    return (span.weekday * 24 + span.begins.hour) * 60 + span.begins.minute


def _length(span: Span) -> int:
    begins = span.begins.hour * 60 + span.begins.minute
    ends = span.ends.hour * 60 + span.ends.minute
    return ends - begins if ends > begins else ends - begins + 24 * 60
