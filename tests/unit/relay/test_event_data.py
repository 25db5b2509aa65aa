"""An event as plain data and back; what a person reads of it."""

import pytest

from relay.desk.event_data import EventData, from_event_data, sentence, to_event_data
from relay.desk.events import (
    DESK,
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
    Verified,
)
from tests.unit.relay.samples import ADA, SAM

# Each event, who says it, as plain data, and as a person reads it.
EVENTS: list[tuple[Event, Author, EventData, str]] = [
    (Opened(), ADA, EventData("activity", None, "opened"), "Ada asked for help"),
    (Sent("Hello"), SAM, EventData("text", "Hello"), "Hello"),
    (Sent("Help"), ADA, EventData("text", "Help"), "Help"),
    (Announced("Welcome!"), DESK, EventData("text", "Welcome!"), "Welcome!"),
    (Noted("Careful"), SAM, EventData("note", "Careful"), "Careful"),
    (Claimed(), SAM, EventData("activity", None, "claimed"), "Sam took the request"),
    (
        Released(),
        SAM,
        EventData("activity", None, "released"),
        "Sam put the request back in the queue",
    ),
    (
        Transferred(5, "Kim"),
        SAM,
        EventData("activity", None, "transferred", {"to": 5, "name": "Kim"}),
        "Sam handed the request to Kim",
    ),
    (Closed(), DESK, EventData("activity", None, "closed"), "The desk closed the request"),
    (Reopened(), SAM, EventData("activity", None, "reopened"), "Sam reopened the request"),
    (
        Rated(4, "good"),
        ADA,
        EventData("activity", None, "rated", {"score": 4, "comment": "good"}),
        "Ada rated this 4 of 5",
    ),
    (
        Rated(1, None),
        ADA,
        EventData("activity", None, "rated", {"score": 1, "comment": None}),
        "Ada rated this 1 of 5",
    ),
    (
        Tagged(("a", "b"), ("c",)),
        SAM,
        EventData("activity", None, "tagged", {"add": ["a", "b"], "remove": ["c"]}),
        "Sam tagged: +a +b -c",
    ),
    (
        Held("tax"),
        SAM,
        EventData("activity", None, "held", {"why": "tax"}),
        "Sam put the request on hold: tax",
    ),
    (
        Held(None),
        SAM,
        EventData("activity", None, "held", {"why": None}),
        "Sam lifted the hold",
    ),
    (Verified(), ADA, EventData("activity", None, "verified"), "Ada signed in"),
]


@pytest.mark.parametrize(("event", "by", "plain", "text"), EVENTS)
def test_an_event_becomes_plain_data_and_is_read_back(
    event: Event, by: Author, plain: EventData, text: str
) -> None:
    assert to_event_data(event) == plain
    assert from_event_data(plain, by.role) == event
    assert sentence(event, by) == text


def test_every_event_has_a_plain_form() -> None:
    assert {type(event) for event, *_ in EVENTS} == set(Event.__args__)


@pytest.mark.parametrize(
    ("role", "who"),
    [(Role.CUSTOMER, "The customer"), (Role.AGENT, "An agent"), (Role.DESK, "The desk")],
)
def test_who_has_no_name_is_called_by_their_role(role: Role, who: str) -> None:
    assert sentence(Closed(), Author(role, 1, None)) == f"{who} closed the request"


@pytest.mark.parametrize(
    "plain",
    [
        EventData("text"),
        EventData("note"),
        EventData("letter", "Hello"),
        EventData("", "Hello"),
        EventData("text", "Hello", "opened"),
        EventData("note", "Hello", "opened"),
        EventData("activity"),
        EventData("activity", None, "exploded"),
        EventData("activity", None, "held"),
        EventData("activity", None, "held", {"why": 5}),
        EventData("activity", None, "transferred"),
        EventData("activity", None, "transferred", {"to": 5}),
        EventData("activity", None, "transferred", {"to": "5", "name": "Kim"}),
        EventData("activity", None, "rated", {"score": None, "comment": None}),
        EventData("activity", None, "rated", {"score": 5, "comment": 5}),
        EventData("activity", None, "rated", {"comment": "good"}),
        EventData("activity", None, "tagged", {"add": ["a"]}),
        EventData("activity", None, "tagged", {"add": "a", "remove": []}),
        EventData("activity", None, "tagged", {"add": [1], "remove": []}),  # type: ignore[list-item]
    ],
)
def test_plain_data_that_is_no_event_is_refused(plain: EventData) -> None:
    with pytest.raises(ValueError, match="no such event"):
        from_event_data(plain, Role.AGENT)
