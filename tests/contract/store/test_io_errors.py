"""I/O errors at any call: the whole batch is refused, and each message is stored completely or not
at all."""

from itertools import count
from pathlib import Path

import pytest

from relay.errors import Code
from relay.store.backends import database_at
from tests.contract.store.actions import log, opens, says
from tests.contract.store.backend import Backend, Fault, Moment
from tests.contract.store.harness import StoreBench

FEWEST_CALLS = 8
"""What a batch takes at least: else the faults have struck nothing."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_error_at_any_call_keeps_the_promises(
    backend: Backend, empty_database: Path, tmp_path: Path, moment: Moment
) -> None:
    with backend.failing_calls(moment) as fault:
        for number in count(1):
            path = backend.copy(empty_database, tmp_path)
            if not is_refused(backend, fault, number, path):
                break
    assert number > FEWEST_CALLS


def is_refused(backend: Backend, fault: Fault, number: int, path: Path) -> bool:
    """Let the call *number* of a batch fail, and insist on all that must hold then.

    Return whether the batch was refused; if not, it has fewer calls than that.
    """
    jobs = [says("ada", "a", "ref-a"), opens("eve", "Help", "ref-e"), says("ada", "b", "ref-b")]
    with StoreBench(path) as bench:
        bench.do(opens("ada", "Help"))
        backend.idle(path)
        with bench.busy():
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
    assert database_at(path).check().findings == ()
    with StoreBench(path) as again:
        assert [again.do(job).own for job in jobs] == first
        stored = again.messages()
        refs = sorted(ref for _, _, ref in stored if ref and ref.startswith("ref-"))
        assert refs == ["ref-a", "ref-b", "ref-e"]
        assert [text for request, text, _ in stored if request == 1][3:] == ["a", "b"]
    return codes != {None}
