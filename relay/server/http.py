"""HTTP: static files, health checks, metrics; and which handshakes are accepted."""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable

import brotli
from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response
from websockets.server import ServerProtocol

from relay.desk.events import Role
from relay.server.metrics_page import CONTENT_TYPE, Metrics

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
WIDGET = files("web_widget")
NOT_SERVED = frozenset({"tests", "node_modules"})
ENTRY = "/widget.js"
FOLDER = b"'widget/'"
"""Where the entry script finds the rest, as its source has it."""
REVALIDATED = "no-cache"
KEPT = "public, max-age=31536000, immutable"
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HeaderPairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A body with its headers; ``smaller`` is the same by name of its encoding, the best first."""

    body: bytes
    smaller: Mapping[str, bytes]
    headers: HeaderPairs
    etag: str

    def answer(self, known: str, accepted: str) -> tuple[int, bytes, HeaderPairs]:
        """Return status, body and headers for ``If-None-Match`` and ``Accept-Encoding``."""
        headers = (*self.headers, ("ETag", self.etag), ("Vary", "Accept-Encoding"))
        if self.etag.removeprefix("W/") in known:
            return 304, b"", headers
        taken = _encodings(accepted)
        for name, body in self.smaller.items():
            if name in taken:
                return 200, body, (*headers, ("Content-Encoding", name))
        return 200, self.body, headers


def widget(root: Traversable = WIDGET) -> Mapping[str, File]:
    """Return the widget's files by path."""
    sources = {path: file.read_bytes() for path, file in _walk(root, "")}
    entry = sources.pop(ENTRY)
    every = b"".join(path.encode() + body for path, body in sorted(sources.items()))
    folder = f"widget/{_digest(every)[:12]}"
    served = {ENTRY: _script(entry.replace(FOLDER, f"'{folder}/'".encode()), REVALIDATED)}
    for path, body in sources.items():
        served[f"/widget{path}"] = _script(body, REVALIDATED)
        served[f"/{folder}{path}"] = _script(body, KEPT)
    return served


def site_types() -> File:
    """Return the types for a site's own scripts; no browser asks for them."""
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", REVALIDATED))
    return _file((WIDGET / "helpdesk.d.ts").read_bytes(), headers)


def demo_page() -> File:
    """Return the page to try the widget on."""
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", REVALIDATED),
        ("Content-Security-Policy", DEMO_POLICY),
        ("Referrer-Policy", "no-referrer"),
    )
    return _file((WIDGET / "demo.html").read_bytes(), headers)


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in NOT_SERVED:
            yield from _walk(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(tuple(TYPES)):
            yield f"{path}/{entry.name}", entry


def _script(body: bytes, kept: str) -> File:
    headers = (
        ("Content-Type", TYPES[".js"]),
        ("Cache-Control", kept),
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    )
    return _file(body, headers)


def _file(body: bytes, headers: HeaderPairs) -> File:
    # Weak: the same for each encoding.
    return File(body, _smaller(body), headers, f'W/"{_digest(body)[:20]}"')


@cache
def _smaller(body: bytes) -> Mapping[str, bytes]:
    # A quarter of a second for all files, and each is served under two names on two sockets.
    return {"br": brotli.compress(body), "gzip": gzip.compress(body, 9, mtime=0)}


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _encodings(accepted: str) -> frozenset[str]:
    """Return the names in an ``Accept-Encoding`` that are not refused by a weight of nought."""
    parts = [part.replace(" ", "").lower().partition(";q=") for part in accepted.split(",")]
    return frozenset(name for name, _, weight in parts if weight.strip("0.") or not weight)


PLAIN = "text/plain; charset=utf-8"
OTHER_RELEASE = re.compile(r"/widget/[0-9a-f]{12}(/.+)")
"""A page that is older or newer than this relay asks for a file of its own release."""


class Pages:
    """Answers GET and HEAD."""

    def __init__(
        self, *, demo: bool, ready: Callable[[], str | None], metrics: Metrics | None
    ) -> None:
        """Show the demo page at ``/`` if *demo*, and *metrics* if there are any.

        *ready* says why the relay takes no messages.
        """
        self._metrics = metrics
        self._ready = ready
        self._files = {**widget(), "/helpdesk.d.ts": site_types()}
        if demo:
            self._files["/"] = demo_page()

    def answer(self, request: Request, host: str) -> Response:
        """Return the response to *request* from *host*, which asks for no WebSocket."""
        path = request.path.partition("?")[0]
        if request.method not in {"GET", "HEAD"}:
            return _plain(405, "Method Not Allowed", "GET and HEAD only.\n", ("Allow", "GET, HEAD"))
        if path == "/healthz":
            response = _plain(200, "OK", "ok")
        elif path == "/readyz":
            reason = self._ready()
            response = (
                _plain(503, "Service Unavailable", reason) if reason else _plain(200, "OK", "ok")
            )
        elif path == "/metrics" and self._metrics is not None:
            response = _figures(self._metrics, request, host)
        elif file := self._files.get(path):
            response = _show(file, request)
        elif (other := OTHER_RELEASE.fullmatch(path)) and f"/widget{other[1]}" in self._files:
            response = _moved(f"/widget{other[1]}")
        else:
            response = _plain(404, "Not Found", "There is nothing here.\n")
        return response


def too_long() -> Response:
    """Return the answer to a handshake that goes on for too long."""
    return _plain(431, "Request Header Fields Too Large", "Fewer headers and cookies, please.\n")


def busy() -> Response:
    """Return the answer to a handshake for which there is no time; a client comes back later."""
    text = "The relay has too many connections; come back in a few seconds.\n"
    return _plain(503, "Service Unavailable", text, ("Retry-After", "5"))


def _figures(metrics: Metrics, request: Request, host: str) -> Response:
    if metrics.may_read(host, request.headers):
        headers = (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store"))
        return _response(200, "OK", metrics.page(), *headers)
    # That there are figures is no secret, so that whoever set the wrong token may learn it.
    return _plain(
        403, "Forbidden", "Ask from the relay's own machine, or with HELPDESK_METRICS_TOKEN.\n"
    )


def _show(file: File, request: Request) -> Response:
    known = ", ".join(request.headers.get_all("If-None-Match"))
    accepted = ", ".join(request.headers.get_all("Accept-Encoding"))
    status, body, headers = file.answer(known, accepted)
    return _response(status, HTTPStatus(status).phrase, body, *headers)


def _moved(path: str) -> Response:
    headers = (("Location", path), ("Cache-Control", "no-store"))
    return _response(302, "Found", b"", *headers, ("Access-Control-Allow-Origin", "*"))


def _plain(status: int, reason: str, text: str, *extra: tuple[str, str]) -> Response:
    return _response(status, reason, text.encode(), ("Content-Type", PLAIN), *extra)


def _response(status: int, reason: str, body: bytes, *headers: tuple[str, str]) -> Response:
    always = (("Content-Length", str(len(body))), ("Connection", "close"))
    return Response(status, reason, Headers([*headers, *always]), body)


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
class HandshakePolicy:
    """Accepts or refuses handshakes, by their path and their origin.

    ``origins`` are all sites' pages (a site's own are checked at hello), ``agent_origins`` the
    pages that may speak for agents. ``control``: for the control socket.
    """

    pages: Pages
    origins: frozenset[str]
    agent_origins: frozenset[str] = frozenset()
    control: bool = False

    def answer(self, request: Request, protocol: ServerProtocol, host: str) -> Accepted | Response:
        """Return the answer to *request* from *host*, which *protocol* has received."""
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
