"""A full disk: writes are refused, reads are served, and the store recovers.

The limit on the size of this process's files is a full disk that a test can bring and take away.
"""

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from relay.errors import Code
from relay.store.api import Transaction
from tests.integration.store.bench import Bench, Told, on_connection
from tests.integration.store.said import log, opens, says

FullDisk = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def full_disk(database: Path) -> FullDisk:
    """Return a context in which the database's files cannot grow."""

    @contextmanager
    def full() -> Iterator[None]:
        wal = database.with_name(database.name + "-wal")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return full


def test_writers_are_refused_and_what_they_wrote_is_not_kept(
    bench: Bench, full_disk: FullDisk
) -> None:
    bench.do(opens("ada", "Help"))
    bench.indexed()
    before = bench.dump()
    with full_disk():
        with bench.one_batch():
            jobs = [bench.submit(says("ada", f"line {n}", f"ref-{n}")) for n in range(3)]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}
        assert bench.store.problem
        assert bench.dump() == before


def test_readers_of_the_same_batch_are_served(bench: Bench, full_disk: FullDisk) -> None:
    bench.do(opens("ada", "Help"))
    with full_disk():
        with bench.one_batch():
            writer = bench.submit(says("ada", "More", "ref"))
            reader = bench.submit(log(1), writes=False)
        bench.settle(writer, reader)
        assert writer.code == Code.UNAVAILABLE
        assert [message.seq for message in reader.value.messages] == [1, 2, 3]
        beside = bench.read_sql("SELECT max(seq) FROM message")
        assert beside.value == [(3,)]
        alone = bench.submit(log(1), writes=False)
        bench.settle(alone)
        assert len(alone.value.messages) == 3


def test_it_recovers_and_a_retry_is_stored_once(bench: Bench, full_disk: FullDisk) -> None:
    bench.do(opens("ada", "Help"))
    line = says("ada", "More", "ref")
    with full_disk():
        assert [bench.write(line).code for _ in range(3)] == [Code.UNAVAILABLE] * 3
    assert bench.store.problem
    stored = bench.do(line)
    bench.problem_becomes(False)
    assert (stored.own and stored.own.seq, stored.record.request.seq) == (4, 4)
    assert len(bench.rows("SELECT 1 FROM message WHERE text = 'More'")) == 1


def test_a_failed_batch_leaves_nothing_in_the_writers_memory(
    bench: Bench, full_disk: FullDisk
) -> None:
    """The second request was thought of, decided and numbered, but never was."""
    bench.do(opens("ada", "Help"))
    with full_disk():
        with bench.one_batch():
            jobs = [bench.submit(opens("eve", "x")), bench.submit(says("ada", "More", "ref"))]
        bench.settle(*jobs)
        assert {job.code for job in jobs} == {Code.UNAVAILABLE}

    def known(transaction: Transaction) -> object:
        ada = transaction.record(1)
        return (
            ada and ada.request.seq,
            transaction.record(2),
            transaction.people.customer("eve"),
            transaction.latest(2),
        )

    assert bench.do(known) == (3, None, None, None)
    assert bench.do(opens("eve", "x")).record.request.id == 2


def test_a_refusal_for_lack_of_space_says_nothing_of_the_words(
    bench: Bench, full_disk: FullDisk, caplog: pytest.LogCaptureFixture
) -> None:
    bench.do(opens("ada", "Help"))
    with full_disk():
        bench.write(says("ada", "my secret", "ref"))
    assert caplog.records
    assert "secret" not in caplog.text


def test_reads_without_an_end_are_refused_in_a_hurry_those_that_wait_too(bench: Bench) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    told = [Told[object](bench.order.append) for _ in range(6)]
    for one in told:
        bench.store.read(on_connection(endless), one)
    finishing = threading.Thread(target=bench.store.finish_reads)
    finishing.start()
    while finishing.is_alive():
        bench.store.interrupt()
        finishing.join(0.05)
    bench.settle(*told)
    assert {one.code for one in told} == {Code.UNAVAILABLE}
