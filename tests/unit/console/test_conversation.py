"""A conversation that is made further is the same as one that is made anew."""

from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_tui.model.conversation import Conversation, conversation
from helpdesk_tui.model.objects import message_from
from helpdesk_tui.model.reducer import reduce
from relay.wire import objects
from tests.unit.console.sample_frames import ME, joined, message, new_seat, request, welcome

MINE = objects.By("agent", ME.id, ME.name)
STEPS = st.lists(
    st.tuples(st.sampled_from(["ada", "me", "read", "open", "unread"]), st.integers(1, 12))
)


@settings(max_examples=60)
@given(STEPS)
def test_whatever_comes_and_in_whatever_order(steps: list[tuple[str, int]]) -> None:
    seat, made = new_seat(), Conversation()
    reduce(seat, welcome(request(1, seq=12), request(2)), 0.0)
    seat.open_request(1)
    reduce(seat, joined(1, 5), 0.0)
    for what, seq in steps:
        match what:
            case "read":
                seat.desk.read(1, "customer", seq)
            case "open":
                seat.open_request(2)
                assert made.blocks(seat, UTC) == conversation(seat, UTC)
                seat.open_request(1)
            case "unread":
                seat.new_after = seq - 1
            case who:
                said = message(seq, MINE) if who == "me" else message(seq)
                seat.desk.add(1, [message_from(said)])
        assert made.blocks(seat, UTC) == conversation(seat, UTC)
