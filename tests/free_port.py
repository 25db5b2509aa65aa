"""Ports on which nobody listens, held for the process of tests that asks for them.

A bound socket that does not listen holds the port: the system gives it to nobody else, and a server
that is told this port can listen on it, as both have SO_REUSEADDR.
"""

import socket

_holders: list[socket.socket] = []


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens until this process does or tells it."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _holders.append(holder)
    port: int = holder.getsockname()[1]
    return port
