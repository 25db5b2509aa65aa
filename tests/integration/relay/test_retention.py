"""Retention of closed requests, long requests, and one relay per database."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.desk.stats import day_of
from relay.errors import InUseError
from relay.sanitize import LONGEST_TEXT
from relay.server.relay import TICK
from relay.service.jobs import STEP
from relay.service.trusted_time import DAY
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Calendar, Desk, running
from tests.integration.relay.metrics_page import scrape, scraped
from tests.patience import PATIENCE


async def test_a_closed_request_is_kept_for_its_days_and_then_gone_for_everybody(
    start: Start,
) -> None:
    clock = Calendar()
    async with start(clock, retention_days=7) as desk:
        sam, customer, waiting = (
            await desk.agent("Sam"),
            await desk.customer(),
            await desk.customer(),
        )
        await customer.ok("open", text="secret words")
        await customer.ok("close")
        await waiting.ok("open", text="still here")
        clock.turn(days=6)
        assert (await sam.ok("join", request=1))["request"]["status"] == "closed"
        clock.turn(days=2)
        for client in (sam, customer):
            await client.push("gone", request=1)
        assert await sam.refused("join", request=1) == "not_found"
        assert (await sam.ok("join", request=2))["request"]["status"] == "waiting"


async def test_retries_after_a_request_went_at_its_closing_find_nothing_and_store_nothing(
    start: Start,
) -> None:
    """What is erased cannot be answered again; a client learns from its hello how things stand."""
    async with start(retention_days=0) as desk:
        customer = await desk.customer()
        await customer.ok("open", ref="o", text="Help")
        await customer.ok("send", ref="s", text="Hello?")
        assert (await customer.ok("close", ref="c"))["request"]["status"] == "closed"
        await customer.push("gone", request=1)
        again = await desk.customer(token=customer.welcome["token"], request=1, after=4)
        for client in (customer, again):
            assert await client.refused("close", ref="c") == "not_found"
            assert await client.refused("send", ref="s", text="Hello?") == "closed"
        assert (again.welcome["request"], again.welcome["reset"]) == (None, True)
        with closing(sqlite3.connect(desk.settings.database_path)) as file:
            kept = [
                file.execute(f"SELECT count(*) FROM {table}").fetchone()
                for table in ("customer", "help_request", "message")
            ]
        assert kept == [(0,), (0,), (0,)]


async def test_a_clock_that_jumps_ahead_deletes_nothing_before_as_much_time_has_passed(
    start: Start,
) -> None:
    clock = Calendar()
    async with start(clock, retention_days=7) as desk:
        sam, customer, writer = await desk.agent("Sam"), await desk.asker(), await desk.asker()
        await customer.ok("close")
        await sam.ok("join", request=2)
        await writer.send("typing", on=True)
        await sam.push("typing", on=True)
        clock.jump(days=8)
        await sam.push("typing", on=False)  # in the turn in which it looks at what is too old
        assert (await sam.ok("join", request=1))["request"]["status"] == "closed"
        clock.turn(days=8)
        await sam.push("gone", request=1)


@pytest.mark.parametrize("days", [400, -400])
async def test_a_start_with_a_wrong_clock_deletes_and_closes_nothing_for_a_day(
    start: Start, days: int
) -> None:
    clock = Calendar()
    limits = {"retention_days": 30, "auto_close_after": 48}
    async with start(clock, **limits) as desk:
        await (await desk.asker()).ok("close")
        token = (await desk.asker()).welcome["token"]
    wrong = Calendar()
    wrong.days = days
    wrong_day = day_of(wrong.wall())
    async with start(wrong, **limits) as desk:
        sam = await desk.agent("Sam")
        assert (await scrape(desk))["helpdesk_clock_doubted"] == 1
        await sam.ok("join", request=2)
        await (await desk.customer(token=token)).send("typing", on=True)
        await sam.push("typing", on=True)
        wrong.now += 23 * 3600
        await sam.push("typing", on=False)  # in the turn in which it looks at what is too old
        listed = (await sam.ok("list"))["requests"]
        assert [it["status"] for it in listed] == ["waiting", "closed"]
        # The time of what is stored now is wrong, and must not make the next start believe it.
        await (await desk.customer(token=token)).ok("send", text="Hello?")
    async with start(wrong, **limits) as desk:
        sam = await desk.agent("Kim")
        used = (await (await desk.control()).ok("usage"))["days"]
        assert [day for day in used if day["connections"] and day["name"] == wrong_day] == []
        assert (await scrape(desk))["helpdesk_clock_doubted"] == 1
        wrong.days = 0
        await scraped(desk, lambda it: it["helpdesk_clock_doubted"] == 0)
        assert len((await sam.ok("list"))["requests"]) == 2


async def test_a_desk_that_was_off_for_long_deletes_a_day_later_even_if_it_is_restarted(
    start: Start,
) -> None:
    clock = Calendar()
    async with start(clock, retention_days=30) as desk:
        await (await desk.asker()).ok("close")
    clock.days = 60
    async with start(clock, retention_days=30) as desk:
        clock.now += 0.6 * DAY / 1000
        await doubt_stored(desk, 0.6)
        assert (await (await desk.control()).ok("join", request=1))["request"]["status"] == "closed"
    async with start(clock, retention_days=30) as desk:
        sam = await desk.agent("Sam")
        clock.now += 0.3 * DAY / 1000
        assert (await sam.ok("join", request=1))["request"]["status"] == "closed"
        clock.now += 0.2 * DAY / 1000
        await sam.push("gone", request=1)


async def doubt_stored(desk: Desk, days: float) -> None:
    """Wait until the relay has stored for its next start that it has doubted for *days*."""
    found = "SELECT 1 FROM meta WHERE name = 'clock' AND value ->> 'doubted' >= ?"
    least = (round(days * DAY),)
    async with asyncio.timeout(PATIENCE):
        with closing(sqlite3.connect(desk.settings.database_path)) as file:
            while not file.execute(found, least).fetchone():  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(TICK)


async def test_many_old_requests_go_step_by_step(start: Start) -> None:
    clock = Calendar()
    async with start(clock, retention_days=1, messages_per_second=0) as desk:
        sam, customer = await desk.agent("Sam"), await desk.customer()
        for number in range(2 * STEP + 1):
            await customer.ok("open", ref=f"{number}")
            await customer.ok("close")
        clock.turn(days=2)
        for number in range(2 * STEP + 1):
            await sam.push("gone", request=number + 1)
        assert (await sam.ok("list"))["requests"] == []


async def test_a_request_in_which_nobody_writes_is_closed_by_the_desk(start: Start) -> None:
    clock = Calendar()
    async with start(clock, auto_close_after=48, retention_days=30) as desk:
        sam, customer = await desk.agent("Sam"), await desk.asker(text="Hello?")
        await sam.ok("join", request=1)
        clock.turn(days=1)
        assert (await customer.ok("send", text="Anybody?"))["seq"] == 4
        clock.turn(days=1)
        clock.turn(days=0)
        assert (await sam.ok("note", request=1, text="notes are no words to a customer"))["seq"]
        clock.turn(days=2)
        closed = await sam.receive(
            lambda it: it["type"] == "message" and it["message"].get("activity") == "closed", "end"
        )
        assert closed["message"]["by"]["role"] == "desk"
        await customer.push("message", request=1)
        # Who takes it up again has as long again.
        assert (await sam.ok("reopen", request=1))["request"]["status"] == "active"
        clock.turn(days=0)
        assert (await customer.ok("send", text="Thanks"))["seq"]
        assert (await sam.ok("join", request=1))["request"]["status"] == "active"


async def test_without_limits_a_text_is_as_long_as_an_answer_can_hold(start: Start) -> None:
    async with start(text_limit=0, frame_limit=0) as desk:
        sam, customer = await desk.agent("Sam"), await desk.customer()
        longest = "\U0001f525" * LONGEST_TEXT
        await customer.ok("open", text=longest)
        assert await customer.refused("send", text=longest + "!") == "invalid"
        joined = await sam.ok("join", request=1)
        assert joined["messages"][-1]["text"] == longest
        back = await desk.customer(token=customer.welcome["token"])
        assert back.welcome["messages"][-1]["text"] == longest


async def test_a_link_to_a_database_is_the_same_database(start: Start, tmp_path: Path) -> None:
    async with start() as desk:
        link = tmp_path / "link.db"
        link.symlink_to(desk.settings.database_path)
        with pytest.raises(InUseError):
            async with running(link):
                pass
