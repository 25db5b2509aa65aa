"""What the other side reads, in the words of the protocol. Pure."""

from msgspec import Struct

from relay.desk.events import Millis
from relay.wire.codec import encode
from relay.wire.view import rfc3339


class Nothing(Struct, frozen=True):
    """There is nothing to tell."""


class Body(Struct, frozen=True):
    """What is posted, as JSON."""

    type: str
    timestamp: str
    data: Nothing


def ping(at: Millis) -> bytes:
    """Return the body of a ping, which tells of nothing that has happened."""
    return encode(Body("ping", rfc3339(at), Nothing()))
