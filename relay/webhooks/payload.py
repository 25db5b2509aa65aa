"""Webhook endpoints and the bodies they receive. Pure."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from msgspec import UNSET, UnsetType

from relay.desk.contact import Contact
from relay.desk.event_data import to_event_data
from relay.desk.events import Message, Millis, event_name
from relay.settings import Settings, Webhook
from relay.settings.model import key
from relay.store.sqlite.webhook_queue import Due
from relay.value import Value
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.present import message_for_agents, rfc3339


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One webhook. ``target`` is what a request line names, and may be a secret as ``keys`` are.

    ``words``: it is told what people wrote and who they are.
    """

    name: str
    host: str
    port: int
    tls: bool
    authority: str
    target: str = field(repr=False)
    keys: tuple[bytes, ...] = field(repr=False)
    events: frozenset[str]
    words: bool


def endpoints(settings: Settings) -> dict[str, Endpoint]:
    """Return the webhooks of *settings* by their names."""
    return {name: _endpoint(name, webhook) for name, webhook in settings.webhooks.items()}


def _endpoint(name: str, webhook: Webhook) -> Endpoint:
    parts = urlsplit(webhook.url)
    tls = parts.scheme == "https"
    return Endpoint(
        name=name,
        host=parts.hostname or "",
        port=parts.port or (443 if tls else 80),
        tls=tls,
        authority=parts.netloc,
        target=parts._replace(scheme="", netloc="", path=parts.path or "/").geturl(),
        keys=tuple(key(secret) for secret in webhook.secrets),
        events=frozenset(webhook.events),
        words=webhook.words,
    )


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
    """The customer, without leave to tell words."""

    id: int
    verified: bool


class KnownAsker(Contact, frozen=True):
    """The customer with the contact as it now is, for webhooks with leave to tell words."""

    id: int
    verified: bool


class Data(Value, frozen=True):
    """In which request, of whom, and what."""

    request: int
    site: str
    customer: Asker | KnownAsker
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
    asker: Asker | KnownAsker = Asker(who.id, who.verified)
    if words:
        asker = KnownAsker(who.id, who.verified, **who.contact.values())
    told = message_for_agents(message, desk) if words else _bare(message)
    data = Data(due.record.request.id, due.record.request.site, asker, told)
    return encode(Body(event_of(message), rfc3339(message.at), data))


def event_of(message: Message) -> str:
    """Return what the settings call the event that *message* is."""
    return event_name(message.event)


def _bare(message: Message) -> Bare:
    plain = to_event_data(message.event)
    data = {
        name: value for name, value in (plain.data or {}).items() if name in message.event.wordless
    }
    return Bare(
        seq=message.seq,
        kind=plain.kind,
        by=Someone(message.by.role, message.by.id or UNSET),
        at=rfc3339(message.at),
        activity=plain.activity or UNSET,
        data=dict(data) if data else UNSET,
    )
