"""The seat: effects of the agent's acts and the relay's frames."""

from datetime import UTC, datetime

from msgspec import structs

from helpdesk_tui.model.conversation import conversation
from helpdesk_tui.model.effects import (
    Effects,
    LoadDrafts,
    SaveDraft,
    SendFrame,
    SendText,
    ShowNotice,
    ShowRequest,
)
from helpdesk_tui.model.outbox import Draft, Unsent
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.request_list import Section, rows
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in, agent_out, objects
from relay.wire.codec import encode
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


def with_open(number: int, *seqs: int) -> Seat:
    seat = at_the_desk(request(number))
    seat.open_request(number)
    reduce(seat, joined(number, *seqs), 0.0)
    return seat


def told(effects: Effects) -> str:
    return " ".join(effect.sentence for effect in effects if isinstance(effect, ShowNotice))


def texts(seat: Seat) -> list[str]:
    return [said.text for said in seat.timeline.messages] if seat.timeline else []


def error(code: str, ref: str = "r2") -> objects.Error:
    return objects.Error(code, "Because.", ref)


def test_opening_a_request_joins_it_and_leaves_the_one_before() -> None:
    seat = at_the_desk(request(1), request(2))
    assert seat.open_request(1) == (SendFrame(agent_in.Join("r1", 1)), ShowRequest(1))
    assert seat.open_request(2) == (
        SendFrame(agent_in.Leave(1)),
        SendFrame(agent_in.Join("r2", 2)),
        ShowRequest(2),
    )


def test_coming_back_joins_after_what_is_known_without_a_gap() -> None:
    seat = with_open(1, 1, 2, 3)
    reduce(seat, objects.MessagePush(1, message(6)), 0.0)
    seat.disconnected()
    assert reduce(seat, welcome(request(1)), 0.0)[-1] == SendFrame(agent_in.Join("r3", 1, after=3))


def test_a_gap_is_fetched_once() -> None:
    seat = with_open(1, 1, 2)
    assert reduce(seat, objects.MessagePush(1, message(9)), 0.0) == (
        SendFrame(agent_in.HistoryBefore("r2", 1, before=9, limit=100)),
    )
    assert reduce(seat, objects.MessagePush(1, message(10)), 0.0) == ()
    reduce(seat, objects.History("r2", [message(seq) for seq in range(3, 9)], more=True), 0.0)
    assert texts(seat) == [f"line {seq}" for seq in range(1, 11)]


def test_older_messages_are_fetched_until_the_first_is_there() -> None:
    seat = with_open(1, 5, 6)
    assert seat.fetch_older() == (SendFrame(agent_in.HistoryBefore("r2", 1, before=5, limit=100)),)
    reduce(seat, objects.History("r2", [message(seq) for seq in range(1, 5)], more=False), 0.0)
    assert seat.fetch_older() == ()


def test_a_text_stays_in_the_outbox_until_it_is_acknowledged() -> None:
    seat = with_open(1, 1)
    seat.draft("Hello")
    unsent = Unsent("r2", 1, "Hello", seen=1)
    assert seat.write("Hello\n") == (SaveDraft(1, at_once=True), SendText(unsent))
    assert seat.drafts.numbers() == set()
    assert seat.outbox.of(1) == (unsent,)
    assert reduce(seat, objects.Sent("r2", 2, AT), 0.0) == (SaveDraft(1),)
    assert seat.outbox.of(1) == ()
    assert texts(seat) == ["line 1", "Hello"]


def test_a_text_found_in_the_log_after_a_reconnect_is_acknowledged_by_that() -> None:
    seat = with_open(1, 1)
    seat.write("Hello")
    mine = message(2, objects.By("agent", ME.id, ME.name), text="Hello", ref="r2")
    reduce(seat, agent_out.Joined("j", request(1, seq=2), [mine], more=False), 0.0)
    assert len(seat.outbox) == 0
    assert texts(seat) == ["line 1", "Hello"]


def test_a_text_acknowledged_before_joining_does_not_hide_the_history() -> None:
    seat = at_the_desk(request(1))
    seat.load({}, (Unsent("old", 1, "from yesterday"),))
    seat.open_request(1)
    reduce(seat, objects.Sent("old", 3, AT), 0.0)
    assert texts(seat) == []
    reduce(seat, joined(1, 1, 2), 0.0)
    assert texts(seat) == ["line 1", "line 2", "from yesterday"]


