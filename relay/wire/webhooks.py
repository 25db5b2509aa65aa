"""What admins say of webhooks, and what they hear. Data alone."""

from typing import Annotated

from msgspec import Meta

from relay.value import Value
from relay.wire.objects import Ref

Delivery = Annotated[str, Meta(max_length=64)]


class Asked(Value, frozen=True, tag_field="type"):
    """A frame that an admin's client sends."""


class WebhooksAsked(Asked, frozen=True, tag="webhooks"):
    """How all webhooks stand."""

    ref: Ref


class DeadLettersAsked(Asked, frozen=True, tag="dead_letters"):
    """What was given up; of one webhook, or of all."""

    ref: Ref
    webhook: str | None = None


class WebhookRetry(Asked, frozen=True, tag="webhook_retry"):
    """Try dead letters again: all, those of one webhook, or one ``delivery``."""

    ref: Ref
    webhook: str | None = None
    delivery: Delivery | None = None


class WebhookDrop(Asked, frozen=True, tag="webhook_drop"):
    """Forget them: all, those of one webhook, or one ``delivery``."""

    ref: Ref
    webhook: str | None = None
    delivery: Delivery | None = None


class Heard(Value, frozen=True, tag_field="type"):
    """A frame that an admin's client hears."""


class Failure(Value, frozen=True):
    """How a try went wrong: a word for it, the status if one came, and when."""

    outcome: str
    status: int | None
    at: str


class WebhookObject(Value, frozen=True):
    """How one webhook stands. ``behind``: events in the log that it was not told yet.

    ``known``: the settings have it; otherwise it is told nothing. ``stopped``: it wants no more.
    ``oldest``: since when the first waits. ``failed``: how the last try went that failed, of those
    that wait or were given up.
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


class Webhooks(Heard, frozen=True, tag="webhooks"):
    """The answer to ``webhooks``."""

    ref: str
    webhooks: list[WebhookObject]


class DeadLetter(Value, frozen=True):
    """What was given up: the event, when it happened, and how the last try went."""

    delivery: str
    webhook: str
    event: str
    request: int
    at: str
    tries: int
    failed: Failure


class DeadLetters(Heard, frozen=True, tag="dead_letters"):
    """The answer to ``dead_letters``: the oldest first, ``more`` if there are more than fit."""

    ref: str
    dead_letters: list[DeadLetter]
    more: bool


class Deliveries(Heard, frozen=True, tag="deliveries"):
    """The answer to ``webhook_retry`` and ``webhook_drop``: how many that were."""

    ref: str
    count: int


Question = WebhooksAsked | DeadLettersAsked
WebhookFrame = Question | WebhookRetry | WebhookDrop
WebhookAnswer = Webhooks | DeadLetters | Deliveries
