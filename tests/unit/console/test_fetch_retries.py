"""Requests for messages: retried after a temporary refusal, not sent for skipped requests."""

import pytest

from helpdesk_tui.model.effects import SendFrame, ShowRequest
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in, objects
from tests.unit.console.sample_frames import joined, message, new_seat, request, welcome


def at_the_desk() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1), request(2), request(3)), 0.0)
    return seat


def for_now(ref: str, code: str = "rate_limited", after: float | None = 2.0) -> objects.Error:
    return objects.Error(code, "Too many.", ref, after)


@pytest.mark.parametrize(
    ("refused", "after"),
    [(for_now("r1"), 2.0), (for_now("r1", "unavailable", None), 1.0)],
)
def test_a_request_that_was_not_opened_for_now_is_when_the_relay_has_time(
    refused: objects.Error, after: float
) -> None:
    seat = at_the_desk()
    seat.open_request(1)
    assert reduce(seat, refused, 0.0) == (SendFrame(agent_in.Join("r2", 1), after),)
    reduce(seat, joined(1, 1), 0.0)
    assert seat.joined


def test_one_that_was_left_meanwhile_is_not_opened_and_one_that_comes_too_late_is_left() -> None:
    seat = at_the_desk()
    seat.open_request(1)
    seat.open_request(2)
    assert reduce(seat, for_now("r1"), 0.0) == ()
    assert reduce(seat, for_now("r2"), 0.0) == (SendFrame(agent_in.Join("r3", 2), 2.0),)
    seat.open_request(3)
    assert SendFrame(agent_in.Leave(2)) in reduce(seat, joined(2, 1), 0.0)
    assert not seat.joined


def test_history_is_asked_again_once() -> None:
    seat = at_the_desk()
    seat.open_request(1)
    reduce(seat, joined(1, 5), 0.0)
    asked = agent_in.HistoryBefore("r2", 1, before=5, limit=100)
    assert seat.fetch_older() == (SendFrame(asked),)
    assert reduce(seat, for_now("r2"), 0.0) == (
        SendFrame(agent_in.HistoryBefore("r3", 1, before=5, limit=100), 2.0),
    )
    assert seat.fetch_older() == ()
    reduce(seat, objects.History("r3", [message(seq) for seq in range(1, 5)], more=False), 0.0)
    assert seat.timeline
    assert seat.timeline.first == 1


def test_of_requests_that_are_passed_over_only_the_last_is_watched() -> None:
    seat = at_the_desk()
    seat.open_request(1)
    assert seat.open_request(2, passing=True) == (SendFrame(agent_in.Leave(1)), ShowRequest(2))
    assert seat.open_request(3, passing=True) == (ShowRequest(3),)
    assert seat.join_deferred() == (SendFrame(agent_in.Join("r2", 3)),)
    assert seat.join_deferred() == ()
