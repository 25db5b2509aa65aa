"""The plain form: every command has an answer, and colleagues are shown."""

import pytest
from msgspec import UNSET

from helpdesk_tui.model.effects import SaveDraft, SendFrame, ShowNotice
from helpdesk_tui.model.event_lines import colleague_lines, lines_for_frame
from helpdesk_tui.model.outbox import Draft
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.plain import collision_warning, execute
from relay.wire import agent_in, agent_out, objects
from tests.unit.console.sample_frames import KIM, ME, joined, new_seat, request, welcome


def at_the_desk() -> Seat:
    seat = new_seat()
    reduce(seat, welcome(request(1), request(2)), 0.0)
    for one in (KIM, objects.AgentLabel(6, "Kim Lee")):
        told = objects.AgentObject(one.id, one.name, "agent", "online")
        reduce(seat, agent_out.AgentPush(told), 0.0)
    return seat


def opened() -> Seat:
    seat = at_the_desk()
    seat.open_request(1)
    reduce(seat, joined(1, 1), 0.0)
    reduce(seat, agent_out.Watching(1, [ME, KIM]), 0.0)
    return seat


@pytest.mark.parametrize(
    "line", ["say", "note", "more", "retry", "drop", "release 1", "reopen 1", "open", "edit x"]
)
def test_what_does_nothing_says_so(line: str) -> None:
    effects, answer = execute(at_the_desk(), line)
    assert [*effects, *answer]
    assert not any(isinstance(effect, SendFrame) for effect in effects)


@pytest.mark.parametrize("line", ["say", "note", "retry", "drop"])
def test_with_a_request_open_too(line: str) -> None:
    effects, answer = execute(opened(), line)
    assert (effects, len(list(answer))) == ((), 1)


@pytest.mark.parametrize(
    ("line", "to", "note"),
    [
        ("transfer 1 kim", 5, None),
        ("transfer 1 Kim knows lamps", 5, "knows lamps"),
        ("transfer 1 kim lee knows lamps", 6, "knows lamps"),
    ],
)
def test_a_transfer_takes_a_note(line: str, to: int, note: str | None) -> None:
    effects, _ = execute(at_the_desk(), line)
    assert effects == (SendFrame(agent_in.Transfer("r1", 1, to, note)),)


def test_being_away_is_told_when_the_relay_knows_it() -> None:
    seat = at_the_desk()
    for status in ("away", "online"):
        [asked], _ = execute(seat, status)
        assert isinstance(asked, SendFrame)
        ok = agent_out.Ok(getattr(asked.frame, "ref", ""), UNSET)
        reduce(seat, ok, 0.0)
        assert list(lines_for_frame(seat, ok, None)) == [f"you are {status}"]


def test_who_looks_and_who_writes_is_told_and_an_answer_over_theirs_is_not_sent_at_once() -> None:
    seat = opened()
    assert colleague_lines(seat, 0.0) == ("#1 Kim looks, too",)
    assert collision_warning(seat, "say Hello", 0.0) == ""
    reduce(seat, objects.Typing(1, "agent", True), 0.0)
    writing = "Kim is writing an answer here, too."
    assert colleague_lines(seat, 1.0) == ("#1 Kim looks, too", f"#1 {writing}")
    assert (
        collision_warning(seat, "say Hello", 1.0)
        == collision_warning(seat, "/say Hello", 1.0)
        == writing
    )
    assert (
        collision_warning(seat, "note Hello", 1.0)
        == collision_warning(seat, "say Hello", 9.0)
        == ""
    )


def test_who_held_a_request_is_not_said_to_have_closed_it() -> None:
    seat = opened()
    before = seat.desk.requests[1]
    closed = agent_out.RequestPush(request(1, agent=KIM, status="closed", seq=4))
    reduce(seat, closed, 0.0)
    assert list(lines_for_frame(seat, closed, before)) == ["#1 closed, Ada"]


@pytest.mark.parametrize("line", ["tag 1 +Éclair", "tag 1 -a!", f"tag 1 +{'x' * 33}", "tag 1 +"])
def test_what_can_be_no_tag_is_refused_with_what_one_may_be(line: str) -> None:
    [told] = execute(at_the_desk(), line)[0]
    assert told == ShowNotice("A tag has only letters a to z, digits and hyphens, at most 32.")


def test_a_tag_is_written_in_small_letters() -> None:
    assert execute(at_the_desk(), "tag 1 +Billing -OLD")[0] == (
        SendFrame(agent_in.Tag("r1", 1, ["billing"], ["old"])),
    )


@pytest.mark.parametrize("word", ["say", "note"])
def test_what_is_sent_in_the_plain_form_leaves_the_drafts_of_the_console_as_they_are(
    word: str,
) -> None:
    seat = opened()
    for draft in (Draft("half", "a note"), Draft("half", "a note", noting=True)):
        seat.load({1: draft}, ())
        seat.open_request(1)
        effects, _ = execute(seat, f"{word} done")
        assert SaveDraft(1, at_once=True) in effects
        assert seat.drafts.of(1) == draft
