"""All settings: names, defaults, bounds, descriptions. Data alone."""

import os
from base64 import b64decode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from relay.desk.events import EVENT_TYPES, event_name
from relay.errors import HomeUnknownError, StartError
from relay.files import in_home
from relay.sanitize import LONGEST_TEXT
from relay.settings import origins, types
from relay.settings.translations import AWAY_MESSAGE, GREETING, Translations
from relay.settings.types import Switch, Takes, parts

Yes = Annotated[bool, Takes("true or false")]


class Console(BaseModel):
    """Settings of an agent for their own console."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    theme: Annotated[str, Takes("a theme's name, such as `helpdesk` or `high-contrast`")] = Field(
        default="helpdesk", description="The colours; `terminal` takes the terminal's own."
    )
    mouse: Yes = Field(default=True, description="Use the mouse, unless --no-mouse is given.")
    notify: Annotated[
        Literal["auto", "9", "777", "99", "bell", "off"], Takes("auto, 9, 777, 99, bell or off")
    ] = Field(
        default="auto",
        description="The kind of notification: an OSC sequence, the bell only, or none.",
    )
    notify_words: Yes = Field(
        default=False, description="Show the customer's name and text in notifications."
    )
    remind: Annotated[int, Field(ge=0), Takes("seconds, or 0 for never")] = Field(
        default=60, description="Seconds until a notification of an unclaimed request is repeated."
    )
    keys: Annotated[
        Mapping[str, Mapping[str, str]],
        Takes("tables `list`, `writing` and `everywhere` of keys by action"),
    ] = Field(default={}, description="Other keys for actions.")


SECRET = "whsec_"  # noqa: S105 - how one begins
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Bytes of what signs, as Standard Webhooks has it."""
USUAL = ("opened", "message", "claimed", "closed", "rated")
EVENTS = tuple(dict.fromkeys((*USUAL, *map(event_name, EVENT_TYPES))))
"""Events that a webhook can receive, in the protocol's words: texts, notes, every activity."""


def address(text: str) -> str:
    """Return *text*, an address that takes webhooks: https, or http on this machine alone.

    It may have a query, which may be a secret, but no user, password or fragment.
    """
    found = text.strip()
    parts = origins.split(found)
    origins.origin_of(found)
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise ValueError("")
    if parts.fragment or "@" in parts.netloc or parts.scheme not in {"http", "https"}:
        raise ValueError("")
    if parts.scheme == "http" and not types.is_here(parts.hostname or ""):
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
    """Address that receives events."""

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
        origin = origins.origin_of(self.url)
        return origin if self.url.rstrip("/") == origin else f"{origin}/..."


DEFAULT_SITE = "default"
BYTES_OF_A_CHARACTER, BYTES_AROUND_A_TEXT = 4, 1024
"""The most in UTF-8, and what a frame has besides its text."""


def default_database() -> str:
    """Return where the database lies if nobody says otherwise.

    It begins with ``~`` for a user without a home folder, who needs one only if it is opened.
    """
    folder = in_home(lambda: user_data_path("helpdesk", appauthor=False))
    return str((folder or Path("~/.local/share/helpdesk")) / "helpdesk.db")


