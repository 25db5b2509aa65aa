"""One connection without a socket: text in, effects out. Pure: time comes in as an argument.

``connection``  the states of a connection, from before ``hello`` to the end
``checks``      every string of a frame cleaned and bounded, before anybody else sees it
``bucket``      how many frames a second
"""

from relay.session.connection import Effect, HangUp, Limits, Send, Session, Submit

__all__ = ["Effect", "HangUp", "Limits", "Send", "Session", "Submit"]
