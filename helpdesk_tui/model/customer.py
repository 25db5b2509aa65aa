"""The text of the customer pane. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.seat import Seat


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """A line of the customer pane: a label, which may be empty, and a text."""

    label: str
    text: str
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


def profile(seat: Seat, zone: tzinfo | None) -> tuple[ProfileLine, ...]:
    """Return the lines about the open request and its customer, times in *zone*."""
    if (request := seat.request) is None:
        return ()
    lines = (*_customer(request), *_request(request, zone), *_earlier(seat, request, zone))
    return tuple(line for line in lines if line.text)


def browser(user_agent: str) -> str:
    """Return which browser *user_agent* is, and where it runs, or what it begins with."""
    found = ((name, at.search(user_agent)) for name, at in _BROWSERS)
    name = next((f"{name} {version[1]}" for name, version in found if version), "")
    system = next((system for sign, system in _SYSTEMS if sign in user_agent), "")
    return " on ".join(filter(None, (name, system))) or user_agent[:60]


def _customer(request: Request) -> Iterator[ProfileLine]:
    customer, page = request.customer, request.page
    yield ProfileLine("", customer.name, heading=True)
    yield from (ProfileLine(field, value) for field, value in customer.details)
    yield ProfileLine("identity", "verified by the site" if customer.verified else "")
    yield ProfileLine("page", page.title)
    yield ProfileLine("", page.url)
    yield ProfileLine("from", page.referrer)
    yield ProfileLine("browser", browser(request.user_agent))
    yield ProfileLine("language", request.language)
    yield ProfileLine("site", "" if request.site == "default" else request.site)


def _request(request: Request, zone: tzinfo | None) -> Iterator[ProfileLine]:
    yield ProfileLine("", f"request #{request.id}", heading=True)
    yield ProfileLine("opened", _time(request.opened_at, zone))
    yield ProfileLine("closed", _time(request.closed_at, zone))
    yield ProfileLine("tags", ", ".join(request.tags))
    if rating := request.rating:
        stars = "★" * min(rating.score, 5)
        yield ProfileLine("rating", f"{stars:☆<5} {rating.score} of 5")
        yield ProfileLine("", rating.comment)


def _earlier(seat: Seat, request: Request, zone: tzinfo | None) -> Iterator[ProfileLine]:
    listed = seat.desk.earlier.get(request.customer.id)
    yield ProfileLine("", "earlier requests", heading=True)
    others = [other for other in listed or () if other.id != request.id]
    if not others:
        yield ProfileLine("", "…" if listed is None else "none")
    for other in others:
        yield ProfileLine(f"#{other.id}", f"{_time(other.opened_at, zone)}, {other.status}")
        yield ProfileLine("", other.last.text if other.last else "")


def _time(at: datetime | None, zone: tzinfo | None) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""
