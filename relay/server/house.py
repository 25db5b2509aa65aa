"""What all connections of a listener share. Data alone."""

from collections.abc import Callable
from dataclasses import dataclass

from relay.desk.events import Role
from relay.helpdesk import Helpdesk
from relay.server.addresses import Proxies
from relay.server.crowd import Crowd
from relay.server.gate import Gate
from relay.server.handshake import Door
from relay.server.witness import Witness
from relay.session import Limits


@dataclass(frozen=True, slots=True)
class House:
    """Who lets clients in, who answers them, who counts them, and what they may send."""

    door: Door
    helpdesk: Helpdesk
    crowd: Crowd
    gate: Gate
    proxies: Proxies
    limits: Callable[[Role], Limits]
    frame_limit: int
    steady: Callable[[], float]
    witness: Callable[[], Witness]
