"""Times that people read have their zone, and days are those of the zone, also at its changes."""

import time
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cli import time_zone
from cli.options import UsageError
from cli.time_zone import local_minute, local_second, pop_zone, zone_named
from cli.zone_periods import day_periods, local_hour, offset_periods
from relay.desk.request_query import parse_time

BERLIN, INDIA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
LONG_AGO, FAR = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the machine's zone that of Berlin."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_time_is_shown_with_the_offset_that_was_then() -> None:
    assert local_minute("2026-11-22T10:35:07.123Z", BERLIN) == "2026-11-22 11:35+01:00"
    assert local_minute("2026-07-22T10:35:07.123Z", BERLIN) == "2026-07-22 12:35+02:00"
    assert local_second("2026-11-22T20:35:07.123Z", INDIA) == "2026-11-23 02:05:07+05:30"
    assert local_second("2026-11-22T20:35:07.123Z", UTC) == "2026-11-22 20:35:07+00:00"


def test_the_hour_that_comes_twice_is_shown_as_two() -> None:
    shown = [local_minute(f"2026-10-25T0{hour}:30:00Z", BERLIN) for hour in range(3)]
    assert shown == [
        "2026-10-25 02:30+02:00",
        "2026-10-25 02:30+01:00",
        "2026-10-25 03:30+01:00",
    ]


def test_without_a_flag_the_zone_is_the_machines(in_berlin: None) -> None:
    zone = pop_zone({})
    assert local_minute("2026-07-22T10:35:07Z", zone) == "2026-07-22 12:35+02:00"
    assert parse_time("2026-03-30", LONG_AGO, zone) == utc("2026-03-29T22:00")
    days = day_periods(["2026-03-29"], zone, LONG_AGO, FAR)
    assert [day.until - day.since for day in days] == [timedelta(hours=23), timedelta(hours=24)]


def test_a_date_in_a_flag_is_one_of_the_zone() -> None:
    assert parse_time("2026-03-29", LONG_AGO, BERLIN) == utc("2026-03-28T23:00")
    assert parse_time("2026-03-30", LONG_AGO, BERLIN) == utc("2026-03-29T22:00")
    assert parse_time("2026-03-29T10:00+00:00", LONG_AGO, BERLIN) == utc("2026-03-29T10:00")


def test_what_a_relay_says_in_place_of_a_time_is_shown_as_text() -> None:
    assert local_minute("soon\x1b[2J", BERLIN) == "soon\N{REPLACEMENT CHARACTER}[2J"
    assert local_minute("0001-01-01T00:00:00Z", ZoneInfo("America/New_York"))[:4] == "0001"


@pytest.mark.parametrize("name", ["Europe/Bärlin", "", "../etc/passwd", "/etc/localtime", "Europe"])
def test_a_zone_that_there_is_none_of_is_told(name: str) -> None:
    with pytest.raises(UsageError, match="is no time zone; write one such as Europe/Berlin"):
        zone_named(name)


def test_a_machine_without_a_table_of_zones_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())
    monkeypatch.setattr("importlib.resources.open_binary", None)
    ZoneInfo.clear_cache()
    try:
        with pytest.raises(UsageError, match="install the package tzdata, or give UTC"):
            time_zone.zone_named("Europe/Berlin")
        assert time_zone.zone_named("utc") is UTC
    finally:
        zoneinfo.reset_tzpath(to=before)


def test_the_days_of_a_zone_have_23_to_25_hours() -> None:
    spring = day_periods(["2026-03-28", "2026-03-29"], BERLIN, LONG_AGO, FAR)
    assert [(day.name, day.since) for day in spring] == [
        ("2026-03-28", utc("2026-03-27T23:00")),
        ("2026-03-29", utc("2026-03-28T23:00")),
        ("2026-03-30", utc("2026-03-29T22:00")),
    ]
    autumn = day_periods(["2026-10-25"], BERLIN, LONG_AGO, FAR)
    assert [day.until - day.since for day in autumn] == [timedelta(hours=25), timedelta(hours=24)]


def test_a_day_is_cut_to_what_is_asked_for() -> None:
    since, until = utc("2026-11-22T10:00"), utc("2026-11-22T12:00")
    (day,) = day_periods(["2026-11-22"], BERLIN, since, until)
    assert (day.since, day.until) == (since, until)


def test_a_day_without_a_midnight_and_one_that_never_was_are_no_trouble() -> None:
    midnightless = ZoneInfo("America/Sao_Paulo")
    days = day_periods(["2018-11-04"], midnightless, LONG_AGO, FAR)
    assert [day.until - day.since for day in days] == [timedelta(hours=24), timedelta(hours=23)]
    skipped = day_periods(["2011-12-30"], ZoneInfo("Pacific/Apia"), LONG_AGO, FAR)
    assert [day.name for day in skipped] == ["2011-12-29", "2011-12-31"]


def test_the_clocks_are_changed_at_the_second_that_the_zone_says() -> None:
    periods = offset_periods(BERLIN, utc("2026-03-01T12:34:56.789"), utc("2026-11-30"))
    assert [(one.name, one.until) for one in periods] == [
        ("+01:00", utc("2026-03-29T01:00")),
        ("+02:00", utc("2026-10-25T01:00")),
        ("+01:00", utc("2026-11-30")),
    ]


@pytest.mark.parametrize(
    ("hour", "offset", "local"),
    [
        ("00", "+01:00", "01"),
        ("23", "+01:00", "00"),
        ("03", "-05:00", "22"),
        ("00", "+05:30", "05:30"),
        ("00", "-03:30", "20:30"),
        ("07", "+00:00", "07"),
    ],
)
def test_an_hour_of_utc_has_a_name_in_each_zone(hour: str, offset: str, local: str) -> None:
    assert local_hour(hour, offset) == local
