"""Whatever is lost, repeated or cut off on the way: the console ends with what the relay has."""

from hypothesis import given, settings

from helpdesk_tui.model.objects import message_from, request_from
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.desk.events import Noted, Sent
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import message, new_seat, request, welcome
from tests.unit.console.unreliable_link import (
    ELSEWHERE,
    HARMLESS,
    NUMBER,
    SAM,
    STEPS,
    Relay,
    run,
    shown,
)


def it_ends_with_the_whole_log_each_message_once(seat: Seat, relay: Relay, _: list[str]) -> None:
    assert seat.timeline
    known = [(said.seq, said.kind, said.author, said.text) for said in seat.timeline.messages]
    log = [message_from(shown(said)) for said in relay.log]
    first = seat.timeline.first
    assert known == [(it.seq, it.kind, it.author, it.text) for it in log if it.seq >= first]
    assert known


def every_text_and_note_is_stored_once_or_held_for_its_author(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    refs = [it.ref for it in relay.log if it.by == SAM and isinstance(it.event, Sent | Noted)]
    assert len(refs) == len(set(refs))
    assert len(seat.outbox) <= steps.count("agent writes")
    retries = steps.count("agent retries")
    assert len(refs) + len(seat.outbox) <= relay.written <= len(refs) + len(seat.outbox) + retries
    assert all(text.failed and not text.note for text in seat.outbox.texts)


def no_text_goes_out_over_an_answer_or_a_claim_that_its_author_had_not_seen(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    assert relay.overtook == []
    if set(steps) <= HARMLESS:
        assert len(seat.outbox) == 0


def no_command_is_carried_out_later_and_none_is_waited_for(
    seat: Seat, relay: Relay, steps: list[str]
) -> None:
    assert len(relay.request.tags) <= steps.count("agent tags")
    assert seat.pending == {}


def the_requests_are_as_the_relay_has_them(seat: Seat, relay: Relay, _: list[str]) -> None:
    here = {NUMBER: request_from(relay.state()), ELSEWHERE: request_from(request(ELSEWHERE))}
    assert seat.desk.requests == here


@settings(max_examples=120)
@given(STEPS)
def test_whatever_comes_in_between_each_claim_above_holds(steps: list[str]) -> None:
    seat, relay = run(steps)
    it_ends_with_the_whole_log_each_message_once(seat, relay, steps)
    every_text_and_note_is_stored_once_or_held_for_its_author(seat, relay, steps)
    no_text_goes_out_over_an_answer_or_a_claim_that_its_author_had_not_seen(seat, relay, steps)
    no_command_is_carried_out_later_and_none_is_waited_for(seat, relay, steps)
    the_requests_are_as_the_relay_has_them(seat, relay, steps)


def test_a_message_is_the_same_however_it_came() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(NUMBER)), 0.0)
    seat.open_request(NUMBER)
    reduce(seat, objects.MessagePush(NUMBER, message(1)), 0.0)
    reduce(seat, agent_out.Joined("r1", request(NUMBER, seq=1), [message(1)], more=False), 0.0)
    assert seat.timeline
    assert seat.timeline.messages == [message_from(message(1))]
