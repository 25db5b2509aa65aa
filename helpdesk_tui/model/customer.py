"""The words of the customer pane. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.seat import Seat


@dataclass(frozen=True, slots=True)
class Line:
    """What a line is about, if that needs a word, and what it says."""

    about: str
    says: str
    heading: bool = False


_BROWSERS = (  # the first that a user agent names is what it is; each also names those behind it
    ("Firefox", re.compile(r"Firefox/(\d+)")),
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"OPR/(\d+)")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+)[\d.]* .*Safari/")),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def profile(seat: Seat, zone: tzinfo | None) -> tuple[Line, ...]:
    """Return the lines about the open request and its customer, times in *zone*."""
    if (request := seat.request) is None:
        return ()
    lines = (*_customer(request), *_request(request, zone), *_earlier(seat, request, zone))
    return tuple(line for line in lines if line.says)


def browser(user_agent: str) -> str:
    """Return which browser *user_agent* is, and where it runs, or what it begins with."""
    found = ((name, at.search(user_agent)) for name, at in _BROWSERS)
    name = next((f"{name} {version[1]}" for name, version in found if version), "")
    system = next((system for sign, system in _SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, (name, system))) or user_agent[:60]


def _customer(request: Request) -> Iterator[Line]:
    customer, page = request.customer, request.page
    yield Line("", customer.name, heading=True)
    yield from (Line(field, value) for field, value in customer.details)
    yield Line("identity", "verified by the site" if customer.verified else "")
    yield Line("page", page.title)
    yield Line("", page.url)
    yield Line("from", page.referrer)
    yield Line("browser", browser(request.user_agent))
    yield Line("language", request.language)
    yield Line("site", "" if request.site == "default" else request.site)


def _request(request: Request, zone: tzinfo | None) -> Iterator[Line]:
    yield Line("", f"request #{request.id}", heading=True)
    yield Line("opened", _time(request.opened_at, zone))
    yield Line("closed", _time(request.closed_at, zone))
    yield Line("tags", ", ".join(request.tags))
    if rating := request.rating:
        stars = "★" * min(rating.score, 5)
        yield Line("rating", f"{stars:☆<5} {rating.score} of 5")
        yield Line("", rating.comment)


def _earlier(seat: Seat, request: Request, zone: tzinfo | None) -> Iterator[Line]:
    listed = seat.desk.earlier.get(request.customer.id)
    yield Line("", "earlier requests", heading=True)
    others = [other for other in listed or () if other.id != request.id]
    if not others:
        yield Line("", "…" if listed is None else "none")
    for other in others:
        yield Line(f"#{other.id}", f"{_time(other.opened_at, zone)}, {other.status}")
        yield Line("", other.last.text if other.last else "")


def _time(at: datetime | None, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""
