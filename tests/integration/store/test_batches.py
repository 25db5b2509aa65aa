"""The writer: one transaction for all waiting jobs; outcomes after the commit, in order, once."""

import logging
from pathlib import Path

import pytest

from relay.desk.events import Millis
from relay.errors import Code, Refused
from relay.log import FAILED, MAX_LINES
from relay.store.api import Transaction
from relay.store.sqlite import writer
from tests.integration.store.bench import Bench
from tests.integration.store.said import opens, says


def test_what_waits_is_one_transaction_and_its_waiters_are_woken_at_once(bench: Bench) -> None:
    with bench.one_batch():
        jobs = [bench.submit(opens(f"key-{n}", "Help")) for n in range(5)]
    bench.settle(*jobs)
    assert bench.wakes == 1
    assert bench.order == jobs
    assert [job.value.record.request.id for job in jobs] == [1, 2, 3, 4, 5]


def test_jobs_that_fail_all_the_time_fill_no_log(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Transaction) -> None:
        raise ValueError("a mistake of the program")

    def fail_to_tell(_: object) -> None:
        raise ValueError("another")

    with bench.one_batch():
        jobs = [bench.submit(fail) for _ in range(MAX_LINES)]
        for _ in range(MAX_LINES):
            bench.store.write(lambda _: None, fail_to_tell)
        last = bench.submit(opens("ada"))
    bench.settle(*jobs, last)
    assert [record.getMessage() for record in caplog.records] == [FAILED.name] * MAX_LINES


def test_the_order_of_the_jobs_is_the_order_of_the_numbers_and_the_outcomes(bench: Bench) -> None:
    bench.do(opens("ada"))
    jobs = [bench.submit(says("ada", f"line {n}", f"ref-{n}")) for n in range(200)]
    bench.settle(*jobs)
    assert bench.order[-200:] == jobs
    seqs = [own.seq for job in jobs if (own := job.value.own)]
    assert seqs == list(range(3, 203))


def test_an_outcome_is_told_only_when_others_can_see_what_was_written(bench: Bench) -> None:
    seen: list[int] = []

    def count() -> int:
        return len(bench.rows("SELECT 1 FROM message"))

    def work(transaction: Transaction) -> None:
        opens("ada", "Help")(transaction)
        transaction.last_message_id()
        seen.append(count())

    bench.store.write(work, lambda _: seen.append(count()))
    bench.settle(bench.submit(lambda _: None))
    assert seen == [0, 3]


def test_a_reader_in_order_sees_what_was_written_before_it_and_is_told_before_what_comes_after(
    bench: Bench,
) -> None:
    with bench.one_batch():
        before = bench.submit(opens("ada", "Help"))
        reader = bench.submit(lambda transaction: transaction.record(1), writes=False)
        after = bench.submit(says("ada", "More", "ref"))
    bench.settle(before, reader, after)
    assert bench.order == [before, reader, after]
    assert reader.value is not None
    assert reader.value.request.seq == 3


def test_a_job_that_fails_by_a_fault_of_its_own_fails_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(transaction: Transaction) -> None:
        opens("eve", "my secret")(transaction)
        raise ZeroDivisionError

    with bench.one_batch():
        first = bench.submit(opens("ada", "Help"))
        wrong = bench.submit(faulty)
        last = bench.submit(says("ada", "More", "ref"))
    bench.settle(first, wrong, last)
    assert (first.value.record.request.id, wrong.code) == (1, Code.UNAVAILABLE)
    assert last.value.record.request.seq == 4
    assert bench.order == [first, wrong, last]
    assert bench.rows("SELECT text FROM message WHERE kind = 'text' AND by_role = 'customer'") == [
        ("Help",),
        ("More",),
    ]
    assert bench.store.problem is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_row_that_breaks_a_constraint_fails_alone_and_its_words_are_not_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def doubled(transaction: Transaction) -> None:
        record = opens("eve", "my secret")(transaction).record
        transaction.last_message_id()
        transaction.add_request(record.customer, record.visit, Millis(0))

    with bench.one_batch():
        good = bench.submit(opens("ada", "Help"))
        wrong = bench.submit(doubled)
    bench.settle(good, wrong)
    assert (good.value.record.request.seq, wrong.code) == (3, Code.UNAVAILABLE)
    assert bench.store.problem is None
    assert "IntegrityError" in caplog.text
    assert "shop.example" not in caplog.text
    assert "secret" not in caplog.text


def test_a_refused_job_changes_nothing_and_keeps_the_others(bench: Bench) -> None:
    bench.do(opens("ada", "Help"))
    bench.indexed()
    before = bench.dump()
    for refused in (
        says("nobody", "Hi", "ref"),
        says("ada", "Another", "open"),
        says("ada", "Hi", "ref", number=99),
        opens("ada", "Another", "open"),
    ):
        assert isinstance(bench.write(refused).outcome, Refused)
    assert bench.dump() == before
    with bench.one_batch():
        jobs = [bench.submit(says("nobody", "Hi", "r")), bench.submit(says("ada", "Hi", "r"))]
    bench.settle(*jobs)
    assert [isinstance(job.outcome, Refused) for job in jobs] == [True, False]


def test_more_than_can_wait_is_refused_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "QUEUE_LIMIT", 3)
    with bench.one_batch():
        jobs = [bench.submit(lambda _: "done") for _ in range(5)]
    bench.settle(*jobs)
    assert [job.outcome == "done" for job in jobs] == [True, True, True, False, False]
    assert {job.code for job in jobs[3:]} == {Code.UNAVAILABLE}


def test_a_large_batch_is_parted_and_stays_in_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "LARGEST_BATCH", 2)
    with bench.one_batch():
        jobs = [bench.submit(opens(f"key-{n}")) for n in range(5)]
    bench.settle(*jobs)
    assert bench.wakes == 3
    assert bench.order == jobs


def test_closing_settles_what_waits(database: Path) -> None:
    with Bench(database) as bench:
        jobs = [bench.submit(opens(f"key-{n}", "Help")) for n in range(20)]
    bench.settle(*jobs)
    assert [job.value.record.request.id for job in jobs] == list(range(1, 21))
    assert len(bench.rows("SELECT 1 FROM help_request")) == 20


def test_a_fault_beside_the_writer_is_an_outcome_too(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    assert bench.read(lambda _: 1 // 0).code == Code.UNAVAILABLE
    assert "ZeroDivisionError" in caplog.text
    assert bench.read(lambda _: 1).value == 1
