"""Asks the relay that has a database, by HTTP, for its addresses, its settings and its health."""

import os
import socket
import struct
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from relay.errors import HelpdeskError, StartError

if TYPE_CHECKING:
    from relay.settings import Settings

TIMEOUT = 2.0
"""Seconds for each answer."""
LISTENING, SETTINGS, FAULTS, READY = "/listening", "/settings", "/faults", "/readyz"
OK, NOT_FOUND = 200, 404
REACHED_BY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how one connects to these


class NotReadyError(HelpdeskError):
    """The relay takes no messages at an address at which it listens."""


class ControlConnection(HTTPConnection):
    """HTTP connection over the control socket at an address: a path, or an abstract name."""

    def __init__(self, address: str, timeout: float = TIMEOUT) -> None:
        super().__init__("localhost", timeout=timeout)
        self._address = address

    def connect(self) -> None:
        """Connect; raise OSError if nobody listens, or at an abstract name another user."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._address)
        if self._address.startswith("\0"):
            given = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            user: int = struct.unpack("3i", given)[1]
            if os.geteuid() and user not in {0, os.geteuid()}:
                self.sock.close()
                raise PermissionError("another user listens there")


def listening_urls(settings: "Settings") -> list[str]:
    """Return where the relay that has the database of *settings* listens, as it says itself.

    A relay that is too old to say it listens where the settings say. Raises :exc:`StartError` if
    none has the database.
    """
    try:
        status, body = _get(ControlConnection(str(settings.control_path)), LISTENING)
    except (OSError, HTTPException) as error:
        raise StartError(
            f"No relay that has {settings.database_path} answers; start it with `helpdesk serve`."
        ) from error
    if status == NOT_FOUND:
        return settings_urls(settings)
    return [reached_by(url) for url in body.split()]


def running_settings(settings: "Settings") -> "Settings | None":
    """Return *settings* as the relay that has their database was started, whatever its flags were.

    None if no relay has it. Of a relay that is too old to say, *settings* are believed.
    """
    from relay.settings.shared import with_shared_values

    try:
        status, body = _get(ControlConnection(str(settings.control_path)), SETTINGS)
    except (OSError, HTTPException):
        return None
    return settings if status == NOT_FOUND else with_shared_values(settings, body)


def faults(settings: "Settings") -> list[list[str]]:
    """Return the faults of the set-up that clients of the running relay have run into.

    Each as the words of its line at the control socket; none if no relay runs, or an old one.
    """
    try:
        status, body = _get(ControlConnection(str(settings.control_path)), FAULTS)
    except (OSError, HTTPException):
        return []
    return [line.split("\t") for line in body.splitlines()] if status == OK else []


def settings_urls(settings: "Settings") -> list[str]:
    """Return where a relay with *settings* would listen."""
    return [_url(REACHED_BY.get(host, host), settings.port) for host in settings.host]


def reached_by(url: str) -> str:
    """Return *url* as one reaches it from this machine: no connection goes to every address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return _url(REACHED_BY.get(host, host), parts.port)


def _url(host: str, port: int | None) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_ready(url: str) -> None:
    """Raise :exc:`NotReadyError`, with the reason, unless the relay at *url* takes messages."""
    parts = urlsplit(url)
    try:
        status, body = _get(
            HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT), READY
        )
    except (OSError, HTTPException) as error:
        raise NotReadyError(f"{url} does not answer; look at the relay's log.") from error
    if status != OK:
        raise NotReadyError(f"The relay takes no messages: {body.strip()}.")


def _get(connection: HTTPConnection, path: str) -> tuple[int, str]:
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
    finally:
        connection.close()
