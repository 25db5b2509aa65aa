"""Free space after a large erasure: given back in steps, at a quiet moment, without a trace."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.store.api import Transaction
from relay.store.sqlite import free_space, maintenance
from relay.store.sqlite.backup import write_backup
from relay.store.sqlite.integrity import check_database
from relay.store.sqlite.location import state_of
from relay.store.values import RequestFilter
from tests.contract.store.actions import ended, opens, says
from tests.contract.store.harness import eventually
from tests.integration.store.sqlite_harness import Bench

LONG = "Gurkensalat " * 300


@pytest.fixture(autouse=True)
def quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the writer's maintenance run at once, and small files count as large."""
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.02)
    monkeypatch.setattr(free_space, "SPARE_PAGES", 16)
    monkeypatch.setattr(free_space, "STEP", 8)


def purge_all_but_the_last(transaction: Transaction) -> None:
    records = transaction.records(RequestFilter(status="closed"))
    transaction.erase(records)
    transaction.wipe()


def grown(bench: Bench) -> int:
    """Fill the desk and return the size of its file."""
    for first in range(0, 200, 20):
        bench.do(ended(first, first + 19, f"{LONG} {{0}}"))
    bench.do(opens("stays", "Rhabarber"))
    eventually(lambda: not Path(f"{bench.database}-wal").stat().st_size)
    return bench.database.stat().st_size


def test_a_purge_of_most_of_a_desk_makes_the_file_small(bench: Bench) -> None:
    size = grown(bench)
    bench.do(purge_all_but_the_last)
    eventually(lambda: bench.database.stat().st_size < size / 4)
    assert b"gurkensalat" not in bench.database.read_bytes().lower()
    assert bench.do(says("stays", "Still here", "s")).record.request.seq == 4
    assert check_database(bench.database).findings == ()


def test_a_desk_that_is_busy_is_left_alone_until_it_is_quiet(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = grown(bench)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 60.0)
    bench.do(purge_all_but_the_last)
    bench.do(says("stays", "Still here", "s"))
    eventually(lambda: not state_of(bench.database).holds_erased)
    assert bench.database.stat().st_size == size
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.02)
    eventually(lambda: bench.database.stat().st_size < size / 4)


def test_a_file_of_an_older_release_says_what_is_wasted_and_a_copy_gives_it_back(
    database: Path,
) -> None:
    with Bench(database) as bench:
        grown(bench)
    with closing(sqlite3.connect(database, isolation_level=None)) as file:
        file.executescript("PRAGMA auto_vacuum=NONE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
    size = database.stat().st_size
    with Bench(database) as bench:
        bench.do(purge_all_but_the_last)
        eventually(lambda: not state_of(database).holds_erased)
        assert size / 2 < state_of(database).wasted < size <= database.stat().st_size
        copy = database.with_name("copy.db")
        write_backup(database, copy)
    assert copy.stat().st_size < size / 4
    assert state_of(copy).wasted == 0
    with closing(sqlite3.connect(copy)) as file:
        assert file.execute("PRAGMA auto_vacuum").fetchone() == (free_space.INCREMENTAL,)
