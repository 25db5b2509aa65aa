"""Frames about webhooks, from and to an admin's client. Data alone."""

from typing import Annotated

from msgspec import Meta

from relay.value import Value
from relay.wire.objects import InboundFrame, OutboundFrame, Ref

Delivery = Annotated[str, Meta(max_length=64)]


class ListWebhooks(InboundFrame, frozen=True, tag="webhooks"):
    """Asks for the state of all webhooks."""

    ADMIN = True
    WAITS = True

    ref: Ref


class ListDeadLetters(InboundFrame, frozen=True, tag="dead_letters"):
    """Lists deliveries that were given up, of one webhook or of all."""

    ADMIN = True
    WAITS = True

    ref: Ref
    webhook: str | None = None


class WebhookRetry(InboundFrame, frozen=True, tag="webhook_retry"):
    """Retries dead letters: all, those of one webhook, or one ``delivery``."""

    ADMIN = True

    ref: Ref
    webhook: str | None = None
    delivery: Delivery | None = None


class WebhookDrop(InboundFrame, frozen=True, tag="webhook_drop"):
    """Drops dead letters: all, those of one webhook, or one ``delivery``."""

    ADMIN = True

    ref: Ref
    webhook: str | None = None
    delivery: Delivery | None = None


class Failure(Value, frozen=True):
    """The failure of an attempt: a word for it, the HTTP status if one came, and when."""

    outcome: str
    status: int | None
    at: str


class WebhookObject(Value, frozen=True):
    """The state of one webhook. ``behind``: events in the log that are not queued for it yet.

    ``known``: the settings have it; otherwise nothing is delivered. ``stopped``: it answered that
    it wants no more. ``oldest``: since when the first waits. ``failed``: the last failed attempt,
    of those that wait or were given up.
    """

    name: str
    known: bool
    events: list[str]
    words: bool
    stopped: bool
    behind: int
    waiting: int
    dead: int
    oldest: str | None
    failed: Failure | None


class Webhooks(OutboundFrame, frozen=True, tag="webhooks"):
    """The answer to ``webhooks``."""

    ref: str
    webhooks: list[WebhookObject]


class DeadLetter(Value, frozen=True):
    """A delivery that was given up: the event, when it happened, and the last attempt."""

    delivery: str
    webhook: str
    event: str
    request: int
    at: str
    tries: int
    failed: Failure


class DeadLetters(OutboundFrame, frozen=True, tag="dead_letters"):
    """The answer to ``dead_letters``: the oldest first, ``more`` if there are more than fit."""

    ref: str
    dead_letters: list[DeadLetter]
    more: bool


class Deliveries(OutboundFrame, frozen=True, tag="deliveries"):
    """The answer to ``webhook_retry`` and ``webhook_drop``: the number of deliveries changed."""

    ref: str
    count: int