class Site(BaseModel):
    """Web site: the origins of its pages, its greetings and its keys for identities."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    origins: types.Origins = ()
    greeting: types.Words
    greetings: Translations = {}
    identity_keys: types.Secrets = {}
    require_identity: types.Switch = False


class Settings(BaseModel):
    """All that can be set. Made by :func:`relay.settings.load`, or plainly in a test."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    host: types.Hosts = Field(
        default=("127.0.0.1",),
        description="The addresses that the relay listens on; :: hears IPv4 as well.",
    )
    port: types.Port = Field(
        default=8765, description="The port that the relay listens on; 0 takes a free one."
    )
    database: types.Database = Field(
        default_factory=default_database,
        examples=["/var/lib/helpdesk/helpdesk.db"],
        description="The SQLite file with all data.",
    )
    public_url: types.PublicUrl = Field(
        default=None,
        examples=["https://desk.example"],
        description="The address of the relay for browsers, if not its host and port.",
    )
    allowed_origins: types.Origins = Field(
        default=(),
        description="Origins of pages that may embed the widget, besides the relay's own; "
        "https://*.shop.example stands for all names below shop.example.",
    )
    agent_origins: types.ExactOrigins = Field(
        default=(), description="Origins of pages that may connect as agents; by default none."
    )
    desk_name: types.Name = Field(default="Support", description="The desk's name for customers.")
    greeting: types.Words = Field(
        default=GREETING,
        description="The desk's first message in each request.",
    )
    greetings: Translations = Field(
        default={}, description="The greeting in other languages than that of `greeting`."
    )
    away_message: types.Words = Field(
        default=AWAY_MESSAGE,
        description="The message for customers while no agent is online.",
    )
    away_messages: Translations = Field(
        default={}, description="The away message in other languages than that of `away_message`."
    )
    retention_days: types.Days = Field(
        default=None,
        examples=[365],
        description="Days until a closed request is deleted: unset never, 0 at closing.",
    )
    auto_close_after: types.Hours = Field(
        default=None,
        examples=[72],
        description="Hours without a message after which a request is closed; unset never.",
    )
    text_limit: types.Count = Field(
        default=4000, description="The longest message, in code points."
    )
    frame_limit: types.Count = Field(
        default=65536, description="The longest accepted frame, in bytes."
    )
    messages_per_second: types.Rate = Field(
        default=5.0,
        description="Messages per second from one customer; 0 also removes the agents' limit.",
    )
    burst: types.Count = Field(
        default=20,
        description="Messages that a customer may send at once; 0 also removes the agents' limit.",
    )
    bytes_per_second: types.Count = Field(
        default=2**20,
        description="Bytes per second from one connection, beyond which it is throttled.",
    )
    connections_per_customer: types.Count = Field(
        default=10, description="Connections (tabs, devices) of one customer at the same time."
    )
    connections_per_address: types.Count = Field(
        default=100,
        description="Connections from one network address at the same time; "
        "0 lifts unauthenticated_per_address too.",
    )
    unauthenticated_per_address: types.Count = Field(
        default=80, description="Connections from one address that are not authenticated yet."
    )
    unauthenticated_connections: types.Count = Field(
        default=2000, description="Connections that are not authenticated yet, in total."
    )
    connections_per_second: types.Rate = Field(
        default=1000.0, description="New connections per second; further ones are asked to retry."
    )
    connections_burst: types.Count = Field(
        default=1000, description="New connections that may come at once."
    )
    trusted_proxies: types.Networks = Field(
        default=(),
        description="Proxies whose X-Forwarded-For is trusted; by default none, even on this host.",
    )
    log_level: types.Level = Field(
        default="WARNING", description="The least level of the log on stderr."
    )
    log_format: types.LogFormat = Field(
        default=None,
        examples=["json"],
        description="The format of the log; by default console on a terminal, else json.",
    )
    # Its example is too short to be accepted: nobody shall use a secret from the documentation.
    metrics_token: types.MetricsToken = Field(
        default=None,
        examples=[""],
        description="The token for /metrics from other machines; unset, only this one may read it.",
    )
    identity_keys: types.Secrets = Field(
        default={},
        description="The keys with which the default site signs its customers' identities.",
    )
    require_identity: types.Switch = Field(
        default=False, description="Admit only customers with a signed identity."
    )
    sites: Annotated[Mapping[str, Site], types.Takes("a table for each further site")] = Field(
        default={},
        description="Further sites, by name, each with origins, greeting, greetings, identity_keys "
        "and require_identity.",
    )
    webhooks: Annotated[
        Mapping[Name, Webhook],
        types.Takes("a table for each webhook, under a name of a-z, 0-9 and -"),
    ] = Field(
        default={},
        description="Addresses that receive events, each with url, secrets, events and words.",
    )
    url: types.RelayUrl = Field(
        default="http://127.0.0.1:8765",
        description="The address of the relay for the console and the commands.",
    )
    token: types.Token = Field(
        default=None,
        examples=[""],
        description="The agent's token for the console and the commands.",
    )

    console: Annotated[Console, types.Takes("a table of settings for the console")] = Field(
        default=Console(), description="Themes, notifications and keys of the console; see below."
    )

    other_frames_per_second: ClassVar[float] = 50.0
    other_frames_burst: ClassVar[int] = 200

    @field_validator("sites", mode="before")
    @classmethod
    def _as_on_the_default_site(cls, sites: object, info: ValidationInfo) -> object:
        if not isinstance(sites, dict):
            return sites
        if DEFAULT_SITE in sites:
            raise ValueError(
                "the default site is set by allowed_origins, greeting, identity_keys and "
                "require_identity"
            )
        own = {"require_identity": info.data.get("require_identity")}
        greeted = {name: info.data.get(name) for name in ("greeting", "greetings")}
        return {
            name: own | ({} if "greeting" in site else greeted) | site
            if isinstance(site, dict)
            else site
            for name, site in sites.items()
        }

    @property
    def database_path(self) -> Path:
        """The database's file itself, behind all links: it has one lock, however it is called."""
        # realpath, since Path.resolve raises on links that lead to each other.
        return Path(os.path.realpath(self.database_name))

    @property
    def database_name(self) -> Path:
        """The path of the database as it was given, perhaps a link's."""
        place = in_home(lambda: Path(types.database_file(self.database)))
        if place is None:
            raise HomeUnknownError("name the database with --database or HELPDESK_DATABASE")
        return place.absolute()

    @property
    def control_path(self) -> Path:
        """The control socket beside the database."""
        return self.database_path.with_name(self.database_path.name + ".sock")

    @property
    def abstract_control_names(self) -> tuple[str, ...]:
        """The names of the abstract sockets that stand in for the control socket, by the paths of
        the database as it was given and without links."""
        paths = dict.fromkeys([self.database_name, self.database_path])
        hashes = (sha256(os.fsencode(path)).hexdigest() for path in paths)
        return tuple(f"\0helpdesk-{digest}" for digest in hashes)

    @property
    def limits_messages(self) -> bool:
        """True if the messages of each connection are limited."""
        return bool(self.messages_per_second and self.burst)

    @property
    def customer_burst(self) -> int:
        """Messages that a customer may send at once."""
        return self.burst

    @property
    def connection_bytes_per_second(self) -> int:
        """Bytes a second from any connection; 0 where messages are not limited."""
        return self.bytes_per_second if self.limits_messages else 0

    @property
    def agent_messages_per_second(self) -> float:
        """Messages a second from an agent; 0 where the setting frees everybody."""
        return 50.0 if self.limits_messages else 0.0

    @property
    def agent_burst(self) -> int:
        """Messages that an agent may send at once; 0 where the setting frees everybody."""
        return 200 if self.limits_messages else 0

    def site(self, name: str) -> Site | None:
        """Return the site called *name*, None if there is none; ``default`` is always there."""
        if name == DEFAULT_SITE:
            return Site(
                origins=self.allowed_origins,
                greeting=self.greeting,
                greetings=self.greetings,
                identity_keys=self.identity_keys,
                require_identity=self.require_identity,
            )
        return self.sites.get(name)


def check(settings: Settings) -> None:
    """Raise :exc:`StartError` if *settings* contradict each other."""
    _check_limits(settings)
    _check_identities(settings)


def _check_limits(settings: Settings) -> None:
    """Refuse limits under which a text that is taken could never be sent."""
    if settings.text_limit > LONGEST_TEXT:
        raise StartError(
            f"A text_limit of {settings.text_limit} characters is more than an answer can hold; "
            f"make it {LONGEST_TEXT}, or less."
        )
    needed = settings.text_limit * BYTES_OF_A_CHARACTER + BYTES_AROUND_A_TEXT
    if settings.frame_limit and settings.text_limit and settings.frame_limit < needed:
        raise StartError(
            f"A frame_limit of {settings.frame_limit} bytes is too small for a text_limit of "
            f"{settings.text_limit} characters; make it {needed}, or the text_limit smaller."
        )


def _check_identities(settings: Settings) -> None:
    """Refuse a site that nobody could come in to."""
    for name in (DEFAULT_SITE, *settings.sites):
        site = settings.site(name)
        if site and site.require_identity and not site.identity_keys:
            raise StartError(
                f"require_identity of the site {name} keeps everybody out, since it has no "
                "identity_keys; give it some, or set require_identity to false."
            )
