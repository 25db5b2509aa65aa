"""Configuration of the service: the desk and its sites. Data alone."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from relay.wire.objects import Limits


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """One web site. ``origins`` are the pages that may speak for it; ``require_identity``: only
    customers whose identity it has signed come in."""

    origins: Container[str]
    greeting: str
    identity_keys: Mapping[str, str]
    require_identity: bool = False


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
