"""Events as plain data and back: one shape for the database, the wire and an export.

Kinds and activities have the protocol's names; how they are encoded is not known here. Pure.
"""

from msgspec import ValidationError, convert
from msgspec.structs import asdict

from relay.desk.events import (
    EVENT_TYPES,
    Announced,
    Author,
    Event,
    Noted,
    Role,
    Sent,
    TextEvent,
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
    if isinstance(event, TextEvent):
        return EventData("text", event.text)
    if isinstance(event, Noted):
        return EventData("note", event.text)
    fields = asdict(event).items()
    data = {name: list(value) if isinstance(value, tuple) else value for name, value in fields}
    return EventData("activity", None, event.activity, data or None)


def from_event_data(plain: EventData, role: Role) -> Event:
    """Return the event that *plain* describes, said by *role*; raise ValueError if there is none.

    The types of an activity's data are checked, and :meth:`BaseEvent.check` checks the limits.
    """
    if plain.kind == "activity":
        return _activity(plain)
    if plain.text is not None and plain.activity is None:
        if plain.kind == "text":
            return Announced(plain.text) if role is Role.DESK else Sent(plain.text)
        if plain.kind == "note":
            return Noted(plain.text)
    raise _unknown(plain)


def _activity(plain: EventData) -> Event:
    kind = _ACTIVITIES.get(plain.activity)
    if kind is None:
        raise _unknown(plain)
    try:
        return convert(plain.data or {}, kind)
    except ValidationError as invalid:
        raise _unknown(plain) from invalid


def _unknown(plain: EventData) -> ValueError:
    return ValueError(f"no such event: {plain.kind} {plain.activity}")


_ACTIVITIES: dict[str | None, type[Event]] = {
    kind.activity: kind for kind in EVENT_TYPES if kind.activity is not None
}
_NAMELESS = {Role.CUSTOMER: "The customer", Role.AGENT: "An agent", Role.DESK: "The desk"}


def sentence(event: Event, by: Author) -> str:
    """Return what people read of *event*: its text, or a sentence about the author."""
    if isinstance(event, (TextEvent, Noted)):
        return event.text
    return f"{by.name or _NAMELESS[by.role]} {event.describe()}"
