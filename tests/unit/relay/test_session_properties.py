"""Whatever a client sends, and when: no exception, and no frame without an answer or a taker."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from relay.errors import CloseCode, Code
from relay.session import HangUp, Limits, Send, Session, Submit
from relay.wire.codec import Reader, agent_frames, customer_frames
from relay.wire.objects import Error, Pong
from tests.unit.relay.search import few
from tests.unit.relay.test_frames_in import FROM_AGENTS, FROM_CUSTOMERS
from tests.unit.relay.test_reader_properties import broken_frames

LIMITS = Limits(text=8, messages_per_second=5, burst=3, others_per_second=5, others_burst=8)
valid = st.sampled_from([text.encode() for text, _ in [*FROM_CUSTOMERS, *FROM_AGENTS]])
said = st.one_of(valid, broken_frames(), st.binary(max_size=8), st.none())
talks = st.lists(st.tuples(said, st.sampled_from([0.0, 0.01, 1.0])), max_size=30)
HELLO = b'{"type":"hello","ref":"1"}'


def talk(reader: Reader[object], frames: list[tuple[bytes | None, float]]) -> list[Struct]:
    """Say *frames* after hello, check each step, and return what the session submitted."""
    session = Session(reader, LIMITS, 0)  # type: ignore[arg-type]
    session.receive(HELLO, 0)
    submitted: list[Struct] = []
    now = 0.0
    for data, pause in frames:
        now += pause
        first, *rest = session.receive(data, now)
        match first:
            case Submit(frame, _):
                submitted.append(frame)
                assert rest == []
            case Send(Error(code, message, _, retry_after)):
                assert Code(code)
                assert message
                assert (retry_after is not None) == (code == Code.RATE_LIMITED)
            case _:
                assert isinstance(first, Send)
                assert isinstance(first.frame, Pong)
        if rest:
            assert rest == [HangUp(CloseCode.BAD_FRAMES, "ten bad frames")]
            break
    return submitted


@given(talks)
@few
def test_every_frame_of_a_customer_is_taken_or_answered(
    frames: list[tuple[bytes | None, float]],
) -> None:
    talk(customer_frames, frames)


@given(talks)
@few
def test_every_frame_of_an_agent_is_taken_or_answered(
    frames: list[tuple[bytes | None, float]],
) -> None:
    for frame in talk(agent_frames, frames):
        text = getattr(frame, "text", None)
        assert text is None or (text == text.strip() and 0 < len(text) <= LIMITS.text)
