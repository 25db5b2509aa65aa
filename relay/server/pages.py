"""The widget's files, the demo page, and how the relay is: what a GET is answered. Stateless.

The files are read once at the start, from the package that the relay was released with.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
PLAIN = "text/plain; charset=utf-8"
NOT_SERVED = frozenset({"tests", "node_modules"})
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    """A body with its headers; ``zipped`` is the same, smaller."""

    body: bytes
    zipped: bytes
    headers: tuple[tuple[str, str], ...]
    etag: str


class Pages:
    """Answers GET and HEAD."""

    def __init__(self, *, demo: bool, ready: Callable[[], str | None]) -> None:
        """Show the demo page at ``/`` if *demo*; *ready* says why the relay takes no messages."""
        self._ready = ready
        self._pages = dict(_widget())
        if demo:
            self._pages["/"] = _demo()

    def answer(self, request: Request) -> Response:
        """Return the response to *request*, which asks for no WebSocket."""
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
        elif page := self._pages.get(path):
            response = _show(page, request)
        else:
            response = _plain(404, "Not Found", "There is nothing here.\n")
        if request.method == "HEAD":
            response.body = b""
        return response


def _widget() -> Iterator[tuple[str, Page]]:
    root = files("web_widget")
    for path, file in _walk(root, ""):
        body = file.read_bytes()
        headers = (
            ("Content-Type", TYPES[path[path.rindex(".") :]]),
            ("Cache-Control", "no-cache"),
            ("Access-Control-Allow-Origin", "*"),
            ("Cross-Origin-Resource-Policy", "cross-origin"),
        )
        address = "/widget.js" if path == "/widget.js" else f"/widget{path}"
        yield address, _page(body, headers)


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in NOT_SERVED:
            yield from _walk(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(tuple(TYPES)):
            yield f"{path}/{entry.name}", entry


def _demo() -> Page:
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", DEMO_POLICY),
        ("Referrer-Policy", "no-referrer"),
    )
    return _page((files("web_widget") / "demo.html").read_bytes(), headers)


def _page(body: bytes, headers: tuple[tuple[str, str], ...]) -> Page:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Page(body, gzip.compress(body, 9, mtime=0), headers, etag)


def _show(page: Page, request: Request) -> Response:
    if page.etag in ", ".join(request.headers.get_all("If-None-Match")):
        return _response(304, "Not Modified", b"", *page.headers, ("ETag", page.etag))
    accepted = ", ".join(request.headers.get_all("Accept-Encoding"))
    zipped = "gzip" in accepted
    extra = [("ETag", page.etag), ("Vary", "Accept-Encoding")]
    if zipped:
        extra.append(("Content-Encoding", "gzip"))
    return _response(200, "OK", page.zipped if zipped else page.body, *page.headers, *extra)


def _plain(status: int, reason: str, text: str, *extra: tuple[str, str]) -> Response:
    headers = (("Content-Type", PLAIN), ("Cache-Control", "no-store"))
    return _response(status, reason, text.encode(), *headers, *extra)


def _response(status: int, reason: str, body: bytes, *headers: tuple[str, str]) -> Response:
    always = (
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response(status, reason, Headers([*headers, *always]), body)
