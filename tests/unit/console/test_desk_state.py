"""The desk's state, and its display in the list and the chat."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import structs

from helpdesk_tui.model.conversation import Block, conversation
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.request_list import Section, rows
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.waiting_time import waited
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import (
    AT,
    KIM,
    ME,
    joined,
    message,
    new_seat,
    request,
    welcome,
)

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def at_the_desk(*requests: objects.AgentRequest) -> Seat:
    seat = new_seat()
    reduce(seat, welcome(*requests), 0.0)
    return seat


def listed(seat: Seat) -> list[int]:
    return [row.number for row in rows(seat, NOW, 0.0)]


def said(seat: Seat) -> list[Block]:
    return [block for block in conversation(seat, UTC) if block.tone != "day"]


def last(by: str) -> objects.LastObject:
    return objects.LastObject("Hello", by, AT)


def test_the_longest_waiting_comes_first_and_the_answered_come_last() -> None:
    seat = at_the_desk(
        request(1, waiting_since=None),
        request(2, waiting_since="2026-11-22T10:50:00.000Z"),
        request(3, waiting_since="2026-11-22T10:40:00.000Z"),
        request(4, waiting_since="2026-11-22T10:50:00.000Z"),
        request(5, status="closed"),
    )
    assert listed(seat) == [3, 2, 4, 1]


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-5), "now"),
        (timedelta(seconds=59), "now"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3, hours=4), "3 d"),
    ],
)
def test_the_waiting_time_in_words(ago: timedelta, words: str) -> None:
    assert waited(NOW - ago, NOW) == words


def test_nobody_waits_who_was_answered() -> None:
    assert waited(None, NOW) == ""


def test_unread_are_the_customers_texts_where_the_messages_are_known() -> None:
    seat = at_the_desk(request(1, seq=9, last=last("customer"), read=objects.ReadMarks(0, 6)))
    [row] = rows(seat, NOW, 0.0)
    assert row.unread == 3
    seat.open_request(1)
    activity = message(8, objects.By("desk"), kind="activity", text="Sam claimed the request.")
    told = [message(7), activity, message(9)]
    state = request(1, seq=9, last=last("customer"), read=objects.ReadMarks(0, 6))
    reduce(seat, agent_out.Joined("r1", state, told, more=True), 0.0)
    [row] = rows(seat, NOW, 0.0)
    assert row.unread == 2


def test_nothing_is_unread_after_an_answer() -> None:
    seat = at_the_desk(request(1, seq=9, last=last("agent"), read=objects.ReadMarks(0, 6)))
    assert [row.unread for row in rows(seat, NOW, 0.0)] == [0]


def test_the_row_says_who_holds_who_looks_who_writes_and_what_is_unsent() -> None:
    seat = at_the_desk(request(1, agent=ME), request(2, agent=KIM), request(3))
    reduce(seat, agent_out.Watching(3, [ME, KIM]), 0.0)
    reduce(seat, objects.Typing(3, "customer", True), 0.0)
    seat.open = 2
    seat.draft("half")
    seat.open = None
    third, first, second = rows(seat, NOW, 1.0)
    assert (first.section, first.holder) == (Section.MINE, "Sam")
    assert (second.section, second.holder, second.written) == (Section.OTHERS, "Kim", "draft")
    assert (third.section, third.watchers, third.typing) == (Section.WAITING, "Kim", True)


def test_a_typing_mark_fades_or_ends_with_the_message() -> None:
    seat = at_the_desk(request(1))
    reduce(seat, objects.Typing(1, "customer", True), 10.0)
    assert seat.desk.typing_roles(1, 17.9) == ("customer",)
    assert seat.desk.typing_roles(1, 18.0) == ()
    reduce(seat, objects.Typing(1, "customer", True), 20.0)
    reduce(seat, objects.MessagePush(1, message(1)), 20.1)
    assert seat.desk.typing_roles(1, 20.1) == ()


def test_what_is_older_than_what_is_known_changes_nothing() -> None:
    seat = at_the_desk(request(1, seq=5, status="active", read=objects.ReadMarks(4, 5)))
    reduce(seat, agent_out.RequestPush(request(1, seq=4)), 0.0)
    reduce(seat, objects.Read(1, "customer", 2), 0.0)
    known = seat.desk.requests[1]
    assert (known.status, known.read_by_customer, known.read_by_agents) == ("active", 4, 5)


def test_a_request_that_a_welcome_does_not_name_has_ended() -> None:
    seat = at_the_desk(request(1), request(2))
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    seat.disconnected()
    reduce(seat, welcome(request(3)), 0.0)
    assert listed(seat) == [3, 1], "the open one stays in the list"
    assert seat.desk.requests[1].closed
    assert 2 not in seat.desk.requests


def test_names_and_texts_come_in_clean() -> None:
    hostile = "\x1b]52;c;aGk=\x07\u202e"
    customer = objects.CustomerObject(1, name=hostile, email=hostile, verified=False, online=True)
    page = objects.PageObject("https://x/" + hostile, hostile, "")
    seat = at_the_desk(
        request(
            1,
            customer=customer,
            page=page,
            tags=[hostile],
            agent=objects.AgentLabel(5, hostile),
            last=objects.LastObject(hostile, "customer", AT),
        )
    )
    reduce(seat, agent_out.Watching(1, [objects.AgentLabel(6, hostile)]), 0.0)
    seat.open_request(1)
    by = objects.By("customer", 1, hostile)
    reduce(seat, agent_out.Joined("r1", request(1), [message(1, by, text=hostile)], more=False), 0)
    shown = f"{seat.desk.requests}{seat.desk.watching}{rows(seat, NOW, 0.0)}{said(seat)}"
    assert shown.isprintable()
    assert "\\x1b" not in shown
    assert "\\u202e" not in shown


def test_texts_in_one_breath_stand_under_one_name() -> None:
    seat = at_the_desk(request(1))
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    later = "2026-11-22T10:45:00.000Z"
    me, kim = objects.By("agent", 3, "Sam"), objects.By("agent", 5, "Kim")
    for told in (message(2), message(3, at=later), message(4, me), message(5, kim)):
        reduce(seat, objects.MessagePush(1, told), 0.0)
    note = message(6, me, kind="note")
    activity = message(7, objects.By("desk"), kind="activity", text="Sam closed the request.")
    reduce(seat, objects.MessagePush(1, note), 0.0)
    reduce(seat, objects.MessagePush(1, activity), 0.0)
    assert [(block.tone, block.head) for block in said(seat)] == [
        ("customer", "Ada"),
        ("customer", ""),
        ("customer", "Ada"),
        ("me", "Sam (you)"),
        ("colleague", "Kim"),
        ("note", "note by Sam (you), for agents only"),
        ("activity", ""),
    ]


def test_each_day_begins_with_its_date() -> None:
    seat = at_the_desk(request(1))
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    reduce(seat, objects.MessagePush(1, message(2, at="2026-11-23T09:00:00.000Z")), 0.0)
    days = [block.text for block in conversation(seat, UTC) if block.tone == "day"]
    assert days == ["Sunday 22 November 2026", "Monday 23 November 2026"]


def test_a_text_on_its_way_says_why_it_still_is() -> None:
    seat = at_the_desk(request(1))
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    seat.write("Hello")
    assert said(seat)[-1].head == "sending…"
    reduce(seat, objects.Error("unavailable", "Disk full.", "r2"), 0.0)
    assert said(seat)[-1].head == "unsent, the relay asked to wait"
    seat.disconnected()
    assert said(seat)[-1].head == "unsent, goes out by itself"


def test_a_time_that_is_none_does_not_hide_the_message() -> None:
    seat = at_the_desk(request(1, waiting_since="soon"))
    seat.open_request(1)
    odd = structs.replace(message(1), at="yesterday")
    reduce(seat, agent_out.Joined("r1", request(1, seq=1), [odd], more=False), 0.0)
    assert [block.text for block in said(seat)] == ["line 1"]


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
@pytest.mark.parametrize("hours", [-12, 14])
def test_a_time_at_an_end_of_the_calendar_does_not_hide_the_message(end: str, hours: int) -> None:
    seat = at_the_desk(request(1))
    seat.open_request(1)
    now = request(1, seq=1, waiting_since=end)
    reduce(seat, agent_out.Joined("r1", now, [message(1, at=end)], more=False), 0.0)
    zone = timezone(timedelta(hours=hours))
    assert [block.text for block in conversation(seat, zone)] == ["line 1"]
    assert [row.waited for row in rows(seat, NOW, 0.0)] == [""]
