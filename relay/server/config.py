"""Values that the relay's parts take from the settings. Pure."""

from urllib.parse import quote, urlsplit

from relay.server.limits import ConnectionLimits
from relay.service import DeskConfig, SiteConfig
from relay.session import SessionLimits
from relay.settings import AllowedOrigins, Settings, origin_of
from relay.settings.translations import AWAY_MESSAGES, GREETINGS, all_languages
from relay.settings.types import is_here
from relay.version import PROGRAM_VERSION
from relay.wire import objects


def desk_config(settings: Settings, own: frozenset[str]) -> DeskConfig:
    """Return the desk's configuration; pages of the origins *own* may speak for every site."""
    names = ("default", *settings.sites)
    sites = {name: site for name in names if (site := settings.site(name)) is not None}
    return DeskConfig(
        name=settings.desk_name,
        away_message=settings.away_message or None,
        retention_days=settings.retention_days,
        auto_close_after=settings.auto_close_after,
        sites={
            name: SiteConfig(
                AllowedOrigins(own | {*site.origins}),
                site.greeting or "",
                site.identity_keys,
                site.require_identity,
                all_languages(site.greeting, site.greetings, GREETINGS),
            )
            for name, site in sites.items()
        },
        customer_limits=_shown(settings, customer_limits(settings)),
        agent_limits=_shown(settings, agent_limits(settings)),
        connections_per_customer=settings.connections_per_customer,
        version=PROGRAM_VERSION,
        away_messages=all_languages(settings.away_message, settings.away_messages, AWAY_MESSAGES),
    )


def all_origins(settings: Settings, own: frozenset[str]) -> AllowedOrigins:
    """Return the origins whose pages may speak for any of the sites; *own* may for each."""
    sites = map(settings.site, ("default", *settings.sites))
    return AllowedOrigins(own.union(*(site.origins for site in sites if site is not None)))


def customer_limits(settings: Settings) -> SessionLimits:
    """Return the rate limits of a customer's connection."""
    return SessionLimits(
        settings.text_limit,
        settings.messages_per_second,
        settings.customer_burst,
        settings.other_frames_per_second,
        settings.other_frames_burst,
        settings.connection_bytes_per_second,
    )


def agent_limits(settings: Settings) -> SessionLimits:
    """Return the rate limits of an agent's connection."""
    return SessionLimits(
        settings.text_limit,
        settings.agent_messages_per_second,
        settings.agent_burst,
        settings.other_frames_per_second,
        settings.other_frames_burst,
        settings.connection_bytes_per_second,
    )


def connection_limits(settings: Settings, connections: int) -> ConnectionLimits:
    """Return the limits of a process that can hold *connections*."""
    return ConnectionLimits(
        connections,
        settings.connections_per_address,
        settings.unauthenticated_connections,
        settings.unauthenticated_per_address,
        settings.connections_per_second,
        settings.connections_burst,
    )


def listening_urls(settings: Settings, port: int) -> list[str]:
    """Return the addresses of the relay that listens on *port*, one for each host."""
    return [f"http://{_in_url(host)}:{port}" for host in settings.host]


def own_url(settings: Settings, port: int) -> str:
    """Return the address at which browsers reach the relay that listens on *port*."""
    return settings.public_url or listening_urls(settings, port)[0]


def path_prefix(settings: Settings) -> str:
    """Return the path of ``public_url``, without a slash at its end; empty if it has none.

    A proxy may pass requests on with it or without it.
    """
    return quote(urlsplit(settings.public_url or "").path, safe="/%:@!$&'()*+,;=~")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def own_origins(settings: Settings, port: int) -> frozenset[str]:
    """Return the origins of the relay's own pages, such as the demo.

    Without ``public_url`` a relay that this machine reaches by its loopback has all names of that.
    """
    if settings.public_url:
        return frozenset({origin_of(settings.public_url)})
    own = {origin_of(url) for url in listening_urls(settings, port)}
    if listens_everywhere(settings) or any(map(is_here, settings.host)):
        own |= {f"http://{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
    return frozenset(own)


def listens_everywhere(settings: Settings) -> bool:
    """Return whether the relay's own pages may be at any address of this machine."""
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on
    return not settings.public_url and not everywhere.isdisjoint(settings.host)


def _shown(settings: Settings, limits: SessionLimits) -> objects.Limits:
    return objects.Limits(
        limits.text, settings.frame_limit, limits.messages_per_second, limits.burst
    )
