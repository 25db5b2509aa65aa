"""Statistics of requests: counts, median and 90th percentile of durations, ratings, by group."""

from datetime import UTC, datetime

from relay.desk.events import Millis
from relay.desk.stats import (
    Durations,
    RequestEnd,
    RequestTiming,
    Satisfaction,
    Statistics,
    report,
    statistics,
)

NOON = Millis(int(datetime(2026, 11, 22, 12, 30, tzinfo=UTC).timestamp() * 1000))
DAY = 24 * 3600 * 1000


def span(
    answered: int | None = None,
    closed: int | None = None,
    *,
    later: int = 0,
    agent: int | None = None,
    site: str = "default",
    score: int | None = None,
) -> RequestTiming:
    """Return a request answered and closed so many seconds after its opening."""
    opened = Millis(NOON + later)
    answered_at = None if answered is None else Millis(opened + answered * 1000)
    closed_at = None if closed is None else Millis(opened + closed * 1000)
    return RequestTiming(opened, answered_at, closed_at, agent, site, score)


def test_of_nothing_there_is_nothing_to_tell() -> None:
    nothing = Statistics(0, 0, 0, None, None, None)
    assert statistics([]) == nothing
    empty = report([], [])
    assert (empty.total, empty.days, empty.agents) == (nothing, {}, {})


def test_only_what_has_happened_is_counted() -> None:
    assert statistics(
        [span(), span(answered=4), span(answered=2, closed=60, score=4)]
    ) == Statistics(3, 2, 1, Durations(3.0, 4.0), Durations(60.0, 60.0), Satisfaction(1, 4.0))


def test_nine_of_ten_do_not_exceed_the_90th() -> None:
    for count, p90 in ((1, 1), (2, 2), (10, 9), (11, 10), (100, 90)):
        times = statistics([span(answered=number) for number in range(count, 0, -1)]).first_answer
        assert times is not None
        assert times.p90 == p90
        assert times.median == (count + 1) / 2


def test_groups_are_by_the_day_and_hour_of_the_opening_by_agent_and_by_site() -> None:
    found = report(
        [
            span(agent=5, site="shop"),
            span(agent=3, later=DAY),
            span(later=DAY + 3_600_000, score=2),
        ],
        [],
    )
    assert {day: it.requests for day, it in found.days.items()} == {
        "2026-11-22": 1,
        "2026-11-23": 2,
    }
    assert {hour: it.requests for hour, it in found.hours.items()} == {"12": 2, "13": 1}
    assert list(found.agents) == [3, 5]
    assert list(found.sites) == ["default", "shop"]
    assert found.sites["default"].satisfaction == Satisfaction(1, 2.0)
    assert found.total.requests == 3


def test_an_end_counts_where_it_was_however_long_ago_the_opening_was() -> None:
    ends = [
        RequestEnd(Millis(NOON + later), agent, "shop") for later, agent in ((0, 5), (DAY, None))
    ]
    found = report([span(closed=60, later=DAY)], ends)
    groups = (found.days, found.hours, found.agents, found.sites)
    assert [{name: (it.requests, it.ended) for name, it in group.items()} for group in groups] == [
        {"2026-11-22": (0, 1), "2026-11-23": (1, 1)},
        {"12": (1, 2)},
        {5: (0, 1)},
        {"default": (1, 0), "shop": (0, 2)},
    ]
    assert (found.total.closed, found.total.ended) == (1, 2)
