"""The widget's files and the demo page, as a browser gets them. Knows no request but its headers.

The files are read and compressed once, at the start, from the package that the relay was released
with. What ``/widget.js`` imports lies in a folder named after the contents of all of it, and may be
kept for a year; the same files without that name are for pages that import them by themselves.
"""

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import brotli

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

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A body with its headers; ``smaller`` is the same by name of its encoding, the best first."""

    body: bytes
    smaller: Mapping[str, bytes]
    headers: Headers
    etag: str

    def answer(self, known: str, accepted: str) -> tuple[int, bytes, Headers]:
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


def demo() -> File:
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


def _file(body: bytes, headers: Headers) -> File:
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
