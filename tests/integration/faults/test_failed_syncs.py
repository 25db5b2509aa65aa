"""Consecutive failing syncs: refused messages are never stored or shown.

A commit whose sync fails has its pages and its mark in the log already, for a restart to find.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.faults.strace import FAILED, count, traced
from tests.integration.relay.helpers import FREE, Frame, Wire, running
from tests.integration.relay.relay_process import (
    PROGRAM,
    Served,
    agent_of,
    customer_of,
    served_by,
)
from tests.integration.store.sqlite_harness import Bench

MESSAGES = 12


def failing(database: Path, when: str) -> tuple[str, ...]:
    """Return the relay's command, with its syncs failing at *when* (as strace counts them)."""
    inject = f"inject=fsync,fdatasync:error=EIO:when={when}"
    return traced(PROGRAM, database.with_name("trace"), "-e", inject)


async def opened(relay: Served) -> Wire:
    """Return a customer with an open request, however often that has to be tried."""
    customer = await customer_of(relay)
    while (await customer.ask("open", ref="open"))["type"] == "error":
        pass
    return customer


async def say(customer: Wire) -> tuple[list[str], list[str]]:
    """Send some messages one by one, none twice; return which were kept and which refused."""
    answers: list[Frame] = []
    for number in range(MESSAGES):
        answers.append(await customer.ask("send", ref=f"s{number}", text=f"text {number}"))
        assert answers[-1].get("code", "unavailable") == "unavailable"
    refused = [answer["ref"] for answer in answers if answer["type"] == "error"]
    return [answer["ref"] for answer in answers if answer["ref"] not in refused], refused


def stored(database: Path) -> list[str]:
    """Return the refs of all messages in *database*, in their order."""
    with closing(sqlite3.connect(database)) as file:
        found = file.execute("SELECT ref FROM message WHERE ref LIKE 's%' ORDER BY seq").fetchall()
    return [ref for (ref,) in found]


@pytest.mark.parametrize("when", ["8..9", "8..11", "8..16"])
async def test_what_was_refused_is_neither_kept_nor_shown(database: Path, when: str) -> None:
    async with running(database) as desk:
        token = (await desk.hire("Sam"))["token"]
    async with served_by(failing(database, when), database, **FREE) as relay:
        customer = await opened(relay)
        sam = await agent_of(relay, token)
        await sam.ok("join", request=1)
        kept, refused = await say(customer)
        last = await customer.ask("send", ref="s-last", text="last")
        while last["type"] == "error":
            last = await customer.ask("send", ref="s-last", text="last")
        await sam.ok("ping")
        pushed = sam.waiting("message")
        page = await sam.ok("history", request=1, before=9_999)
        texts = [it for it in page["messages"] if it["by"]["role"] == "customer"][1:]
        await relay.kill()
    assert refused
    assert count(FAILED, database.with_name("trace")) > 1
    assert [it["message"]["seq"] for it in pushed] == [it["seq"] for it in texts]
    assert [it["seq"] for it in texts] == list(range(3, 3 + len(kept) + 1))
    assert stored(database) == [*kept, "s-last"]


@pytest.mark.parametrize("first", [4, 5, 6, 7, 8, 9])
async def test_what_was_refused_is_not_there_after_a_kill(database: Path, first: int) -> None:
    Bench(database).store.close()
    async with served_by(failing(database, f"{first}+"), database, **FREE) as relay:
        customer = await customer_of(relay)
        opening = await customer.ask("open", ref="s-open", text="Help")
        kept, refused = ([], ["s-open"]) if opening["type"] == "error" else (["s-open"], [])
        if kept:
            more, no_more = await say(customer)
            kept, refused = kept + more, refused + no_more
        await relay.kill()
    assert refused
    assert stored(database) == kept
