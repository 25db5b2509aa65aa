"""An event as plain data and back; what a person reads of it."""

import pytest

from relay.desk.event_data import Plain, from_plain, sentence, to_plain
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
)
from tests.unit.relay.made import ADA, SAM

# Each event, who says it, as plain data, and as a person reads it.
EVENTS: list[tuple[Event, Author, Plain, str]] = [
    (Opened(), ADA, Plain("activity", None, "opened"), "Ada asked for help"),
    (Sent("Hello"), SAM, Plain("text", "Hello"), "Hello"),
    (Sent("Help"), ADA, Plain("text", "Help"), "Help"),
    (Announced("Welcome!"), DESK, Plain("text", "Welcome!"), "Welcome!"),
    (Noted("Careful"), SAM, Plain("note", "Careful"), "Careful"),
    (Claimed(), SAM, Plain("activity", None, "claimed"), "Sam took the request"),
    (
        Released(),
        SAM,
        Plain("activity", None, "released"),
        "Sam put the request back in the queue",
    ),
    (
        Transferred(5, "Kim"),
        SAM,
        Plain("activity", None, "transferred", {"to": 5, "name": "Kim"}),
        "Sam handed the request to Kim",
    ),
    (Closed(), DESK, Plain("activity", None, "closed"), "The desk closed the request"),
    (Reopened(), SAM, Plain("activity", None, "reopened"), "Sam reopened the request"),
    (
        Rated(4, "good"),
        ADA,
        Plain("activity", None, "rated", {"score": 4, "comment": "good"}),
        "Ada rated this 4 of 5",
    ),
    (
        Rated(1, None),
        ADA,
        Plain("activity", None, "rated", {"score": 1, "comment": None}),
        "Ada rated this 1 of 5",
    ),
    (
        Tagged(("a", "b"), ("c",)),
        SAM,
        Plain("activity", None, "tagged", {"add": ["a", "b"], "remove": ["c"]}),
        "Sam tagged: +a +b -c",
    ),
    (
        Held("tax"),
        SAM,
        Plain("activity", None, "held", {"why": "tax"}),
        "Sam put the request on hold: tax",
    ),
    (
        Held(None),
        SAM,
        Plain("activity", None, "held", {"why": None}),
        "Sam lifted the hold",
    ),
]


@pytest.mark.parametrize(("event", "by", "plain", "text"), EVENTS)
def test_an_event_becomes_plain_data_and_is_read_back(
    event: Event, by: Author, plain: Plain, text: str
) -> None:
    assert to_plain(event) == plain
    assert from_plain(plain, by.role) == event
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
        Plain("text"),
        Plain("note"),
        Plain("letter", "Hello"),
        Plain("", "Hello"),
        Plain("text", "Hello", "opened"),
        Plain("note", "Hello", "opened"),
        Plain("activity"),
        Plain("activity", None, "exploded"),
        Plain("activity", None, "held"),
        Plain("activity", None, "held", {"why": 5}),
        Plain("activity", None, "transferred"),
        Plain("activity", None, "transferred", {"to": 5}),
        Plain("activity", None, "transferred", {"to": "5", "name": "Kim"}),
        Plain("activity", None, "rated", {"score": None, "comment": None}),
        Plain("activity", None, "rated", {"score": 5, "comment": 5}),
        Plain("activity", None, "rated", {"comment": "good"}),
        Plain("activity", None, "tagged", {"add": ["a"]}),
        Plain("activity", None, "tagged", {"add": "a", "remove": []}),
        Plain("activity", None, "tagged", {"add": [1], "remove": []}),  # type: ignore[list-item]
    ],
)
def test_plain_data_that_is_no_event_is_refused(plain: Plain) -> None:
    with pytest.raises(ValueError, match="no such event"):
        from_plain(plain, Role.AGENT)
