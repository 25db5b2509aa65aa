"""Table of the HTTP routes, and the handlers of health checks, metrics and static files."""

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from relay.errors import Refused
from relay.server.config import path_prefix
from relay.server.http import (
    NOT_FOUND,
    HttpError,
    HttpRequest,
    HttpResponse,
    Route,
    Router,
    plain,
)
from relay.server.metrics_page import CONTENT_TYPE, Metrics
from relay.server.static_files import StaticFile, demo_page, installed_widget, site_types
from relay.service import Service
from relay.service.setup_faults import SetupFaults
from relay.settings import Settings
from relay.settings.shared import shared_values
from relay.store.api import Store

OTHER_RELEASE = re.compile(r"/widget/[0-9a-f]{12}(/.+)")
"""Path of a file of another release, which a page that was loaded before an upgrade asks for."""

UNCACHED = (("Cache-Control", "no-store"),)
LISTENING = "/listening"
"""Path, at the control socket alone, of the addresses that the relay listens at."""
SETTINGS = "/settings"
"""Path, at the control socket alone, of the settings that the relay was started with."""
FAULTS = "/faults"
"""Path, at the control socket alone, of the faults of the set-up that clients have run into."""
METRICS_FORBIDDEN = "Ask from the relay's own machine, or with HELPDESK_METRICS_TOKEN.\n"


@dataclass(frozen=True, slots=True)
class HttpContext:
    """State that the handlers of one listener share.

    ``unready`` returns why the relay takes no messages, None if it does; ``metrics``, the ``urls``
    that the relay listens at, ``rescue``, the store whose displaced content is served, and the
    ``faults`` of the set-up are None where they are not served.
    """

    settings: Settings
    service: Service
    unready: Callable[[], str | None]
    metrics: Metrics | None
    urls: Sequence[str] | None
    demo: bool
    rescue: Store | None
    faults: SetupFaults | None


def router(context: HttpContext) -> Router:
    """Return the router of all routes: an endpoint's path, method, handler and body limit."""
    prefix = path_prefix(context.settings)
    builtin = BuiltinHandlers(context, prefix)
    return Router(
        [
            Route("GET", re.compile("/healthz"), builtin.health),
            Route("GET", re.compile("/readyz"), builtin.readiness),
            Route("GET", re.compile("/metrics"), builtin.metrics),
            Route("GET", re.compile(LISTENING), builtin.listening),
            Route("GET", re.compile(SETTINGS), builtin.settings),
            Route("GET", re.compile(FAULTS), builtin.faults),
            Route("GET", re.compile("/displacement"), builtin.displacement),
            Route("GET", re.compile("/displacement/content"), builtin.content),
            Route("GET", re.compile(""), builtin.entrance),
            Route("GET", re.compile(".+"), builtin.static_file),
        ],
        prefix,
    )


class BuiltinHandlers:
    """Handlers of health checks, metrics and static files."""

    def __init__(self, context: HttpContext, prefix: str) -> None:
        """Serve the demo page only if *context* says so; *prefix* is the path of the public URL."""
        self._context = context
        self._prefix = prefix
        self._files: dict[str, StaticFile] = {**installed_widget(), "/helpdesk.d.ts": site_types()}
        if context.demo:
            self._files["/"] = demo_page(prefix)

    async def health(self, _request: HttpRequest) -> HttpResponse:
        """Say that the process answers."""
        return plain(200, "ok")

    async def readiness(self, _request: HttpRequest) -> HttpResponse:
        """Say whether the relay takes messages, with 503 and the reason if it does not."""
        reason = self._context.unready()
        return plain(503, reason) if reason else plain(200, "ok")

    async def metrics(self, request: HttpRequest) -> HttpResponse:
        """Show the metrics to a client that may read them."""
        metrics = self._context.metrics
        if metrics is None:
            raise HttpError(404, NOT_FOUND)
        if not metrics.may_read(request.host, request.headers):
            # No 404: metrics are no secret, and who has set the wrong token should learn it.
            raise HttpError(403, METRICS_FORBIDDEN)
        headers = (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store"))
        return HttpResponse(200, headers, metrics.page())

    async def listening(self, _request: HttpRequest) -> HttpResponse:
        """Say at which addresses the relay listens, one on each line; none if at no port."""
        if self._context.urls is None:
            raise HttpError(404, NOT_FOUND)
        return plain(200, "\n".join(self._context.urls))

    async def settings(self, _request: HttpRequest) -> HttpResponse:
        """Say with which settings the relay was started; no secret is among them."""
        if self._context.urls is None:
            raise HttpError(404, NOT_FOUND)
        return plain(200, shared_values(self._context.settings))

    async def faults(self, _request: HttpRequest) -> HttpResponse:
        """List the faults of the set-up, one on each line: its name, how often it occurred, when
        last (milliseconds), and its fields, with tabs between them."""
        if self._context.faults is None:
            raise HttpError(404, NOT_FOUND)
        lines = (
            "\t".join(
                (
                    *(fault.event.name, str(fault.count), str(fault.last)),
                    *(f"{name}={value}" for name, value in fault.fields.items()),
                )
            )
            for fault in self._context.faults
        )
        return plain(200, "\n".join(lines))

    async def displacement(self, _request: HttpRequest) -> HttpResponse:
        """Say why the open database is not at its location; 404 if it is."""
        return plain(200, self._displaced_store()[1])

    async def content(self, _request: HttpRequest) -> HttpResponse:
        """Send the displaced database, which nothing is written to any more."""
        store, _ = self._displaced_store()
        try:
            first = store.read_content(0)
        except Refused as refused:
            return plain(503, f"{refused.message}\n")
        headers = (("Content-Type", "application/vnd.sqlite3"),)
        return HttpResponse(200, headers, _rest(store, first))

    def _displaced_store(self) -> tuple[Store, str]:
        store = self._context.rescue
        reason = None if store is None else store.displacement
        if store is None or reason is None:
            raise HttpError(404, NOT_FOUND)
        return store, reason

    async def entrance(self, request: HttpRequest) -> HttpResponse:
        """Redirect from the public URL without a slash at its end to that with one."""
        query = f"?{request.query}" if request.query else ""
        return HttpResponse(308, (("Location", f"{self._prefix}/{query}"), *UNCACHED))

    async def static_file(self, request: HttpRequest) -> HttpResponse:
        """Serve a file, or redirect to this release's from the path of another release."""
        if file := self._files.get(request.path):
            return await file.response(request)
        other = OTHER_RELEASE.fullmatch(request.path)
        if other and f"/widget{other[1]}" in self._files:
            # Relative, because a proxy may serve the relay below a path that it does not know.
            to = "../" * other[1].count("/") + other[1].removeprefix("/")
            headers = (("Location", to), *UNCACHED, ("Access-Control-Allow-Origin", "*"))
            return HttpResponse(302, headers)
        raise HttpError(404, NOT_FOUND)


async def _rest(store: Store, piece: bytes) -> AsyncGenerator[bytes, None]:
    """Yield *piece*, the first of the displaced content of *store*, and what follows it."""
    offset = 0
    while piece:
        yield piece
        offset += len(piece)
        piece = store.read_content(offset)