def test_a_refused_text_stays_as_failed_until_it_is_sent_again() -> None:
    seat = with_open(1, 1)
    seat.write("Hello")
    effects = reduce(seat, error("forbidden"), 0.0)
    assert told(effects) == "Not sent: you may not write in #1."
    [failed] = seat.outbox.of(1)
    assert failed.failed == "you may not write in #1"
    assert conversation(seat, UTC)[-1].tone == "failed"
    assert [row.written for row in rows(seat, NOW, 0.0)] == ["failed"]
    again = Unsent("r2", 1, "Hello", seen=1)
    assert seat.retry() == (SaveDraft(1, at_once=True), SendText(again))
    assert seat.outbox.of(1) == (again,)
    assert seat.retry() == ()


def test_a_refused_text_can_be_edited_in_front_of_what_was_written_since() -> None:
    seat = with_open(1, 1)
    seat.write("Hello")
    reduce(seat, error("closed"), 0.0)
    seat.draft("and more")
    assert seat.edit() == (SaveDraft(1), ShowRequest(1))
    assert (seat.drafts.text(1), len(seat.outbox)) == ("Hello\nand more", 0)
    assert seat.edit() == ()


def test_a_refusal_of_a_kind_unknown_here_settles_its_text_too() -> None:
    seat = with_open(1, 1)
    seat.write("Hello")
    assert told(reduce(seat, error("teapot"), 0.0)).startswith("Not sent: the relay did not take")
    assert len(seat.outbox.failed_in(1)) == 1


def test_a_text_refused_for_now_waits_in_the_outbox() -> None:
    seat = with_open(1, 1)
    seat.write("Hello")
    assert reduce(seat, error("rate_limited"), 0.0) == ()
    assert seat.outbox.of(1) == (Unsent("r2", 1, "Hello", delayed=True, seen=1),)


def test_nothing_is_written_to_a_closed_request_or_beyond_the_limit() -> None:
    seat = with_open(1, 1)
    assert "Too long" in told(seat.write("x" * 4001))
    reduce(seat, agent_out.RequestPush(request(1, status="closed", seq=1)), 0.0)
    assert "closed" in told(seat.write("Hello"))
    assert len(seat.outbox) == 0


