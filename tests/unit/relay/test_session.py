"""The session: hello first, limits, bad frames, and the frames passed on."""

import pytest
from msgspec.structs import replace

from relay.errors import CloseCode, Code
from relay.session import Response, Session, SessionLimits
from relay.wire import agent_in, customer
from relay.wire.codec import agent_frames, customer_frames
from relay.wire.objects import Error, Pong
from relay.wire.validation import Frame

LIMITS = SessionLimits(
    text=10, messages_per_second=5, burst=2, others_per_second=50, others_burst=200
)
OFF = SessionLimits(text=0, messages_per_second=0, burst=0, others_per_second=0, others_burst=0)
HELLO = b'{"type":"hello","ref":"1"}'
SEND = b'{"type":"send","ref":"s","text":"Hi"}'


def customers(limits: SessionLimits = LIMITS, *, greeted: bool = True) -> Session:
    session = Session(customer_frames, limits, 0)
    if greeted:
        session.receive(HELLO, 0)
    return session


def agents(limits: SessionLimits = LIMITS) -> Session:
    session = Session(agent_frames, limits, 0)
    session.receive(HELLO, 0)
    return session


def errors(*received: Frame | Response | None) -> list[tuple[str, str | None]]:
    """Return code and ref of each error in what was *received*."""
    return [
        (each.frame.code, each.frame.ref)
        for each in received
        if isinstance(each, Response) and isinstance(each.frame, Error)
    ]


def test_hello_goes_to_the_desk_and_the_next_frame_waits_for_the_welcome() -> None:
    hello = customers(greeted=False).receive(HELLO, 0)
    assert hello == customer.Hello("1")
    assert customer.Hello.WAITS


@pytest.mark.parametrize(
    ("data", "code", "ref"),
    [
        (SEND, Code.UNAUTHORIZED, "s"),
        (b'{"type":"ping","ref":"p"}', Code.UNAUTHORIZED, "p"),
        (b'{"type":"typing","on":true}', Code.UNAUTHORIZED, None),
        (b'{"type":"claim","ref":"c"}', Code.UNKNOWN_TYPE, "c"),
        (b'{"type":"hello"}', Code.INVALID, None),
    ],
)
def test_another_frame_before_hello_ends_the_connection(
    data: bytes, code: Code, ref: str | None
) -> None:
    response = customers(greeted=False).receive(data, 0)
    assert errors(response) == [(code, ref)]
    assert isinstance(response, Response)
    assert response.close == (CloseCode.UNAUTHORIZED, "hello first")


def test_a_second_hello_is_invalid_and_the_connection_stays() -> None:
    session = customers()
    response = session.receive(b'{"type":"hello","ref":"2"}', 0)
    assert errors(response) == [(Code.INVALID, "2")]
    assert isinstance(response, Response)
    assert response.close is None
    assert session.receive(SEND, 0) == customer.Send("s", "Hi")


@pytest.mark.parametrize("session", [customers(), agents()], ids=["customer", "agent"])
def test_a_ping_is_answered_here(session: Session) -> None:
    assert session.receive(b'{"type":"ping","ref":"p"}', 0) == Response(Pong("p"))


@pytest.mark.parametrize(
    ("session", "data", "waits"),
    [
        (customers(), b'{"type":"history","ref":"h","before":1}', True),
        (customers(), b'{"type":"open","ref":"o"}', False),
        (customers(), b'{"type":"read","seq":1}', False),
        (agents(), b'{"type":"join","ref":"j","request":1}', True),
        (agents(), b'{"type":"history","ref":"h","request":1,"before":1}', True),
        (agents(), b'{"type":"list","ref":"l"}', True),
        (agents(), b'{"type":"agents","ref":"a"}', True),
        (agents(), b'{"type":"claim","ref":"c","request":1}', False),
    ],
)
def test_only_a_question_with_a_long_answer_makes_the_next_frame_wait(
    session: Session, data: bytes, waits: bool
) -> None:
    frame = session.receive(data, 0)
    assert not isinstance(frame, Response)
    assert frame.WAITS is waits


def test_a_frame_goes_to_the_desk_clean() -> None:
    note = agents().receive(b'{"type":"note","ref":"n","request":1,"text":" Hi\\u001b\\r\\n"}', 0)
    assert note == agent_in.Note("n", 1, "Hi")


@pytest.mark.parametrize("text", ["", " \\n ", "\\u0000", "12345678901"])
def test_a_text_that_is_empty_or_too_long_is_refused_with_its_ref(text: str) -> None:
    response = customers().receive(f'{{"type":"send","ref":"s","text":"{text}"}}'.encode(), 0)
    assert errors(response) == [(Code.INVALID, "s")]


