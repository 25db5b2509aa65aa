"""Properties that hold for arbitrary bytes, as functions that raise AssertionError on a violation.

Used by Hypothesis in the tests, and by the coverage-guided fuzzer of `tests.fuzz`. Opens no socket,
database or file.
"""

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from msgspec import Struct
from websockets.frames import CloseCode as LibraryCode
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.http11 import Response as HttpResponse
from websockets.protocol import State
from websockets.server import ServerProtocol

from relay import auth
from relay.desk.contact import CONTACT_LIMITS
from relay.desk.events import Millis, Role
from relay.errors import CloseCode, Code, Refused
from relay.sanitize import clean_line
from relay.server.handshake import PATHS, HandshakePolicy
from relay.server.websocket import HelpdeskProtocol
from relay.session import Response, Session, SessionLimits
from relay.wire import customer
from relay.wire.codec import Reader, agent_frames, customer_frames, encode
from relay.wire.objects import Error
from relay.wire.present import error_object
from relay.wire.validation import validated

LARGEST_ANSWER = 512 * 1024
LONGEST_SENTENCE = 300
"""Characters of an error's message; the longest of ours have half of that."""
FRAME_LIMIT = 65_536
LIMITS = SessionLimits(
    text=40, messages_per_second=5, burst=6, others_per_second=50, others_burst=60
)
READERS: Mapping[Role, Reader[Struct]] = {
    Role.CUSTOMER: customer_frames,
    Role.AGENT: agent_frames,
}
SIGNING_KEY, SIGNED_AT = "0123456789abcdef0123456789abcdef", 1_800_000_000
"""A site's secret, and the second at which its identities are looked at."""
SIGNED_HEADER = b'{"alg":"HS256","kid":"k"}'
ORIGIN = "https://shop.example"
UPGRADE = (
    "Host: desk.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "Sec-WebSocket-Protocol: helpdesk.v1\r\n\r\n"
)

AT_NEWLINES = 255
"""What stands in the place of a size: see :func:`protocol`."""

_DATE = re.compile(rb"Date: [^\r]*\r\n")
_POLICY = HandshakePolicy(frozenset({ORIGIN}))


def wire(data: bytes) -> None:
    """Any bytes are a frame, or an error with a code; a frame says itself again."""
    for reader in READERS.values():
        read = reader.read(data)
        if isinstance(read, Error):
            is_a_good_answer(read)
            assert read.code in {Code.BAD_FRAME, Code.UNKNOWN_TYPE, Code.INVALID}
            assert read.code != Code.BAD_FRAME or read.ref is None
        else:
            assert reader.read(encode(read)) == read


def session(data: bytes) -> None:
    """Any conversation is taken or answered, frame by frame, until it is ended.

    The first byte says whose session it is; each line after it is a text message. Where one begins
    with NUL it is binary, and where one is empty a second passes.
    """
    role = Role.AGENT if data[:1] and data[0] % 2 else Role.CUSTOMER
    conversation = Session(READERS[role], LIMITS, 0.0)  # type: ignore[arg-type]
    now = 0.0
    for line in data[1:].split(b"\n"):
        if not line:
            now += 1.0
        elif _ends(conversation, None if line[0] == 0 else line, now):
            return


def protocol(data: bytes) -> None:
    """Any bytes on a socket are answered or end it, and what follows the end is nothing. What is
    read and written by hand is what the library alone would read and write.

    The first byte says what comes before the others (nothing, or a customer's or an agent's
    handshake), the second in what pieces they come (0: in one; 255: the handshake, and then what
    stands between two newlines, as frames have to come that are read by hand).
    """
    before, size = (*data[:2], 0, 0)[:2]
    paths = {1: "/v1/customer", 2: "/v1/agent"}
    path = paths.get(before % 3)
    handshake = f"GET {path} HTTP/1.1\r\n{UPGRADE}".encode() if path else b""
    if size == AT_NEWLINES:
        pieces(filter(None, [handshake, *data[2:].split(b"\n")]))
        return
    stream = handshake + data[2:]
    size = size or max(1, len(stream))
    pieces(stream[start : start + size] for start in range(0, len(stream), size))


def pieces(data: Iterable[bytes]) -> None:
    """Hold to :func:`protocol` what comes in those pieces."""
    line = _Line()
    for piece in data:
        line.feed(piece)
    line.end()


def identity(data: bytes) -> None:
    """Whatever a site signs, its customer says hello with it: known in clean words, or refused.

    The bytes are the claims, signed here; a good token needs them to be JSON, and to be alive.
    """
    said = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in (SIGNED_HEADER, data))
    signature = base64.urlsafe_b64encode(hmac.digest(SIGNING_KEY.encode(), said, "sha256"))
    token = f"{said.decode()}.{signature.rstrip(b'=').decode()}"
    hello = customer_frames.read(encode(customer.Hello(ref="1", identity=token)))
    assert isinstance(hello, customer.Hello)
    assert hello.identity == token
    try:
        who = auth.verify(token, {"k": SIGNING_KEY}, Millis(SIGNED_AT * 1000))
    except Refused as refused:
        assert refused.code is Code.UNAUTHORIZED
        is_a_good_answer(error_object(refused, "1"))
        return
    auth.subject_key("default", who.subject)
    for field, words in who.contact.values().items():
        assert words is None or 0 < len(words.encode()) <= 4 * CONTACT_LIMITS[field]
        assert words is None or len(clean_line(words)) >= len(words.strip())


