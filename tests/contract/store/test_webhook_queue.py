"""The webhook queue: bounded, in order, without erased data."""

from collections.abc import Callable, Collection

import pytest

from relay.desk.events import Millis
from relay.store.api import Transaction
from relay.store.values import DeliveryRound, DueFilter, FailedDelivery, RequestFilter, RoundOutcome
from tests.contract.store.actions import closes, opens, says
from tests.contract.store.harness import StoreBench

NOW = Millis(1_795_343_800_000)
LATER = Millis(NOW + 60_000)
FOUR_DAYS = 4 * 24 * 3600 * 1000
"""Longer than any receiver may ask for: such a time is from before a clock was put back."""
EVENTS = ("opened", "message", "closed")


def looked(
    bench: StoreBench,
    place: int = 0,
    now: Millis = NOW,
    *,
    busy: Collection[int] = (),
    room: int = 50,
) -> DeliveryRound:
    """Return what is due to the webhook crm."""
    where = DueFilter("crm", EVENTS, place, now, busy, room)
    return bench.read(lambda queries: queries.due_deliveries(where)).value


def numbers(found: DeliveryRound) -> list[list[int]]:
    return [[due.number for due in chain] for chain in found.chains]


def settles(told: RoundOutcome) -> Callable[[Transaction], None]:
    return lambda transaction: transaction.webhooks.settle("crm", told)


def failed(number: int, due_at: Millis | None = LATER) -> FailedDelivery:
    return FailedDelivery(number, 1, due_at, "refused", 500, NOW)


@pytest.fixture
def crm(bench: StoreBench) -> StoreBench:
    """Return what :func:`enrolled` makes."""
    return enrolled(bench)


def enrolled(bench: StoreBench) -> StoreBench:
    """Return a desk of two requests, messages 1 to 4 and 5 to 7, and a webhook at its start."""
    bench.do(lambda transaction: transaction.webhooks.enroll(["crm"], 0))
    bench.do(opens("ada", "one"))
    bench.do(says("ada", "two", "s"))
    bench.do(opens("bob", "three"))
    return bench


def test_new_messages_come_by_request_and_in_order(crm: StoreBench) -> None:
    found = looked(crm)
    assert numbers(found) == [[1, 2, 3, 4], [5, 6, 7]]
    assert (found.place, found.more, found.next_due) == (7, False, None)
    first = crm.read(lambda it: it.events_after(0, RequestFilter())).value.entries[0][2]
    assert found.backlog.oldest == first.at
    assert numbers(looked(crm, place=7)) == []


def test_a_name_keeps_its_place_and_a_new_one_begins_at_the_end(crm: StoreBench) -> None:
    crm.do(settles(RoundOutcome(5)))
    places = crm.do(lambda transaction: transaction.webhooks.enroll(["crm", "new"], 7))
    assert places == {"crm": 5, "new": 7}


def test_what_failed_is_told_first_and_holds_back_its_request_alone(crm: StoreBench) -> None:
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


def test_a_busy_request_is_left_alone_and_what_is_new_of_it_waits(crm: StoreBench) -> None:
    crm.do(settles(RoundOutcome(2, behind=[1, 2])))
    found = looked(crm, place=2, busy=[1])
    assert (numbers(found), found.behind, found.place) == ([[5, 6, 7]], (3, 4), 7)
    found = looked(crm, place=2, busy=[1, 2])
    assert (numbers(found), found.behind) == ([], (3, 4, 5, 6, 7))
    assert numbers(looked(crm, place=7)) == [[1, 2]]


def test_what_is_in_progress_is_no_retry_but_was_not_sent_yet(crm: StoreBench) -> None:
    crm.do(settles(RoundOutcome(6, failed=[failed(5)], behind=[1, 6])))
    [summary] = crm.read(lambda queries: queries.webhook_summaries({"crm": EVENTS})).value
    assert (summary.backlog.waiting, summary.behind) == (2, 2)


def test_many_messages_of_one_request_leave_room_for_others(crm: StoreBench) -> None:
    for number in range(20):
        crm.do(says("ada", f"{number}", f"r{number}"))
    found = looked(crm, room=40)
    by_request = {chain[0].record.request.id: len(chain) for chain in found.chains}
    assert (by_request, len(found.behind), found.place) == ({1: 10, 2: 3}, 14, 27)
    crm.do(settles(RoundOutcome(27, behind=[*range(8, 28)])))
    assert [len(chain) for chain in looked(crm, place=27, room=40).chains] == [10]


def test_what_is_due_in_an_impossible_time_is_due(crm: StoreBench) -> None:
    crm.do(settles(RoundOutcome(7, failed=[failed(1, Millis(NOW + FOUR_DAYS))])))
    assert numbers(looked(crm, place=7)) == [[1]]


def test_what_is_erased_waits_no_more_and_comes_back_by_no_late_word(crm: StoreBench) -> None:
    crm.do(settles(RoundOutcome(7, failed=[failed(1), failed(5)], behind=[2])))
    crm.do(closes("ada", keep=False))
    assert numbers(looked(crm, place=7, now=LATER)) == [[5]]
    crm.do(settles(RoundOutcome(7, failed=[failed(1), failed(5)], behind=[3])))
    assert numbers(looked(crm, place=7, now=LATER)) == [[5]]


def test_a_forgotten_webhook_leaves_nothing_and_others_are_untouched(crm: StoreBench) -> None:
    crm.do(lambda transaction: transaction.webhooks.enroll(["old"], 0))
    crm.do(settles(RoundOutcome(7, failed=[failed(1)])))
    told = RoundOutcome(7, failed=[failed(1, None)])
    crm.do(lambda transaction: transaction.webhooks.settle("old", told))
    assert crm.do(lambda transaction: transaction.webhooks.remove("old")) == 1
    [left] = crm.read(lambda queries: queries.webhook_summaries({"crm": EVENTS})).value
    assert (left.name, left.backlog.waiting) == ("crm", 1)
    assert crm.do(lambda transaction: transaction.webhooks.names()) == {"crm"}
