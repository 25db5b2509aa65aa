"""Failed texts can be edited, sent again or dropped, without a screen too."""

from helpdesk_tui.model.effects import SendText, ShowNotice
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.plain import execute
from relay.wire import objects
from tests.unit.console.sample_frames import joined, new_seat, request, welcome


def failed(*texts: str, note: bool = False) -> Seat:
    """Return a seat in a request for which the relay has refused *texts*."""
    seat = new_seat()
    reduce(seat, welcome(request(1)), 0.0)
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    seat.drafts.set_noting(1, on=note)
    for text in texts:
        seat.write(text)
        reduce(seat, objects.Error("forbidden", "", seat.outbox.texts[-1].ref), 0.0)
    return seat


def test_edit_alone_tells_what_failed_so_that_it_can_be_said_again() -> None:
    effects, told = execute(failed("one", "two\nlines"), "edit")
    assert (effects, list(told)) == (
        (),
        ["not sent: you may not write in #1", "edit two\\nlines"],
    )


def test_edit_sends_another_text_instead_of_what_failed_last_as_what_that_was() -> None:
    seat = failed("one", "two", note=True)
    seat.draft("a draft of the console's")
    refs = {text.ref for text in seat.outbox.texts}
    effects, _ = execute(seat, "edit three\\nlines")
    [sent] = [effect.unsent for effect in effects if isinstance(effect, SendText)]
    assert (sent.text, sent.note, sent.failed) == ("three\nlines", True, "")
    assert sent.ref not in refs, "the relay knows a text by its ref"
    assert [text.text for text in seat.outbox.texts] == ["one", "three\nlines"]
    assert seat.drafts.of(1).note == "a draft of the console's"


def test_a_text_that_is_too_long_changes_nothing() -> None:
    seat = failed("one")
    before = seat.outbox.texts
    effects, _ = execute(seat, "edit " + "x" * 5000)
    assert [type(effect) for effect in effects] == [ShowNotice]
    assert seat.outbox.texts == before


def test_what_failed_last_is_forgotten() -> None:
    seat = failed("one", "two")
    execute(seat, "drop")
    assert [text.text for text in seat.outbox.texts] == ["one"]


def test_where_nothing_failed_there_is_nothing_to_do() -> None:
    for line in ("edit", "edit three", "drop"):
        effects, told = execute(failed(), line)
        assert (effects, list(told)) == ((), ["Nothing has failed here."])
