"""Every setting: its name, default and bounds, and where its value comes from."""

from relay.settings.load import FlagError, load, load_told, no_settings
from relay.settings.model import Settings, Site, Webhook
from relay.settings.types import origin_of

__all__ = [
    "FlagError",
    "Settings",
    "Site",
    "Webhook",
    "load",
    "load_told",
    "no_settings",
    "origin_of",
]
