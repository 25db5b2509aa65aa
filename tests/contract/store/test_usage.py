"""Usage counts: each message and each person once, also if they are erased."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from relay.desk import commands
from relay.desk.events import Millis
from relay.desk.stats import QUARTER, UsageDay, UsageMonth
from relay.store.api import Queries, Transaction
from relay.store.backends import database_at
from relay.store.sqlite import usage
from tests.contract.store import actions
from tests.contract.store.actions import add_agents, agent_says, closes, opens, says
from tests.contract.store.harness import StoreBench

NOVEMBER, LATER, DECEMBER = 1_795_305_600_000, 1_795_392_000_000, 1_796_083_200_000
"""Midnights of UTC: 2026-11-22, 2026-11-23 and 2026-12-01."""
QUARTERS = NOVEMBER + 3 * QUARTER


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return what sets the time of day for what is done from then on."""
    return lambda moment: monkeypatch.setattr(actions, "now", lambda: Millis(moment))


def count(transaction: Transaction) -> None:
    transaction.usage.count_all()


def figures(queries: Queries) -> tuple[list[UsageDay], list[UsageMonth]]:
    totals = queries.usage()
    return totals.days, totals.months


def counted(bench: StoreBench) -> tuple[list[UsageDay], list[UsageMonth]]:
    bench.do(count)
    return bench.read(figures).value


def test_a_message_counts_on_its_day_and_a_person_once_a_month(
    bench: StoreBench, at: Callable[[int], None]
) -> None:
    at(NOVEMBER - 1)
    bench.do(add_agents)
    bench.do(opens("ada", "Help"))  # with the greeting and the opening: three
    at(NOVEMBER)
    bench.do(says("ada", "Hello?", "s1"))
    bench.do(opens("bob", None))
    at(LATER)
    bench.do(says("ada", "Anybody?", "s2"))
    bench.do(agent_says(1, 1, commands.Send("Yes"), "a1"))  # and a claim
    at(DECEMBER)
    bench.do(says("ada", "Thanks", "s3"))
    assert counted(bench) == (
        [
            UsageDay("2026-11-21", 3, 0),
            UsageDay("2026-11-22", 3, 0),
            UsageDay("2026-11-23", 3, 0),
            UsageDay("2026-12-01", 1, 0),
        ],
        [UsageMonth("2026-11", 2, 3, 0), UsageMonth("2026-12", 1, 1, 0)],
    )
    assert counted(bench) == bench.read(figures).value


def test_who_wrote_under_a_clock_far_ahead_counts_again_when_it_is_right(
    bench: StoreBench, at: Callable[[int], None]
) -> None:
    at(DECEMBER + 400 * (LATER - NOVEMBER))
    bench.do(opens("ada", "Help"))
    bench.do(count)
    for moment in (DECEMBER, DECEMBER + 1):
        at(moment)
        bench.do(says("ada", "Still here", f"s{moment}"))
        bench.do(count)
    assert [(it.name, it.people) for it in counted(bench)[1]] == [("2026-12", 1), ("2028-01", 1)]


def test_what_is_erased_stays_counted_and_who_comes_back_is_somebody_new(
    bench: StoreBench, at: Callable[[int], None]
) -> None:
    at(NOVEMBER)
    for _ in range(2):
        bench.do(opens("ada", "Help"))
        bench.do(closes("ada", keep=False))
    assert bench.messages() == []
    # The close itself is erased in the step that stores it, and counts all the same.
    assert counted(bench) == ([UsageDay("2026-11-22", 8, 0)], [UsageMonth("2026-11", 2, 8, 0)])
    assert b"ada" not in b"".join(bench.exported())


def test_what_is_imported_counts_in_the_days_and_months_in_which_it_was_written(
    bench: StoreBench, at: Callable[[int], None], tmp_path: Path
) -> None:
    for moment, ref in ((NOVEMBER, "s1"), (DECEMBER, "s2")):
        at(moment)
        bench.do(opens("ada", None))
        bench.do(says("ada", "Help", ref))
    file, copy = tmp_path / "export", tmp_path / "copy.db"
    file.write_bytes(b"".join(bench.exported()))
    database_at(copy).import_export(file, datetime(2027, 3, 1, tzinfo=UTC))
    with StoreBench(copy) as imported:
        assert imported.read(figures).value == counted(imported) == counted(bench)
        assert [day.name for day in counted(imported)[0]] == ["2026-11-22", "2026-12-01"]


def test_it_is_counted_a_little_at_a_time_and_goes_on_after_a_restart(location: Path) -> None:
    with StoreBench(location) as bench:
        for number in range(5):
            bench.do(opens(f"key {number}", "Help"))
        left = [bench.do(lambda transaction: transaction.usage.count(4)) for _ in range(2)]
    assert left == [11, 7]
    with StoreBench(location) as bench:
        [day], [month] = counted(bench)
    assert (day.messages, month.people) == (15, 5)


def peak(at: int, connections: int) -> Callable[[Transaction], None]:
    """Return a job that records so many connections at a time."""
    return lambda transaction: transaction.usage.record_peak(Millis(at), connections)


def test_the_most_connections_of_a_day_are_kept(bench: StoreBench) -> None:
    for at, connections in ((NOVEMBER, 3), (NOVEMBER, 7), (NOVEMBER, 6), (QUARTERS, 5)):
        bench.do(peak(at, connections))
    bench.do(peak(LATER, 0))
    assert bench.read(figures).value[0] == [UsageDay("2026-11-22", 0, 7)]
    period = bench.read(lambda queries: queries.usage_between(Millis(0), Millis(DECEMBER))).value
    assert [(it.at, it.connections) for it in period.quarters] == [(NOVEMBER, 7), (QUARTERS, 5)]
    assert (period.whole_days, period.more) == ([], False)


def test_a_period_has_its_quarters_of_an_hour_and_says_when_there_are_more(
    bench: StoreBench, at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment in (NOVEMBER - 1, NOVEMBER, NOVEMBER + 1, QUARTERS):
        at(moment)
        bench.do(opens(f"key {moment}", "Help"))  # three messages each
    bench.do(count)

    def counts(since: int, until: int) -> tuple[list[tuple[int, int]], bool]:
        found = bench.read(lambda it: it.usage_between(Millis(since), Millis(until))).value
        return [(one.at, one.messages) for one in found.quarters], found.more

    before, first, second = (NOVEMBER - QUARTER, 3), (NOVEMBER, 6), (QUARTERS, 3)
    assert counts(0, LATER) == ([before, first, second], False)
    assert counts(NOVEMBER, QUARTERS) == ([first], False)
    monkeypatch.setattr(usage, "QUARTER_LIMIT", 2)
    assert counts(0, LATER) == ([before, first], True)
