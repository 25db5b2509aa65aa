"""Jobs and their outcomes: in order, after the commit, once; who fails, fails alone."""

import logging
from pathlib import Path

import pytest

from relay.errors import Code, Refused
from relay.log import FAILED, MAX_LINES
from relay.store.api import QUEUE_LIMIT, Transaction
from tests.contract.store.actions import opens, says
from tests.contract.store.harness import StoreBench


def test_jobs_that_fail_all_the_time_fill_no_log(
    bench: StoreBench, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Transaction) -> None:
        raise ValueError("a mistake of the program")

    def fail_to_tell(_: object) -> None:
        raise ValueError("another")

    with bench.busy():
        jobs = [bench.submit(fail) for _ in range(MAX_LINES)]
        for _ in range(MAX_LINES):
            bench.store.write(lambda _: None, fail_to_tell)
        last = bench.submit(opens("ada"))
    bench.settle(*jobs, last)
    assert [record.getMessage() for record in caplog.records] == [FAILED.name] * MAX_LINES


def test_the_order_of_the_jobs_is_the_order_of_the_numbers_and_the_outcomes(
    bench: StoreBench,
) -> None:
    bench.do(opens("ada"))
    jobs = [bench.submit(says("ada", f"line {n}", f"ref-{n}")) for n in range(200)]
    bench.settle(*jobs)
    assert bench.order[-200:] == jobs
    seqs = [own.seq for job in jobs if (own := job.value.own)]
    assert seqs == list(range(3, 203))


def test_an_outcome_is_told_only_when_others_can_see_what_was_written(bench: StoreBench) -> None:
    seen: list[int] = []

    def count() -> int:
        return len(bench.exported())

    def job(transaction: Transaction) -> None:
        opens("ada", "Help")(transaction)
        transaction.last_message_id()
        seen.append(count())

    bench.store.write(job, lambda _: seen.append(count()))
    bench.settle(bench.submit(lambda _: None))
    before, after = seen
    assert after - before == 4, "the request and its three messages"


def test_a_reader_in_order_sees_what_was_written_before_it_and_is_told_before_what_comes_after(
    bench: StoreBench,
) -> None:
    with bench.busy():
        before = bench.submit(opens("ada", "Help"))
        reader = bench.submit(lambda transaction: transaction.record(1), writes=False)
        after = bench.submit(says("ada", "More", "ref"))
    bench.settle(before, reader, after)
    assert bench.order == [before, reader, after]
    assert reader.value is not None
    assert reader.value.request.seq == 3


def test_a_job_that_fails_by_a_fault_of_its_own_fails_alone(
    bench: StoreBench, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(transaction: Transaction) -> None:
        opens("eve", "my secret")(transaction)
        raise ZeroDivisionError

    with bench.busy():
        first = bench.submit(opens("ada", "Help"))
        wrong = bench.submit(faulty)
        last = bench.submit(says("ada", "More", "ref"))
    bench.settle(first, wrong, last)
    assert (first.value.record.request.id, wrong.code) == (1, Code.UNAVAILABLE)
    assert last.value.record.request.seq == 4
    assert bench.order == [first, wrong, last]
    assert [text for _, text, ref in bench.messages() if ref] == ["Help", "More"]
    assert bench.store.problem is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_job_with_a_value_that_no_database_takes_fails_alone(
    bench: StoreBench, caplog: pytest.LogCaptureFixture
) -> None:
    def faulty(transaction: Transaction) -> None:
        transaction.people.set_canned("hi", {"no": "text"})  # type: ignore[arg-type]

    with bench.busy():
        first = bench.submit(opens("ada", "Help"))
        wrong = bench.submit(faulty)
        last = bench.submit(says("ada", "More", "ref"))
    bench.settle(first, wrong, last)
    assert (first.value.record.request.id, wrong.code) == (1, Code.UNAVAILABLE)
    assert last.value.record.request.seq == 4
    assert bench.store.problem is None
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_refused_job_changes_nothing_and_keeps_the_others(bench: StoreBench) -> None:
    bench.do(opens("ada", "Help"))
    before = bench.exported()
    for refused in (
        says("nobody", "Hi", "ref"),
        says("ada", "Another", "open"),
        says("ada", "Hi", "ref", number=99),
        opens("ada", "Another", "open"),
    ):
        assert isinstance(bench.write(refused).outcome, Refused)
    assert bench.exported() == before
    with bench.busy():
        jobs = [bench.submit(says("nobody", "Hi", "r")), bench.submit(says("ada", "Hi", "r"))]
    bench.settle(*jobs)
    assert [isinstance(job.outcome, Refused) for job in jobs] == [True, False]


def test_closing_settles_what_waits(location: Path) -> None:
    with StoreBench(location) as bench:
        jobs = [bench.submit(opens(f"key-{n}", "Help")) for n in range(20)]
    bench.settle(*jobs)
    assert [job.value.record.request.id for job in jobs] == list(range(1, 21))
    with StoreBench(location) as again:
        assert again.requests() == list(range(1, 21))


def test_a_fault_beside_the_writer_is_an_outcome_too(
    bench: StoreBench, caplog: pytest.LogCaptureFixture
) -> None:
    assert bench.read(lambda _: 1 // 0).code == Code.UNAVAILABLE
    assert "ZeroDivisionError" in caplog.text
    assert bench.read(lambda _: 1).value == 1


def test_what_the_queue_has_no_place_for_is_refused_at_once_and_nothing_blocks(
    bench: StoreBench,
) -> None:
    with bench.busy():
        jobs = [bench.submit(lambda _: None) for _ in range(QUEUE_LIMIT + 2)]
    bench.settle(*jobs)
    assert [isinstance(job.outcome, Refused) for job in jobs[-4:]] == [False, False, True, True]
    assert {job.code for job in jobs[-2:]} == {Code.UNAVAILABLE}
    assert not any(isinstance(job.outcome, Refused) for job in jobs[:QUEUE_LIMIT])
