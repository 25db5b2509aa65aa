"""The library's Sans-I/O protocol with our subprotocol, limit and close codes. No sockets."""

import logging
from collections.abc import Iterator

from websockets.frames import CloseCode as LibraryCode
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import SEND_EOF
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from relay.errors import CloseCode

DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})
SUBPROTOCOL = Subprotocol("helpdesk.v1")

# At DEBUG the library logs what people write; it must not, whatever the log level is.
_log = logging.getLogger("relay.server.websockets")
_log.setLevel(logging.ERROR)


class HelpdeskProtocol(ServerProtocol):
    """One WebSocket of ours: no compression, one subprotocol, 4003 for what is too large."""

    def __init__(self, frame_limit: int) -> None:
        """Refuse messages of more than *frame_limit* bytes; 0 is no limit."""
        super().__init__(subprotocols=[SUBPROTOCOL], max_size=frame_limit or None, logger=_log)
        self._fragments: list[bytes] = []
        self._text = True

    def fail(self, code: LibraryCode | int, reason: str = "") -> None:
        """End the connection as the library would, with the protocol's code for its size limit."""
        if code == LibraryCode.MESSAGE_TOO_BIG:
            code, reason = CloseCode.TOO_LARGE, "frame too large"
        super().fail(code, reason)

    def send_response(self, response: Response) -> None:
        """Answer the request, even if bytes that are no frames came right behind it."""
        if self.eof_sent:
            self.writes[:] = [response.serialize(), SEND_EOF]
        else:
            super().send_response(response)

    def received(self) -> Iterator[Request | bytes | None]:
        """Yield what has come since the last call: the request, text messages, None for binary."""
        for event in self.events_received():
            if isinstance(event, Request):
                yield event
            elif isinstance(event, Frame) and event.opcode in DATA:
                if event.opcode is not Opcode.CONT:
                    self._text = event.opcode is Opcode.TEXT
                self._fragments.append(bytes(event.data))
                if event.fin:
                    message = b"".join(self._fragments)
                    self._fragments.clear()
                    yield message if self._text else None
