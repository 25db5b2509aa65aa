"""Previewing a request changes nothing; opening it does."""

from helpdesk_tui.model.effects import SaveDraft, SendFrame
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in
from tests.unit.console.sample_frames import joined, new_seat, request, welcome


def looking() -> Seat:
    """Return a seat that looks at a request with two unread texts."""
    seat = new_seat()
    reduce(seat, welcome(request(1, seq=2), request(2)), 0.0)
    seat.open_request(1)
    reduce(seat, joined(1, 1, 2), 0.0)
    return seat


def unread(seat: Seat) -> int:
    return seat.desk.unread(seat.desk.requests[1])


def test_what_counts_as_unread_for_this_agent_does_so_until_they_go_into_it() -> None:
    seat = looking()
    seat.enter()
    seat.mark_read()
    assert unread(seat) == 0
    seat.mark_unread(1)
    seat.open_request(1)
    assert unread(seat) == 1
    assert seat.enter() == (SaveDraft(1),)
    assert unread(seat) == 0
    assert seat.enter() == ()


def test_a_look_asks_for_nothing_but_the_messages() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1, seq=2)), 0.0)
    asked = [effect.frame for effect in seat.open_request(1) if isinstance(effect, SendFrame)]
    assert [type(frame) for frame in asked] == [agent_in.Join]


def test_what_came_while_the_agent_only_looked_on_is_new_to_them_when_they_go_in() -> None:
    seat = looking()
    seat.enter()
    seat.mark_read()
    reduce(seat, joined(1, 3), 0.0)
    seat.enter()
    assert seat.new_after == 2