def test_a_text_is_refused_whose_frame_the_relay_would_hang_up_on() -> None:
    seat = with_open(1, 1)
    room = 65536 - len(encode(agent_in.Send("r2", 1, "")))
    seat.desk.text_limit = 0
    assert "Too long" in told(seat.write("x" * (room + 1)))
    assert "Too long" in told(seat.write("\N{GRINNING FACE}" * (room // 4 + 1)))
    assert len(seat.outbox) == 0
    [kept, sent] = seat.write("x" * room)
    assert (kept, type(sent)) == (SaveDraft(1, at_once=True), SendText)


def test_a_limit_of_zero_is_none() -> None:
    seat = new_seat()
    limits = objects.Limits(0, 0, 50, 200)
    reduce(seat, structs.replace(welcome(request(1)), limits=limits), 0.0)
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    assert len(seat.write("x" * 100_000)) == 2


def test_a_lost_claim_says_who_was_first() -> None:
    seat = at_the_desk(request(1, agent=KIM, status="active"))
    seat.claim(1)
    assert told(reduce(seat, error("conflict", "r1"), 0.0)) == "#1 was claimed by Kim first."


def test_a_command_while_offline_is_not_kept_for_later() -> None:
    seat = at_the_desk(request(1))
    seat.disconnected()
    assert told(seat.close(1)) == "Offline: close #1 again when the relay is back."


def test_seeing_the_end_tells_the_relay_once() -> None:
    seat = with_open(1, 1, 2)
    assert seat.mark_read() == (SendFrame(agent_in.SetRead(1, 2)),)
    assert seat.mark_read() == ()


def test_a_closed_request_leaves_the_desk_unless_it_is_open() -> None:
    seat = with_open(1, 1)
    reduce(seat, agent_out.RequestPush(request(1, status="closed", seq=2)), 0.0)
    reduce(seat, agent_out.RequestPush(request(2, status="closed", seq=2)), 0.0)
    assert [found.id for found in seat.desk.requests.values()] == [1]
    assert seat.desk.requests[1].closed


def test_a_closed_request_stays_at_the_desk_while_something_is_unsent_in_it() -> None:
    seat = at_the_desk(request(1), request(2), request(3))
    seat.load({1: Draft("half")}, (Unsent("old", 2, "on its way"),))
    closed = [request(number, status="closed", seq=2) for number in (1, 2, 3)]
    effects = [reduce(seat, agent_out.RequestPush(told), 0.0) for told in closed]
    assert told(effects[0]) == "#1 was closed; your draft for it stays in the list."
    assert effects[1:] == [(), ()]
    assert reduce(seat, agent_out.RequestPush(closed[0]), 0.0) == (), "told once"
    assert sorted(seat.desk.requests) == [1, 2]
    assert [(row.number, row.section, row.written) for row in rows(seat, NOW, 0.0)] == [
        (2, Section.CLOSED, "unsent"),
        (1, Section.CLOSED, "draft"),
    ]
    reduce(seat, error("closed", "old"), 0.0)
    assert [row.written for row in rows(seat, NOW, 0.0)] == ["failed", "draft"]
    seat.open_request(1)
    seat.draft("")
    assert [row.number for row in rows(seat, NOW, 0.0)] == [2, 1], "the open one stays, too"
    seat.open_request(2)
    assert [row.number for row in rows(seat, NOW, 0.0)] == [2]


def test_a_request_with_a_draft_that_was_closed_while_away_stays_and_is_told_of() -> None:
    seat = at_the_desk(request(1), request(2))
    seat.load({1: Draft("half")}, ())
    seat.disconnected()
    effects = reduce(seat, welcome(request(2)), 0.0)
    assert told(effects) == "#1 was closed; your draft for it stays in the list."
    assert [row.number for row in rows(seat, NOW, 0.0)] == [2, 1]


def test_a_request_that_only_the_disk_remembers_is_asked_for() -> None:
    seat = at_the_desk(request(2))
    effects = seat.load({1: Draft("half"), 2: Draft("more")}, (Unsent("old", 5, "on its way"),))
    assert SendFrame(agent_in.List("r2", agent_in.Filter(requests=[1, 5]), None, 200)) in effects
    reduce(seat, agent_out.Listed("r2", [request(1, status="closed")], more=False), 0.0)
    shown = [(row.number, row.section.value, row.last) for row in rows(seat, NOW, 0.0)]
    assert shown[1:] == [(1, "closed", ""), (5, "kept here", "on its way")]


def test_what_only_the_disk_remembers_is_listed_before_the_relay_tells_of_it() -> None:
    seat = new_seat()
    assert seat.load({3: Draft("", "a\nnote")}, (Unsent("old", 5, "on its way"),)) == ()
    listed = [(row.number, row.last, row.written) for row in rows(seat, NOW, 0.0)]
    assert listed == [(3, "a note", "draft"), (5, "on its way", "unsent")]
    assert [row.number for row in rows(seat, NOW, 0.0, "way")] == [5]
    seat.open_request(5)
    assert [(block.tone, block.text) for block in conversation(seat, None)] == [
        ("unsent", "on its way")
    ]


def test_a_deleted_request_is_shown_no_more() -> None:
    seat = with_open(1, 1)
    seat.draft("half a")
    effects = reduce(seat, objects.Gone(1), 0.0)
    assert effects[:2] == (SaveDraft(1), ShowRequest(None))
    assert (seat.open, seat.written, seat.desk.requests) == (None, set(), {})


def test_after_a_restore_nothing_unsent_stays_at_the_desk() -> None:
    seat = with_open(1, 1, 2)
    seat.write("Hello")
    seat.draft("half")
    effects = reduce(seat, welcome(request(1), epoch="e2"), 0.0)
    assert effects == (LoadDrafts(ME.id, "e2"), ShowRequest(None))
    assert (seat.drafts.text(1), len(seat.outbox)) == ("half", 1), "to be put away before it goes"
    seat.load({4: Draft("older")}, ())
    assert (seat.open, seat.written, len(seat.outbox)) == (None, {4}, 0)


def test_what_the_welcome_had_no_room_for_is_listed() -> None:
    seat = new_seat()
    effects = reduce(seat, welcome(request(9), more=True), 0.0)
    asked = [effect.frame for effect in effects if isinstance(effect, SendFrame)]
    assert asked == [
        agent_in.List("r1", agent_in.Filter(status="waiting"), None, 200),
        agent_in.List("r2", agent_in.Filter(status="active"), None, 200),
    ]
    follow_up = reduce(seat, agent_out.Listed("r1", [request(8), request(7)], more=True), 0.0)
    assert follow_up == (SendFrame(structs.replace(asked[0], ref="r3", before=7)),)
    assert reduce(seat, agent_out.Listed("r3", [], more=False), 0.0) == ()
    assert set(seat.desk.requests) == {7, 8, 9}
