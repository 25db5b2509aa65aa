"""Notices of transfers: for the new agent, and not for one's own acts."""

from helpdesk_tui.model.effects import Effects, ShowNotice
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_out
from tests.unit.console.sample_frames import KIM, ME, joined, new_seat, request, welcome


def at_the_desk() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1, agent=KIM, status="active"), request(2)), 0.0)
    return seat


def comes_to_me(seat: Seat, number: int) -> Effects:
    now = request(number, agent=ME, status="active", seq=5)
    return reduce(seat, agent_out.RequestPush(now), 0.0)


def test_a_colleagues_request_that_is_transferred_is_told_once_and_by_whom() -> None:
    seat = at_the_desk()
    assert comes_to_me(seat, 1) == (ShowNotice("Kim has transferred #1 (Ada) to you."),)
    assert comes_to_me(seat, 1) == ()


def test_one_that_nobody_had_is_told_too() -> None:
    assert comes_to_me(at_the_desk(), 2) == (ShowNotice("#2 (Ada) is yours now."),)


def test_what_the_agent_has_claimed_is_not_told() -> None:
    seat = at_the_desk()
    seat.claim(2)
    assert comes_to_me(seat, 2) == ()


def test_what_the_agent_answers_is_not_told() -> None:
    seat = at_the_desk()
    seat.open_request(2)
    reduce(seat, joined(2, 1), 0.0)
    seat.write("I look into it.")
    assert comes_to_me(seat, 2) == ()


def test_what_others_get_is_not_told() -> None:
    now = request(2, agent=KIM, status="active", seq=5)
    assert reduce(at_the_desk(), agent_out.RequestPush(now), 0.0) == ()


def test_what_the_agent_reopens_was_transferred_by_nobody() -> None:
    seat = at_the_desk()
    seat.open_request(1)
    reduce(seat, joined(1, 1, agent=KIM, status="active"), 0.0)
    closed = request(1, agent=KIM, status="closed", seq=4)
    reduce(seat, agent_out.RequestPush(closed), 0.0)
    assert comes_to_me(seat, 1) == ()
