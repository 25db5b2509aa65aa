"""Memory of an idle connection."""

import base64
import weakref

from websockets.http11 import Request

from relay.server.websocket import HelpdeskProtocol

FRAME_LIMIT = 65_536
SHARED_KEYS = 30
"""Entries of an instance's dictionary beyond which CPython gives it keys of its own."""
HANDSHAKE = (
    b"GET /v1/customer HTTP/1.1\r\nHost: desk\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: helpdesk.v1\r\nSec-WebSocket-Key: "
    + base64.b64encode(bytes(16))
    + b"\r\n\r\n"
)


def text(said: bytes) -> bytes:
    return bytes((0x81, 0x80 | len(said))) + bytes(4) + said


def shaken() -> tuple[HelpdeskProtocol, weakref.ref[Request]]:
    """Return a protocol behind its handshake, and what the client asked for then."""
    protocol = HelpdeskProtocol(FRAME_LIMIT)
    protocol.receive_data(HANDSHAKE)
    (request,) = protocol.parsed_events()
    assert isinstance(request, Request)
    protocol.send_response(protocol.accept(request))
    return protocol, weakref.ref(request)


def test_the_handshake_is_forgotten_with_the_first_frame() -> None:
    protocol, request = shaken()
    assert request() is not None
    protocol.receive_data(text(b"hello"))
    assert list(protocol.parsed_events()) == [b"hello"]
    assert request() is None


def test_frames_that_come_in_pieces_behind_the_handshake_are_read() -> None:
    frames = text(b"one") + text(b"two") + bytes((0x89, 0x80)) + bytes(4) + text(b"three")
    for cut in range(1, len(frames)):
        protocol, _ = shaken()
        heard: list[object] = []
        for piece in (frames[:cut], frames[cut:]):
            protocol.receive_data(piece)
            heard += [it for it in protocol.parsed_events() if isinstance(it, bytes)]
        assert heard == [b"one", b"two", b"three"], cut


def test_all_connections_share_the_names_of_what_they_keep() -> None:
    protocol, _ = shaken()
    assert len(vars(protocol)) <= SHARED_KEYS
