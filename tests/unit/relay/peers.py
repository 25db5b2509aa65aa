"""Connections and replies for the unit tests of what is pushed: they only record."""

import json
from typing import Any

from relay.desk.contact import Contact
from relay.desk.events import Millis
from relay.desk.request import Agent, Visit
from relay.errors import CloseCode, Refused
from relay.hub import AgentPeer, CustomerPeer, Peer
from relay.service.reply import Reply
from relay.wire.codec import encode
from relay.wire.objects import OutboundFrame
from tests.unit.relay.samples import AGENTS, AT, CUSTOMER


class Recorder:
    """A connection that keeps what it was sent."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def send(self, frame: bytes) -> None:
        self.frames.append(json.loads(frame))

    def close(self, code: CloseCode, reason: str) -> None:
        raise AssertionError(f"nothing is closed here, but {code} {reason}")

    def admit(self, peer: Peer) -> bool:
        raise AssertionError(f"nobody says hello here, but {peer}")

    def backlog(self) -> int:
        raise AssertionError("nobody follows here")


class PeerReply(Reply):
    """A reply that is sent to a peer among all else."""

    def __init__(self, peer: Peer, ref: str) -> None:
        self.ref = ref
        self._peer = peer

    def ok(self, frame: OutboundFrame) -> None:
        self._peer.connection.send(encode(frame))

    def error(self, refused: Refused) -> None:
        raise refused

    def finish(self) -> None:
        raise AssertionError("an answer is wanted")

    def push(self, frame: OutboundFrame) -> None:
        raise AssertionError(f"nothing is pushed here, but {frame}")

    def detach(self) -> None:
        raise AssertionError("nothing takes long here")


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
    number = 17 if own else 18
    return CustomerPeer(
        "default", key, Contact(), False, Visit(), number, request, connection=Recorder()
    )


def agent_peer(
    agent: Agent | None = AGENTS[3], *, queue: bool = True, control: bool = False
) -> AgentPeer:
    """Return a connection of Sam's, or of *agent*'s."""
    admin = agent is None or agent.admin
    return AgentPeer(agent, admin, None, control, connection=Recorder(), queue=queue)


def pop_frames(peer: Peer) -> list[dict[str, Any]]:
    """Return, and forget, what *peer* has heard."""
    connection = peer.connection
    assert isinstance(connection, Recorder)
    heard, connection.frames = connection.frames, []
    return heard


def types(peer: Peer) -> list[str]:
    """Return, and forget, the types of what *peer* has heard."""
    return [frame["type"] for frame in pop_frames(peer)]
