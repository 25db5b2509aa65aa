"""Where a webhook goes and what it is told of, made of the settings. Data alone."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from relay.settings import Settings, Webhook
from relay.settings.webhook import key


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
