"""A kill during a purge: the next start records what was deleted, and removes the rest of it from
the files."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from relay.store.sqlite.integrity import check_database
from tests.contract.store.actions import ended
from tests.integration.relay.helpers import Desk, Frame, Wire, control, greeted, running
from tests.integration.relay.relay_process import Served, served
from tests.integration.relay.test_erasure import carry_out, gone_from_files
from tests.integration.store.sqlite_harness import Bench

REQUESTS = 600
NUMBERS = range(1, REQUESTS + 1)
WORD = "Gurke{:04}x"


async def killed_in_a_purge(database: Path) -> Frame:
    """Fill the desk, let a relay purge all of it and be killed on the way; return the plan."""
    with Bench(database) as bench:
        bench.do(ended(1, REQUESTS, WORD))
    async with served(database) as relay:
        desk = await at_its_socket(relay)
        planned: Frame = (await desk.ok("purge", filter={}, dry_run=True))["receipt"]
        await desk.send("purge", ref="p", filter={}, dry_run=False, plan=planned["plan"])
        await desk.receive(lambda it: it["type"] == "purging", "purging")
        await relay.kill()
        await desk.ended()
    return planned


async def at_its_socket(relay: Served) -> Wire:
    return await greeted(await control(relay.database.with_name("desk.db.sock")))


def rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as file:
        return file.execute(query).fetchall()


def all_of(desk: Desk) -> str:
    """Return the bytes of the desk's files, as far as they are text."""
    database = desk.settings.database_path
    files = (path for path in database.parent.glob(f"{database.name}*") if path.is_file())
    return "".join(path.read_bytes().decode("ascii", "ignore") for path in files)


def audited(database: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return each entry of the audit log: what was done, and what it came to."""
    found = rows(database, "SELECT action, data FROM audit ORDER BY id")
    return [(action, json.loads(data)) for action, data in found]


async def test_the_next_start_closes_it_with_an_entry_of_what_went(database: Path) -> None:
    planned = await killed_in_a_purge(database)
    left = {number for (number,) in rows(database, "SELECT id FROM help_request")}
    assert 0 < len(left) < REQUESTS
    assert [action for action, _ in audited(database)] == ["purge_begun"]
    async with running(database) as desk:
        root = await desk.control()
        assert len((await root.ok("list", limit=200))["requests"]) == min(200, len(left))
        await gone_from_files(WORD.format(1), desk)
        bytes_ = all_of(desk)
        assert left == {number for number in NUMBERS if WORD.format(number) in bytes_}
        again = (await root.ok("purge", filter={}, dry_run=True))["receipt"]
        assert (await carry_out(root, again["plan"]))["requests"] == len(left)
    (_, begun), (action, came_to), *rest = audited(database)
    assert action == "purge_interrupted"
    assert (came_to["plan"], came_to["begun"]) == (planned["plan"], 1)
    went = REQUESTS - len(left)
    assert (came_to["requests"], came_to["messages"]) == (went, begun["messages"] * went / REQUESTS)
    assert came_to["bytes"] == begun["bytes"] * went / REQUESTS
    assert (came_to["oldest"], came_to["newest"] < begun["newest"]) == (begun["oldest"], True)
    assert [action for action, _ in rest] == ["purge_begun", "purged"]
    assert check_database(database).findings == ()
    assert rows(database, "SELECT name FROM meta WHERE name LIKE 'purge:%'") == []
