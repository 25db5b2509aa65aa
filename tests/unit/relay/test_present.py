"""Records as objects of the protocol: all fields for agents, fewer for customers."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from relay.desk.events import (
    DESK,
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Message,
    Millis,
    Noted,
    Opened,
    Rated,
    Sent,
    Tagged,
    Transferred,
)
from relay.desk.request import Agent
from relay.errors import Code, Refused
from relay.wire import objects, present
from tests.unit.relay.golden import FULL_J
from tests.unit.relay.samples import (
    ADA,
    AGENTS,
    AT,
    AT_TEXT,
    BLANK,
    LATER,
    LATER_TEXT,
    SAM,
    after,
    record,
)
from tests.unit.relay.search import few
from tests.unit.relay.strategies import Story, live, stories


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (AT, AT_TEXT),
        (AT - 123, "2026-11-22T10:35:00.000Z"),
        (253402300799999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_milliseconds(at: int, text: str) -> None:
    assert present.rfc3339(Millis(at)) == text


@given(st.integers(0, 253402300799999))
@few
def test_a_written_moment_is_read_back_to_the_millisecond(at: int) -> None:
    moment = datetime.fromisoformat(present.rfc3339(Millis(at)))
    assert moment.tzinfo is UTC
    assert round(moment.timestamp() * 1000) == at


def message(event: Event, by: Author, customer_seq: int | None = 4) -> Message:
    return Message(7, customer_seq, event, by, AT, "my-ref")


def plain(shown: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(shown))


def test_an_agents_text_as_each_side_sees_it() -> None:
    said = message(Sent("Hello"), SAM)
    text = {"kind": "text", "text": "Hello", "at": AT_TEXT}
    assert plain(present.message_for_agents(said, "Acme")) == {
        **text,
        "seq": 7,
        "by": {"role": "agent", "id": 3, "name": "Sam"},
    }
    assert plain(present.message_for_customer(said, "Acme")) == {
        **text,
        "seq": 4,
        "by": {"role": "agent", "name": "Sam"},
    }


def test_the_desk_speaks_under_its_present_name() -> None:
    greeting = message(Announced("Welcome!"), DESK)
    for shown in (
        present.message_for_agents(greeting, "Acme"),
        present.message_for_customer(greeting, "Acme"),
    ):
        assert (shown.by.role, shown.by.name) == ("desk", "Acme")


def test_only_its_author_sees_a_messages_ref() -> None:
    said = message(Sent("Hello"), SAM)
    for show in (present.message_for_agents, present.message_for_customer):
        assert show(said, "Acme", own=True).ref == "my-ref"
        assert show(said, "Acme").ref is UNSET


@pytest.mark.parametrize(
    ("event", "activity", "data"),
    [
        (Opened(), "opened", UNSET),
        (Transferred(5, "Kim"), "transferred", {"to": 5, "name": "Kim"}),
        (Tagged(("a",), ("b",)), "tagged", {"add": ["a"], "remove": ["b"]}),
        (Held("court order"), "held", {"why": "court order"}),
        (Held(None), "held", {"why": None}),
        (Rated(5, "good"), "rated", {"score": 5, "comment": "good"}),
        (Noted("Careful"), UNSET, UNSET),
    ],
)
def test_agents_get_what_it_takes_to_fold_the_log(
    event: Event, activity: object, data: object
) -> None:
    shown = present.message_for_agents(message(event, SAM), "Acme")
    assert (shown.activity, shown.data) == (activity, data)


def test_customers_get_the_activity_without_its_data() -> None:
    shown = present.message_for_customer(message(Rated(5, "good"), ADA), "Acme")
    assert (shown.kind, shown.activity, shown.data) == ("activity", "rated", UNSET)


def test_a_note_cannot_be_shown_to_a_customer() -> None:
    with pytest.raises(ValueError, match="do not see"):
        present.message_for_customer(message(Noted("Careful"), SAM, None), "Acme")


ANSWERED = after(
    BLANK, (Opened(), ADA), (Noted("Careful"), SAM), (Sent("Help"), ADA), (Claimed(), SAM)
)
CLOSED = after(
    ANSWERED, (Tagged(("vip",), ()), SAM), (Closed(), SAM), (Rated(5, None), ADA), at=LATER
)


def test_a_request_as_its_customer_sees_it() -> None:
    assert plain(present.request_for_customer(record(CLOSED), AGENTS)) == {
        "id": 42,
        "status": "closed",
        "agent": {"name": "Sam"},
        "opened_at": AT_TEXT,
        "claimed_at": AT_TEXT,
        "closed_at": LATER_TEXT,
        "seq": 5,
        "read": {"customer": 2, "agent": 2},
        "rating": {"score": 5, "comment": None, "at": LATER_TEXT},
    }


def test_a_request_as_agents_see_it() -> None:
    shown = plain(present.request_for_agents(record(CLOSED), AGENTS, "Acme", online=True))
    assert shown == {
        **plain(present.request_for_customer(record(CLOSED), AGENTS)),
        "agent": {"id": 3, "name": "Sam"},
        "seq": 7,
        "read": {"customer": 2, "agent": 3},
        "customer": {
            "id": 17,
            "name": "Ada",
            "email": "ada@example.org",
            "verified": False,
            "online": True,
        },
        "site": "default",
        "page": {"url": "https://shop.example/cart", "title": "Cart", "referrer": None},
        "locale": "en-GB",
        "user_agent": "Firefox",
        "last": {"text": "Help", "by": "customer", "at": AT_TEXT},
        "waiting_since": None,
        "tags": ["vip"],
        "hold": None,
    }
    assert shown.keys() == FULL_J.keys()


def test_a_request_that_nobody_has_shows_nobody() -> None:
    waiting = record(after(BLANK, (Opened(), ADA)))
    assert present.request_for_customer(waiting, AGENTS).agent is None
    assert present.request_for_agents(waiting, AGENTS, "Acme", online=False).agent is None


def test_a_hold_says_why_by_whom_and_since_when() -> None:
    held = record(after(CLOSED, (Held("court order"), DESK), at=LATER))
    assert plain(present.request_for_agents(held, AGENTS, "Acme", online=False))["hold"] == {
        "why": "court order",
        "by": {"role": "desk", "id": None, "name": "Acme"},
        "at": LATER_TEXT,
    }


def test_an_agent_is_marked_disabled_only_then() -> None:
    sam = Agent(3, "Sam", "agent")
    assert present.agent_object(sam, "away") == objects.AgentObject(3, "Sam", "agent", "away")
    gone = Agent(3, "Sam", "agent", disabled=True)
    assert present.agent_object(gone, "offline").disabled is True


def test_a_refusal_becomes_the_error_that_answers_it() -> None:
    refused = Refused(Code.RATE_LIMITED, "Too fast.", 2.0)
    assert present.error_object(refused, "r") == objects.Error(
        "rate_limited", "Too fast.", "r", 2.0
    )


SECRETS = ("court", "Careful", "Yours", "vip", '"id":3', '"id":5', '"id":9', '"id":17', "my-ref")


@given(stories)
@few
def test_a_customer_never_sees_a_note_a_tag_or_an_id(story: Story) -> None:
    request, log, _ = live(story)
    shown = [present.message_for_customer(m, "Acme") for m in log if m.customer_seq is not None]
    seen = msgspec.json.encode(
        [present.request_for_customer(record(request), AGENTS), shown]
    ).decode()
    assert [secret for secret in SECRETS if secret in seen] == []
    assert [m.seq for m in shown] == list(range(1, request.customer_seq + 1))
    assert {m.kind for m in shown} <= {"text", "activity"}
    activities = {m.activity for m in shown if m.kind == "activity"}
    assert activities <= {"opened", "claimed", "closed", "reopened", "rated"}


@given(stories)
@few
def test_agents_see_every_message_of_the_log(story: Story) -> None:
    request, log, _ = live(story)
    shown = [present.message_for_agents(m, "Acme") for m in log]
    assert [m.seq for m in shown] == list(range(1, request.seq + 1))
    assert all(m.text for m in shown)
