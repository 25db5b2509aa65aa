"""Usage over the wire: includes the newest messages, and survives restarts."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from relay.server.relay import TICK
from relay.service.jobs import COUNT_EVERY
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, Frame, HandClock, Wire
from tests.integration.relay.test_erasure import purge

NOON = round(datetime(2026, 11, 15, 12, tzinfo=UTC).timestamp() * 1000)


class Calendar(HandClock):
    """A clock whose day a test sets; begun in the midst of a month."""

    def __init__(self) -> None:
        super().__init__()
        self.day = 15

    def wall(self) -> Any:
        return round(datetime(2026, 11, self.day, 12, tzinfo=UTC).timestamp() * 1000)


async def used(desk: Desk) -> Frame:
    async with await desk.control() as root:
        return await root.ok("usage")


def day(name: str, messages: int, connections: int) -> Frame:
    return {"name": name, "messages": messages, "connections": connections}


def stored(desk: Desk, table: str) -> list[Any]:
    """Return what another process would read of *table* in the desk's file."""
    with closing(
        sqlite3.connect(f"{desk.settings.database_path.as_uri()}?mode=ro", uri=True)
    ) as it:
        return it.execute(f"SELECT * FROM {table}").fetchall()


async def end(client: Wire) -> None:
    await client.socket.close()


async def test_days_and_months_outlive_restarts_and_what_is_purged(start: Start) -> None:
    clock = Calendar()
    async with start(clock, **FREE) as desk:
        sam = await desk.agent("Sam")
        ada, bob = await desk.asker(text="Help"), await desk.asker(text="Me too")
        await end(bob)
        first = await used(desk)
        assert first["days"] == [day("2026-11-15", 6, 3)]
        assert first["months"] == [
            {"name": "2026-11", "people": 2, "messages": 6, "connections": 3}
        ]
        await ada.ok("close")
        assert (await purge(await desk.control(), status="closed"))["requests"] == 1
        await end(ada)
        await end(sam)
    clock.day = 16
    async with start(clock, **FREE) as desk:
        await desk.asker(text="New here")
        told = await used(desk)
        assert told["days"] == [day("2026-11-15", 7, 3), day("2026-11-16", 3, 1)]
        assert [month["people"] for month in told["months"]] == [3]


async def test_a_new_day_begins_with_who_is_there(start: Start) -> None:
    clock = Calendar()
    async with start(clock, **FREE) as desk:
        await desk.asker(text="Help")
        gone = await desk.customer()
        await end(gone)
        clock.day = 16
        while (await used(desk))["days"][-1]["name"] != "2026-11-16":  # noqa: ASYNC110 - a day tells nobody
            await asyncio.sleep(TICK)
        assert (await used(desk))["days"] == [day("2026-11-15", 3, 2), day("2026-11-16", 0, 1)]


async def test_what_is_new_is_stored_once_a_minute_without_a_question(start: Start) -> None:
    clock = Calendar()
    async with start(clock, **FREE) as desk:
        await desk.asker(text="Help")
        assert stored(desk, "usage_quarter") == []
        clock.now += COUNT_EVERY + TICK
        while not stored(desk, "usage_month"):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(TICK)
        assert stored(desk, "usage_quarter") == [(NOON, 3, 1)]
        assert stored(desk, "usage_month") == [("2026-11", 1)]


async def test_what_a_killed_relay_left_uncounted_is_counted_at_the_next_start(
    start: Start,
) -> None:
    async with start(Calendar(), **FREE) as desk:
        await desk.asker(text="Help")
    with closing(sqlite3.connect(desk.settings.database_path)) as file, file:
        file.executescript("DELETE FROM usage_quarter; DELETE FROM meta WHERE name = 'usage'")
    async with start(Calendar(), **FREE) as desk:
        while not stored(desk, "usage_quarter"):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(TICK)
        assert stored(desk, "usage_quarter") == [(NOON, 3, 0)]
        assert stored(desk, "usage_month") == [("2026-11", 1)]


async def test_a_period_is_told_by_quarters_of_an_hour_besides_its_days(start: Start) -> None:
    async with start(Calendar(), **FREE) as desk:
        await desk.asker(text="Help")
        async with await desk.control() as root:
            since, until = "2026-11-15T13:00:00+01:00", "2026-11-15T12:15:00Z"
            told = await root.ok("usage", since=since, until=until)
            assert (told["days"], told["whole_days"]) == ([day("2026-11-15", 3, 1)], [])
            at = "2026-11-15T12:00:00.000Z"
            assert told["quarters"] == [{"at": at, "messages": 3, "connections": 1}]
            assert not told["more"]
            later = await root.ok("usage", since=until, until="9999-12-31T23:59:59-14:00")
            assert later["quarters"] == []
            assert await root.refused("usage", since="yesterday", until=until) == "invalid"