CLAIMS: Mapping[str, Callable[[bytes], None]] = {
    "wire": wire,
    "session": session,
    "protocol": protocol,
    "identity": identity,
}


def is_a_good_answer(answer: Struct) -> None:
    """Hold *answer* to what every answer keeps: its size, and a code where it is an error."""
    assert len(encode(answer)) <= LARGEST_ANSWER
    if not isinstance(answer, Error):
        return
    assert answer.code in set(Code)
    assert 0 < len(answer.message) <= LONGEST_SENTENCE
    assert not any(unicodedata.category(character)[0] == "C" for character in answer.message)
    assert answer.ref is None or 1 <= len(answer.ref) <= 64
    assert (answer.retry_after is not None) == (answer.code == Code.RATE_LIMITED)
    assert answer.retry_after is None or (isfinite(answer.retry_after) and answer.retry_after > 0)


def _ends(conversation: Session, data: bytes | None, now: float) -> bool:
    """Say *data*, check what follows, and return whether that was the end."""
    received = conversation.receive(data, now)
    if not isinstance(received, Response):
        assert validated(received, LIMITS.text) == received
        encode(received)
        return False
    is_a_good_answer(received.frame)
    if received.close is None:
        return False
    assert received.close[0] in {CloseCode.BAD_FRAMES, CloseCode.UNAUTHORIZED}
    return True


class _LibraryAlone(HelpdeskProtocol):
    """The same with nothing done by hand."""

    receive_data = ServerProtocol.receive_data


def _plain(received: Iterable[Request | Frame | bytes | None]) -> list[object]:
    return [vars(it) | {"headers": 0} if isinstance(it, Request) else it for it in received]


class _Line:
    """One connection's protocol, door and session, with nobody at the desk."""

    def __init__(self) -> None:
        self._protocol = HelpdeskProtocol(FRAME_LIMIT)
        self._library = _LibraryAlone(FRAME_LIMIT)
        self._session: Session | None = None
        self._answers = 0

    def feed(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        self._library.receive_data(data)
        heard = list(self._protocol.parsed_events())
        assert _plain(heard) == _plain(self._library.parsed_events())
        assert self._protocol.frames == self._library.frames
        for received in heard:
            if isinstance(received, Request):
                # All other paths are for HTTP, before this protocol gets a byte of them.
                handshake = received.path.partition("?")[0].encode() in PATHS
                refusal = None if handshake else self._protocol.reject(404, "")
                self._answer(refusal or _POLICY.answer(received, self._protocol))
            elif self._session is None or self._protocol.state is not State.OPEN:
                continue
            elif isinstance(received, Frame):
                self._respond(self._session.receive_control_frame(0.0))
            else:
                self._hear(self._session, received)
        self._check()

    def end(self) -> None:
        self._protocol.receive_eof()
        self._library.receive_eof()
        self._check()
        assert self._protocol.state is not State.OPEN

    def _answer(self, answer: object) -> None:
        self._answers += 1
        assert self._answers == 1, "a second request on one connection was answered"
        response = getattr(answer, "response", answer)
        assert isinstance(response, HttpResponse)
        assert response.status_code in {101, 200, 304, 400, 403, 404, 405, 426, 503, 505}
        assert len(response.body or b"") <= LARGEST_ANSWER
        self._protocol.send_response(response)
        self._library.send_response(response)
        if response.status_code == 101:
            role = getattr(answer, "role")  # noqa: B009 - of what was accepted alone
            self._session = Session(READERS[role], LIMITS, 0.0)  # type: ignore[arg-type]

    def _hear(self, conversation: Session, data: bytes | None) -> None:
        assert len(data or b"") <= FRAME_LIMIT
        self._respond(conversation.receive(data, 0.0))

    def _respond(self, response: object) -> None:
        if not isinstance(response, Response):
            return
        is_a_good_answer(response.frame)
        self._protocol.write_text(encode(response.frame))
        self._library.send_text(encode(response.frame))
        if response.close is not None:
            self._protocol.send_close(*response.close)
            self._library.send_close(*response.close)

    def _check(self) -> None:
        written = b"".join(self._protocol.data_to_send())
        assert len(written) <= LARGEST_ANSWER
        library = b"".join(self._library.data_to_send())
        # Each has made its own answer to the same request, and a second may have begun in between.
        assert _DATE.sub(b"", written) == _DATE.sub(b"", library)
        assert self._protocol.state is self._library.state
        # The library ends a connection with 1011 where its own code has raised.
        sent, heard = self._protocol.close_sent, self._protocol.close_rcvd
        if sent is not None and sent.code == LibraryCode.INTERNAL_ERROR:
            assert heard is not None, repr(self._protocol.parser_exc)
            assert heard.code == LibraryCode.INTERNAL_ERROR
