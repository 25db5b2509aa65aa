"""What a request is answered: a page, a refusal, or a WebSocket for a customer or an agent.

Trusts no header for who somebody is: an ``Origin`` only says which page a browser shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from websockets.datastructures import MultipleValuesError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from relay.desk.events import Role
from relay.server.pages import Pages

PATHS: Mapping[str, Role] = {"/v1/customer": Role.CUSTOMER, "/v1/agent": Role.AGENT}


_NOT_ALLOWED: Mapping[Role, str] = {
    Role.CUSTOMER: "This page's origin is not allowed; add it to HELPDESK_ALLOWED_ORIGINS.\n",
    Role.AGENT: "This page may not speak for agents; add its origin to HELPDESK_AGENT_ORIGINS.\n",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """A WebSocket: whose it is, and what the handshake said of them."""

    role: Role
    origin: str | None
    user_agent: str | None
    response: Response


@dataclass(frozen=True, slots=True)
class Door:
    """Lets requests in. ``origins`` are all sites' pages; a site's own are checked at hello.

    ``agent_origins`` are the pages that may speak for agents.
    """

    pages: Pages
    origins: frozenset[str]
    agent_origins: frozenset[str] = frozenset()
    control: bool = False

    def open(self, request: Request, protocol: ServerProtocol, host: str) -> Accepted | Response:
        """Return what *request* from *host* is answered; *protocol* has received it."""
        role = PATHS.get(request.path.partition("?")[0])
        if role is None or (self.control and role is not Role.AGENT):
            return self.pages.answer(request, host)
        try:
            origin = request.headers.get("Origin")
            user_agent = request.headers.get("User-Agent")
        except MultipleValuesError:
            return protocol.reject(
                HTTPStatus.BAD_REQUEST, "One Origin and one User-Agent, please.\n"
            )
        # On the agents' socket even the relay's own pages have nothing to do.
        allowed = self.origins if role is Role.CUSTOMER else self.agent_origins
        if origin is not None and origin not in allowed:
            return protocol.reject(
                HTTPStatus.FORBIDDEN,
                _NOT_ALLOWED[role],
            )
        response = protocol.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return response
        return Accepted(role, origin, user_agent, response)
