"""The bounds of what one round reads, made small."""

import pytest

from relay.store.sqlite import webhook_queue
from relay.store.values import RoundOutcome
from tests.contract.store.harness import StoreBench
from tests.contract.store.test_webhook_queue import enrolled, failed, looked, numbers, settles
from tests.integration.store.sqlite_harness import Bench


@pytest.fixture
def crm(bench: Bench) -> StoreBench:
    """Return a desk of two requests and a webhook at its start."""
    return enrolled(bench)


def test_only_so_many_are_read_and_wait(crm: StoreBench, monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked(crm, room=3)
    assert (numbers(found), found.place, found.more) == ([[1, 2, 3]], 3, True)
    monkeypatch.setattr(webhook_queue, "WAITING_LIMIT", 4)
    crm.do(settles(RoundOutcome(3, failed=[failed(1)], behind=[2, 3])))
    found = looked(crm, place=3, room=3)
    assert (found.chains, found.behind, found.place) == ((), (4,), 4)
    crm.do(settles(RoundOutcome(4, behind=[4])))
    found = looked(crm, place=4, room=3)
    assert (found.chains, found.behind, found.place, found.more) == ((), (), 4, False)
