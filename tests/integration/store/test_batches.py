"""The writer in SQLite: one transaction for all waiting jobs, one wake for all its callbacks."""

import pytest

from relay.desk.events import Millis
from relay.errors import Code
from relay.store.api import Transaction
from relay.store.sqlite import writer
from tests.contract.store.actions import opens
from tests.integration.store.sqlite_harness import Bench


def test_what_waits_is_one_transaction_and_its_waiters_are_woken_at_once(bench: Bench) -> None:
    with bench.busy():
        jobs = [bench.submit(opens(f"key-{n}", "Help")) for n in range(5)]
    bench.settle(*jobs)
    assert bench.wakes == 1
    assert bench.order == jobs
    assert [job.value.record.request.id for job in jobs] == [1, 2, 3, 4, 5]


def test_a_row_that_breaks_a_constraint_fails_alone_and_its_words_are_not_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    def doubled(transaction: Transaction) -> None:
        record = opens("eve", "my secret")(transaction).record
        transaction.last_message_id()
        transaction.add_request(record.customer, record.visit, Millis(0))

    with bench.busy():
        good = bench.submit(opens("ada", "Help"))
        wrong = bench.submit(doubled)
    bench.settle(good, wrong)
    assert (good.value.record.request.seq, wrong.code) == (3, Code.UNAVAILABLE)
    assert bench.store.problem is None
    assert "IntegrityError" in caplog.text
    assert "shop.example" not in caplog.text
    assert "secret" not in caplog.text


def test_a_large_batch_is_parted_and_stays_in_order(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_BATCH", 2)
    with bench.busy():
        jobs = [bench.submit(opens(f"key-{n}")) for n in range(5)]
    bench.settle(*jobs)
    assert bench.wakes == 3
    assert bench.order == jobs
