"""Every setting: its name, default and bounds, and where its value comes from."""

from relay.settings.environment import service_variables, unknown_variables
from relay.settings.load import FlagError, load, load_with_sources
from relay.settings.model import Settings, Site, Webhook
from relay.settings.origins import AllowedOrigins, origin_of

__all__ = [
    "AllowedOrigins",
    "FlagError",
    "Settings",
    "Site",
    "Webhook",
    "load",
    "load_with_sources",
    "origin_of",
    "service_variables",
    "unknown_variables",
]
