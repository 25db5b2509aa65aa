"""A text written before a colleague's answer is not sent after it unseen."""

import pytest

from helpdesk_tui.model.effects import Effects, SendFrame, SendText, ShowNotice
from helpdesk_tui.model.outbox import Unsent
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_in, agent_out, objects
from tests.unit.console.sample_frames import KIM, ME, message, new_seat, request, welcome

KIMS = objects.By("agent", KIM.id, KIM.name)
MINE = objects.By("agent", ME.id, ME.name)
MEANWHILE = "meanwhile; retry sends it, edit takes it back"
ANSWERED = f"Kim has answered {MEANWHILE}"


def delivered(effects: Effects) -> list[str]:
    return [effect.unsent.text for effect in effects if isinstance(effect, SendText)]


def told(effects: Effects) -> list[str]:
    return [effect.sentence for effect in effects if isinstance(effect, ShowNotice)]


def asked(effects: Effects) -> list[agent_in.ClientFrame]:
    return [effect.frame for effect in effects if isinstance(effect, SendFrame)]


def written_offline(*texts: str) -> Seat:
    """Return a seat that saw message 1 of request 1 and wrote *texts* while the relay was away."""
    seat = new_seat()
    reduce(seat, welcome(request(1, seq=1)), 0.0)
    seat.open_request(1)
    reduce(seat, agent_out.Joined("j", request(1, seq=1), [message(1)], more=False), 0.0)
    seat.disconnected()
    for text in texts:
        assert delivered(seat.write(text)) == []
    return seat


def back(seat: Seat, *said: objects.MessageObject, **fields: object) -> Effects:
    """Reconnect; the request has *said* now. Return what follows once it is joined."""
    now = request(1, seq=1 + len(said), **fields)
    assert delivered(reduce(seat, welcome(now), 0.0)) == [], "nothing goes out before `joined`"
    return reduce(seat, agent_out.Joined("j", now, list(said), more=False), 0.0)


def test_what_nobody_has_answered_goes_out_by_itself_in_order() -> None:
    seat = written_offline("one", "two")
    assert delivered(back(seat, message(2))) == ["one", "two"]


def test_what_a_colleague_has_answered_is_held_and_told_of_once() -> None:
    seat = written_offline("one", "two")
    effects = back(seat, message(2, KIMS), message(3))
    assert delivered(effects) == []
    assert told(effects) == [f"Not sent: {ANSWERED}."]
    assert [text.failed for text in seat.outbox.of(1)] == [ANSWERED, ANSWERED]


def test_retry_sends_it_over_the_answer_that_is_seen_now_even_after_one_more_reconnect() -> None:
    seat = written_offline("one")
    back(seat, message(2, KIMS))
    assert delivered(seat.retry()) == ["one"]
    seat.disconnected()
    reduce(seat, welcome(request(1, seq=2)), 0.0)
    effects = reduce(seat, agent_out.Joined("j", request(1, seq=2), [], more=False), 0.0)
    assert delivered(effects) == ["one"]


def test_what_a_colleague_has_claimed_meanwhile_is_held() -> None:
    seat = written_offline("one")
    claimed = message(2, KIMS, kind="activity", text="Kim claimed")
    effects = back(seat, claimed, status="active", agent=KIM)
    assert (delivered(effects), len(seat.outbox.failed_in(1))) == ([], 1)
    assert told(effects) == [f"Not sent: Kim has claimed it {MEANWHILE}."]


def test_what_was_written_in_a_colleagues_request_goes_out_while_it_is_theirs() -> None:
    seat = new_seat()
    theirs = request(1, seq=1, status="active", agent=KIM)
    reduce(seat, welcome(theirs), 0.0)
    seat.open_request(1)
    reduce(seat, agent_out.Joined("j", theirs, [message(1)], more=False), 0.0)
    seat.disconnected()
    seat.write("one")
    assert delivered(back(seat, status="active", agent=KIM)) == ["one"]


