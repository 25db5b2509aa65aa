"""Commands without effect: the reason is shown, and the relay is not asked."""

from collections.abc import Callable

import pytest

from helpdesk_tui.model.effects import Effects, SendFrame, ShowNotice
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in
from tests.unit.console.sample_frames import KIM, ME, joined, new_seat, request, welcome


def at_the_desk() -> Seat:
    seat = new_seat()
    mine = request(1, agent=ME, status="active")
    reduce(seat, welcome(mine, request(2), request(3, agent=KIM, status="active")), 0.0)
    seat.open_request(4)
    reduce(seat, joined(4, 1, status="closed"), 0.0)
    return seat


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda seat: seat.claim(1), "#1 is yours already."),
        (lambda seat: seat.release(2), "Nobody has claimed #2."),
        (lambda seat: seat.reopen(1), "#1 is open already."),
        (lambda seat: seat.close(4), "#4 is closed already."),
        (lambda seat: seat.claim(4), "#4 is closed already."),
        (lambda seat: seat.transfer(3, KIM.id, ""), "#3 is with Kim already."),
    ],
)
def test_what_changes_nothing_says_why(act: Callable[[Seat], Effects], said: str) -> None:
    assert act(at_the_desk()) == (ShowNotice(said),)


@pytest.mark.parametrize(
    "act",
    [
        lambda seat: seat.claim(2),
        lambda seat: seat.claim(3),
        lambda seat: seat.release(1),
        lambda seat: seat.reopen(4),
        lambda seat: seat.claim(9),
    ],
)
def test_what_may_change_something_is_asked(act: Callable[[Seat], Effects]) -> None:
    [asked] = act(at_the_desk())
    assert isinstance(asked, SendFrame)


def test_while_a_command_is_under_way_the_next_is_asked_too() -> None:
    seat = at_the_desk()
    seat.claim(2)
    assert seat.release(2) == (SendFrame(agent_in.Release("r3", 2)),)


def test_the_note_of_a_needless_transfer_stays_as_a_draft() -> None:
    seat = at_the_desk()
    assert ShowNotice("#3 is with Kim already.") in seat.transfer(3, KIM.id, "knows lamps")
    assert seat.drafts.of(3).note == "knows lamps"
