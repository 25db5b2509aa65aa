"""Decides, appends and publishes: the only place where rules, store and hub meet.

It opens no socket."""

from relay.service.config import DeskConfig, SiteConfig
from relay.service.service import Service

__all__ = ["DeskConfig", "Service", "SiteConfig"]
