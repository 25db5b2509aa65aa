"""The note of a transfer is never lost: what the relay has not stored stays as a draft."""

from helpdesk_tui.model.effects import Effects, SaveDraft, ShowNotice, ShowRequest
from helpdesk_tui.model.outbox import Draft
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import KIM, ME, joined, new_seat, request, welcome

KEPT = ShowNotice("What you wrote for #1 is kept there as the draft of a note.")


def at_the_desk() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1, agent=ME, status="active")), 0.0)
    return seat


def keeps(seat: Seat, effects: Effects, note: str = "knows lamps") -> bool:
    return (
        seat.drafts.of(1).note == note and SaveDraft(1, at_once=True) in effects and KEPT in effects
    )


def test_while_the_relay_is_away() -> None:
    seat = at_the_desk()
    seat.disconnected()
    assert keeps(seat, seat.transfer(1, KIM.id, " knows lamps "))


def test_when_the_relay_refuses() -> None:
    seat = at_the_desk()
    seat.transfer(1, KIM.id, "knows lamps")
    assert seat.drafts.of(1) == Draft()
    assert keeps(seat, reduce(seat, objects.Error("closed", "It is closed.", "r1"), 0.0))


def test_when_the_connection_ends_before_the_answer() -> None:
    seat = at_the_desk()
    seat.transfer(1, KIM.id, "knows lamps")
    assert keeps(seat, seat.disconnected())
    assert seat.disconnected() == ()


def test_before_the_note_that_is_being_written_which_is_shown_again() -> None:
    seat = at_the_desk()
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    seat.toggle_note()
    seat.draft("and shades")
    effects = seat.keep_note(1, "knows lamps")
    assert keeps(seat, effects, "knows lamps\nand shades")
    assert ShowRequest(1) in effects


def test_nothing_stays_of_one_that_went_or_was_empty() -> None:
    seat = at_the_desk()
    seat.transfer(1, KIM.id, "knows lamps")
    reduce(seat, agent_out.Ok("r1", request(1, agent=KIM, status="active", seq=2)), 0.0)
    assert seat.disconnected() == seat.keep_note(1, " ") == ()
    assert seat.drafts.of(1) == Draft()
