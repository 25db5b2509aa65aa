"""Usage by a zone's days: exact from quarters of an hour, and days of UTC where that is all."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from cli.relay_client import RelayClient
from cli.zone_usage import ZoneUsage, ask_usage
from relay.desk.stats import UsageDay, UsageMonth
from relay.wire.agent_in import Usage as Question
from relay.wire.agent_out import Quarter, Usage

PAGE = 2
KOLKATA = ZoneInfo("Asia/Kolkata")


@dataclass
class Relay:
    """A relay that answers two quarters at a time, or none, as an older one."""

    days: list[UsageDay]
    quarters: list[Quarter] | None
    whole_days: list[UsageDay] = field(default_factory=list)

    async def ask(self, frame: Question, _answer: type[Usage]) -> Usage:
        months = [UsageMonth("2026-11", 7, 1, 1)]
        if self.quarters is None:
            return Usage(frame.ref, self.days, months)
        since, until = (datetime.fromisoformat(at or "") for at in (frame.since, frame.until))
        found = [it for it in self.quarters if since <= datetime.fromisoformat(it.at) < until]
        more = len(found) > PAGE
        return Usage(frame.ref, self.days, months, found[:PAGE], self.whole_days, more)


async def usage(
    relay: Relay, zone: tzinfo, since: str = "2026-11-01", until: str | None = None
) -> ZoneUsage:
    begin, end = (
        None if at is None else datetime.fromisoformat(at).replace(tzinfo=zone)
        for at in (since, until)
    )
    assert begin is not None
    return await ask_usage(cast("RelayClient", relay), zone, begin, end)


def quarter(at: str, messages: int, connections: int = 0) -> Quarter:
    return Quarter(f"2026-{at}:00.000Z", messages, connections)


@pytest.fixture
def relay() -> Relay:
    """Return a relay with three quarters around midnight in Kolkata (+05:30)."""
    quarters = [
        quarter("11-21T18:15", 1, 3),
        quarter("11-21T18:30", 2, 2),
        quarter("11-21T18:45", 4, 1),
    ]
    return Relay([UsageDay("2026-11-21", 7, 3)], quarters)


async def test_a_day_of_a_zone_has_its_own_quarters_also_by_pages(relay: Relay) -> None:
    found = await usage(relay, KOLKATA)
    assert found.offsets == ["+05:30"]
    assert found.days == [UsageDay("2026-11-21", 1, 3), UsageDay("2026-11-22", 6, 2)]
    assert (found.utc_days, found.months) == ([], [UsageMonth("2026-11", 7, 6, 3)])


async def test_in_utc_the_days_are_those_of_the_relay(relay: Relay) -> None:
    found = await usage(relay, UTC)
    assert (found.offsets, found.days) == (["+00:00"], relay.days)
    assert found.months == [UsageMonth("2026-11", 7, 7, 3)]


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-11-22T23:00", None, ["2026-11-22"]),
        ("2026-11-01", "2026-11-22", ["2026-11-21"]),
        ("2026-11-01", "2026-11-22T00:01", ["2026-11-21", "2026-11-22"]),
        ("2026-12-01", None, []),
    ],
)
async def test_since_and_until_mean_days_of_the_zone(
    relay: Relay, since: str, until: str | None, days: list[str]
) -> None:
    found = await usage(relay, KOLKATA, since, until)
    assert [day.name for day in found.days] == days
    # A month is told whole.
    whole = [] if not days else [UsageMonth("2026-11", 7, 6, 3)]
    assert found.months == whole


async def test_what_was_counted_by_days_of_utc_stays_apart(relay: Relay) -> None:
    relay.whole_days = [UsageDay("2026-11-20", 50, 9)]
    relay.days = [*relay.whole_days, *relay.days]
    found = await usage(relay, KOLKATA)
    assert found.utc_days == relay.whole_days
    assert [day.name for day in found.days] == ["2026-11-21", "2026-11-22"]
    assert found.months == [UsageMonth("2026-11", 7, 50, 9)]


async def test_an_older_relay_knows_days_of_utc_alone(relay: Relay) -> None:
    relay.quarters = None
    found = await usage(relay, KOLKATA)
    assert (found.days, found.utc_days) == ([], relay.days)
    assert found.months == [UsageMonth("2026-11", 7, 7, 3)]


async def test_the_clocks_are_changed_within_a_month() -> None:
    # Berlin: midnight is at 22:00 UTC until the 25th of October, and at 23:00 afterwards.
    quarters = [quarter("10-23T22:00", 1), quarter("10-25T22:45", 2), quarter("10-25T23:00", 4)]
    days = [UsageDay("2026-10-23", 1, 0), UsageDay("2026-10-25", 6, 0)]
    found = await usage(Relay(days, quarters), ZoneInfo("Europe/Berlin"), "2026-10-01")
    named = [(day.name, day.messages) for day in found.days]
    assert named == [("2026-10-24", 1), ("2026-10-25", 2), ("2026-10-26", 4)]
    assert found.offsets == ["+02:00", "+01:00"]
