"""Over a long day old conversations leave memory, and come again when they are looked at."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from helpdesk_tui.model.desk_state import DeskState
from helpdesk_tui.model.objects import message_from, request_from
from helpdesk_tui.model.outbox import Draft
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import CacheLimits, evict_messages
from relay.wire import objects
from tests.unit.console.sample_frames import joined, message, new_seat, request, welcome
from tests.unit.console.unreliable_link import SAM, STEPS, run, settle, shown

MINE = objects.By("agent", SAM.id, SAM.name)
ROOMS = st.builds(CacheLimits, st.integers(0, 12), st.integers(1, 4))


@settings(max_examples=60)
@given(STEPS, ROOMS)
def test_what_was_let_go_comes_again_when_it_is_looked_at(
    steps: list[str], room: CacheLimits
) -> None:
    seat, relay = run(steps, room)
    assert seat.timeline
    while effects := seat.fetch_older():
        relay.answer(effects)
        settle(seat, relay)
    known = [(said.seq, said.kind, said.text) for said in seat.timeline.messages]
    log = [message_from(shown(said)) for said in relay.log]
    assert known == [(said.seq, said.kind, said.text) for said in log]
    assert (seat.pending, relay.overtook) == ({}, [])


@st.composite
def desks(draw: st.DrawFn) -> DeskState:
    """Return a desk with five requests, of which some messages are known."""
    desk = DeskState()
    for number in range(1, 6):
        size, closed = draw(st.integers(0, 12)), draw(st.booleans())
        authors = draw(st.lists(st.booleans(), min_size=size, max_size=size))
        said = [
            message(seq, MINE) if mine else message(seq)
            for seq, mine in enumerate(authors, start=1)
        ]
        told = request(number, seq=size, status="closed" if closed else "active")
        if said:
            last = objects.LastObject(said[-1].text, said[-1].by.role, said[-1].at)
            told = structs.replace(told, last=last)
        marks = objects.ReadMarks(0, draw(st.integers(0, size)))
        desk.requests[number] = request_from(structs.replace(told, read=marks))
        desk.add(number, map(message_from, said[draw(st.integers(0, size)) :]))
        if draw(st.booleans()):
            desk.mark_unread(desk.requests[number])
    return desk


def unread(desk: DeskState) -> dict[int, int]:
    return {
        request.id: count for request in desk.requests.values() if (count := desk.unread(request))
    }


@settings(max_examples=80)
@given(desks(), ROOMS, st.sets(st.integers(1, 5)))
def test_what_is_unread_and_what_stays_are_as_before_and_the_rest_has_room(
    desk: DeskState, room: CacheLimits, staying: set[int]
) -> None:
    before = {number: timeline.messages for number, timeline in desk.timelines.items()}
    counted = unread(desk)
    evict_messages(desk, room, staying)
    after = {number: timeline.messages for number, timeline in desk.timelines.items()}
    assert unread(desk) == counted
    assert all(after[number] == before[number] for number in staying)
    assert all(
        said == before[number][len(before[number]) - len(said) :] for number, said in after.items()
    )
    telling = {
        number
        for number in after
        if desk.unread_at_most(desk.requests[number]) or number in counted
    }
    held = sum(len(said) for number, said in after.items() if number in staying | telling)
    assert sum(map(len, after.values())) <= max(room.most, held)


@settings(max_examples=60)
@given(desks())
def test_the_last_text_can_count_as_unread_again_in_what_was_shortened(desk: DeskState) -> None:
    texts = {n: [m for m in t.messages if m.role == "customer"] for n, t in desk.timelines.items()}
    evict_messages(
        desk, CacheLimits(most=sum(t.count for t in desk.timelines.values()) - 1, page=1), set()
    )
    for number, timeline in desk.timelines.items():
        if texts[number]:
            assert texts[number][-1] in timeline.messages


def test_what_was_looked_at_longest_ago_goes_first_and_closed_before_open() -> None:
    seat = new_seat(CacheLimits(most=4, page=1))
    reduce(seat, welcome(*map(request, (1, 2, 3, 4))), 0.0)
    for number in (1, 2, 3, 1):
        seat.open_request(number)
        reduce(seat, joined(number, 1, 2, read=objects.ReadMarks(0, 2)), 0.0)
    sizes = {number: timeline.count for number, timeline in seat.desk.timelines.items()}
    assert sizes == {2: 1, 3: 1, 1: 2}
    seat.open_request(4)
    assert {number: timeline.count for number, timeline in seat.desk.timelines.items()} == sizes


def test_a_request_with_a_draft_stays_whole_and_a_closed_one_goes_with_what_is_known_of_it() -> (
    None
):
    seat = new_seat(CacheLimits(most=0, page=1))
    reduce(seat, welcome(*map(request, (1, 2, 3))), 0.0)
    for number, status in ((1, "active"), (2, "closed"), (3, "active")):
        seat.open_request(number)
        reduce(seat, joined(number, 1, 2, status=status, read=objects.ReadMarks(0, 2)), 0.0)
        if number == 1:
            seat.draft("half")
    assert seat.drafts.of(1) == Draft("half")
    assert {number: timeline.count for number, timeline in seat.desk.timelines.items()} == {
        1: 2,
        3: 2,
    }
    assert seat.desk.requests.keys() == {1, 3}
