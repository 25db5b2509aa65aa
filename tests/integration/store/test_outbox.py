"""The webhook queue: bounded, in order, without erased data."""

from collections.abc import Callable

import pytest

from relay.desk.events import Millis
from relay.store.api import Transaction
from relay.store.sqlite import webhook_queue
from relay.store.sqlite.webhook_queue import FARTHEST
from relay.store.values import DeliveryRound, FailedDelivery, RoundOutcome
from tests.integration.store.bench import Bench
from tests.integration.store.said import closes, opens, says

NOW = Millis(1_795_343_800_000)
LATER = Millis(NOW + 60_000)
EVENTS = ("opened", "message", "closed")


def looked(bench: Bench, place: int = 0, now: Millis = NOW) -> DeliveryRound:
    """Return the next round of the webhook crm."""
    return bench.read(lambda queries: queries.due_deliveries("crm", EVENTS, place, now)).value


def numbers(found: DeliveryRound) -> list[list[int]]:
    return [[due.number for due in chain] for chain in found.chains]


def settles(told: RoundOutcome) -> Callable[[Transaction], None]:
    return lambda transaction: transaction.webhooks.settle("crm", told)


def failed(number: int, due_at: Millis | None = LATER) -> FailedDelivery:
    return FailedDelivery(number, 1, due_at, "refused", 500, NOW)


@pytest.fixture
def crm(bench: Bench) -> Bench:
    """Return a desk of two requests, messages 1 to 4 and 5 to 7, and a webhook at its start."""
    bench.do(lambda transaction: transaction.webhooks.enroll(["crm"], 0))
    bench.do(opens("ada", "one"))
    bench.do(says("ada", "two", "s"))
    bench.do(opens("bob", "three"))
    return bench


def test_new_messages_come_by_request_and_in_order(crm: Bench) -> None:
    found = looked(crm)
    assert numbers(found) == [[1, 2, 3, 4], [5, 6, 7]]
    assert (found.place, found.more, found.next_due) == (7, False, None)
    assert found.backlog.oldest == crm.rows("SELECT min(at) FROM message")[0][0]
    assert numbers(looked(crm, place=7)) == []


def test_a_name_keeps_its_place_and_a_new_one_begins_at_the_end(crm: Bench) -> None:
    crm.do(settles(RoundOutcome(5)))
    places = crm.do(lambda transaction: transaction.webhooks.enroll(["crm", "new"], 7))
    assert places == {"crm": 5, "new": 7}


def test_what_failed_is_told_first_and_holds_back_its_request_alone(crm: Bench) -> None:
    crm.do(settles(RoundOutcome(2, failed=[failed(1)], behind=[2])))
    found = looked(crm, place=2)
    assert (numbers(found), found.behind, found.next_due) == ([[5, 6, 7]], (3, 4), LATER)
    assert (found.backlog.waiting, found.backlog.dead) == (2, 0)
    crm.do(settles(RoundOutcome(7, behind=[3, 4])))
    found = looked(crm, place=7, now=LATER)
    assert numbers(found) == [[1, 2, 3, 4]]
    assert [due.tries for due in found.chains[0]] == [1, 0, 0, 0]
    crm.do(settles(RoundOutcome(7, delivered=[2], failed=[failed(1, None)])))
    assert numbers(looked(crm, place=7, now=LATER)) == [[3, 4]]
    assert looked(crm, place=7).backlog.dead == 1


def test_what_is_due_in_an_impossible_time_is_due(crm: Bench) -> None:
    crm.do(settles(RoundOutcome(7, failed=[failed(1, Millis(NOW + FARTHEST + 1))])))
    assert numbers(looked(crm, place=7)) == [[1]]


def test_only_so_many_are_read_and_wait(crm: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_queue, "AT_ONCE", 3)
    found = looked(crm)
    assert (numbers(found), found.place, found.more) == ([[1, 2, 3]], 3, True)
    monkeypatch.setattr(webhook_queue, "MOST_WAITING", 4)
    crm.do(settles(RoundOutcome(3, failed=[failed(1)], behind=[2, 3])))
    found = looked(crm, place=3)
    assert (found.chains, found.behind, found.place) == ((), (4,), 4)
    crm.do(settles(RoundOutcome(4, behind=[4])))
    found = looked(crm, place=4)
    assert (found.chains, found.behind, found.place, found.more) == ((), (), 4, False)


def test_what_is_erased_waits_no_more_and_comes_back_by_no_late_word(crm: Bench) -> None:
    crm.do(settles(RoundOutcome(7, failed=[failed(1), failed(5)], behind=[2])))
    crm.do(closes("ada", keep=False))
    assert crm.rows("SELECT message_id FROM delivery") == [(5,)]
    crm.do(settles(RoundOutcome(7, failed=[failed(1), failed(5)], behind=[3])))
    assert crm.rows("SELECT message_id FROM delivery") == [(5,)]


def test_a_forgotten_webhook_leaves_nothing_and_others_are_untouched(crm: Bench) -> None:
    crm.do(lambda transaction: transaction.webhooks.enroll(["old"], 0))
    crm.do(settles(RoundOutcome(7, failed=[failed(1)])))
    told = RoundOutcome(7, failed=[failed(1, None)])
    crm.do(lambda transaction: transaction.webhooks.settle("old", told))
    assert crm.do(lambda transaction: transaction.webhooks.remove("old")) == 1
    assert crm.rows("SELECT name FROM webhook") == [("crm",)]
    assert crm.rows("SELECT webhook FROM delivery") == [("crm",)]
    assert crm.do(lambda transaction: transaction.webhooks.names()) == {"crm"}
