"""Static files: the widget's scripts under versioned and plain paths, its types, the demo page."""

import asyncio
import gzip
import hashlib
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable

import brotli

from relay.server.http import HeaderPairs, HttpRequest, HttpResponse

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
WIDGET = files("web_widget")
NOT_SERVED = frozenset({"tests", "node_modules"})
ENTRY = "/widget.js"
FOLDER = b"'widget/'"
"""Path of the other scripts in the source of the entry script."""
LAYOUT = re.compile(rb"^[ \t]*/\*\*.*\*/$|^[ \t]+|/\*\* @type [^*]*\*/ ", re.MULTILINE)
"""Indentation, comments that are alone in their line, and the types of expressions."""
PANEL = "/panel.js"
"""Module that is served joined with all that it imports at once, in one file."""
IMPORT = re.compile(rb"^import \{[^}]*\} from '\.(/\w+\.js)';\n", re.MULTILINE)
STYLES = re.compile(rb"(?<=STYLES = `)[^`]*(?=`;)")
SPACES = re.compile(rb";?\s+(?=})|(?<=[{};:,])\s+|\s+(?={)")
"""What means nothing in a style sheet; a space before a colon is part of a selector."""
REVALIDATED = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
ENCODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "br": brotli.compress,
    "gzip": partial(gzip.compress, compresslevel=9, mtime=0),
}
"""Content encodings by name, the one with the smallest results first."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file with its headers."""

    body: bytes
    headers: HeaderPairs
    etag: str

    async def response(self, request: HttpRequest) -> HttpResponse:
        """Return the response to *request*: 304 if the client has the file, else the file in the
        best encoding that it accepts."""
        headers = (*self.headers, ("ETag", self.etag), ("Vary", "Accept-Encoding"))
        if self.etag.removeprefix("W/") in ", ".join(request.headers.get_all("If-None-Match")):
            return HttpResponse(304, headers)
        accepted = _encodings(", ".join(request.headers.get_all("Accept-Encoding")))
        for name in ENCODERS:
            if name in accepted:
                body = await asyncio.to_thread(encode, name, self.body)
                return HttpResponse(200, (*headers, ("Content-Encoding", name)), body)
        return HttpResponse(200, headers, self.body)


def widget(root: Traversable = WIDGET) -> Mapping[str, StaticFile]:
    """Return the widget's files by path.

    Each is served without indentation and comments, which are a sixteenth of what is transferred;
    the modules that the panel needs at once are one file, which is compressed better by a tenth.
    """
    written = {path: LAYOUT.sub(b"", file.read_bytes()) for path, file in _walk(root, "")}
    entry = written.pop(ENTRY)
    sources = _joined(written)
    every = b"".join(path.encode() + body for path, body in sorted(sources.items()))
    folder = f"widget/{_digest(every)[:12]}"
    served = {ENTRY: _script(entry.replace(FOLDER, f"'{folder}/'".encode()), REVALIDATED)}
    for path, body in sources.items():
        served[f"/widget{path}"] = _script(body, REVALIDATED)
        served[f"/{folder}{path}"] = _script(body, IMMUTABLE)
    return served


@cache
def installed_widget() -> Mapping[str, StaticFile]:
    """Return the files of the widget that is part of this installation, read once in a process."""
    return widget()


def site_types() -> StaticFile:
    """Return the TypeScript types for a site's own scripts."""
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", REVALIDATED))
    return _file((WIDGET / "helpdesk.d.ts").read_bytes(), headers)


def demo_page(prefix: str) -> StaticFile:
    """Return the page on which the widget can be tried, at the path *prefix* with or without a
    slash."""
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", REVALIDATED),
        ("Content-Security-Policy", DEMO_POLICY),
        ("Referrer-Policy", "no-referrer"),
    )
    page = (WIDGET / "demo.html").read_bytes()
    script = b'"%s/widget.js"' % html.escape(prefix).encode()
    return _file(page.replace(b'"/widget.js"', script), headers)


def _joined(modules: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return *modules* with those that the panel imports in its own file, before their importers.

    Their exports become exports of that file, from which all other modules import them.
    """
    order: list[str] = []
    seen: set[str] = set()

    def visit(path: str) -> None:
        if path in seen or path not in modules:
            return
        seen.add(path)
        for name in IMPORT.findall(modules[path]):
            visit(name.decode())
        order.append(path)

    visit(PANEL)
    names = "|".join(map(re.escape, order)).encode()
    joined = re.compile(rb"(from '\.)(?:%s)';" % names)
    others = {
        path: joined.sub(rb"\1%s';" % PANEL.encode(), body)
        for path, body in modules.items()
        if path not in order
    }
    panel = b"".join(IMPORT.sub(b"", modules[path]) for path in order)
    panel = STYLES.sub(lambda styles: SPACES.sub(b"", styles[0]), panel)
    return others | {PANEL: re.sub(rb"\n{2,}", b"\n", panel)}


def _walk(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name not in NOT_SERVED:
            yield from _walk(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(tuple(TYPES)):
            yield f"{path}/{entry.name}", entry


def _script(body: bytes, cache: str) -> StaticFile:
    headers = (
        ("Content-Type", TYPES[".js"]),
        ("Cache-Control", cache),
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    )
    return _file(body, headers)


def _file(body: bytes, headers: HeaderPairs) -> StaticFile:
    # Weak: the same for each encoding.
    return StaticFile(body, headers, f'W/"{_digest(body)[:20]}"')


@cache
def encode(name: str, body: bytes) -> bytes:
    """Return *body* in the content encoding *name*, compressed when it is asked for first.

    All files together take a quarter of a second, which a start does not have to wait for.
    """
    return ENCODERS[name](body)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _encodings(accepted: str) -> frozenset[str]:
    """Return the names in an ``Accept-Encoding`` whose weight is not zero."""
    parts = [part.replace(" ", "").lower().partition(";q=") for part in accepted.split(",")]
    return frozenset(name for name, _, weight in parts if weight.strip("0.") or not weight)
