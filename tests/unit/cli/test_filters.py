"""The filters: what the flags say, and what they may not say."""

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from cli.filters import (
    FILTERS,
    Filters,
    filter_flags,
    parse_filters,
)
from cli.options import UsageError, settings_flags
from relay.desk.events import Millis
from relay.desk.request import Agent
from relay.desk.request_query import parse_time
from relay.errors import StartError
from relay.store.values import RequestFilter

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=timezone(timedelta(hours=1)))
AGENTS = [Agent(1, "Sam", "admin"), Agent(2, "Kim", "agent")]


def test_without_flags_all_requests_are_meant() -> None:
    assert parse_filters({}, NOW) == Filters()
    assert Filters().narrow(AGENTS) == RequestFilter()


def test_the_filters_are_taken_out_of_what_is_given() -> None:
    given: dict[str, str | None] = {"status": "closed", "limit": "20", "database": "desk.db"}
    assert parse_filters(given, NOW) == Filters(status="closed", limit=20)
    assert given == {"database": "desk.db"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7d", datetime(2026, 11, 15, 11, 0, tzinfo=UTC)),
        ("12h", datetime(2026, 11, 21, 23, 0, tzinfo=UTC)),
        ("30m", datetime(2026, 11, 22, 10, 30, tzinfo=UTC)),
        ("2w", datetime(2026, 11, 8, 11, 0, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 21, 23, 0, tzinfo=UTC)),
        ("2026-07-01", datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
        ("2026-11-22T10:35", datetime(2026, 11, 22, 9, 35, tzinfo=UTC)),
        ("2026-11-22T10:35:00.123Z", datetime(2026, 11, 22, 10, 35, 0, 123000, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_date_where_we_are_or_so_long_ago(
    text: str, expected: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        found = parse_time(text, NOW)
    time.tzset()
    assert found == expected


def test_a_date_may_be_one_of_a_zone_that_is_told() -> None:
    assert parse_time("2026-07-01", NOW, UTC) == datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "given",
    [
        {"status": "open"},
        {"since": "yesterday"},
        {"until": "0d"},
        {"until": "999999w"},
        {"until": "2026-13-01"},
        {"tag": "A B"},
        {"tag": "x" * 33},
        {"customer": ""},
        {"search": ""},
        {"limit": "0"},
        {"limit": "many"},
        {"limit": "9" * 23},
        {"limit": "9" * 5_000},
        {"limit": "٣"},
    ],
)
def test_a_wrong_filter_is_told_by_its_name(given: dict[str, str | None]) -> None:
    (name,) = given
    with pytest.raises(UsageError, match=f"^--{name}: "):
        parse_filters(given, NOW)


def test_digits_are_a_customer_s_id_and_all_else_a_name_or_an_email() -> None:
    assert parse_filters({"customer": "17"}, NOW).customer == 17
    assert parse_filters({"customer": "ada@example.org"}, NOW).customer == "ada@example.org"
    for name in ("9" * 16, "9" * 5_000, "007"):
        assert parse_filters({"customer": name}, NOW).customer == name


def test_an_agent_is_found_by_name_and_by_id() -> None:
    assert Filters(agent="Kim").narrow(AGENTS).agent == 2
    assert Filters(agent="2").narrow(AGENTS).agent == 2
    assert (
        Filters(agent="#2").narrow(AGENTS).agent == Filters(agent="kim").narrow(AGENTS).agent == 2
    )
    twice = [*AGENTS, Agent(3, "KIM", "agent")]
    assert Filters(agent="KIM").narrow(twice).agent == 3
    with pytest.raises(StartError, match="give the id of one: 2, 3"):
        Filters(agent="kim").narrow(twice)
    with pytest.raises(StartError, match="no agent Bob; see `helpdesk agent list`"):
        Filters(agent="Bob").narrow(AGENTS)


def test_times_go_to_the_file_as_milliseconds_in_utc() -> None:
    narrow = parse_filters({"since": "2026-11-22T00:00:00.123+00:00"}, NOW).narrow(AGENTS)
    assert narrow == RequestFilter(since=Millis(1_795_305_600_123))


def test_a_command_may_have_both_settings_and_filters_as_flags() -> None:
    @settings_flags("database")
    @filter_flags()
    def command(file: str, **given: str | None) -> None: ...

    flags = command.__dict__["__signature__"].parameters
    assert list(flags) == ["file", *FILTERS, "tz", "config", "database"]
