"""Webhook endpoints and the bodies they receive. Pure."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from msgspec import UNSET, UnsetType

from relay.desk.contact import Contact
from relay.desk.event_data import to_event_data
from relay.desk.events import Message, Millis, event_name
from relay.settings import Settings, Webhook
from relay.settings.model import key
from relay.store.values import DueDelivery
from relay.value import Value
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.present import message_for_agents, rfc3339


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One webhook. ``target`` is that of the request line, and may be a secret as ``keys`` are.

    ``words``: it receives what people wrote, and their names.
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


class AuthorInfo(Value, frozen=True):
    """Author of a message, by role and id; the desk has no id."""

    role: str
    id: int | UnsetType = UNSET


class MessageSummary(Value, frozen=True):
    """Message without what people wrote; otherwise as agents see it."""

    seq: int
    kind: str
    by: AuthorInfo
    at: str
    activity: str | UnsetType = UNSET
    data: dict[str, object] | UnsetType = UNSET


class CustomerInfo(Value, frozen=True):
    """Customer of a request, for a webhook without ``words``."""

    id: int
    verified: bool


class CustomerContact(Contact, frozen=True):
    """Customer of a request with the contact as it now is, for a webhook with ``words``."""

    id: int
    verified: bool


class Data(Value, frozen=True):
    """Event: the request, its customer and the message."""

    request: int
    site: str
    customer: CustomerInfo | CustomerContact
    message: MessageSummary | MessageObject


class EmptyData(Value, frozen=True):
    """Data of a ping."""


class Envelope(Value, frozen=True):
    """JSON body of a delivery."""

    type: str
    timestamp: str
    data: Data | EmptyData


def ping(at: Millis) -> bytes:
    """Return the body of a ping, which announces no event."""
    return encode(Envelope("ping", rfc3339(at), EmptyData()))


def body(due: DueDelivery, desk: str, *, words: bool) -> bytes:
    """Return the JSON body for *due* of the desk called *desk*; *words*: with what people wrote."""
    message, who = due.message, due.record.customer
    customer: CustomerInfo | CustomerContact = CustomerInfo(who.id, who.verified)
    if words:
        customer = CustomerContact(who.id, who.verified, **who.contact.values())
    content = message_for_agents(message, desk) if words else _summary(message)
    data = Data(due.record.request.id, due.record.request.site, customer, content)
    return encode(Envelope(event_of(message), rfc3339(message.at), data))


def event_of(message: Message) -> str:
    """Return the event of *message*, as the settings name it."""
    return event_name(message.event)


def _summary(message: Message) -> MessageSummary:
    plain = to_event_data(message.event)
    data = {
        name: value for name, value in (plain.data or {}).items() if name in message.event.wordless
    }
    return MessageSummary(
        seq=message.seq,
        kind=plain.kind,
        by=AuthorInfo(message.by.role, message.by.id or UNSET),
        at=rfc3339(message.at),
        activity=plain.activity or UNSET,
        data=dict(data) if data else UNSET,
    )
