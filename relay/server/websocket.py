"""WebSocket protocol without sockets: the library's, with limits and a fast path of its own."""

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from uuid import UUID

from websockets import http11
from websockets.frames import CloseCode as LibraryCode
from websockets.frames import (  # type: ignore[attr-defined]
    Frame,
    Opcode,
    apply_mask,
)
from websockets.http11 import Request, Response
from websockets.protocol import SEND_EOF, Protocol, State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from relay.errors import CloseCode

MAX_HEAD_BYTES = 2**15
"""Bytes of a request without its body, of a handshake too."""
# The library's own limit for a header is below what browsers send as cookies of one domain.
http11.MAX_LINE_LENGTH = MAX_HEAD_BYTES
MAX_FAST_TEXT = 4096
"""Bytes of a text that the fast path reads; a slice of a socket holds no longer one."""
_WHOLE_TEXT, _MASKED, _TWO_BYTES = 0x81, 0x80, 126


def parse_whole_texts(data: bytes, limit: int) -> tuple[list[bytes], int]:
    """Return the texts of the small whole frames at the start of *data*, and their length in bytes.

    They end before the first text of more than *limit* bytes, or frame of another kind.
    """
    texts: list[bytes] = []
    place, end = 0, len(data)
    while end - place > 5 and data[place] == _WHOLE_TEXT:
        length = data[place + 1] - _MASKED
        begin = place + 6
        if length == _TWO_BYTES:
            if end - place < 8:
                break
            length = data[place + 2] << 8 | data[place + 3]
            begin = place + 8
        elif not 0 <= length < _TWO_BYTES:
            break
        if length > limit or begin + length > end:
            break
        place = begin + length
        texts.append(apply_mask(data[begin:place], data[begin - 4 : begin]))
    return texts, place


@lru_cache(maxsize=MAX_FAST_TEXT)
def frame_header(length: int) -> bytes | None:
    """Return the header of a text frame of *length* bytes from the relay; None: it is too long."""
    if length < _TWO_BYTES:
        return bytes((_WHOLE_TEXT, length))
    if length < 2**16:
        return bytes((_WHOLE_TEXT, _TWO_BYTES, length >> 8, length & 0xFF))
    return None


DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
DEFAULT_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of every HTTP response that does not set them otherwise."""
CONTROL = frozenset({Opcode.PING, Opcode.PONG})
MAX_FRAGMENTS = 1024
"""Frames that one message may be cut into; each costs as much as a message of its own."""
SUBPROTOCOL = Subprotocol("helpdesk.v1")
_SUBPROTOCOLS = [SUBPROTOCOL]
_NO_ID = UUID(int=0)
"""For the library's log, which is off; one of its own for each connection costs time and memory."""

# At DEBUG the library logs what people write; it must not, whatever the log level is.
_log = logging.getLogger("relay.server.websockets")
_log.setLevel(logging.ERROR)


class HelpdeskProtocol(ServerProtocol):
    """Protocol of one WebSocket: no compression, one subprotocol, 4003 for what is too large."""

    # With more than thirty entries the instance's dictionary would share its keys with no other.
    __slots__ = (
        "_answered",
        "_between_frames",
        "_fragments",
        "_max_fast",
        "_request_kept",
        "_text",
        "_texts",
        "all_fast",
        "frames",
    )

    def __init__(self, frame_limit: int) -> None:
        """Refuse messages of more than *frame_limit* bytes; 0 is no limit."""
        super().__init__(subprotocols=_SUBPROTOCOLS, max_size=frame_limit or None, logger=_log)
        self.id = _NO_ID
        self._fragments: list[bytes] = []
        self._text = True
        self._answered = False
        self.frames = 0
        """Frames received so far."""
        self._max_fast = min(frame_limit or MAX_FAST_TEXT, MAX_FAST_TEXT)
        self._texts: list[bytes] = []
        self._between_frames = False
        self._request_kept = True
        self.all_fast = False
        """True if all that came last took the fast path."""

    def fail(self, code: LibraryCode | int, reason: str = "") -> None:
        """End the connection as the library would, with the protocol's code for its size limit."""
        if code == LibraryCode.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_LARGE, "frame too large"
        super().fail(code, reason)

    def receive_data(self, data: bytes | bytearray) -> None:
        """Parse *data*: small whole texts by the fast path, all from the first other frame on by
        the library. Call :meth:`parsed_events` before the next."""
        if self._between_frames and self.state is State.OPEN and self.current_size is None:
            texts, taken = parse_whole_texts(bytes(data), self._max_fast)
            self._texts += texts
            self.frames += len(texts)
            self.all_fast = taken == len(data)
            if self.all_fast:
                return
            data = data[taken:]
        self.all_fast = self._between_frames = False
        super().receive_data(data)
        if self._between_frames and self._request_kept and self.state is State.OPEN:
            self._forget_request()

    def _forget_request(self) -> None:
        # The generator that has read the handshake would keep its headers as long as it reads.
        self._request_kept = False
        self.parser = Protocol.parse(self)
        next(self.parser)

    def recv_frame(self, frame: Frame) -> None:
        """Receive a *frame* from the library, and note whether bytes of the next have come."""
        super().recv_frame(frame)
        self._between_frames = not self.reader.buffer

    def write_text(self, text: bytes) -> None:
        """Send *text* as one frame, as the library's ``send_text`` does."""
        head = frame_header(len(text)) if self.state is State.OPEN else None
        if head is None:
            self.send_text(text)
        else:
            self.writes += (head, text)

    @property
    def final_code(self) -> int:
        """Close code that the client sent, or else that it was sent; 1006 without any."""
        close = self.close_rcvd or self.close_sent
        return LibraryCode.ABNORMAL_CLOSURE if close is None else close.code

    def send_response(self, response: Response) -> None:
        """Answer the request, even if invalid bytes came right behind it."""
        self._answered = True
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            for name, value in DEFAULT_HEADERS.items():
                if name not in response.headers:
                    response.headers[name] = value
        if self.eof_sent:
            self.writes[:] = [response.serialize(), SEND_EOF]
        else:
            super().send_response(response)

    def send_eof(self) -> None:
        """Close the sending side; answer an invalid request with 400 first."""
        if self.state is State.CONNECTING and self.handshake_exc and not self._answered:
            self.send_response(self.reject(HTTPStatus.BAD_REQUEST, "That is no request.\n"))
        else:
            super().send_eof()

    def parsed_events(self) -> Iterable[Request | Frame | bytes | None]:
        """Return what was parsed since the last call: the request, control frames (but no close),
        text messages, and None for a binary one."""
        whole, self._texts = self._texts, []
        return whole if self.all_fast else chain(whole, self._events_by_library())

    def _events_by_library(self) -> Iterator[Request | Frame | bytes | None]:
        for event in self.events_received():
            if isinstance(event, Request):
                yield event
            elif isinstance(event, Frame):
                self.frames += 1
                if event.opcode in CONTROL:
                    yield event
                elif event.opcode in DATA:
                    yield from self._data(event)

    def _data(self, frame: Frame) -> Iterator[bytes | None]:
        if frame.opcode is not Opcode.CONT:
            self._text = frame.opcode is Opcode.TEXT
        self._fragments.append(bytes(frame.data))
        if frame.fin:
            message = b"".join(self._fragments)
            self._fragments.clear()
            yield message if self._text else None
        elif len(self._fragments) > MAX_FRAGMENTS and self.state is State.OPEN:
            self._fragments.clear()
            self.fail(CloseCode.TOO_LARGE, "too many fragments")
