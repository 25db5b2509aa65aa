"""Configuration of the service: the desk and its sites. Data alone."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from relay.wire.objects import Limits


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """One web site. ``origins`` are the pages that may speak for it; ``require_identity``: only
    customers whose identity it has signed come in."""

    origins: Container[str]
    greeting: str
    identity_keys: Mapping[str, str]
    require_identity: bool = False
    greetings: Mapping[str, str] = field(default_factory=dict)
    """The greeting by language; ``greeting`` is for all others."""

    def first_message_in(self, locale: str | None) -> str:
        """Return the greeting for a customer with *locale*."""
        return in_language(self.greetings, locale) or self.greeting


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """Settings of a desk. ``retention_days`` None keeps what is closed, 0 deletes it at once.

    ``version`` is the relay's, which every ``welcome`` has.
    """

    name: str
    away_message: str | None
    retention_days: int | None
    sites: Mapping[str, SiteConfig]
    customer_limits: Limits
    agent_limits: Limits
    connections_per_customer: int
    version: str
    auto_close_after: int | None = None
    """Hours in which nobody writes, after which a request is closed; None: never."""
    away_messages: Mapping[str, str] = field(default_factory=dict)
    """The away message by language; ``away_message`` is for all others."""

    def away_message_in(self, locale: str | None) -> str | None:
        """Return the away message for a customer with *locale*."""
        return in_language(self.away_messages, locale) or self.away_message


def in_language(texts: Mapping[str, str], locale: str | None) -> str | None:
    """Return the text for *locale*, a language tag: ``pt-br`` is looked up before ``pt``.

    None if there is neither; tags are compared without regard to case.
    """
    tag = (locale or "").lower().replace("_", "-")
    while tag and tag not in texts:
        tag = tag.rpartition("-")[0]
    return texts.get(tag)
