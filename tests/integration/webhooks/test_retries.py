"""Retries of failed deliveries: in order, across restarts and kills, until they are given up."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from relay.clock import SystemClock
from relay.desk.events import Millis
from relay.errors import Code, Refused
from relay.store.sqlite.webhook_queue import WebhookQueue
from relay.store.values import RoundOutcome
from relay.webhooks import delivery
from relay.webhooks.delivery import MAX_CONCURRENT
from relay.webhooks.schedule import MAX_TRIES
from tests.free_port import free_port
from tests.integration.relay.relay_process import customer_of
from tests.integration.webhooks.conftest import Hooked, Process
from tests.integration.webhooks.receiver import OK, PATIENCE, Got, hang, receiving, status

HOUR = 3600 * 1000
DAY = 24 * HOUR


class Ahead(SystemClock):
    """A time of day that a test alone puts ahead, however slow the machine is."""

    def __init__(self) -> None:
        self.by = 0
        self._began = super().wall()

    def wall(self) -> Millis:
        return Millis(self._began + self.by)


def waiting(database: Path) -> list[Any]:
    """Return what waits for another try, and what waits for none."""
    with closing(sqlite3.connect(database)) as file:
        query = "SELECT message_id, tries, due_at IS NULL, outcome, status FROM delivery"
        return file.execute(f"{query} ORDER BY message_id").fetchall()


async def eventually(database: Path, expected: list[Any]) -> None:
    """Wait until what waits is as *expected*."""
    deadline = time.monotonic() + PATIENCE
    while (found := waiting(database)) != expected:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


async def test_a_request_waits_behind_what_failed_and_no_other_does(
    hooked: Hooked, database: Path
) -> None:
    well = False

    def picky(got: Got) -> bytes:
        return OK if well or got.json["data"]["request"] != 1 else status(500)

    clock = Ahead()
    async with receiving(picky) as receiver, hooked(receiver.url, clock) as desk:
        ada, bob = await desk.asker(text="ada 1"), await desk.asker(text="bob 1")
        await receiver.until(lambda got: any(one.what == "bob 1" for one in got))
        await eventually(
            database, [(1, 1, 0, "refused", 500), (2, 0, 0, None, None), (3, 0, 0, None, None)]
        )
        await ada.ok("send", text="ada 2")
        await bob.ok("send", text="bob 2")
        await receiver.until(lambda got: any(one.what == "bob 2" for one in got))
        well = True
        clock.by = HOUR
        got = await receiver.until(lambda got: any(one.what == "ada 2" for one in got))
        await eventually(database, [])
    mine = [one for one in got if one.json["data"]["request"] == 1]
    assert mine[0].id == mine[1].id
    assert [one.json["data"]["message"]["seq"] for one in mine] == [1, 1, 2, 3, 4]
    assert "ada 2" in mine[-1].what


async def test_a_request_whose_receiver_takes_its_time_holds_up_no_other(
    hooked: Hooked, database: Path
) -> None:
    answered = asyncio.Event()

    async def slow(got: Got) -> bytes:
        if got.json["data"]["request"] == 1:
            await answered.wait()
        return OK

    async with receiving(slow) as receiver, hooked(receiver.url) as desk:
        ada = await desk.asker(text="ada 1")
        await receiver.count(1)
        for number in range(20):
            await ada.ok("send", text=f"ada {number + 2}")
            await desk.asker(text=f"other {number}")
        await receiver.until(lambda got: {f"other {n}" for n in range(20)} <= {*map(what, got)})
        assert [one.what for one in receiver.got if of_first(one)] == ["opened"]
        answered.set()
        got = await receiver.until(lambda got: got[-1].what == "ada 21")
        await eventually(database, [])
    seqs = [one.json["data"]["message"]["seq"] for one in got if of_first(one)]
    assert seqs == list(range(1, 24))
    assert len({one.id for one in got}) == len(got)


def what(got: Got) -> str:
    return got.what


def of_first(got: Got) -> bool:
    return bool(got.json["data"]["request"] == 1)


async def test_the_last_try_makes_a_dead_letter_and_the_request_goes_on(
    hooked: Hooked, database: Path
) -> None:
    def picky(got: Got) -> bytes:
        return status(500) if got.json["type"] == "opened" else OK

    clock = Ahead()
    async with receiving(picky) as receiver, hooked(receiver.url, clock) as desk:
        ada = await desk.asker(text="after all")
        for tries in range(1, MAX_TRIES):
            await eventually(
                database,
                [(1, tries, 0, "refused", 500), (2, 0, 0, None, None), (3, 0, 0, None, None)],
            )
            assert len(receiver.got) == tries
            clock.by += 10 * HOUR
        await receiver.until(lambda got: got[-1].what == "after all")
        await eventually(database, [(1, MAX_TRIES, 1, "refused", 500)])
        clock.by += DAY
        await ada.ok("send", text="and on")
        await receiver.until(lambda got: got[-1].what == "and on")
    assert len({one.id for one in receiver.got[:MAX_TRIES]}) == 1


async def test_when_it_answers_again_all_that_waits_is_told_at_once(
    hooked: Hooked, database: Path
) -> None:
    well = False
    async with (
        receiving(lambda _: OK if well else status(503)) as receiver,
        hooked(receiver.url, clock := Ahead(), events=["opened"]) as desk,
    ):
        for _ in range(4):
            await desk.asker()
        await eventually(database, [(n, 1, 0, "refused", 503) for n in (1, 3, 5, 7)])
        clock.by = 6_500  # after the first pause, however long jitter made it
        await eventually(database, [(n, 2, 0, "refused", 503) for n in (1, 3, 5, 7)])
        well = True
        await desk.asker()
        await eventually(database, [])
    assert len(receiver.got) == 13


async def test_an_outcome_that_cannot_be_stored_is_kept_until_it_can(
    hooked: Hooked, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "STORE_RETRY_DELAY", 0.01)
    settle, refusals = WebhookQueue.settle, iter(range(20))

    def refuse(self: WebhookQueue, name: str, told: RoundOutcome) -> None:
        if next(refusals, None) is not None:
            raise Refused(Code.UNAVAILABLE, "The disk is full.")
        settle(self, name, told)

    monkeypatch.setattr(WebhookQueue, "settle", refuse)
    async with receiving(lambda _: status(500)) as receiver, hooked(receiver.url, Ahead()) as desk:
        await desk.asker()
        await eventually(database, [(1, 1, 0, "refused", 500), (2, 0, 0, None, None)])
    assert (next(refusals, None), len(receiver.got)) == (None, 1)


async def test_a_wish_to_be_left_in_peace_is_granted_for_all(
    hooked: Hooked, database: Path
) -> None:
    answers = [status(429, "Retry-After: 3600"), *[OK] * 9]
    clock = Ahead()
    async with (
        receiving(lambda _: answers.pop(0)) as receiver,
        hooked(receiver.url, clock, events=["opened"]) as desk,
    ):
        await desk.asker()
        await eventually(database, [(1, 1, 0, "refused", 429)])
        await desk.asker()
        clock.by = HOUR // 2
        await asyncio.to_thread(waiting, database)
        assert not desk.relay._webhooks.states["crm"].is_due(99, clock.wall())
        clock.by = HOUR + 1
        got = await receiver.count(3)
    assert [one.json["data"]["request"] for one in got] == [1, 1, 2]


async def test_who_wishes_for_peace_is_left_with_what_is_on_its_way(
    hooked: Hooked, database: Path
) -> None:
    all_are_there = asyncio.Event()

    async def behave(got: Got) -> bytes:
        await all_are_there.wait()
        return OK if got.json["data"]["request"] == 1 else status(429, "Retry-After: 60")

    async with (
        receiving(behave) as receiver,
        hooked(receiver.url, Ahead(), events=["opened"]) as desk,
    ):
        await desk.asker()
        await receiver.count(1)
        for _ in range(MAX_CONCURRENT + 2):
            await desk.asker()
        await receiver.count(MAX_CONCURRENT)
        all_are_there.set()
        others = range(3, 2 * MAX_CONCURRENT + 7, 2)
        tried, left = others[: MAX_CONCURRENT - 1], others[MAX_CONCURRENT - 1 :]
        await eventually(
            database,
            [(n, 1, 0, "refused", 429) for n in tried] + [(n, 0, 0, None, None) for n in left],
        )
        assert len(receiver.got) == MAX_CONCURRENT


async def test_who_wants_nothing_more_is_asked_again_after_a_restart(
    hooked: Hooked, database: Path
) -> None:
    clock = Ahead()
    async with receiving(lambda _: status(410)) as receiver:
        async with hooked(receiver.url, clock, events=["opened"]) as desk:
            await desk.asker()
            await eventually(database, [(1, 1, 0, "refused", 410)])
            clock.by = DAY
            await desk.asker()
            assert not desk.relay._webhooks.states["crm"].is_due(99, clock.wall())
        receiver.behave = lambda _: OK
        async with hooked(receiver.url, clock, events=["opened"]):
            got = await receiver.count(3)
    assert [one.json["data"]["request"] for one in got] == [1, 1, 2]


async def test_what_is_erased_is_told_no_more(hooked: Hooked, database: Path) -> None:
    async with receiving(lambda _: status(500)) as receiver, hooked(receiver.url, Ahead()) as desk:
        ada = await desk.asker(text="My secret")
        await receiver.count(1)
        await eventually(
            database, [(1, 1, 0, "refused", 500), (2, 0, 0, None, None), (3, 0, 0, None, None)]
        )
        await ada.ok("forget")
        assert waiting(database) == []
        receiver.behave = lambda _: OK
        await desk.asker(text="And I")
        await receiver.until(lambda got: got[-1].what == "And I")
    assert not any(one.what == "My secret" for one in receiver.got)


async def test_what_happened_while_nobody_listened_arrives_after_a_restart(
    process: Process,
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with process(url) as relay:
        client = await customer_of(relay)
        await client.ok("open", text="one")
        relay.stop()
        await relay.process.wait()
    async with receiving(port=port) as receiver, process(url):
        await receiver.until(lambda got: got[-1:] != [] and got[-1].what == "one")
    assert [one.json["type"] for one in receiver.got] == ["opened", "message", "message"]


async def test_a_kill_between_the_commit_and_the_delivery_loses_nothing(process: Process) -> None:
    async with receiving(hang) as receiver:
        async with process(receiver.url) as relay:
            client = await customer_of(relay)
            await client.ok("open", text="one")
            [before] = await receiver.count(1)
            await client.ok("send", text="two")
            await relay.kill()
        receiver.behave = lambda _: OK
        async with process(receiver.url):
            got = await receiver.until(lambda got: got[-1].what == "two")
        assert (got[1].id, got[1].body) == (before.id, before.body)
        assert [one.json["data"]["message"]["seq"] for one in got] == [1, 1, 2, 3, 4]


async def test_only_what_was_in_progress_comes_again_after_a_kill(
    process: Process, database: Path
) -> None:
    async def slow(got: Got) -> bytes:
        if of_first(got):
            await hang(got)
        return OK

    async with receiving(slow) as receiver:
        async with process(receiver.url) as relay:
            ada, bob = await customer_of(relay), await customer_of(relay)
            await ada.ok("open", text="never answered")
            await receiver.count(1)
            await bob.ok("open", text="bob 0")
            for number in range(5):
                await bob.ok("send", text=f"bob {number + 1}")
            await receiver.until(lambda got: got[-1].what == "bob 5")
            # Until the outcomes are stored, a tenth of a second at most: request 1 alone is left.
            await eventually(database, [(n, 0, 0, None, None) for n in (1, 2, 3)])
            await relay.kill()
        before = [one.id for one in receiver.got]
        receiver.got.clear()
        receiver.behave = lambda _: OK
        async with process(receiver.url):
            got = await receiver.until(lambda got: [*map(what, got)][-1:] == ["never answered"])
    assert len(set(before)) == len(before)
    assert [one.id for one in got if one.id in before] == [before[0]]
    assert [one.json["data"]["message"]["seq"] for one in got] == [1, 2, 3]


async def test_nothing_that_was_taken_comes_again_after_a_good_end(process: Process) -> None:
    async with receiving() as receiver:
        for number in range(2):
            async with process(receiver.url) as relay:
                client = await customer_of(relay)
                await client.ok("open", text=str(number))
                await receiver.count(3 * number + 3)
                relay.stop()
                assert await relay.process.wait() == 0
        assert len({one.id for one in receiver.got}) == len(receiver.got) == 6
