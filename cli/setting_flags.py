"""Metavar and help of each setting that is a flag; `--help` does not load the settings for them.

Made from relay/settings/model.py by `python -m cli.docs_pages`; do not edit.
"""

SETTING_FLAGS: dict[str, tuple[str, str]] = {
    "host": (
        "HOSTS",
        "The addresses that the relay listens on; :: hears IPv4 as well.",
    ),
    "port": (
        "PORT",
        "The port that the relay listens on; 0 takes a free one.",
    ),
    "database": (
        "PATH",
        "The SQLite file with all data.",
    ),
    "public_url": (
        "URL",
        "The address of the relay for browsers, if not its host and port.",
    ),
    "allowed_origins": (
        "ORIGINS",
        "Origins of pages that may embed the widget, besides the relay's own; "
        "https://*.shop.example stands for all names below shop.example.",
    ),
    "agent_origins": (
        "ORIGINS",
        "Origins of pages that may connect as agents; by default none.",
    ),
    "desk_name": (
        "NAME",
        "The desk's name for customers.",
    ),
    "greeting": (
        "TEXT",
        "The desk's first message in each request.",
    ),
    "away_message": (
        "TEXT",
        "The message for customers while no agent is online.",
    ),
    "retention_days": (
        "DAYS",
        "Days until a closed request is deleted: unset never, 0 at closing.",
    ),
    "auto_close_after": (
        "HOURS",
        "Hours without a message after which a request is closed; unset never.",
    ),
    "text_limit": (
        "N",
        "The longest message, in code points.",
    ),
    "frame_limit": (
        "N",
        "The longest accepted frame, in bytes.",
    ),
    "messages_per_second": (
        "N",
        "Messages per second from one customer; 0 also removes the agents' limit.",
    ),
    "burst": (
        "N",
        "Messages that a customer may send at once; 0 also removes the agents' limit.",
    ),
    "bytes_per_second": (
        "N",
        "Bytes per second from one connection, beyond which it is throttled.",
    ),
    "connections_per_customer": (
        "N",
        "Connections (tabs, devices) of one customer at the same time.",
    ),
    "connections_per_address": (
        "N",
        "Connections from one network address at the same time; 0 lifts "
        "unauthenticated_per_address too.",
    ),
    "unauthenticated_per_address": (
        "N",
        "Connections from one address that are not authenticated yet.",
    ),
    "unauthenticated_connections": (
        "N",
        "Connections that are not authenticated yet, in total.",
    ),
    "connections_per_second": (
        "N",
        "New connections per second; further ones are asked to retry.",
    ),
    "connections_burst": (
        "N",
        "New connections that may come at once.",
    ),
    "trusted_proxies": (
        "NETWORKS",
        "Proxies whose X-Forwarded-For is trusted; by default none, even on this host.",
    ),
    "log_level": (
        "LEVEL",
        "The least level of the log on stderr.",
    ),
    "log_format": (
        "FORMAT",
        "The format of the log; by default console on a terminal, else json.",
    ),
    "require_identity": (
        "BOOL",
        "Admit only customers with a signed identity.",
    ),
    "url": (
        "URL",
        "The address of the relay for the console and the commands.",
    ),
    "token": (
        "TOKEN",
        "The agent's token for the console and the commands.",
    ),
}
