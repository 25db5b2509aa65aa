"""Scheduling of webhook deliveries: when a round starts, and when none does."""

import pytest

from relay.desk.events import Millis
from relay.webhooks.delivery import CHECK_EVERY, FAILING, SAVE_LATE, SAVE_SOON, WebhookState
from relay.webhooks.http_post import Answer, Outcome
from relay.webhooks.payload import Endpoint
from tests.unit.relay.samples import AT

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
    assert not state.record_answer(GOOD, AT)
    for _ in range(FAILING - 1):
        assert not state.record_answer(BAD, AT)
    assert not state.record_answer(GOOD, AT)
    for _ in range(FAILING):
        state.record_answer(BAD, AT)
    assert state.record_answer(GOOD, AT)
    assert not state.record_answer(GOOD, AT)


def test_a_place_is_stored_soon_after_a_delivery_and_later_after_none(state: WebhookState) -> None:
    state.advance(9, AT, delivered=False)
    assert not state.is_due(7, after(CHECK_EVERY - 1))
    state.advance(10, AT, delivered=False)
    assert not state.store_is_due(after(SAVE_LATE - 1))
    assert state.store_is_due(after(SAVE_LATE))
    state.advance(11, after(10), delivered=True)
    assert state.is_due(7, after(10 + SAVE_SOON))
    state.mark_stored()
    assert (state.stored_position, state.store_is_due(after(SAVE_LATE))) == (11, False)
