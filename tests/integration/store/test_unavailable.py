"""Queries under way are interrupted, so that the end of the relay waits for none."""

import threading

from relay.errors import Code
from tests.contract.store.harness import Callback
from tests.integration.store.sqlite_harness import Bench, on_connection


def test_reads_without_an_end_are_refused_in_a_hurry_those_that_wait_too(bench: Bench) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    told = [Callback[object](bench.order.append) for _ in range(6)]
    for one in told:
        bench.store.read(on_connection(endless), one)
    finishing = threading.Thread(target=bench.store.finish_reads)
    finishing.start()
    while finishing.is_alive():
        bench.store.interrupt()
        finishing.join(0.05)
    bench.settle(*told)
    assert {one.code for one in told} == {Code.UNAVAILABLE}
