"""Maintenance between batches: the test for free space, and checkpoints of the write-ahead log."""

import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from relay.errors import Code, StartError
from relay.store.api import Queries, Transaction
from relay.store.offline import DatabaseKind
from relay.store.sqlite import maintenance
from relay.store.sqlite.engine import writer_engine
from relay.store.sqlite.identity import CHECK_TIMEOUT, identify
from relay.store.sqlite.integrity import check_database
from relay.store.sqlite.transaction import SqliteTransaction
from tests.contract.store.actions import add_agents, log, opens, says
from tests.contract.store.harness import Callback, eventually
from tests.contract.store.sqlite_faults import writer_pragmas
from tests.integration.store.sqlite_harness import Bench, on_connection
from tests.patience import PATIENCE

LONG = "x" * 4_000


@pytest.fixture(autouse=True)
def quick_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the writer look after its database more often than any test would wait."""
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.02)
    monkeypatch.setattr(maintenance, "CHECKPOINT_INTERVAL", 0.0)


def pages_of(database: Path) -> int:
    with closing(sqlite3.connect(database)) as file:
        (count,) = file.execute("PRAGMA page_count").fetchone()
        return int(count)


def turns(bench: Bench, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Wait until the writer has had *number* turns more."""
    had = threading.Semaphore(0)
    turn = maintenance.Maintenance.run

    def counted(self: maintenance.Maintenance, *, failing: bool) -> object:
        result = turn(self, failing=failing)
        had.release()
        return result

    with monkeypatch.context() as patch:
        patch.setattr(maintenance.Maintenance, "run", counted)
        for _ in range(number):
            assert had.acquire(timeout=PATIENCE)


def test_a_full_database_refuses_whole_batches_and_takes_them_when_there_is_room(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = writer_pragmas(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "INTERVAL", 60.0)  # no self-test, which leaves free pages
        with Bench(database) as bench:
            bench.do(opens("ada", "Help"))  # in the index at the end
    limit = f"PRAGMA max_page_count={pages_of(database) + 10}"
    pragmas.append(limit)
    with Bench(database) as bench:
        before = bench.dump()
        with bench.busy():
            jobs = [bench.submit(says("ada", LONG, f"ref-{n}")) for n in range(40)]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}
        assert "full" in str(bench.store.problem)
        assert bench.dump() == before
        assert bench.read_sql("SELECT 1 FROM message").value

        pragmas.remove(limit)
        bench.problem_becomes(False)
        for number in range(40):
            bench.do(says("ada", LONG, f"ref-{number}"))
    assert check_database(database).findings == ()


def test_it_is_not_well_again_only_because_something_small_fits(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = writer_pragmas(monkeypatch)
    limit = f"PRAGMA max_page_count={pages_of(database) + 3}"
    pragmas.append(limit)
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        with bench.busy():
            jobs = [bench.submit(says("ada", LONG, f"ref-{n}")) for n in range(10)]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}
        bench.do(says("ada", "small", "small"))
        turns(bench, monkeypatch, 3)
        assert "full" in str(bench.store.problem)
        pragmas.remove(limit)
        bench.problem_becomes(False)


