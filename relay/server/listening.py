"""The sockets on which the relay listens: one for everybody, one beside the database for its owner.

It only opens them; who connects is not its business.
"""

import os
import socket
from pathlib import Path

from relay.errors import StartError

MOST_KNOCKING = 4096
"""Connections that wait to be accepted (Linux's own limit since 5.4). Behind a restart all come at
once, and one that finds no room there is not refused: it tries again after seconds."""
USER_TIMEOUT_MS = 30_000
"""How long the kernel keeps sending to a peer that acknowledges nothing (TCP_USER_TIMEOUT)."""
LONGEST_SOCKET_PATH = 100
"""Bytes; the kernel takes few more in the address of a Unix socket."""


def listen_on(host: str, port: int) -> socket.socket:
    """Return a socket bound to *host* and *port*, or raise :exc:`StartError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise StartError(
            f"Cannot listen on {host} port {port} ({_why(error)}); stop what listens "
            "there, or choose another with --port or --host."
        ) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # accepted sockets inherit it: tcp(7)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
    return listener


def listen_at(path: Path) -> socket.socket:
    """Return a socket bound to *path* for its owner alone, or raise :exc:`StartError`."""
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        raise StartError(
            f"{path} is too long a path for a control socket; "
            "give a database with a shorter one with --database."
        )
    # The database's lock is ours, so a socket that lies here is a dead relay's.
    path.unlink(missing_ok=True)
    before = os.umask(0o177)
    try:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(os.fspath(path))
    finally:
        os.umask(before)
    return listener


def _why(error: OSError) -> str:
    """Return the system's words for *error*, without what Python adds of addresses."""
    if error.errno is None or error.errno < 0:  # not the kernel's, but the resolver's
        return "there is no such host"
    return os.strerror(error.errno)
