"""Every default, its name, and what it may be. It never opens a socket or a database.

``model``    the one table: Settings and Site, with a description of each field
``kinds``    what each kind of setting takes, in types and in words
``webhook``  the table of one webhook. Pure
``values``   what an origin, an address and a database may look like. Pure
``sources``  flags before environment before file; each mistake one sentence
``starter``  the same table as a file to begin with. Pure
``table``    the same table as a page of the documents. Pure
"""

from relay.settings.model import Settings, Site
from relay.settings.sources import FlagError, load, load_told, no_settings
from relay.settings.values import origin_of
from relay.settings.webhook import Webhook

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
