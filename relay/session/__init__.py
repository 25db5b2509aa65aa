"""Session: one connection without its socket. Pure: time comes in as an argument."""

from relay.session.session import Response, Session, SessionLimits

__all__ = ["Response", "Session", "SessionLimits"]
