"""Log lines and metrics of one connection. Decides nothing.

It knows a connection by its number; addresses, tokens and whatever a client says stay out.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from http import HTTPStatus

from relay import log
from relay.errors import CloseCode, Code
from relay.hub import CustomerPeer, Peer
from relay.log import Log
from relay.metrics import Counts

CLOSE_CODES = frozenset({1000, 1001, 1002, 1005, 1006, 1007, *CloseCode})
"""Close codes that are counted one by one; clients can make up thousands of others."""


class ConnectionRole(StrEnum):
    """The kind of client at the other end of a connection; none before its ``hello``."""

    NONE = "none"
    CUSTOMER = "customer"
    AGENT = "agent"
    CONTROL = "control"


class ConnectionLog:
    """Logs and counts the events of one connection."""

    __slots__ = (
        "_close_code",
        "_counts",
        "_is_websocket",
        "_log",
        "_number",
        "_opened_at",
        "_steady",
        "role",
    )

    def __init__(self, number: int, counts: Counts, log_: Log, steady: Callable[[], float]) -> None:
        """Log connection *number*, which opens now by the clock *steady* (seconds)."""
        self._number = number
        self._counts = counts
        self._log = log_
        self._steady = steady
        self._opened_at = steady()
        self._close_code: CloseCode | None = None
        self._is_websocket = False
        self.role = ConnectionRole.NONE

    def handshake_answered(self, status: int) -> None:
        """Record that the request was answered with *status*; 101 is a WebSocket."""
        self._counts.handshakes[status] += 1
        self._is_websocket = status == HTTPStatus.SWITCHING_PROTOCOLS
        event = log.HANDSHAKE_ANSWERED if status < 400 else log.HANDSHAKE_REFUSED
        self._log.emit(event, connection=self._number, status=status)

    def admitted(self, peer: Peer, *, control: bool) -> None:
        """Record that *peer* has said hello."""
        if isinstance(peer, CustomerPeer):
            self.role = ConnectionRole.CUSTOMER
            self._log.emit(
                log.CUSTOMER_ADMITTED,
                connection=self._number,
                customer=peer.customer,
                request=peer.request,
                verified=peer.verified,
            )
            return
        self.role = ConnectionRole.CONTROL if control else ConnectionRole.AGENT
        agent = None if peer.agent is None else peer.agent.id
        self._log.emit(log.AGENT_ADMITTED, connection=self._number, agent=agent, control=control)

    def refused(self, code: Code | str) -> None:
        """Record that a frame is answered with an error of *code*."""
        known = Code(code)
        self._counts.refusals[known] += 1
        self._log.emit(log.FRAME_REFUSED, connection=self._number, role=self.role, code=known)

    def acknowledged(self, received_at: Iterable[float]) -> None:
        """Record that the answers to frames received at those times (seconds) are written."""
        now, observe = self._steady(), self._counts.acknowledgement.observe
        for time in received_at:
            observe(now - time)

    def closing(self, code: CloseCode) -> None:
        """Record that the relay closes the connection with *code*."""
        self._close_code = code
        if code is CloseCode.SLOW_CONSUMER:
            self._counts.slow_clients += 1

    def closed(self, client_code: int) -> None:
        """Record that the connection is gone; *client_code* counts if the relay chose no code."""
        code = (self._close_code or client_code) if self._is_websocket else None
        if code is not None:
            self._counts.closes[code if code in CLOSE_CODES else "other"] += 1
        self._log.emit(
            log.CONNECTION_ENDED,
            connection=self._number,
            role=self.role,
            code=None if code is None else int(code),
            seconds=round(self._steady() - self._opened_at, 3),
        )
