"""What the other side reads, in the words of the protocol. Pure.

Without leave to tell words there are only numbers, words of the program's own and tags: the objects
are built from what may be told, never by taking away from those that hold everything.
"""

from msgspec import UNSET, UnsetType

from relay.desk.events import Message, Millis
from relay.desk.plain import to_plain
from relay.store.outbox import Due
from relay.value import Value
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.view import message_for_agents, rfc3339

PLAIN_DATA = ("to", "score", "add", "remove")
"""What of an activity's data is no words."""


class Someone(Value, frozen=True):
    """Who said something, by role and id; the desk has no id."""

    role: str
    id: int | UnsetType = UNSET


class Bare(Value, frozen=True):
    """A message without its words; otherwise as agents see it."""

    seq: int
    kind: str
    by: Someone
    at: str
    activity: str | UnsetType = UNSET
    data: dict[str, object] | UnsetType = UNSET


class Asker(Value, frozen=True):
    """The customer; name and email, as they now are, only with leave to tell words."""

    id: int
    verified: bool
    name: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET


class Data(Value, frozen=True):
    """In which request, of whom, and what."""

    request: int
    site: str
    customer: Asker
    message: Bare | MessageObject


class Nothing(Value, frozen=True):
    """There is nothing to tell."""


class Body(Value, frozen=True):
    """What is posted, as JSON."""

    type: str
    timestamp: str
    data: Data | Nothing


def ping(at: Millis) -> bytes:
    """Return the body of a ping, which tells of nothing that has happened."""
    return encode(Body("ping", rfc3339(at), Nothing()))


def body(due: Due, desk: str, *, words: bool) -> bytes:
    """Return what is posted of *due* by the desk called *desk*; *words*: with all that was said."""
    message, who = due.message, due.record.customer
    asker = Asker(who.id, who.verified)
    if words:
        asker = Asker(who.id, who.verified, who.name, who.email)
    told = message_for_agents(message, desk) if words else _bare(message)
    data = Data(due.record.request.id, due.record.request.site, asker, told)
    return encode(Body(event_of(message), rfc3339(message.at), data))


def event_of(message: Message) -> str:
    """Return what the settings call the event that *message* is."""
    plain = to_plain(message.event)
    return plain.activity or ("message" if plain.kind == "text" else plain.kind)


def _bare(message: Message) -> Bare:
    plain = to_plain(message.event)
    data = {name: value for name, value in (plain.data or {}).items() if name in PLAIN_DATA}
    return Bare(
        seq=message.seq,
        kind=plain.kind,
        by=Someone(message.by.role, message.by.id or UNSET),
        at=rfc3339(message.at),
        activity=plain.activity or UNSET,
        data=dict(data) if data else UNSET,
    )