@pytest.mark.parametrize(
    "said",
    [
        message(2, KIMS, kind="note"),
        message(2, MINE, text="from my other console"),
        message(2, objects.By("desk", None, None), text="Nobody is here now."),
    ],
    ids=["a note", "an answer of one's own", "the desk"],
)
def test_what_is_no_colleagues_answer_holds_nothing(said: objects.MessageObject) -> None:
    assert delivered(back(written_offline("one"), said)) == ["one"]


def test_a_note_goes_out_whoever_has_answered() -> None:
    seat = written_offline()
    seat.toggle_note()
    seat.write("a note")
    assert delivered(back(seat, message(2, KIMS))) == ["a note"]


def test_what_was_stored_before_the_answer_was_lost_is_neither_held_nor_sent() -> None:
    seat = written_offline("one")
    [unsent] = seat.outbox.texts
    effects = back(seat, message(2, MINE, ref=unsent.ref), message(3, KIMS))
    assert (delivered(effects), told(effects), len(seat.outbox)) == ([], [], 0)


def test_nothing_is_decided_before_the_whole_log_since_then_is_there() -> None:
    seat = written_offline("one")
    now = request(1, seq=9)
    reduce(seat, welcome(now), 0.0)
    effects = reduce(seat, agent_out.Joined("j", now, [message(9)], more=True), 0.0)
    [question] = asked(effects)
    assert isinstance(question, agent_in.HistoryBefore)
    assert (delivered(effects), question.before) == ([], 9)
    said = [message(2, KIMS), *map(message, range(3, 9))]
    effects = reduce(seat, objects.History(question.ref, said, more=True), 0.0)
    assert (delivered(effects), told(effects)) == ([], [f"Not sent: {ANSWERED}."])


def test_a_request_that_is_not_open_is_looked_into_first_and_left_again() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1), request(2)), 0.0)
    kept = (Unsent("a", 1, "one", seen=4), Unsent("b", 2, "two", seen=4))
    effects = seat.load({}, kept)
    assert delivered(effects) == []
    assert asked(effects) == [agent_in.Join("r1", 1, 4), agent_in.Join("r2", 2, 4)]
    now = request(1, seq=4)
    effects = reduce(seat, agent_out.Joined("r1", now, [], more=False), 0.0)
    assert (delivered(effects), asked(effects)) == (["one"], [agent_in.Leave(1)])
    now = request(2, seq=5)
    effects = reduce(seat, agent_out.Joined("r2", now, [message(5, KIMS)], more=False), 0.0)
    assert (delivered(effects), asked(effects)) == ([], [agent_in.Leave(2)])
    assert told(effects) == [f"Not sent: {ANSWERED}."]


def test_a_request_that_is_opened_while_it_is_looked_into_is_not_left() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1)), 0.0)
    seat.load({}, (Unsent("a", 1, "one", seen=4),))
    seat.open_request(1)
    now = request(1, seq=4)
    assert reduce(seat, agent_out.Joined("r1", now, [], more=False), 0.0) == ()
    effects = reduce(seat, agent_out.Joined("r2", now, [], more=False), 0.0)
    assert (delivered(effects), asked(effects)) == (["one"], [])


def test_a_text_is_held_whose_request_the_relay_does_not_show() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1)), 0.0)
    seat.load({}, (Unsent("a", 1, "one", seen=4),))
    effects = reduce(seat, objects.Error("unavailable", "The disk is full.", "r1"), 0.0)
    assert told(effects) == [
        "Not sent: the relay did not take your text for #1 (The disk is full)."
    ]


def test_an_answer_from_before_the_request_was_left_lets_nothing_out() -> None:
    seat = new_seat()
    reduce(seat, welcome(request(1, seq=1), request(2)), 0.0)
    [first] = asked(seat.open_request(1))
    seat.write("one")
    [_, second] = asked(seat.open_request(2))[:2]
    assert isinstance(first, agent_in.Join)
    assert isinstance(second, agent_in.Join)
    then, now = request(1, seq=1), request(1, seq=1, status="active", agent=KIM)
    assert reduce(seat, agent_out.Joined(first.ref, then, [message(1)], more=False), 0.0) == ()
    effects = reduce(seat, agent_out.Joined(second.ref, now, [], more=False), 0.0)
    assert delivered(effects) == []
    assert told(effects) == [f"Not sent: Kim has claimed it {MEANWHILE}."]
