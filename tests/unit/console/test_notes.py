"""A note never becomes an answer by itself: where notes are written is the agent's to say."""

from helpdesk_tui.keys import Keymap
from helpdesk_tui.model.effects import SaveDraft, SendText
from helpdesk_tui.model.outbox import Draft
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.widgets.status import typing_line
from tests.unit.console.sample_frames import joined, new_seat, request, welcome


def at_two_requests() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1), request(2)), 0.0)
    come_to(seat, 1)
    return seat


def come_to(seat: Seat, number: int) -> None:
    seat.open_request(number)
    reduce(seat, joined(number, 1), 0.0)


def sign(seat: Seat) -> str:
    return "".join(text for text, _ in typing_line(seat, Keymap(), "", 0, 0.0))


def test_what_is_written_after_a_note_is_another_note_and_the_answer_waits() -> None:
    seat = at_two_requests()
    seat.draft("for the customer")
    seat.toggle_note()
    for text in ("between us", "and more"):
        seat.draft(text)
        sent = [effect.unsent for effect in seat.write(text) if isinstance(effect, SendText)]
        assert [(unsent.text, unsent.note) for unsent in sent] == [(text, True)]
        assert seat.drafts.text(1) == ""
    seat.toggle_note()
    assert seat.drafts.text(1) == "for the customer"


def test_each_request_keeps_whether_a_note_is_written_in_it() -> None:
    seat = at_two_requests()
    seat.toggle_note()
    come_to(seat, 2)
    assert not seat.noting
    come_to(seat, 1)
    assert seat.noting


def test_a_request_with_nothing_but_a_note_draft_opens_with_it() -> None:
    seat = at_two_requests()
    seat.load({1: Draft(note="half a note"), 2: Draft("half", "a note")}, ())
    come_to(seat, 1)
    assert (seat.noting, seat.drafts.text(1)) == (True, "half a note")
    seat.draft("")
    assert seat.noting, "an emptied note is a note still"
    come_to(seat, 2)
    assert (seat.noting, seat.drafts.text(2)) == (False, "half")


def test_a_note_draft_behind_the_answer_shows_a_sign() -> None:
    seat = at_two_requests()
    seat.toggle_note()
    seat.draft("half a note")
    assert "note draft" not in sign(seat)
    seat.toggle_note()
    assert "note draft" in sign(seat)


def test_notes_go_on_after_a_restart_until_the_request_is_closed() -> None:
    seat = new_seat()
    kept = {1: Draft("half", noting=True), 2: Draft(noting=True), 3: Draft(noting=True)}
    seat.load({**kept, 4: Draft(note="a note", noting=True)}, ())
    seat.desk.epoch = "e1"
    effects = reduce(seat, welcome(request(1), request(2)), 0.0)
    assert [effect for effect in effects if isinstance(effect, SaveDraft)] == [SaveDraft(3)]
    assert [number for number in (1, 2, 3, 4) if seat.drafts.noting(number)] == [1, 2, 4]
    assert seat.written == {1, 4}, "where nothing is written, nothing is unsent"
    reduce(seat, welcome(), 0.0)
    assert seat.drafts.noting(2), "only at the start, when nobody has seen it"