def test_a_lack_of_room_is_noticed_before_anybody_writes(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer_pragmas(monkeypatch).append(f"PRAGMA max_page_count={pages_of(database)}")
    with Bench(database) as bench:
        bench.problem_becomes(True)
        assert "full" in str(bench.store.problem)


def test_a_database_that_becomes_read_only_is_read_all_the_same(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = writer_pragmas(monkeypatch)
    limit = f"PRAGMA max_page_count={pages_of(database) + 3}"
    pragmas.append(limit)
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        pragmas[-1] = "PRAGMA query_only=ON"
        # What does not fit makes the writer connect anew, which it then may only to read.
        with bench.busy():
            jobs = [bench.submit(says("ada", LONG, f"ref-{n}")) for n in range(10)]
        bench.settle(*jobs)
        eventually(lambda: "readonly" in str(bench.store.problem))
        with bench.busy():
            writer = bench.submit(says("ada", "More", "ref"))
            reader = bench.submit(log(1), writes=False)
        bench.settle(writer, reader)
        assert writer.code == Code.UNAVAILABLE
        assert len(reader.value.messages) == 3
        pragmas.pop()
        bench.problem_becomes(False)
        bench.do(says("ada", "More", "ref"))


def test_a_start_on_a_database_that_is_read_only_is_refused(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer_pragmas(monkeypatch).append("PRAGMA query_only=ON")
    with pytest.raises(StartError, match="readonly"):
        Bench(database)


def test_a_proof_leaves_nothing_behind(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "PROBE_INTERVAL", 0.0)
    before = bench.dump()
    turns(bench, monkeypatch, 5)
    monkeypatch.setattr(maintenance, "PROBE_INTERVAL", 1e9)
    eventually(lambda: bench.dump() == before)


def test_a_log_that_cannot_be_carried_over_is_told_and_loses_nothing(database: Path) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        eventually(lambda: bench.store.log_bytes == 0)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        # The database cannot grow any more, while its log, which is shorter, can.
        resource.setrlimit(resource.RLIMIT_FSIZE, (database.stat().st_size, hard))
        try:
            for number in range(8):
                bench.write(says("ada", LONG, f"ref-{number}"))
            bench.problem_becomes(True)
            kept = bench.rows("SELECT ref FROM message WHERE ref LIKE 'ref-%'")
            assert kept
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        bench.problem_becomes(False)
        eventually(lambda: bench.store.log_bytes == 0)
        assert bench.rows("SELECT ref FROM message WHERE ref LIKE 'ref-%'") == kept
    assert check_database(database).findings == ()


def test_the_log_is_emptied_when_it_is_quiet(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = maintenance.TRUNCATE_AFTER
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 1e9)
    bench.do(opens("ada", "Help"))
    assert bench.store.log_bytes > 0
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", quiet)
    eventually(lambda: bench.store.log_bytes == 0)


def test_a_long_log_is_carried_over_without_waiting_for_quiet(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 1e9)
    monkeypatch.setattr(maintenance, "CHECKPOINT_SIZE", 100_000)
    bench.do(opens("ada", "Help"))
    for number in range(30):
        bench.do(says("ada", LONG, f"ref-{number}"))
    turns(bench, monkeypatch, 2)
    size = bench.store.log_bytes
    assert size > 100_000
    bench.do(says("ada", LONG, "one more"))
    assert bench.store.log_bytes == size  # it was begun again


def test_a_long_log_that_was_just_carried_over_is_left_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 1e9)
    monkeypatch.setattr(maintenance, "CHECKPOINT_SIZE", 100_000)
    monkeypatch.setattr(maintenance, "CHECKPOINT_INTERVAL", 1e9)
    bench.do(opens("ada", "Help"))
    sizes = []
    for part in range(3):
        for number in range(30):
            bench.do(says("ada", LONG, f"ref-{part}-{number}"))
        turns(bench, monkeypatch, 2)
        sizes.append(bench.store.log_bytes)
    assert sizes == sorted(set(sizes))  # it goes on and on, as it is not begun again


def test_a_reader_that_keeps_a_snapshot_shows_in_the_size_of_the_log_and_stalls_nobody(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.do(opens("ada", "Help"))
    reading, done = threading.Event(), threading.Event()

    def snapshot(queries: Queries) -> int:
        count = len(on_connection("SELECT 1 FROM message")(queries))
        reading.set()
        assert done.wait(PATIENCE)
        return count

    told = Callback[int](bench.order.append)
    bench.store.read(snapshot, told)
    assert reading.wait(PATIENCE)
    for number in range(100):
        bench.do(says("ada", LONG, f"ref-{number}"))
    turns(bench, monkeypatch, 3)
    assert bench.store.log_bytes > 400_000
    assert bench.store.problem is None
    done.set()
    bench.settle(told)
    assert told.value == 3
    eventually(lambda: bench.store.log_bytes == 0)


def drop_cache(transaction: Transaction) -> None:
    """Let the writer read every page again."""
    assert isinstance(transaction, SqliteTransaction)
    transaction._connection.exec_driver_sql("PRAGMA shrink_memory")


@pytest.fixture
def spoilt(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Yield an open store, one table of which is overwritten by another process."""
    with Bench(database) as bench:
        bench.do(add_agents)
        bench.do(opens("ada", "Help"))
        ((page,),) = bench.rows("SELECT rootpage FROM sqlite_master WHERE name = 'message'")
    with monkeypatch.context() as patch:
        patch.setattr(maintenance, "INTERVAL", 60.0)  # or else the table may be in memory by then
        again = Bench(database)
    with again as bench:
        bench.settle(bench.submit(drop_cache, writes=False))  # a write would be followed by a turn
        code = (
            f"f = open({str(database)!r}, 'r+b'); f.seek({page - 1} * 4096); f.write(b'x' * 4096)"
        )
        subprocess.run([sys.executable, "-c", code], check=True)
        yield bench


def test_damage_that_is_met_while_it_runs_ends_all_writing(
    spoilt: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spoilt.write(says("ada", "More", "ref")).code == Code.UNAVAILABLE
    problem = spoilt.store.problem
    assert "malformed; stop the relay and see `helpdesk check`" in str(problem)

    # What does not touch the damage is refused as well, and no proof makes the file whole.
    monkeypatch.setattr(maintenance, "PROBE_INTERVAL", 0.0)
    assert spoilt.write(add_agents).code == Code.UNAVAILABLE
    assert spoilt.store.problem == problem
    assert spoilt.read_sql("SELECT name FROM agent").value
    reader = spoilt.submit(lambda transaction: transaction.record(1), writes=False)
    spoilt.settle(reader)
    assert reader.value
    assert identify(spoilt.database, check_seconds=CHECK_TIMEOUT).kind is DatabaseKind.DAMAGED


def test_damage_that_a_reader_meets_ends_all_writing(spoilt: Bench) -> None:
    told = spoilt.read_sql("SELECT text FROM message")
    assert told.code == Code.UNAVAILABLE
    assert "malformed" in str(spoilt.store.problem)
    assert spoilt.write(add_agents).code == Code.UNAVAILABLE


def test_a_log_that_cannot_be_written_over_is_told_and_tried_again(
    bench: Bench, disk_of: Callable[[int], None], caplog: pytest.LogCaptureFixture
) -> None:
    bench.do(opens("ada", "Help"))
    bench.indexed()
    before = bench.dump()
    engine = writer_engine(bench.database)
    keeper = maintenance.Maintenance(engine, bench.database)
    disk_of(0)
    keeper.overwrite_failed_commit()
    standing = [keeper.has_failed_commit]
    assert [it.message for it in caplog.records] == ["overwriting_failed"]
    disk_of(resource.RLIM_INFINITY)
    keeper.overwrite_failed_commit()
    standing.append(keeper.has_failed_commit)
    assert standing == [True, False]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()
    assert bench.dump() == before
