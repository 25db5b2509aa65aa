"""The publisher: messages in order, requests throttled, no data for the wrong side."""

from typing import Any

import pytest
from msgspec.structs import replace

from relay.desk.events import Announced, Claimed, Closed, Noted, Opened, Role, Sent, Tagged
from relay.desk.request import ReadMark
from relay.service.use_cases import Change
from tests.unit.relay.desk import Room
from tests.unit.relay.peers import agent_peer, pop_frames, types
from tests.unit.relay.samples import ADA, AGENTS, BLANK, KIM, SAM


@pytest.fixture
def room() -> Room:
    return Room()


def messages(frames: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """Return seq and text of each message among *frames*."""
    return [
        (frame["message"]["seq"], frame["message"]["text"])
        for frame in frames
        if frame["type"] == "message"
    ]


def test_a_text_goes_to_who_watches_and_the_customer_each_in_their_numbers(room: Room) -> None:
    room.publish(Noted("Careful"), Sent("Hello"), by=SAM)
    assert messages(pop_frames(room.tab)) == messages(pop_frames(room.other_tab)) == [(2, "Hello")]
    assert (
        messages(pop_frames(room.sam))
        == messages(pop_frames(room.kim))
        == [(2, "Careful"), (3, "Hello")]
    )
    assert pop_frames(room.stranger) == pop_frames(room.bot) == []


def test_who_sent_it_is_answered_in_its_place_and_told_the_rest(room: Room) -> None:
    room.answer(room.sam, "r", Claimed(), Sent("Hi"), by=SAM)
    claimed, sent, request = pop_frames(room.sam)
    assert (claimed["message"]["activity"], request["type"]) == ("claimed", "request")
    assert sent == {"type": "sent", "ref": "r", "seq": 3, "at": "2026-11-22T10:35:00.123Z"}
    assert types(room.kim) == types(room.tab) == ["message", "message", "request"]


def test_the_customer_is_answered_in_the_customers_numbers(room: Room) -> None:
    room.publish(Noted("Careful"), by=SAM)
    room.silence()
    room.answer(room.tab, "r", Sent("Hi"), by=ADA)
    assert pop_frames(room.tab)[0]["seq"] == 2
    assert pop_frames(room.other_tab)[0]["message"]["seq"] == 2
    assert pop_frames(room.sam)[0]["message"]["seq"] == 3


def test_only_the_authors_other_connections_see_the_ref(room: Room) -> None:
    phone = agent_peer(AGENTS[3])
    room.hub.add(phone)
    room.hub.watch(phone, 42)
    room.answer(room.sam, "r", Sent("Hi"), by=SAM)
    assert pop_frames(phone)[0]["message"]["ref"] == "r"
    assert "ref" not in pop_frames(room.kim)[0]["message"]
    assert "ref" not in pop_frames(room.tab)[0]["message"]
    room.silence()
    room.answer(room.tab, "q", Sent("Hi"), by=ADA)
    assert pop_frames(room.other_tab)[0]["message"]["ref"] == "q"
    assert "ref" not in pop_frames(phone)[0]["message"]


def test_the_first_of_a_request_is_shown_in_the_answer_and_pushed_to_the_other_tabs() -> None:
    room = Room()
    room.record = replace(room.record, request=replace(BLANK, id=43))
    change = room.change(Opened(), Announced("Welcome!"), by=ADA, ref="o")
    room.publisher.publish(change, shown_to=room.tab)
    assert pop_frames(room.tab) == []
    assert types(room.other_tab) == ["request", "message", "message"]
    assert types(room.sam) == types(room.kim) == ["request"]
    assert (room.tab.request, room.other_tab.request) == (43, 43)


def test_a_claim_is_told_at_once_and_a_text_within_the_second_when_it_is_over(room: Room) -> None:
    room.publish(Claimed(), by=SAM)
    assert types(room.kim) == ["message", "request"]
    room.publish(Sent("one"), by=SAM)
    room.clock.now += 0.5
    room.publish(Sent("two"), by=SAM)
    room.publisher.push_delayed()
    assert types(room.kim) == ["message", "message"]
    room.clock.now += 0.5
    room.publisher.push_delayed()
    (push,) = pop_frames(room.kim)
    assert push["request"]["last"]["text"] == "two"
    assert types(room.tab)[-1] == "request"
    room.clock.now += 5
    room.publisher.push_delayed()
    assert pop_frames(room.kim) == pop_frames(room.tab) == []


def test_a_change_at_once_takes_what_waited_with_it(room: Room) -> None:
    room.publish(Claimed(), by=SAM)
    room.publish(Sent("one"), by=SAM)
    room.silence()
    room.publish(Tagged(("vip",), ()), by=SAM)
    (push,) = [frame for frame in pop_frames(room.kim) if frame["type"] == "request"]
    assert (push["request"]["tags"], push["request"]["seq"]) == (["vip"], 4)
    assert [frame["request"]["seq"] for frame in pop_frames(room.tab)] == [3]
    room.clock.now += 1
    room.publisher.push_delayed()
    assert pop_frames(room.kim) == []


def test_a_customer_hears_nothing_of_what_agents_do_among_themselves(room: Room) -> None:
    room.publish(Noted("Careful"), by=SAM)
    room.publish(Tagged(("vip",), ()), by=SAM)
    before = room.record
    room.record = replace(before, read_by_agent=ReadMark(3, 0))
    room.publisher.push_read_mark(Change(room.record, before=before), Role.AGENT, room.sam)
    room.clock.now += 1
    room.publisher.push_delayed()
    assert pop_frames(room.tab) == pop_frames(room.other_tab) == []
    assert "note" not in str(pop_frames(room.bot))


def test_notes_on_a_closed_request_are_pushed_once_a_second_too(room: Room) -> None:
    room.publish(Closed(), by=SAM)
    room.clock.now += 1
    room.silence()
    for _ in range(3):
        room.publish(Noted("And"), by=SAM)
    assert types(room.kim) == ["message", "request", "message", "message"]
    room.clock.now += 1
    room.publisher.push_delayed()
    (push,) = pop_frames(room.kim)
    assert push["request"]["seq"] == room.record.request.seq


def test_a_closed_request_leaves_the_board(room: Room) -> None:
    assert list(room.publisher.open_requests) == [42]
    room.publish(Closed(), by=SAM)
    assert room.publisher.open_requests == {}


def test_what_changes_nothing_is_not_told(room: Room) -> None:
    room.publisher.publish(Change(room.record))
    room.clock.now += 1
    room.publisher.push_delayed()
    assert [pop_frames(peer) for peer in room.everybody] == [[]] * 6


def test_a_deleted_request_is_gone_for_all_and_watched_by_none(room: Room) -> None:
    change = replace(room.change(Closed(), by=ADA), deleted=True)
    room.publisher.publish(change)
    assert types(room.sam) == types(room.tab) == ["message", "request", "gone"]
    assert types(room.bot) == []
    assert (room.hub.watched(), room.publisher.open_requests) == ([], {})


def test_a_read_mark_is_told_to_all_but_its_author_in_their_numbers(room: Room) -> None:
    before = room.record
    room.record = replace(before, read_by_agent=ReadMark(1, 1))
    room.publisher.push_read_mark(Change(room.record, before=before), Role.AGENT, room.sam)
    read = {"type": "read", "request": 42, "by": "agent", "seq": 1}
    assert [frame for frame in pop_frames(room.kim) if frame["type"] == "read"] == [read]
    assert [frame for frame in pop_frames(room.tab) if frame["type"] == "read"] == [read]
    assert "read" not in types(room.sam)


def test_a_customers_read_mark_reaches_agents_in_the_agents_numbers(room: Room) -> None:
    before = room.record
    room.record = replace(before, read_by_customer=ReadMark(5, 3))
    room.publisher.push_read_mark(Change(room.record, before=before), Role.CUSTOMER, room.tab)
    assert pop_frames(room.sam)[0] == {"type": "read", "request": 42, "by": "customer", "seq": 5}
    assert pop_frames(room.other_tab)[0]["seq"] == 3
    assert "read" not in types(room.tab)


def test_typing_is_told_to_everybody_but_the_writer_on_any_connection(room: Room) -> None:
    phone = agent_peer(AGENTS[3])
    room.hub.add(phone)
    room.hub.watch(phone, 42)
    room.publisher.push_typing(42, room.sam, on=True)
    push = {"type": "typing", "request": 42, "by": "agent", "on": True}
    assert pop_frames(room.kim) == pop_frames(room.tab) == pop_frames(room.other_tab) == [push]
    assert pop_frames(room.sam) == pop_frames(phone) == pop_frames(room.stranger) == []
    room.publisher.push_typing(42, room.tab, on=False)
    push = {"type": "typing", "request": 42, "by": "customer", "on": False}
    assert pop_frames(room.sam) == pop_frames(phone) == [push]
    assert pop_frames(room.tab) == pop_frames(room.other_tab) == []


def test_nobody_hears_of_typing_in_a_request_that_is_not_open(room: Room) -> None:
    room.publish(Closed(), by=KIM)
    room.silence()
    room.publisher.push_typing(42, room.sam, on=True)
    assert pop_frames(room.kim) == pop_frames(room.tab) == []


def test_the_desk_is_told_to_all_customers_with_its_away_message(room: Room) -> None:
    room.publisher.push_desk()
    assert pop_frames(room.stranger) == [
        {"type": "desk", "desk": {"name": "Acme", "online": True, "away_message": None}}
    ]
    for peer in (room.sam, room.kim, room.bot):
        room.hub.remove(peer)
    room.publisher.push_desk()
    assert pop_frames(room.stranger)[0]["desk"] == {
        "name": "Acme",
        "online": False,
        "away_message": "Back at nine",
    }


def test_an_agents_presence_is_told_to_the_others(room: Room) -> None:
    room.publisher.push_presence(AGENTS[5])
    assert pop_frames(room.sam)[0]["agent"]["status"] == "online"
    assert pop_frames(room.kim) == pop_frames(room.bot) == pop_frames(room.tab) == []


def test_who_watches_is_told_to_the_queue_and_to_who_watches(room: Room) -> None:
    room.publisher.push_watching(42)
    watching = {"type": "watching", "request": 42}
    watching["agents"] = [{"id": 3, "name": "Sam"}, {"id": 5, "name": "Kim"}]
    assert pop_frames(room.sam) == pop_frames(room.kim) == [watching]
    assert pop_frames(room.bot) == pop_frames(room.tab) == []
    room.hub.watch(room.bot, 42)
    room.publisher.push_watching(42)
    assert pop_frames(room.bot) == [watching]


def test_the_canned_responses_are_told_to_all_agents(room: Room) -> None:
    room.publisher.push_canned()
    assert (
        pop_frames(room.bot)
        == pop_frames(room.kim)
        == [{"type": "canned", "canned": [{"name": "hi", "text": "Hello"}]}]
    )
    assert pop_frames(room.tab) == []


def test_agents_hear_that_the_customer_came_or_went_and_the_customer_does_not(room: Room) -> None:
    room.hub.remove(room.tab)
    room.hub.remove(room.other_tab)
    room.publisher.push_customer_presence(42)
    (push,) = pop_frames(room.sam)
    assert push["request"]["customer"]["online"] is False
    assert pop_frames(room.tab) == []
    room.publisher.push_customer_presence(41)
    assert pop_frames(room.sam) == []


def test_a_new_name_of_an_agent_is_told_where_it_is_shown(room: Room) -> None:
    room.publish(Claimed(), by=SAM)
    room.silence()
    room.publisher.push_renamed(5)
    assert pop_frames(room.tab) == []
    room.publisher.push_renamed(3)
    assert pop_frames(room.tab)[0]["request"]["agent"] == {"name": "Sam"}
