"""Erasure: data is gone for all clients, and from every page of the files."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from relay.service.handlers.purge import STEP
from relay.service.jobs import LOOK_EVERY
from relay.store.sqlite.audit_log import chain_errors
from relay.store.sqlite.engine import reader_engine
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Calendar, Desk, Frame, HandClock, Wire, number_of
from tests.integration.relay.metrics_page import scrape, scraped
from tests.patience import PATIENCE

MARK = "Gurkensalat"
"""A word that stands nowhere but in what is erased."""


def files_with(word: str, database: Path) -> list[str]:
    """Return the files of *database*, its log and all, whose bytes hold *word* in any case."""
    return [
        path.name
        for path in sorted(database.parent.glob(f"{database.name}*"))
        if path.is_file() and word.lower().encode() in path.read_bytes().lower()
    ]


async def gone_from_files(word: str, desk: Desk) -> None:
    """Wait until *word* is in no file; a reader may keep the log for a moment."""
    async with asyncio.timeout(PATIENCE):
        while files_with(word, desk.settings.database_path):  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.05)


async def marked(desk: Desk, *, close: bool = True) -> Wire:
    """Return a customer who has left the marked word wherever a customer can."""
    customer = await desk.customer(
        page={"url": f"https://shop.example/{MARK}", "title": MARK, "referrer": ""}
    )
    opened = await customer.ok("open", name=f"Ada {MARK}", email=f"{MARK}@example.org", text=MARK)
    customer.welcome = customer.welcome | {"request": opened["request"]}
    for word in range(300):
        await customer.ok("send", text=f"{MARK} {word} " + "and more than fits on a page " * 9)
    await customer.ok("rate", score=1, comment=f"no {MARK}")
    if close:
        await customer.ok("close")
    return customer


async def purge(admin: Wire, **filter_: object) -> Frame:
    """Plan and purge; return the receipt."""
    planned = await admin.ok("purge", dry_run=True, filter=filter_)
    return await carry_out(admin, planned["receipt"]["plan"])


async def carry_out(admin: Wire, plan: str) -> Frame:
    """Purge what is in *plan*; return the receipt."""
    await admin.send("purge", ref="purge", dry_run=False, plan=plan)
    purged = await admin.receive(lambda it: it["type"] == "purged", "receipt")
    receipt: Frame = purged["receipt"]
    return receipt


async def test_a_customer_who_is_forgotten_leaves_nothing_and_everybody_hears_of_it(
    start: Start,
) -> None:
    async with start(**FREE) as desk:
        sam = await desk.agent("Sam")
        customer = await marked(desk, close=False)
        number = number_of(customer)
        tab = await desk.customer(token=customer.welcome["token"])
        await sam.ok("join", request=number)
        await sam.ok("note", request=number, text=f"wants {MARK}")
        assert files_with(MARK, desk.settings.database_path)
        await customer.ok("forget")
        assert await customer.ended() == 4000
        assert await tab.ended() == 4000
        await sam.push("gone", request=number)
        await tab.push("gone", request=number)
        await gone_from_files(MARK, desk)
        assert await sam.refused("join", request=number) == "not_found"
        again = await desk.customer(token=customer.welcome["token"])
        assert again.welcome["request"] is None
        assert again.welcome["token"] != customer.welcome["token"]
        later = await desk.agent("Kim")
        assert later.welcome["requests"] == []


async def test_nobody_is_forgotten_while_a_request_of_theirs_is_held(desk: Desk) -> None:
    root = await desk.control()
    customer = await desk.asker(text="Help")
    number = number_of(customer)
    held = await root.ok("hold", request=number, why="court order")
    assert held["request"]["hold"]["why"] == "court order"
    assert await customer.refused("forget") == "forbidden"
    assert (await customer.ok("send", text="still here"))["seq"] == 4
    lifted = await root.ok("unhold", request=number)
    assert lifted["request"]["hold"] is None
    await customer.ok("forget")
    assert await customer.ended() == 4000


async def test_a_hold_is_in_the_log_and_in_every_agents_list(desk: Desk) -> None:
    sam, root = await desk.agent("Sam"), await desk.agent("Root", role="admin")
    customer = await desk.asker(text="Help")
    number = number_of(customer)
    await sam.ok("join", request=number)
    await root.ok("hold", request=number, why="court order")
    pushed = await sam.receive(lambda it: it["type"] == "request" and it["request"]["hold"], "hold")
    assert pushed["request"]["hold"]["by"]["name"] == "Root"
    said = await sam.message("Root put the request on hold: court order")
    assert said["data"] == {"why": "court order"}
    await root.ok("hold", request=number, why="court order")  # changes nothing
    await root.ok("unhold", request=number)
    assert (await sam.message("Root lifted the hold"))["data"] == {"why": None}
    assert "court" not in str(customer.heard)


async def test_a_dry_run_changes_nothing_and_its_plan_is_what_goes(start: Start) -> None:
    async with start(**FREE) as desk:
        root, sam = await desk.control(), await desk.agent("Sam")
        askers = [await desk.asker(text=f"words {number}") for number in range(4)]
        for customer in askers[:3]:
            await customer.ok("close")
        await root.ok("hold", request=1, why="tax")
        planned = (await root.ok("purge", dry_run=True, filter={"status": "closed"}))["receipt"]
        assert (planned["requests"], planned["held"], planned["number"]) == (2, 1, None)
        assert planned["messages"] == 8
        assert planned["hash"] is planned["overwritten"] is None
        assert len((await sam.ok("list"))["requests"]) == 4
        await root.ok("hold", request=2, why="tax")  # since the plan
        await askers[3].ok("close")  # not in the plan
        receipt = await carry_out(root, planned["plan"])
        assert (receipt["requests"], receipt["messages"], receipt["held"]) == (1, 4, 2)
        assert receipt["bytes"] == planned["bytes"] / 2
        assert receipt["plan"] == planned["plan"]
        assert receipt["by"] == {"role": "desk", "id": None, "name": "Support"}
        assert [it["id"] for it in (await sam.ok("list"))["requests"]] == [4, 2, 1]
        await sam.push("gone", request=3)
        await askers[2].push("gone", request=3)
        assert await carry_out(root, planned["plan"]) == receipt


async def test_what_is_purged_is_gone_from_tables_free_pages_and_log(start: Start) -> None:
    async with start(**FREE) as desk:
        root = await desk.control()
        stays = await desk.asker(text="Rhabarber")
        await marked(desk)
        assert files_with(MARK, desk.settings.database_path)
        receipt = await purge(root, status="closed")
        assert (receipt["requests"], receipt["messages"]) == (1, 305)
        await gone_from_files(MARK, desk)
        # The log was emptied: what stays is in the database itself.
        assert files_with("Rhabarber", desk.settings.database_path) == ["desk.db"]
        assert (await stays.ok("send", text="Hello"))["seq"] == 4


async def test_a_purge_whose_bytes_a_reader_still_holds_says_so_until_they_are_gone(
    start: Start,
) -> None:
    async with start(**FREE) as desk:
        root, database = await desk.control(), desk.settings.database_path
        await marked(desk)
        stays = await desk.asker(text="Hello")
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT * FROM message LIMIT 1").fetchall()
            receipt = await purge(root, status="closed")
            assert (receipt["requests"], receipt["overwritten"]) == (1, False)
            assert files_with(MARK, database)
            assert (await scrape(desk))["helpdesk_holds_erased"] == 1
            assert (await stays.ok("send", text="Nobody waits for it"))["seq"]
            assert not (await carry_out(root, receipt["plan"]))["overwritten"]
        await scraped(desk, lambda it: it["helpdesk_holds_erased"] == 0)
        assert await carry_out(root, receipt["plan"]) == receipt | {"overwritten": True}
        assert files_with(MARK, database) == []


async def test_a_purge_goes_in_steps_between_which_everybody_chats(start: Start) -> None:
    async with start(**FREE, connections_per_second=0) as desk:
        root = await desk.control()
        asker, chatting = await desk.customer(), await desk.asker(text="Hello")
        for number in range(2 * STEP + 1):
            await asker.ok("open", ref=f"{number}")
            await asker.ok("close")
        planned = await root.ok("purge", dry_run=True, filter={"status": "closed"})
        await root.send("purge", ref="p", dry_run=False, plan=planned["receipt"]["plan"])
        await chatting.ok("send", text="meanwhile")
        assert (await root.ok("ping"))["type"] == "pong"
        done = await root.receive(lambda it: it["type"] == "purged", "receipt")
        steps = [it["done"] for it in root.heard if it["type"] == "purging"]
        assert steps == [STEP, 2 * STEP, 2 * STEP + 1]
        assert done["receipt"]["requests"] == 2 * STEP + 1


async def test_retention_leaves_what_is_held_and_deletes_it_when_the_hold_ends(
    start: Start,
) -> None:
    clock = HandClock()
    async with start(clock, retention_days=0) as desk:
        root, customer = await desk.control(), await desk.asker(text="Help")
        number = number_of(customer)
        await root.ok("hold", request=number, why="tax")
        await customer.ok("close")
        assert (await root.ok("join", request=number))["request"]["status"] == "closed"
        await root.ok("unhold", request=number)
        clock.now += LOOK_EVERY
        await root.push("gone", request=number)
        assert await root.refused("join", request=number) == "not_found"


async def test_each_erasure_is_in_the_audit_log_without_a_word_of_the_customers(
    desk: Desk,
) -> None:
    root = await desk.agent("Root", role="admin")
    for ending in ("close", "forget"):
        customer = await desk.asker(name="Ada Lovelace", email="ada@example.org", text="secret")
        await customer.ok(ending)
    receipt = await purge(root)
    rows = audited(desk)
    assert [row.action for row in rows] == ["forgotten", "purge_begun", "purged"]
    assert (rows[-1].id, rows[-1].hash) == (receipt["number"], receipt["hash"])
    assert rows[-1].by_name == "Root"
    assert not any(word in str(rows) for word in ("Ada", "ada@", "secret"))


async def test_each_closing_that_deletes_is_in_the_audit_log_whoever_closes(start: Start) -> None:
    clock = Calendar()
    async with start(clock, retention_days=0, auto_close_after=1) as desk:
        root = await desk.agent("Root", role="admin")
        customer = await desk.asker(name="Ada Lovelace", text="secret")
        await customer.ok("close", ref="c")
        await customer.refused("close", ref="c")
        await desk.asker(name="Ada Lovelace", text="secret")
        await root.ok("close", request=2)
        await desk.asker(name="Ada Lovelace", text="secret")
        clock.turn(days=1)
        await root.push("gone", request=3)
        rows = audited(desk)
    assert [(row.action, row.by_role) for row in rows] == [("expired", "desk")] * 3
    told = [json.loads(row.data) for row in rows]
    assert [(it["request"], it["requests"], it["messages"] > 2) for it in told] == [
        (number, 1, True) for number in (1, 2, 3)
    ]
    assert not any(word in str(rows) for word in ("Ada", "secret"))


def audited(desk: Desk) -> Sequence[Any]:
    """Return the entries of the audit log, whose chain is whole."""
    engine = reader_engine(desk.settings.database_path, 1)
    with engine.connect() as connection:
        assert list(chain_errors(connection)) == []
        rows = connection.exec_driver_sql("SELECT * FROM audit ORDER BY id").all()
    engine.dispose()
    return rows
