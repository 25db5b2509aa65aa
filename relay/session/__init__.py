"""Session: one connection without its socket. Pure: time comes in as an argument."""

from relay.session.session import Limits, Response, Session

__all__ = ["Limits", "Response", "Session"]
