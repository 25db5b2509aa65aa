"""The widget's files, the demo page, and how the relay is: what a GET is answered. Stateless."""

import re
from collections.abc import Callable
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from relay.server import files
from relay.server.metrics import CONTENT_TYPE, Metrics

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
        self._files = {**files.widget(), "/helpdesk.d.ts": files.site_types()}
        if demo:
            self._files["/"] = files.demo()

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


def _show(file: files.File, request: Request) -> Response:
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
