"""I/O errors at any call: the whole batch is refused, and each message is stored completely or not
at all."""

import shutil
from itertools import count
from pathlib import Path

import pytest

from relay.errors import Code
from relay.store.sqlite import maintenance
from relay.store.sqlite.integrity import check_database
from tests.integration.store.bench import Bench
from tests.integration.store.faulty import Fault, Moment, let_fail
from tests.integration.store.said import log, opens, says

FEWEST_CALLS = 8
"""What a batch takes at least: else the faults have struck nothing."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_error_at_any_call_keeps_the_promises(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: Moment
) -> None:
    monkeypatch.setattr(maintenance, "TURN", 0.01)
    fault = Fault(moment)
    let_fail(monkeypatch, fault)
    for number in count(1):
        path = Path(shutil.copy(database, tmp_path / f"{number}.db"))
        if not is_refused(fault, number, path):
            break
    assert number > FEWEST_CALLS


def is_refused(fault: Fault, number: int, path: Path) -> bool:
    """Let the call *number* of a batch fail, and insist on all that must hold then.

    Return whether the batch was refused; if not, it has fewer calls than that.
    """
    jobs = [says("ada", "a", "ref-a"), opens("eve", "Help", "ref-e"), says("ada", "b", "ref-b")]
    with Bench(path) as bench:
        bench.do(opens("ada", "Help"))
        bench.indexed()
        with bench.one_batch():
            # The end of the batch that keeps the writer busy is not counted.
            fault.at, fault.calls = number, -1
            told = [bench.submit(job) for job in jobs]
            reader = bench.submit(log(1), writes=False)
        bench.settle(*told, reader)
        fault.at = 0
        codes = {getattr(job.outcome, "code", None) for job in told}
        assert codes in ({Code.UNAVAILABLE}, {None})
        bench.problem_becomes(False)
        assert reader.value.messages[0].seq == 1
        first = [bench.do(job).own for job in jobs]
    assert check_database(path).findings == ()
    with Bench(path) as again:
        assert [again.do(job).own for job in jobs] == first
        refs = again.rows("SELECT ref, count(*) FROM message WHERE ref LIKE 'ref-%' GROUP BY ref")
        assert refs == [("ref-a", 1), ("ref-b", 1), ("ref-e", 1)]
        assert again.rows("SELECT text FROM message WHERE request_id = 1 AND seq > 3") == [
            ("a",),
            ("b",),
        ]
    return codes != {None}
