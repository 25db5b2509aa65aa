"""Handshakes of WebSockets: by path and origin they are accepted, or refused over HTTP."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address

from websockets.datastructures import MultipleValuesError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from relay.desk.events import Role
from relay.log import ORIGIN_REFUSED, UPGRADE_DROPPED, Event, Value, Word, page_origin

PATHS: Mapping[bytes, Role] = {b"/v1/customer": Role.CUSTOMER, b"/v1/agent": Role.AGENT}


_NOT_ALLOWED: Mapping[Role, str] = {
    Role.CUSTOMER: "This page's origin is not allowed; add it to HELPDESK_ALLOWED_ORIGINS.\n",
    Role.AGENT: "This page may not speak for agents; add its origin to HELPDESK_AGENT_ORIGINS.\n",
}
_SETTINGS = {Role.CUSTOMER: Word("allowed_origins"), Role.AGENT: Word("agent_origins")}
_NO_UPGRADE = {HTTPStatus.UPGRADE_REQUIRED, HTTPStatus.HTTP_VERSION_NOT_SUPPORTED}
_UPGRADE = (
    "This address takes WebSockets alone. If a page or a program has opened one, a proxy has not "
    "forwarded it: have the proxy pass on the headers Upgrade and Connection, by HTTP/1.1.\n"
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Handshake that is accepted: the client's role, its headers, and the response."""

    role: Role
    origin: str | None
    user_agent: str | None
    response: Response


@dataclass(frozen=True, slots=True)
class Declined:
    """Handshake that is refused: the response, and the fault of the set-up that it shows."""

    response: Response
    fault: Event | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandshakePolicy:
    """Accepts or refuses handshakes, by their path and their origin.

    ``origins`` are all sites' pages (a site's own are checked at hello), ``agent_origins`` the
    pages that may speak for agents. ``control``: for the control socket. ``everywhere``: it listens
    on all addresses of the machine, and pages of each are its own. ``prefix`` is a path that may
    stand before the relay's own.
    """

    origins: Container[str]
    agent_origins: frozenset[str] = frozenset()
    control: bool = False
    everywhere: bool = False
    prefix: str = ""

    def concerns(self, head: bytes) -> bool | None:
        """Return whether a request that begins with *head* is for a WebSocket, by its path.

        None: its first line is incomplete.
        """
        line, end, _ = head.partition(b"\n")
        if not end:
            return None
        words = line.split(b" ", 2)
        role = self._role(words[1]) if len(words) == 3 else None
        return role is Role.AGENT or (role is Role.CUSTOMER and not self.control)

    def answer(
        self,
        request: Request,
        protocol: ServerProtocol,
        reached: tuple[object, ...] | str | None = None,
    ) -> Accepted | Declined:
        """Return the answer to *request*, which *protocol* has received.

        *reached*: the address of this machine that the client has connected to, as a socket has it.
        """
        role = self._role(request.path.encode())
        if role is None:
            raise ValueError(request.path)  # not a path that it concerns
        try:
            origin = request.headers.get("Origin")
            user_agent = request.headers.get("User-Agent")
        except MultipleValuesError:
            text = "One Origin and one User-Agent, please.\n"
            return Declined(protocol.reject(HTTPStatus.BAD_REQUEST, text))
        if role is Role.CUSTOMER and self.everywhere and origin == _origin_at(reached):
            origin = None  # its own page; a name that an attacker has resolve to it is no address
        # Not even the relay's own pages may open an agent's socket.
        allowed = self.origins if role is Role.CUSTOMER else self.agent_origins
        if origin is not None and origin not in allowed:
            fields = {"setting": _SETTINGS[role], "origin": page_origin(origin)}
            response = protocol.reject(HTTPStatus.FORBIDDEN, _NOT_ALLOWED[role])
            return Declined(response, ORIGIN_REFUSED, fields)
        response = protocol.accept(request)
        if response.status_code in _NO_UPGRADE:
            return _without_upgrade(request, protocol)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return Declined(response)
        return Accepted(role, origin, user_agent, response)

    def _role(self, target: bytes) -> Role | None:
        return PATHS.get(target.partition(b"?")[0].removeprefix(self.prefix.encode()))


def _without_upgrade(request: Request, protocol: ServerProtocol) -> Declined:
    response = protocol.reject(HTTPStatus.UPGRADE_REQUIRED, _UPGRADE)
    response.headers["Upgrade"] = "websocket"
    # A proxy drops Upgrade and Connection, which are for one hop, and passes on the others.
    dropped = "Sec-WebSocket-Key" in request.headers
    return Declined(response, UPGRADE_DROPPED if dropped else None)


def _origin_at(reached: tuple[object, ...] | str | None) -> str | None:
    """Return the origin of pages at the address *reached*, None for a socket without one."""
    if not isinstance(reached, tuple):
        return None
    address = ip_address(str(reached[0]).partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    host = f"[{address}]" if isinstance(address, IPv6Address) and not mapped else mapped or address
    return f"http://{host}:{reached[1]}"


def too_long(protocol: ServerProtocol) -> Response:
    """Return the response to a handshake that has too many bytes."""
    text = "Fewer headers and cookies, please.\n"
    return protocol.reject(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, text)


def busy(protocol: ServerProtocol) -> Response:
    """Return the response to a handshake when there are too many; the client retries."""
    text = "The relay has too many connections; come back in a few seconds.\n"
    response = protocol.reject(HTTPStatus.SERVICE_UNAVAILABLE, text)
    response.headers["Retry-After"] = "5"
    return response
