"""What the operator learns of one connection: figures and lines in the log. Decides nothing.

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


class Party(StrEnum):
    """Whose a connection is."""

    NONE = "none"
    CUSTOMER = "customer"
    AGENT = "agent"
    CONTROL = "control"


class Witness:
    """Watches one connection."""

    __slots__ = (
        "_began",
        "_counts",
        "_ended_with",
        "_is_websocket",
        "_log",
        "_number",
        "_steady",
        "party",
    )

    def __init__(self, number: int, counts: Counts, log_: Log, steady: Callable[[], float]) -> None:
        """Watch connection *number*, which begins now."""
        self._number = number
        self._counts = counts
        self._log = log_
        self._steady = steady
        self._began = steady()
        self._ended_with: CloseCode | None = None
        self._is_websocket = False
        self.party = Party.NONE
        """Whose it is; nobody's before the ``hello``."""

    def answered(self, status: int) -> None:
        """See that the handshake got an answer of *status*."""
        self._counts.handshakes[status] += 1
        self._is_websocket = status == HTTPStatus.SWITCHING_PROTOCOLS
        event = log.HANDSHAKE_ANSWERED if status < 400 else log.HANDSHAKE_REFUSED
        self._log.note(event, connection=self._number, status=status)

    def admitted(self, peer: Peer, *, control: bool) -> None:
        """See that *peer* has said hello."""
        if isinstance(peer, CustomerPeer):
            self.party = Party.CUSTOMER
            self._log.note(
                log.CUSTOMER_ADMITTED,
                connection=self._number,
                customer=peer.customer,
                request=peer.request,
                verified=peer.verified,
            )
            return
        self.party = Party.CONTROL if control else Party.AGENT
        agent = None if peer.agent is None else peer.agent.id
        self._log.note(log.AGENT_ADMITTED, connection=self._number, agent=agent, control=control)

    def refused(self, code: Code | str) -> None:
        """See that a frame is answered with an error of *code*."""
        known = Code(code)
        self._counts.refusals[known] += 1
        self._log.note(log.FRAME_REFUSED, connection=self._number, role=self.party, code=known)

    def acknowledged(self, came: Iterable[float]) -> None:
        """See that the answers to frames that *came* at those times are written."""
        now, observe = self._steady(), self._counts.acknowledgement.observe
        for each in came:
            observe(now - each)

    def ending(self, code: CloseCode) -> None:
        """See that the relay ends the connection with *code*."""
        self._ended_with = code
        if code is CloseCode.SLOW_CONSUMER:
            self._counts.slow_clients += 1

    def ended(self, said: int) -> None:
        """See that the connection is gone; *said* is its close code if the relay chose none."""
        code = (self._ended_with or said) if self._is_websocket else None
        if code is not None:
            self._counts.closes[code] += 1
        self._log.note(
            log.CONNECTION_ENDED,
            connection=self._number,
            role=self.party,
            code=None if code is None else int(code),
            seconds=round(self._steady() - self._began, 3),
        )
