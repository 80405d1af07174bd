"""Is anybody there now, and when next: over midnight, on closed days, when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.handoff.config import Hours, Span
from bot.helpline.hours import in_words, next_opening, open_at, overlap
from knowledge.words import Words
from tests.helpline.support import changed, problems_of

LONDON = ZoneInfo("Europe/London")
MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 2, 4, 5, 6


def span(weekday: int, begins: str, ends: str) -> Span:
    return Span(weekday, time.fromisoformat(begins), time.fromisoformat(ends))


def hours(*spans: Span, zone: str = "Europe/London", closed: tuple[str, ...] = ()) -> Hours:
    return Hours(zone, spans, frozenset(closed))


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


WEEK = hours(
    span(MONDAY, "09:00", "17:00"),
    span(WEDNESDAY, "09:00", "12:00"),
    span(WEDNESDAY, "19:00", "22:00"),
    span(FRIDAY, "22:00", "02:00"),
    closed=("2026-12-07", "2026-12-25"),
)
ALWAYS = hours(*(span(day, "00:00", "00:00") for day in range(7)))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-30T08:59:59", False),  # a Monday
        ("2026-11-30T09:00:00", True),
        ("2026-11-30T16:59:59", True),
        ("2026-11-30T17:00:00", False),
        ("2026-12-01T10:00:00", False),  # a Tuesday
        ("2026-12-02T12:30:00", False),  # between the two spans of a Wednesday
        ("2026-12-02T21:00:00", True),
        ("2026-12-04T23:00:00", True),  # a Friday evening
        ("2026-12-05T01:59:59", True),  # the night that follows it
        ("2026-12-05T02:00:00", False),
        ("2026-12-07T10:00:00", False),  # a closed Monday
        ("2026-12-25T23:00:00", False),  # a closed Friday
        ("2026-12-26T01:00:00", False),  # and the night that belongs to it
    ],
)
def test_a_moment_is_inside_the_hours_or_not(moment: str, is_open: bool) -> None:
    assert open_at(WEEK, at(moment)) is is_open


def test_a_night_that_began_before_a_closed_day_goes_on() -> None:
    eve = hours(span(3, "22:00", "02:00"), closed=("2026-12-25",))
    assert open_at(eve, at("2026-12-25T01:00:00"))


def test_a_moment_may_come_in_any_time_zone() -> None:
    assert open_at(WEEK, at("2026-11-30T04:00:00", ZoneInfo("America/New_York")))
    assert not open_at(WEEK, at("2026-11-30T09:30:00", ZoneInfo("America/New_York")).astimezone(UTC) + timedelta(hours=3))  # fmt: skip
    with pytest.raises(ValueError, match="time zone"):
        open_at(WEEK, datetime(2026, 11, 30, 10))
    with pytest.raises(ValueError, match="time zone"):
        next_opening(WEEK, datetime(2026, 11, 30, 10))


def test_the_same_wall_clock_is_an_hour_earlier_in_summer() -> None:
    assert open_at(WEEK, datetime(2026, 7, 6, 8, 30, tzinfo=UTC))
    assert not open_at(WEEK, datetime(2026, 11, 30, 8, 30, tzinfo=UTC))


def test_on_the_night_the_clock_goes_back_a_line_is_open_the_hours_it_says_and_one_more() -> None:
    night = hours(span(SATURDAY, "23:00", "03:00"))  # 25 October 2026, 2:00 becomes 1:00
    begins = datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert [open_at(night, begins + timedelta(hours=n)) for n in range(-1, 7)] == [
        *(False, True, True, True, True, True),
        *(False, False),
    ]


def test_on_the_night_the_clock_goes_forward_the_hours_end_by_the_wall() -> None:
    night = hours(span(SATURDAY, "23:00", "03:00"))  # 28 March 2027, 1:00 becomes 2:00
    begins = datetime(2027, 3, 27, 23, tzinfo=UTC)
    assert [open_at(night, begins + timedelta(hours=n)) for n in range(-1, 5)] == [
        *(False, True, True, True),
        *(False, False),
    ]


def test_of_a_time_that_comes_twice_the_first_counts_also_for_a_moment_of_that_zone() -> None:
    second = at("2026-10-25T01:10:00").replace(fold=1)
    assert open_at(hours(span(SUNDAY, "01:15", "05:00")), second)
    assert not open_at(hours(span(SUNDAY, "01:05", "01:45")), second)
    assert open_at(hours(span(SUNDAY, "01:05", "01:45")), second.replace(fold=0))


def test_a_span_inside_the_hour_that_is_skipped_breaks_nothing() -> None:
    skipped = hours(span(SUNDAY, "01:15", "01:45"))
    found = next_opening(skipped, at("2027-03-27T12:00:00"))
    assert found is not None and open_at(skipped, found)
    assert found.astimezone(UTC) == datetime(2027, 3, 28, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-30T08:00:00", "2026-11-30T09:00:00"),
        ("2026-11-30T09:00:00", "2026-12-02T09:00:00"),  # open: the opening after this one
        ("2026-12-02T12:30:00", "2026-12-02T19:00:00"),
        ("2026-12-02T23:00:00", "2026-12-04T22:00:00"),
        ("2026-12-05T03:00:00", "2026-12-09T09:00:00"),  # the Monday between is closed
    ],
)
def test_the_next_opening_is_told_in_the_line_s_own_time(moment: str, opens: str) -> None:
    found = next_opening(WEEK, at(moment).astimezone(UTC))
    assert found == at(opens)
    assert found is not None and found.tzinfo == LONDON


def test_a_line_that_never_opens_again_says_so() -> None:
    start = at("2026-11-30T12:00:00").date()
    days = tuple((start + timedelta(days=n)).isoformat() for n in range(400))
    closed = hours(span(MONDAY, "09:00", "17:00"), closed=days)
    assert next_opening(closed, at("2026-11-30T12:00:00")) is None


def test_what_is_told_as_the_next_opening_is_an_opening_all_year_in_every_kind_of_zone() -> None:
    for zone in ("Europe/London", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"):
        week = Hours(zone, WEEK.spans, WEEK.closed)
        moment = datetime(2026, 11, 30, tzinfo=UTC)
        count = 0
        while moment < datetime(2027, 11, 30, tzinfo=UTC):
            opens = next_opening(week, moment)
            assert opens is not None and opens > moment
            assert open_at(week, opens) and not open_at(week, opens - timedelta(seconds=1))
            moment, count = opens.astimezone(UTC), count + 1
        assert count > 200


def test_day_and_night_has_no_gap_also_when_the_clock_changes() -> None:
    for begins in (datetime(2026, 10, 24, tzinfo=UTC), datetime(2027, 3, 27, tzinfo=UTC)):
        assert all(open_at(ALWAYS, begins + timedelta(minutes=10 * n)) for n in range(432))


def test_hours_are_read_as_people_say_them(words: Words) -> None:
    office = hours(*(span(day, "09:00", "17:00") for day in range(5)), span(SATURDAY, "10:00", "12:30"), closed=("2027-01-01", "2026-12-25"))  # fmt: skip
    assert in_words(office, words) == (
        "Monday to Friday 9:00 to 17:00; Saturday 10:00 to 12:30, London time; "
        "not on 2026-12-25, 2027-01-01"
    )
    assert in_words(WEEK, words).startswith(
        "Monday 9:00 to 17:00; Wednesday 9:00 to 12:00 and 19:00 to 22:00; Friday 22:00 to 2:00"
    )
    assert in_words(ALWAYS, words) == "Day and night, every day"
    apia = hours(span(SUNDAY, "09:00", "10:00"), zone="America/St_Johns")
    assert in_words(apia, words) == "Sunday 9:00 to 10:00, St Johns time"


@pytest.mark.parametrize(
    ("spans", "second"),
    [
        ((span(MONDAY, "09:00", "17:00"), span(MONDAY, "16:00", "18:00")), MONDAY),
        ((span(MONDAY, "22:00", "02:00"), span(TUESDAY, "01:00", "03:00")), TUESDAY),
        ((span(SUNDAY, "22:00", "02:00"), span(MONDAY, "01:00", "03:00")), MONDAY),
        ((span(MONDAY, "09:00", "17:00"), span(MONDAY, "17:00", "18:00")), None),
        ((span(SUNDAY, "22:00", "02:00"), span(MONDAY, "02:00", "03:00")), None),
        ((span(MONDAY, "00:00", "00:00"),), None),
        (ALWAYS.spans, None),
    ],
)
def test_hours_that_overlap_are_found_also_over_the_week_s_end(
    spans: tuple[Span, ...], second: int | None
) -> None:
    found = overlap(hours(*spans))
    assert (found.weekday if found else None) == second


def test_midnight_may_be_written_as_people_write_it(tmp_path: Path) -> None:
    assert problems_of(changed(tmp_path, "monday: 09:00-17:00", "monday: 0:00 - 24:00")) == []
