"""Unread counts of requests whose messages are not loaded: a number, or a bound."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from helpdesk_tui.model.effects import SendFrame
from helpdesk_tui.model.event_lines import request_lines
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.request_list import rows
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in, agent_out, objects
from tests.unit.console.sample_frames import (
    AT,
    CUSTOMER,
    KIM,
    joined,
    message,
    new_seat,
    request,
    welcome,
)

LATER = "2026-11-22T10:36:00.000Z"
ASKED = objects.LastObject("Hello?", "customer", AT)


def told(seat: Seat) -> str:
    return str(seat.desk.unread_count(seat.desk.requests[7]))


def at_the_desk(seq: int, read: int) -> Seat:
    seat = new_seat()
    reduce(seat, welcome(state(seq, read)), 0.0)
    return seat


def state(seq: int, read: int = 0, **fields: object) -> objects.AgentRequest:
    marks = objects.ReadMarks(0, read)
    return structs.replace(request(7, seq=seq, read=marks, last=ASKED), **fields)


def push(seat: Seat, *states: objects.AgentRequest) -> None:
    for now in states:
        reduce(seat, agent_out.RequestPush(now), 0.0)


def text(number: int, by: str = "customer") -> objects.LastObject:
    return objects.LastObject(f"line {number}", by, LATER)


def test_what_colleagues_do_adds_nothing_to_the_customers_texts() -> None:
    seat = new_seat()
    reduce(seat, welcome(), 0.0)
    push(seat, state(3), *(state(seq, last=text(seq)) for seq in (4, 5, 6)))
    assert told(seat) == "4"
    push(seat, state(7, last=text(6), agent=KIM, status="active"), state(8, last=text(6)))
    assert told(seat) == "4"
    push(seat, state(9, last=text(9)))
    assert told(seat) == "5"


def test_a_request_that_was_read_stays_so_whatever_colleagues_do() -> None:
    seat = at_the_desk(3, 3)
    push(seat, state(4, 3, agent=KIM, status="active"), state(5, 3))
    assert told(seat) == "0"
    reduce(seat, welcome(state(6, 3)), 0.0)
    assert told(seat) == "0", "not after a reconnect either"
    assert next(request_lines(seat, [seat.desk.requests[7]])).startswith("#7 waiting, Ada")


@pytest.mark.parametrize(
    ("seq", "read", "shown"), [(3, 0, "1"), (8, 0, "≤6"), (5, 3, "≤2"), (2, 0, "0")]
)
def test_a_bound_is_shown_as_one(seq: int, read: int, shown: str) -> None:
    assert told(at_the_desk(seq, read)) == shown


def test_of_several_entries_with_a_new_text_not_all_need_be_texts() -> None:
    seat = at_the_desk(3, 3)
    push(seat, state(6, 3, last=text(6)))
    assert told(seat) == "≤3"
    push(seat, state(6, 6, last=text(6)))
    assert told(seat) == "0"


def test_after_an_answer_only_what_comes_then_is_new() -> None:
    seat = at_the_desk(6, 0)
    push(seat, state(7, last=text(7, "agent")))
    assert told(seat) == "0"
    push(seat, state(8, last=text(7, "agent")), state(9, last=text(9)))
    assert told(seat) == "1"


def test_what_was_seen_counts_exactly_and_what_came_since_is_added() -> None:
    seat = at_the_desk(5, 0)
    seat.open_request(7)
    reduce(seat, joined(7, 1, 2, 3, 4, 5, last=ASKED), 0.0)
    seat.desk.read(7, "agent", 3)
    assert told(seat) == "2"
    push(seat, state(6, 3, agent=KIM, status="active"), state(7, 3, last=text(7)))
    assert told(seat) == "3"


def test_what_the_agent_marked_counts_though_its_messages_are_not_known() -> None:
    seat = at_the_desk(3, 3)
    push(seat, state(4, 3, agent=KIM, status="active"))
    seat.mark_unread(7)
    assert told(seat) == "1"


def test_what_was_unread_first_is_fetched_page_by_page_as_soon_as_the_relay_answers() -> None:
    seat = at_the_desk(300, 0)
    seat.open_request(7)
    reduce(seat, objects.MessagePush(7, message(300)), 0.0)
    assert seat.new_is_above
    assert seat.fetch_first_unread() == (), "nothing is asked before the relay has answered"
    asked = reduce(seat, joined(7, *range(251, 301)), 0.0)
    before = []
    while asks := [effect.frame for effect in asked if isinstance(effect, SendFrame)]:
        [frame] = asks
        assert isinstance(frame, agent_in.HistoryBefore)
        before.append(frame.before)
        page = [message(seq) for seq in range(max(1, frame.before - 100), frame.before)]
        asked = reduce(seat, objects.History(frame.ref, page, more=True), 0.0)
    assert before == [251, 151, 51]
    assert not seat.new_is_above


def looked(seat: Seat, *kinds: str) -> list[objects.MessageObject]:
    """Return the last entries of request 7, by *kinds*: a text, an answer or an activity."""
    first = seat.desk.requests[7].seq - len(kinds) + 1
    answer = objects.By("agent", KIM.id, KIM.name)
    return [
        message(
            seq,
            answer if kind == "answer" else CUSTOMER,
            kind="activity" if kind == "activity" else "text",
        )
        for seq, kind in enumerate(kinds, first)
    ]


@pytest.mark.parametrize(
    ("kinds", "shown"),
    [
        (("activity", "activity"), "0"),
        (("text", "activity"), "1"),
        (("text", "answer", "text"), "1"),
        (("text", "activity", "text"), "2"),
    ],
)
def test_what_a_start_does_not_tell_is_looked_at_and_then_exact(
    kinds: tuple[str, ...], shown: str
) -> None:
    seat = at_the_desk(9, 9 - len(kinds))
    assert needs(seat) is False, "what may be none is not shown as some"
    [asked] = [
        effect.frame for effect in seat.fetch_unread_counts() if isinstance(effect, SendFrame)
    ]
    assert asked == agent_in.HistoryBefore("r1", 7, before=10, limit=len(kinds))
    assert seat.fetch_unread_counts() == (), "one after the other"
    reduce(seat, objects.History("r1", looked(seat, *kinds), more=True), 0.0)
    assert told(seat) == shown
    assert needs(seat) is (shown != "0")
    assert seat.fetch_unread_counts() == ()
    push(seat, state(10, 9 - len(kinds), last=text(10)))
    assert told(seat) == str(int(shown) + 1)


def test_a_look_that_something_overtook_or_that_was_refused_tells_nothing() -> None:
    seat = at_the_desk(9, 7)
    seat.fetch_unread_counts()
    push(seat, state(10, 7, last=ASKED))
    reduce(seat, objects.History("r1", [message(8), message(9)], more=True), 0.0)
    assert told(seat) == "≤2"
    assert len(seat.fetch_unread_counts()) == 1
    reduce(seat, objects.Error("invalid", "No.", "r2"), 0.0)
    assert seat.fetch_unread_counts() == ()


def needs(seat: Seat) -> bool:
    [row] = rows(seat, datetime(2026, 11, 22, 11, 0, tzinfo=UTC), 0.0)
    return bool(row.new)