def test_messages_are_limited_apart_from_all_other_frames() -> None:
    session = customers()
    assert [bool(errors(session.receive(SEND, 0))) for _ in range(3)] == [False, False, True]
    assert errors(session.receive(b'{"type":"open","ref":"o"}', 0)) == [(Code.RATE_LIMITED, "o")]
    assert errors(session.receive(b'{"type":"read","seq":1}', 0)) == []


def test_other_frames_have_a_limit_of_their_own() -> None:
    session = customers()  # whose hello was the first of 200
    ping = b'{"type":"ping","ref":"p"}'
    assert [errors(session.receive(ping, 0)) for _ in range(199)] == [[]] * 199
    assert errors(session.receive(ping, 0)) == [(Code.RATE_LIMITED, "p")]
    assert errors(session.receive(b'{"type":"read","seq":1}', 0)) == [(Code.RATE_LIMITED, None)]
    assert errors(session.receive(b'{"type":"nonsense","ref":"n"}', 0)) == [
        (Code.RATE_LIMITED, "n")
    ]
    assert errors(session.receive(SEND, 0)) == []


@pytest.mark.parametrize(
    ("session", "data"),
    [
        (customers(), SEND),
        (customers(), b'{"type":"open","ref":"o"}'),
        (agents(), b'{"type":"send","ref":"s","request":1,"text":"Hi"}'),
        (agents(), b'{"type":"note","ref":"n","request":1,"text":"Hi"}'),
    ],
)
def test_open_send_and_note_are_what_is_limited(session: Session, data: bytes) -> None:
    assert [bool(errors(session.receive(data, 0))) for _ in range(3)] == [False, False, True]


@pytest.mark.parametrize("since", [0.0, 1e5, 1e9])
@pytest.mark.parametrize("rate", [0.3, 1, 3, 5, 7, 50])
def test_who_waits_as_long_as_they_were_told_gets_through(rate: float, since: float) -> None:
    limits = SessionLimits(10, rate, 1, 0, 0)
    session = Session(customer_frames, limits, since)
    session.receive(HELLO, since)
    now = since
    for _ in range(20):
        assert errors(session.receive(SEND, now)) == []
        refused = session.receive(SEND, now)
        assert isinstance(refused, Response)
        assert isinstance(refused.frame, Error)
        assert refused.frame.retry_after is not None
        assert refused.frame.retry_after <= 1 / rate + 0.02
        now += refused.frame.retry_after


def test_a_limit_of_zero_is_off() -> None:
    session = customers(OFF)
    long = b'{"type":"send","ref":"s","text":"' + b"x" * 9_000 + b'"}'
    ping = b'{"type":"ping","ref":"p"}'
    assert [errors(session.receive(data, 0)) for data in [long, ping] * 300] == [[]] * 600


@pytest.mark.parametrize("data", [None, b"hello", b"\xff", b"[]"])
def test_ten_bad_frames_end_the_connection(data: bytes | None) -> None:
    session = customers()
    for _ in range(9):
        response = session.receive(data, 0)
        assert errors(response) == [(Code.BAD_FRAME, None)]
        assert isinstance(response, Response)
        assert response.close is None
    assert session.receive(SEND, 0) == customer.Send("s", "Hi")
    last = session.receive(data, 0)
    assert isinstance(last, Response)
    assert last.close == (CloseCode.BAD_FRAMES, "ten bad frames")


def test_bad_frames_count_before_hello_too() -> None:
    session = customers(greeted=False)
    responses = [session.receive(b"x", 0) for _ in range(10)]
    closes = [isinstance(each, Response) and each.close is not None for each in responses]
    assert closes == [False] * 9 + [True]


def test_pings_beyond_their_bucket_are_bad_frames_and_ten_of_them_end_it() -> None:
    session = customers()
    assert [session.receive_control_frame(0) for _ in range(50)] == [None] * 50
    beyond = [session.receive_control_frame(0) for _ in range(10)]
    assert errors(*beyond) == [(Code.BAD_FRAME, None)] * 10
    assert beyond[-1] is not None
    assert beyond[-1].close == (CloseCode.BAD_FRAMES, "ten bad frames")
    assert session.receive_control_frame(1) is None


def test_bytes_and_frames_are_paid_for_with_time() -> None:
    session = customers(replace(LIMITS, bytes_per_second=1_000))
    assert session.count_received(4_000, 0, 0) == 0
    assert session.count_received(500, 0, 0) == 0.5
    assert session.count_received(0, 1, 0) == pytest.approx(0.756)
    assert session.count_received(0, 0, 0.756) == pytest.approx(0)
    assert customers().count_received(10**9, 10**6, 0) == 0
