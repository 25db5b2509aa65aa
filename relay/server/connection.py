"""One client's connection: bytes to frames, frames to the service, answers back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from websockets.frames import Frame as ControlFrame
from websockets.http11 import Request
from websockets.http11 import Response as HttpResponse
from websockets.protocol import State

from relay.desk.events import Role
from relay.errors import CloseCode, Code
from relay.hub import CustomerPeer, Peer
from relay.server.connection_log import Party, Witness
from relay.server.http import Door, busy, too_long
from relay.server.keepalive import Crowd
from relay.server.limits import Arrival, Gate, Proxies
from relay.server.transport import Inbox, Incoming, Outgoing, Rest
from relay.server.websocket import HelpdeskProtocol
from relay.service import Service
from relay.service.context import Caller
from relay.session import Limits, Response, Session
from relay.session.validation import Frame
from relay.wire import agent_in, customer
from relay.wire.codec import agent_frames, customer_frames, encode
from relay.wire.objects import Error


@dataclass(frozen=True, slots=True)
class House:
    """Who lets clients in, who answers them, who counts them, and what they may send."""

    door: Door
    service: Service
    crowd: Crowd
    gate: Gate
    proxies: Proxies
    limits: Callable[[Role], Limits]
    frame_limit: int
    steady: Callable[[], float]
    witness: Callable[[], Witness]


HANDSHAKE_BYTES = 2**15
"""What a handshake may have; browsers send less, unless a domain is full of cookies."""
HELLO_WITHIN = 10.0
"""Seconds from the connection to its ``hello``, handshake included."""
REFUSE_WITHIN = 3.0
"""Seconds for the handshake of a connection that is only told why it may not stay."""
MOST_UNSETTLED = 128
"""Frames of one connection that may be with the store; behind them no other is taken."""


class ClientConnection(asyncio.Protocol):
    """One client, from its first byte to its last."""

    def __init__(self, house: House) -> None:
        """Wait for a client of *house*."""
        self._house = house
        self._protocol = HelpdeskProtocol(house.frame_limit)
        self._witness = house.witness()
        self._transport: asyncio.Transport
        self._in: Incoming
        self._out: Outgoing
        self._arrival: Arrival
        self._caller: Caller | None = None
        self._session: Session | None = None
        self._peer: Peer | None = None
        self._inbox = Inbox()
        self._rest = Rest(self._pump)
        self._unsettled = self._unanswered = 0
        self._waiting = self._congested = self._pumping = False
        self._heard = True
        self._came = 0.0

    # What the loop says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: a client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._in = Incoming(self._transport, self._take_slice, self._inbox)
        self._out = Outgoing(self._transport, self._protocol, self.hang_up, self._witness)
        self._out.within(
            HELLO_WITHIN, lambda: self.hang_up(CloseCode.NO_HELLO, "no hello within 10 s")
        )
        self._arrive()

    def data_received(self, data: bytes) -> None:
        """Take *data*, whatever it is."""
        self._in.feed(data)

    def eof_received(self) -> None:
        """End: the client sends no more."""
        if self._protocol.state is not State.CLOSED:
            self._protocol.receive_eof()
            self._out.flush()

    def pause_writing(self) -> None:
        """Take no more questions until the client has read what waits."""
        self._congested = True

    def resume_writing(self) -> None:
        """Take questions again."""
        self._congested = False
        self._pump()

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the client."""
        self._out.stop()
        self._in.stop()
        self._rest.end()
        self._house.crowd.remove(self)
        self._arrival.leave()
        if self._peer is not None:
            self._house.service.leave(self._peer)
        self._witness.ended(self._protocol.end_code)
        # Nothing leads back here any more: it goes now, and no search for cycles has to find it.
        self._peer = self._caller = None
        self._protocol.parser.close()

    # What the crowd and the hub say.

    def standing(self) -> tuple[Party, int]:
        """Return whose connection it is, and how many bytes its client has not read yet."""
        return self._witness.party, self.backlog()

    def keep_alive(self) -> None:
        """Ping, or end the connection if nothing has come since the last ping."""
        if self._protocol.state is not State.OPEN or self._out.closing:
            return
        if not self._heard:
            self.hang_up(CloseCode.KEEPALIVE_LOST, "keepalive lost")
            return
        self._heard = False
        self._out.ping()

    def offer(self, frame: bytes) -> None:
        """Send *frame* at the end of this turn of the loop, if the client still reads."""
        self._out.offer(frame)

    def hang_up(self, code: CloseCode, reason: str) -> None:
        """End the connection after what was offered; with force if the client takes its time."""
        if self._out.closing:
            return
        self._inbox.clear()
        self._out.close(code, reason)
        self._in.go_on()

    def abort(self) -> None:
        """End the connection now, and let the kernel forget what the client has not read."""
        self._out.abort()

    def admit(self, peer: Peer) -> bool:
        """Be the mailbox of *peer* from here on."""
        if self._out.closing:
            return False
        self._out.in_time()
        self._arrival.know()
        self._peer, self._caller = peer, None
        self._witness.admitted(peer, control=self._house.door.control)
        return True

    def submitted(self) -> float:
        """Count a frame that the store has been given, and return when it came."""
        self._unsettled += 1
        return self._came

    def settled(self, acknowledges: float | None) -> None:
        """Count it out again: its answer has been offered."""
        self._unsettled -= 1
        if acknowledges is not None:
            self._out.acknowledge(acknowledges)
        if self._inbox or self._in.paused:
            self._pump()

    def charge(self, size: int) -> None:
        """Count an answer of *size* bytes; no further frame is taken before it is paid for."""
        if self._session is not None:
            self._rest.take(self._session.count_answer(size, self._house.steady()))

    def refused(self, code: Code) -> None:
        """Learn that a frame is about to be answered with an error."""
        self._witness.refused(code)

    def backlog(self) -> int:
        """Return how many bytes the client has not read yet."""
        return self._out.waiting_bytes

    def resume(self) -> None:
        """Take the next frame."""
        self._waiting = False
        self._pump()

    # From bytes to frames.

    def _arrive(self) -> None:
        """Count this connection from its first byte on, if it can be afforded."""
        house, name = self._house, self._transport.get_extra_info("peername")
        self._arrival = Arrival(house.gate, house.proxies, str(name[0]) if name else "")
        if not self._arrival.affordable:
            self.abort()
            return
        house.crowd.add(self)
        if self._arrival.refused:
            self._out.within(REFUSE_WITHIN, self.abort)

    def _take_slice(self, data: bytes) -> float:
        """Take *data*, whatever it is; return the seconds for which no more is wanted."""
        self._heard = True
        protocol, session = self._protocol, self._session
        if self._out.closing and protocol.state is not State.CLOSING:
            return 0.0
        frames = protocol.frames
        protocol.receive_data(data)
        self._take_events()
        if session is not None:
            return session.count_received(len(data), protocol.frames - frames, self._house.steady())
        self._unanswered += len(data)
        if self._unanswered > HANDSHAKE_BYTES and not (self._session or self._out.closing):
            self._out.respond(too_long())
            self._out.flush()
        return 0.0

    def _take_events(self) -> None:
        now = self._house.steady()
        protocol = self._protocol
        for received in protocol.received():
            if isinstance(received, Request):
                self._answer(received)
            elif isinstance(received, ControlFrame):
                self._count_control_frame()
            elif protocol.by_hand and not self._inbox and self._may_take():
                self._take(received, now)
            elif not self._out.closing:
                self._inbox.put(received, now)
        if protocol.writes:
            self._out.flush()
        self._pump()
        if not protocol.by_hand and protocol.close_expected() and not self._out.closing:
            self._inbox.clear()
            self._out.close_soon()

    def _answer(self, request: Request) -> None:
        answer = self._house.door.open(request, self._protocol, self._arrival.host)
        if isinstance(answer, HttpResponse):
            if request.method == "HEAD":
                answer.body = b""
            self._out.respond(answer)
            return
        forwarded = request.headers.get_all("X-Forwarded-For")
        refusal = self._arrival.come_in(forwarded, self._house.steady())
        if refusal is not None and refusal.briefly:
            self._out.respond(busy())
            return
        self._out.respond(answer.response)
        self._caller = Caller(self, answer.origin, answer.user_agent, self._house.door.control)
        reader = customer_frames if answer.role is Role.CUSTOMER else agent_frames
        limits = self._house.limits(answer.role)
        self._session = Session(reader, limits, self._house.steady())
        if refusal is not None:
            self.hang_up(refusal.code, refusal.reason)

    def _pump(self) -> None:
        """Take frames, one after the other, until one of them has to wait for its answer."""
        inbox = self._inbox
        if self._pumping:
            return
        self._pumping = True
        while inbox and self._may_take():
            self._take(*inbox.take())
        self._pumping = False
        if self._in.paused:
            self._in.go_on()

    def _take(self, data: bytes | None, came: float) -> None:
        """Take the frame in *data*, which *came* then."""
        self._came = came
        if self._session is None:
            return
        frame = self._session.receive(data, self._house.steady())
        if isinstance(frame, Response):
            self._respond(frame)
        else:
            self._dispatch(frame)

    def _may_take(self) -> bool:
        held_up = self._waiting or self._congested or self._rest.on or self._out.closing
        return self._house.crowd.taking and not held_up and self._unsettled < MOST_UNSETTLED

    def _count_control_frame(self) -> None:
        if self._session is not None and not self._out.closing:
            response = self._session.receive_control_frame(self._house.steady())
            if response is not None:
                self._respond(response)

    def _respond(self, response: Response) -> None:
        """Send the session's own answer."""
        if isinstance(response.frame, Error):
            self._witness.refused(response.frame.code)
        self.offer(encode(response.frame))
        if response.close is not None:
            self.hang_up(*response.close)

    def _dispatch(self, frame: Frame) -> None:
        """Give *frame* to the service."""
        self._waiting, peer = frame.WAITS, self._peer
        if isinstance(peer, CustomerPeer):
            self._house.service.customer_frame(peer, frame)  # type: ignore[arg-type]
        elif peer is not None:
            self._house.service.agent_frame(peer, frame)  # type: ignore[arg-type]
        elif self._caller is not None and isinstance(frame, customer.Hello | agent_in.Hello):
            self._house.service.hello(self._caller, frame)
