"""One connection without a socket: text in, effects out. Pure: time comes in as an argument."""

from relay.session.session import Effect, HangUp, Limits, Send, Session, Submit

__all__ = ["Effect", "HangUp", "Limits", "Send", "Session", "Submit"]
