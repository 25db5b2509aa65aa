"""A desk with a few requests on it, written by the store itself, for commands to read."""

import sqlite3
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from relay.desk import commands
from tests.contract.store.actions import add_agents, agent_does, agent_says, closes, opens, says
from tests.integration.store.sqlite_harness import Bench

HOSTILE = "=1+1 <b>\N{RIGHT-TO-LEFT OVERRIDE}&\n@SUM(A1)"


def furnish(database: Path) -> None:
    """Store two agents and three requests: one closed, one active and tagged, one waiting."""
    if database.exists():
        fill(database)
    else:
        database.touch(mode=0o600)
        database.write_bytes(furnished())


@cache
def furnished() -> bytes:
    """Return the file of such a desk, which is made once."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "desk.db"
        fill(database)
        assert {path.suffix for path in Path(folder).iterdir()} <= {".db", ".lock"}
        return database.read_bytes()


def fill(database: Path) -> None:
    """Store them one after the other."""
    with Bench(database) as bench:
        bench.do(add_agents)
        bench.do(opens("ada", "Where is my order?", name="Ada"))
        bench.do(agent_says(1, 1, commands.Send("On its way."), "a1"))
        bench.do(agent_says(1, 1, commands.Note("A *difficult* one"), "a2"))
        bench.do(closes("ada"))
        bench.do(opens("bob", HOSTILE, name="=Bob"))
        bench.do(agent_does(2, 2, commands.Claim()))
        bench.do(agent_does(2, 2, commands.Tag(frozenset({"billing"}), frozenset())))
        bench.do(opens("eve", None))
        bench.do(says("eve", "Grüße, 世界 😀", "e1"))


def forge(file: sqlite3.Connection, *, seq: int) -> None:
    """Write request 7 past the store: it has no log, and says that it has *seq* messages."""
    file.execute(
        "INSERT INTO customer (id, site, key, verified, created_at) "
        "VALUES (1, 'default', 'k', 0, 0)"
    )
    file.execute(
        "INSERT INTO help_request (id, site, customer_id, status, seq, customer_seq, tags, "
        "customer_read_seq, customer_read_customer_seq, agent_read_seq, "
        "agent_read_customer_seq, opened_at) "
        "VALUES (7, 'default', 1, 'waiting', ?, ?, '[]', 0, 0, 0, 0, 5)",
        (seq, seq),
    )
