"""Sockets, HTTP and WebSocket, and the life of the process around them. No rule of the desk."""

from relay.server.relay import Started, control_only, serve

__all__ = ["Started", "control_only", "serve"]
