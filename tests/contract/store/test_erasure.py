"""Erasure, holds, the progress of purges and the audit log."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relay.desk import commands
from relay.desk.events import DESK, Author, Millis, Role
from relay.desk.stats import ErasureTotals
from relay.store.api import Transaction
from relay.store.values import AuditEntry, RequestFilter
from tests.contract.store.actions import add_agents, agent_does, closes, opens, says
from tests.contract.store.harness import StoreBench

SAM = Author(Role.AGENT, 1, "Sam")


def erase(*numbers: int) -> Callable[[Transaction], ErasureTotals]:
    """Erase the requests *numbers*, and wait until they are overwritten."""

    def job(transaction: Transaction) -> ErasureTotals:
        transaction.wipe()
        return transaction.erase(transaction.records(RequestFilter(requests=numbers)))

    return job


def audits(by: Author, requests: int) -> Callable[[Transaction], AuditEntry]:
    """Append an entry."""
    return lambda transaction: transaction.audit("purged", by, Millis(7), {"requests": requests})


@pytest.fixture
def desk(bench: StoreBench) -> StoreBench:
    """Return a desk: 1 and 3 are of ada, 2 of bob; 1 and 2 are closed, 2 is held."""
    bench.do(add_agents)
    bench.do(opens("ada", "A secret walrus", "o1", name="Ada"))
    bench.do(closes("ada"))
    bench.do(opens("bob", "Another walrus", "o2"))
    bench.do(agent_does(1, 2, commands.Hold("tax")))
    bench.do(closes("bob"))
    bench.do(opens("ada", "A second one", "o3"))
    return bench


def test_nothing_finds_what_was_erased(desk: StoreBench) -> None:
    erased = desk.do(erase(1))
    assert (erased.requests, erased.messages) == (1, 4)
    assert desk.requests() == [2, 3]
    assert {request for request, _, _ in desk.messages()} == {2, 3}
    assert [it.request for it in desk.read(lambda it: it.search("walrus", None, 9)).value.hits] == [
        2
    ]
    assert b"secret" not in b"".join(desk.exported())
    assert desk.do(lambda transaction: transaction.record(1)) is None


def test_a_customer_goes_with_the_last_request_and_ids_are_not_reused(desk: StoreBench) -> None:
    last = desk.do(lambda transaction: transaction.last_message_id())
    first = desk.do(lambda transaction: transaction.people.customer("ada"))
    assert first is not None
    desk.do(erase(1))
    assert desk.do(lambda transaction: transaction.people.customer("ada")) == first
    desk.do(erase(3))
    assert desk.do(lambda transaction: transaction.people.customer("ada")) is None
    assert desk.do(lambda transaction: transaction.last_message_id()) == last
    again = desk.do(opens("ada", "Back", "o1"))
    assert (again.record.request.id, again.record.customer.id > first.id) == (4, True)
    ids = desk.read(lambda it: it.events_after(last, RequestFilter())).value.entries
    assert [request for _, request, _ in ids] == [4] * len(again.messages)


def test_ids_are_not_reused_after_a_restart_either(location: Path) -> None:
    with StoreBench(location) as bench:
        bench.do(opens("ada", "Help"))
        last = bench.do(lambda transaction: transaction.last_message_id())
        bench.do(erase(1))
    with StoreBench(location) as again:
        assert again.do(lambda transaction: transaction.last_message_id()) == last
        assert again.do(opens("bob", "Help")).record.request.id == 2


def test_a_hold_keeps_a_request_out_of_every_selection_to_erase(desk: StoreBench) -> None:
    scope = desk.read(lambda queries: queries.erasure_scope(RequestFilter())).value
    assert (scope.numbers, scope.count.requests, scope.count.held) == ([1, 3], 2, 1)
    old = desk.do(lambda transaction: transaction.closed_before(Millis(2**52), 9))
    assert [record.request.id for record in old] == [1]


def test_the_progress_of_a_purge_survives_a_restart(location: Path) -> None:
    with StoreBench(location) as bench:
        bench.do(add_agents)
        entry = bench.do(audits(SAM, 0))
        bench.do(lambda it: it.purges.begin("plan", entry.number, ErasureTotals(held=1)))
        bench.do(lambda it: it.purges.add("plan", ErasureTotals(requests=2, messages=5)))
    with StoreBench(location) as again:
        assert again.store.at_start.purges == ("plan",)
        again.do(lambda it: it.purges.add("plan", ErasureTotals(requests=1, messages=1)))
        progress, by = again.do(lambda it: it.purges.end("plan"))
        assert (progress.begun, by) == (entry.number, SAM)
        done = progress.tally
        assert (done.requests, done.messages, done.held) == (3, 6, 1)
        assert again.do(lambda it: list(it.purges.plans())) == []


def test_audit_entries_are_numbered_without_a_gap_and_each_hash_is_of_all_before(
    location: Path,
) -> None:
    with StoreBench(location) as bench:
        with bench.busy():
            first = bench.submit(audits(SAM, 1))
            wrong = bench.submit(lambda it: (audits(SAM, 2)(it), 1 // 0))
            second = bench.submit(audits(SAM, 3))
        bench.settle(first, wrong, second)
        entries = [first.value, second.value]
    with StoreBench(location) as again:
        entries.append(again.do(audits(DESK, 4)))
        assert [entry.number for entry in entries] == [1, 2, 3]
        assert len({entry.hash for entry in entries}) == 3
        assert all(len(entry.hash) == 64 for entry in entries)


def test_what_was_said_meanwhile_stays(desk: StoreBench) -> None:
    with desk.busy():
        erased = desk.submit(erase(1))
        said = desk.submit(says("ada", "Still here", "late"))
    desk.settle(erased, said)
    assert said.value.record.request.id == 3
    assert [text for _, text, ref in desk.messages() if ref == "late"] == ["Still here"]
