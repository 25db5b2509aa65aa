"""Connections for the unit tests of the publisher: they record what they are sent."""

import json
from typing import Any

from relay.desk.contact import Contact
from relay.desk.events import Millis
from relay.desk.request import Agent, Visit
from relay.errors import CloseCode, Code
from relay.hub import AgentPeer, CustomerPeer, Peer
from tests.unit.relay.made import AGENTS, AT, CUSTOMER


class Recorder:
    """A mailbox that keeps what it was offered."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def offer(self, frame: bytes) -> None:
        self.frames.append(json.loads(frame))

    def charge(self, size: int) -> None:
        raise AssertionError(f"nobody asks here, but for {size} bytes")

    def hang_up(self, code: CloseCode, reason: str) -> None:
        raise AssertionError(f"nobody is sent away here, but {code} {reason}")

    def admit(self, peer: Peer) -> bool:
        raise AssertionError(f"nobody says hello here, but {peer}")

    def submitted(self) -> float:
        raise AssertionError("nothing is stored here")

    def settled(self, acknowledges: float | None) -> None:
        raise AssertionError(f"nothing is stored here, but {acknowledges}")

    def refused(self, code: Code) -> None:
        raise AssertionError(f"nothing is refused here, but {code}")

    def backlog(self) -> int:
        raise AssertionError("nobody follows here")

    def resume(self) -> None:
        raise AssertionError("nobody waits here")


class Hands:
    """A clock whose hands the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def wall(self) -> Millis:
        return AT

    def steady(self) -> float:
        return self.now


def customer_peer(key: str = CUSTOMER.key, request: int | None = 42) -> CustomerPeer:
    """Return a tab of Ada's, or of another customer with that *key*."""
    own = key == CUSTOMER.key
    return CustomerPeer(
        Recorder(), "default", key, Contact(), False, Visit(), 17 if own else 18, request
    )


def agent_peer(
    agent: Agent | None = AGENTS[3], *, queue: bool = True, present: bool = True
) -> AgentPeer:
    """Return a connection of Sam's, or of *agent*'s."""
    return AgentPeer(Recorder(), agent, agent is None or agent.admin, queue, present)


def take(peer: Peer) -> list[dict[str, Any]]:
    """Return, and forget, what *peer* has heard."""
    connection = peer.connection
    assert isinstance(connection, Recorder)
    heard, connection.frames = connection.frames, []
    return heard


def types(peer: Peer) -> list[str]:
    """Return, and forget, the types of what *peer* has heard."""
    return [frame["type"] for frame in take(peer)]
