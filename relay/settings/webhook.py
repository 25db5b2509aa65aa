"""The webhooks of the settings: where each goes, what signs it, what it is told of. Pure.

No sentence here repeats an address or a secret: an address may be one.
"""

from base64 import b64decode
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from relay.settings import values
from relay.settings.kinds import Switch, Takes, parts

SECRET = "whsec_"  # noqa: S105 - how one begins
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of what signs, as Standard Webhooks has it."""
USUAL = ("opened", "message", "claimed", "closed", "rated")
EVENTS = (*USUAL, "note", "released", "transferred", "reopened", "tagged", "held")
"""What a webhook may be told of, in the protocol's words: texts, notes, and every activity."""


def address(text: str) -> str:
    """Return *text*, an address that takes webhooks: https, or http on this machine alone.

    It may have a query, which may be a secret, but no user, password or fragment.
    """
    found = text.strip()
    parts = values.split(found)
    values.origin_of(found)
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ValueError("")
    if parts.fragment or "@" in parts.netloc or parts.scheme not in {"http", "https"}:
        raise ValueError("")
    if parts.scheme == "http" and not values.is_here(parts.hostname or ""):
        raise ValueError(
            "plain http can be read and changed on the way; "
            "give an https address, or one of this machine"
        )
    return found


def key(text: str) -> bytes:
    """Return the bytes that sign, of their spelling *text*: ``whsec_`` and base64."""
    start, secret, encoded = text.partition(SECRET)
    try:
        found = b64decode(encoded, validate=True)
    except ValueError:
        found = b""
    if start or not secret or not SHORTEST_KEY <= len(found) <= LONGEST_KEY:
        raise ValueError("")
    return found


def _secret(text: str) -> str:
    key(text)
    return text


Name = Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
Url = Annotated[
    str,
    AfterValidator(address),
    Takes("an https address such as `https://crm.example/helpdesk`"),
]
Secrets = Annotated[
    tuple[Annotated[str, AfterValidator(_secret)], ...],
    BeforeValidator(parts),
    Field(min_length=1, max_length=3),
    Takes("a list of 1 to 3 secrets, each as `helpdesk webhooks secret` makes one"),
]
Events = Annotated[
    tuple[Annotated[str, Field(pattern=f"^({'|'.join(EVENTS)})$")], ...],
    BeforeValidator(parts),
    Field(min_length=1),
    Takes(f"a list of {', '.join(EVENTS)}"),
]


class Webhook(BaseModel):
    """One address that is told of what happens."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    url: Annotated[Url, Field(repr=False)]
    secrets: Annotated[Secrets, Field(repr=False)]
    events: Events = USUAL
    words: Switch = False

    @property
    def shown_url(self) -> str:
        """The address without what may be a secret in it: its path and its query."""
        origin = values.origin_of(self.url)
        return origin if self.url.rstrip("/") == origin else f"{origin}/..."
