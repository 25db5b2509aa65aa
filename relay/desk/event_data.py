"""An event as plain data and back: one shape for the disk, the wire and a file.

Knows the names of kinds and activities, which are the protocol's; never how they are encoded.
"""

from typing import assert_never

from relay.desk.events import (
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Noted,
    Opened,
    Rated,
    Released,
    Reopened,
    Role,
    Sent,
    Tagged,
    Transferred,
)
from relay.value import Value

Data = dict[str, str | int | list[str] | None]


class EventData(Value, frozen=True):
    """An event without its type: ``activity`` and ``data`` are None but for activities."""

    kind: str
    text: str | None = None
    activity: str | None = None
    data: Data | None = None


def to_event_data(event: Event) -> EventData:
    """Return *event* as plain data; of an activity, ``text`` is left to :func:`sentence`."""
    match event:
        case Sent(text) | Announced(text):
            return EventData("text", text)
        case Noted(text):
            return EventData("note", text)
        case Transferred(to, name):
            return EventData("activity", None, "transferred", {"to": to, "name": name})
        case Rated(score, comment):
            return EventData("activity", None, "rated", {"score": score, "comment": comment})
        case Tagged(add, remove):
            data: Data = {"add": list(add), "remove": list(remove)}
            return EventData("activity", None, "tagged", data)
        case Held(why):
            return EventData("activity", None, "held", {"why": why})
        case Opened() | Claimed() | Released() | Closed() | Reopened():
            return EventData("activity", None, _BARE_NAMES[type(event)])
        case _:
            assert_never(event)


def kind_of(event: Event) -> str:
    """Return the kind of *event*: ``text``, ``note`` or ``activity``."""
    return _KINDS.get(type(event), "activity")


_KINDS: dict[type[Event], str] = {Sent: "text", Announced: "text", Noted: "note"}
_BARE: dict[str, Event] = {
    "opened": Opened(),
    "claimed": Claimed(),
    "released": Released(),
    "closed": Closed(),
    "reopened": Reopened(),
}
_BARE_NAMES: dict[type[Event], str] = {type(event): name for name, event in _BARE.items()}


def from_event_data(plain: EventData, role: Role) -> Event:
    """Return the event that *plain* describes, said by *role*, or raise ValueError."""
    match plain:
        case EventData("text", str(text), None):
            return Announced(text) if role is Role.DESK else Sent(text)
        case EventData("note", str(text), None):
            return Noted(text)
        case EventData("activity", _, "transferred", {"to": int(to), "name": str(name)}):
            return Transferred(to, name)
        case EventData(
            "activity", _, "rated", {"score": int(score), "comment": None | str() as said}
        ):
            return Rated(score, said)
        case EventData("activity", _, "tagged", {"add": list(add), "remove": list(remove)}) if all(
            isinstance(tag, str) for tag in (*add, *remove)
        ):
            return Tagged(tuple(add), tuple(remove))
        case EventData("activity", _, "held", {"why": None | str() as why}):
            return Held(why)
        case EventData("activity", _, str(name)) if name in _BARE:
            return _BARE[name]
        case _:
            raise ValueError(f"no such event: {plain.kind} {plain.activity}")


def sentence(event: Event, by: Author) -> str:
    """Return what a person reads of *event*: its text, or who did what."""
    who = by.name or {"customer": "The customer", "agent": "An agent", "desk": "The desk"}[by.role]
    match event:
        case Sent(text) | Announced(text) | Noted(text):
            return text
        case Opened():
            return f"{who} asked for help"
        case Claimed():
            return f"{who} took the request"
        case Released():
            return f"{who} put the request back in the queue"
        case Transferred(_, name):
            return f"{who} handed the request to {name}"
        case Closed():
            return f"{who} closed the request"
        case Reopened():
            return f"{who} reopened the request"
        case Rated(score, _):
            return f"{who} rated this {score} of 5"
        case Tagged(add, remove):
            return f"{who} tagged: {' '.join([f'+{t}' for t in add] + [f'-{t}' for t in remove])}"
        case Held(None):
            return f"{who} lifted the hold"
        case Held(why):
            return f"{who} put the request on hold: {why}"
        case _:
            assert_never(event)
