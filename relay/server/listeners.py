"""Listening sockets: one for each host, all on one port, and the control socket."""

import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from relay.errors import StartError

LISTEN_BACKLOG = 4096
"""Connections that wait to be accepted (Linux's own limit since 5.4). After a restart all clients
connect at once, and the kernel lets one that finds no room retry only after seconds."""
USER_TIMEOUT_MS = 30_000
"""Milliseconds that the kernel keeps sending without an acknowledgement (TCP_USER_TIMEOUT)."""
MAX_SOCKET_PATH = 100
"""Bytes; the kernel accepts few more in the address of a Unix socket."""


EVERY_IPV6 = "::"
FREE_PORT_ATTEMPTS = 20
"""Free ports that are tried until one is free at every host."""


def listen_tcp(hosts: Sequence[str], port: int) -> list[socket.socket]:
    """Return a socket for each of *hosts*, all bound to *port*; 0 takes one that is free at all.

    ``::`` hears IPv4, too, unless an IPv4 host is among them, which then says where IPv4 is heard.
    Raises :exc:`StartError` if one cannot be had; then none is left open.
    """
    different = list(dict.fromkeys(hosts))
    if not port and len(different) > 1:
        for _ in range(FREE_PORT_ATTEMPTS - 1):
            with suppress(StartError):
                return _bound(different, port)
    return _bound(different, port)


def _bound(hosts: Sequence[str], port: int) -> list[socket.socket]:
    both_families = socket.has_dualstack_ipv6() and all(":" in host for host in hosts)
    with ExitStack() as opened:
        listeners = []
        for host in hosts:
            listener = opened.enter_context(_listener(host, port, both_families=both_families))
            port = listener.getsockname()[1]
            listeners.append(listener)
        opened.pop_all()
        return listeners


def _listener(host: str, port: int, *, both_families: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server(
            (host, port), family=family, dualstack_ipv6=both_families and host == EVERY_IPV6
        )
    except OSError as error:
        raise StartError(
            f"Cannot listen on {host} port {port} ({_why(error)}); stop what listens "
            "there, or choose another with --port or --host."
        ) from error
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # accepted sockets inherit it: tcp(7)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
    return listener


def listen_unix(path: Path) -> socket.socket:
    """Return a socket bound to *path* for its owner alone, or raise :exc:`StartError`."""
    if len(os.fsencode(path)) > MAX_SOCKET_PATH:
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
    """Return the system's message for *error*, without the addresses that Python adds."""
    if error.errno is None or error.errno < 0:  # not the kernel's, but the resolver's
        return "there is no such host"
    return os.strerror(error.errno)
