"""State of a webhook: when deliveries are looked for, in memory, and stored."""

import pytest

from relay.desk.events import Message, Millis, Sent
from relay.desk.request import HelpRequest, Record
from relay.store.values import DueDelivery
from relay.webhooks.http_post import Answer, Outcome
from relay.webhooks.payload import Endpoint
from relay.webhooks.state import (
    CHECK_EVERY,
    FAILING,
    MEMORY_LIMIT,
    SAVE_LATE,
    WebhookState,
    Workload,
)
from tests.unit.relay.samples import ADA, AT, CUSTOMER, VISIT

ENDPOINT = Endpoint("crm", "crm.example", 443, True, "crm.example", "/", (b"",), frozenset(), False)
GOOD, BAD = Answer(Outcome.DELIVERED, 200), Answer(Outcome.REFUSED, 500)


def after(milliseconds: float) -> Millis:
    return Millis(round(AT + milliseconds))


@pytest.fixture
def state() -> WebhookState:
    """A webhook that was told everything when seven changes were published."""
    return WebhookState(ENDPOINT, position=9, stored_position=9, checked_through=7, checked_at=AT)


def test_it_calls_for_what_is_new_for_what_is_due_and_once_a_minute(state: WebhookState) -> None:
    assert not state.is_due(7, AT)
    assert state.is_due(8, AT)
    assert state.is_due(7, after(CHECK_EVERY))
    assert state.is_due(7, after(-CHECK_EVERY)), "the clock was put back"
    state.next_due = after(5_000)
    assert not state.is_due(7, after(4_999))
    assert state.is_due(7, after(5_000))


def test_it_rests_as_long_as_it_asked_to_and_no_longer_than_anybody_may(
    state: WebhookState,
) -> None:
    state.record_answer(Answer(Outcome.REFUSED, 429, "60"), AT)
    assert not state.is_due(8, after(59_000))
    assert state.is_due(8, after(60_000))
    assert not state.is_paused(after(-2 * 24 * 3600 * 1000)), "the clock was put back"
    state.record_answer(Answer(Outcome.REFUSED, 429, "1"), AT)
    assert not state.is_due(8, after(59_000)), "the longer wish counts"


def test_who_wants_nothing_more_is_left_alone_until_somebody_says_otherwise(
    state: WebhookState,
) -> None:
    state.record_answer(Answer(Outcome.REFUSED, 410), AT)
    assert not state.is_due(8, after(1e9))
    state.wake()
    assert state.is_due(7, AT)


def test_a_good_answer_is_news_after_some_bad_ones(state: WebhookState) -> None:
    for answer in (GOOD, *[BAD] * (FAILING - 1), GOOD, *[BAD] * FAILING):
        state.record_answer(answer, AT)
        assert not state.recovered
    state.record_answer(GOOD, AT)
    assert state.recovered


def test_a_place_is_stored_with_an_outcome_and_later_without(state: WebhookState) -> None:
    state.advance(9, AT)
    assert not state.store_is_due(after(SAVE_LATE))
    state.advance(10, AT)
    state.advance(11, after(10))
    assert not state.store_is_due(after(SAVE_LATE - 1))
    assert state.store_is_due(after(SAVE_LATE))
    state.mark_stored(11)
    assert (state.stored_position, state.store_is_due(after(SAVE_LATE))) == (11, False)
    state.work.begin([chain(1, 12)], [])
    state.advance(12, after(20))
    assert not state.store_is_due(after(20))
    state.work.deliver(12)
    assert state.store_is_due(after(20))


def due(number: int, request: int, *, waits: bool = False) -> DueDelivery:
    """Return the delivery of the message *number* of *request*."""
    record = Record(HelpRequest(request, "default", CUSTOMER.id), CUSTOMER, VISIT)
    message = Message(1, 1, Sent("Help"), ADA, AT)
    return DueDelivery(number, record, message, 0, waits)


def chain(request: int, *numbers: int) -> list[DueDelivery]:
    return [due(number, request) for number in numbers]


def test_what_is_in_progress_goes_to_the_queue_when_others_are_stored() -> None:
    work = Workload()
    work.begin([chain(1, 1, 2), chain(2, 3), [due(4, 3, waits=True)]], behind=[5])
    work.deliver(3)
    work.end(2, [])
    work.deliver(4)
    work.end(3, [])
    stored = work.flush(5)
    assert (stored.place, stored.delivered, stored.behind) == (5, [4], [5, 1, 2])
    assert not work.has_news
    work.deliver(1)
    assert (work.flush(5).delivered, work.flush(5).delivered) == ([1], [])


def test_a_request_is_busy_until_its_outcomes_are_stored() -> None:
    work = Workload()
    work.begin([chain(1, 1, 2), chain(2, 3)], behind=[])
    work.deliver(1)
    work.end(1, [2])
    ended, stored = work.ended(), work.flush(3)
    assert (set(work.busy), work.is_running, stored.behind) == ({1, 2}, True, [2, 3])
    work.end(2, [3])
    work.release(ended)
    assert (set(work.busy), work.is_running) == ({2}, False)
    work.release(work.ended())
    assert (len(work.busy), work.room) == (0, MEMORY_LIMIT)


def test_there_is_room_for_so_many_deliveries_and_no_more(state: WebhookState) -> None:
    state.work.begin([chain(1, *range(10, 10 + MEMORY_LIMIT - 1))], behind=[])
    assert (state.work.room, state.is_due(8, AT)) == (1, True)
    state.work.begin([chain(2, 9)], behind=[])
    assert (state.work.room, state.is_due(8, AT)) == (0, False)
    state.work.deliver(9)
    assert state.is_due(8, AT)
