"""The one table of settings: each with its default, its bounds and what it is for. Data alone.

Flags, variables, the file and docs/settings.md all come from these fields. A secret never shows
in a ``repr``.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from relay.settings import kinds, values, webhook
from relay.settings.console import Console

DEFAULT_SITE = "default"


def default_database() -> str:
    """Return where the database lies if nobody says otherwise."""
    return str(user_data_path("helpdesk", appauthor=False) / "helpdesk.db")


class Site(BaseModel):
    """One web site: where its pages come from, how it greets, what it signs identities with."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    origins: kinds.Origins = ()
    greeting: kinds.Words
    identity_keys: kinds.Secrets = {}
    require_identity: kinds.Switch = False


class Settings(BaseModel):
    """All that can be set. Made by :func:`relay.settings.load`, or plainly in a test."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True
    )

    host: kinds.Host = Field(
        default="127.0.0.1", description="The address that the relay listens on."
    )
    port: kinds.Port = Field(
        default=8765, description="The port that the relay listens on; 0 takes a free one."
    )
    database: kinds.Database = Field(
        default_factory=default_database, description="The SQLite file that holds everything."
    )
    public_url: kinds.PublicUrl = Field(
        default=None, description="Where browsers reach the relay, if not at its host and port."
    )
    allowed_origins: kinds.Origins = Field(
        default=(), description="Whose pages may bear the widget; the relay's own always may."
    )
    agent_origins: kinds.Origins = Field(
        default=(), description="Whose pages may speak for agents; none may, unless listed."
    )
    desk_name: kinds.Name = Field(
        default="Support", description="What customers see the desk called."
    )
    greeting: kinds.Words = Field(
        default="Hello! How can we help you?",
        description="What the desk says first in each request.",
    )
    away_message: kinds.Words = Field(
        default="Nobody is at the desk right now; leave your message, and we will answer it here.",
        description="What customers read while no agent is online.",
    )
    retention_days: kinds.Days = Field(
        default=None,
        description="Days to keep a closed request: unset keeps it, 0 deletes it at closing.",
    )
    auto_close_after: kinds.Hours = Field(
        default=None,
        description="Hours in which nobody writes, after which a request is closed; unset: never.",
    )
    text_limit: kinds.Count = Field(
        default=4000, description="The longest message, in code points."
    )
    frame_limit: kinds.Count = Field(
        default=65536, description="The longest frame taken, in bytes."
    )
    messages_per_second: kinds.Rate = Field(
        default=5.0, description="Messages a second from one customer; 0 frees agents too."
    )
    burst: kinds.Count = Field(
        default=20, description="Messages that a customer may send at once; 0 frees agents too."
    )
    bytes_per_second: kinds.Count = Field(
        default=2**20,
        description="Bytes a second from one connection; it is slowed down, and loses nothing.",
    )
    connections_per_customer: kinds.Count = Field(
        default=10, description="Connections (tabs, devices) of one customer at the same time."
    )
    connections_per_address: kinds.Count = Field(
        default=100,
        description="Connections from one network address at the same time; "
        "0 lifts unauthenticated_per_address too.",
    )
    unauthenticated_per_address: kinds.Count = Field(
        default=80, description="Those of them that have not yet said who they are."
    )
    unauthenticated_connections: kinds.Count = Field(
        default=2000, description="Connections that have not yet said who they are, all together."
    )
    connections_per_second: kinds.Rate = Field(
        default=1000.0, description="New connections a second; others are asked to come back."
    )
    connections_burst: kinds.Count = Field(
        default=1000, description="New connections that may come at once."
    )
    trusted_proxies: kinds.Networks = Field(
        default=(),
        description="Whose X-Forwarded-For is believed; nobody's, not even this machine's, "
        "unless named.",
    )
    log_level: kinds.Level = Field(
        default="WARNING", description="How much the relay tells on stderr."
    )
    log_format: kinds.LogFormat = Field(
        default=None,
        description="How a line looks: console on a terminal, else json, unless it is set.",
    )
    metrics_token: kinds.MetricsToken = Field(
        default=None,
        description="What opens /metrics to other machines; unset, only this one may read it.",
    )
    identity_keys: kinds.Secrets = Field(
        default={}, description="What the default site signs its customers' identities with."
    )
    require_identity: kinds.Switch = Field(
        default=False, description="Whether only customers with a signed identity come in."
    )
    sites: Annotated[Mapping[str, Site], kinds.Takes("a table for each further site")] = Field(
        default={},
        description="Further sites, by name, each with origins, greeting, identity_keys and "
        "require_identity.",
    )
    webhooks: Annotated[
        Mapping[webhook.Name, webhook.Webhook],
        kinds.Takes("a table for each webhook, under a name of a-z, 0-9 and -"),
    ] = Field(
        default={},
        description="Addresses that are told of what happens, by name, each with url, secrets, "
        "events and words.",
    )
    url: kinds.RelayUrl = Field(
        default="http://127.0.0.1:8765", description="The relay that the console talks to."
    )
    token: kinds.Token = Field(
        default=None, description="The agent's token that the console shows the relay."
    )

    console: Annotated[Console, kinds.Takes("a table of what an agent sets for the console")] = (
        Field(default=Console(), description="How the console looks and tells; see below.")
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
        own = {name: info.data.get(name) for name in ("greeting", "require_identity")}
        return {
            name: own | site if isinstance(site, dict) else site for name, site in sites.items()
        }

    @property
    def database_path(self) -> Path:
        """The database's file itself, behind all links: it has one lock, however it is called."""
        # realpath, since Path.resolve raises on links that lead to each other.
        return Path(os.path.realpath(Path(values.database_file(self.database)).expanduser()))

    @property
    def control_path(self) -> Path:
        """The control socket beside the database."""
        return self.database_path.with_name(self.database_path.name + ".sock")

    @property
    def connection_bytes_per_second(self) -> int:
        """What any connection may send in the long run; 0 where messages are not limited."""
        return self.bytes_per_second if self.messages_per_second and self.burst else 0

    @property
    def agent_messages_per_second(self) -> float:
        """An agent's long run; 0 where the setting frees everybody."""
        return 50.0 if self.messages_per_second and self.burst else 0.0

    @property
    def agent_burst(self) -> int:
        """How many messages an agent may send at once; 0 where the setting frees everybody."""
        return 200 if self.messages_per_second and self.burst else 0

    def site(self, name: str) -> Site | None:
        """Return the site called *name*, None if there is none; ``default`` is always there."""
        if name == DEFAULT_SITE:
            return Site(
                origins=self.allowed_origins,
                greeting=self.greeting,
                identity_keys=self.identity_keys,
                require_identity=self.require_identity,
            )
        return self.sites.get(name)
