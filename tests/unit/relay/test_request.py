"""A help request as the fold of its log: each event's mark, and the numbers of both sides."""

import pytest
from msgspec.structs import replace

from relay.desk.events import (
    DESK,
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Millis,
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
from relay.desk.request import HelpRequest, Hold, LatestText, Rating, Status, make_messages
from tests.unit.relay.samples import ADA, AT, BLANK, KIM, LATER, SAM, after, fold

WAITING = after(BLANK, (Opened(), ADA))
ACTIVE = after(WAITING, (Claimed(), SAM))
ANSWERED = after(ACTIVE, (Sent("Yes?"), SAM))
CLOSED = after(ANSWERED, (Closed(), SAM))
RATED = after(CLOSED, (Rated(2, "slow"), ADA))
TAGGED = after(WAITING, (Tagged(("b", "d"), ()), SAM))
HELD = after(WAITING, (Held("court order"), SAM))


@pytest.mark.parametrize(
    ("before", "event", "by", "changes"),
    [
        (
            BLANK,
            Opened(),
            ADA,
            {"status": Status.WAITING, "opened_at": LATER, "waiting_since": LATER},
        ),
        (WAITING, Sent("Help"), ADA, {"last": LatestText("Help", Role.CUSTOMER, LATER)}),
        (WAITING, Announced("Hi"), DESK, {"last": LatestText("Hi", Role.DESK, LATER)}),
        (
            ACTIVE,
            Sent("Yes?"),
            SAM,
            {"last": LatestText("Yes?", Role.AGENT, LATER), "waiting_since": None},
        ),
        (
            ANSWERED,
            Sent("But"),
            ADA,
            {"last": LatestText("But", Role.CUSTOMER, LATER), "waiting_since": LATER},
        ),
        (ANSWERED, Announced("Hm"), DESK, {"last": LatestText("Hm", Role.DESK, LATER)}),
        (WAITING, Noted("Careful"), SAM, {}),
        (
            WAITING,
            Claimed(),
            SAM,
            {"status": Status.ACTIVE, "agent": SAM.id, "claimed_at": LATER},
        ),
        (
            ANSWERED,
            Released(),
            SAM,
            {"status": Status.WAITING, "agent": None, "claimed_at": None},
        ),
        (ACTIVE, Transferred(KIM.id, "Kim"), SAM, {"agent": KIM.id, "claimed_at": LATER}),
        (
            WAITING,
            Transferred(KIM.id, "Kim"),
            SAM,
            {"status": Status.ACTIVE, "agent": KIM.id, "claimed_at": LATER},
        ),
        (
            ACTIVE,
            Closed(),
            ADA,
            {"status": Status.CLOSED, "closed_at": LATER, "waiting_since": None},
        ),
        (
            CLOSED,
            Reopened(),
            KIM,
            {
                "status": Status.ACTIVE,
                "agent": KIM.id,
                "claimed_at": LATER,
                "closed_at": None,
            },
        ),
        (CLOSED, Rated(5, None), ADA, {"rating": Rating(5, None, LATER)}),
        (RATED, Rated(5, None), ADA, {"rating": Rating(5, None, LATER)}),
        (WAITING, Tagged(("c", "a"), ()), SAM, {"tags": ("a", "c")}),
        (TAGGED, Tagged(("a", "b"), ("d", "x")), SAM, {"tags": ("a", "b")}),
        (WAITING, Held("tax"), KIM, {"hold": Hold("tax", KIM, LATER)}),
        (HELD, Held(None), SAM, {"hold": None}),
    ],
)
def test_each_event_changes_what_it_says_and_nothing_else(
    before: HelpRequest, event: Event, by: Author, changes: dict[str, object]
) -> None:
    (message,) = make_messages(before, (event,), by, LATER, None)
    counted = replace(before, seq=message.seq, customer_seq=after_on_customers_side(before, event))
    assert after(before, (event, by), at=LATER) == replace(counted, **changes)


def after_on_customers_side(before: HelpRequest, event: Event) -> int:
    hidden = isinstance(event, Noted | Released | Transferred | Tagged | Held)
    return before.customer_seq + (not hidden)


def test_the_last_text_is_cut_for_a_list() -> None:
    request = after(WAITING, (Sent("x" * 121), ADA))
    assert request.last == LatestText("x" * 120, Role.CUSTOMER, AT)


def test_only_a_waiting_or_active_request_is_open() -> None:
    opened = [request.is_open for request in (BLANK, WAITING, ACTIVE, CLOSED)]
    assert opened == [False, True, True, False]


LOG = (Opened(), Announced("Hi"), Sent("Help"), Noted("Careful"), Tagged(("a",), ()), Closed())


def test_agents_count_everything_and_customers_what_they_see() -> None:
    messages = make_messages(BLANK, LOG, ADA, AT, None)
    assert [message.seq for message in messages] == [1, 2, 3, 4, 5, 6]
    assert [message.customer_seq for message in messages] == [1, 2, 3, None, None, 4]


def test_numbers_go_on_from_the_requests_last() -> None:
    request = fold(BLANK, make_messages(BLANK, LOG, ADA, AT, None))
    (message,) = make_messages(request, (Sent("More"),), ADA, LATER, None)
    assert (message.seq, message.customer_seq) == (7, 5)


def test_the_authors_last_entry_alone_bears_the_ref() -> None:
    opening = make_messages(BLANK, (Opened(), Announced("Hi"), Sent("Help")), ADA, AT, "r")
    assert [message.ref for message in opening] == [None, None, "r"]
    answer = make_messages(WAITING, (Claimed(), Sent("Yes?")), SAM, AT, "r")
    assert [message.ref for message in answer] == [None, "r"]


def test_a_greeting_is_the_desks_and_never_bears_the_customers_ref() -> None:
    opening = make_messages(BLANK, (Opened(), Announced("Hi")), ADA, AT, "r")
    assert [(message.by, message.ref) for message in opening] == [(ADA, "r"), (DESK, None)]


def test_what_the_desk_itself_says_bears_its_ref_whoever_made_the_author() -> None:
    desk = Author(Role.DESK, 0, None)
    (message,) = make_messages(WAITING, (Announced("Hi"),), desk, AT, "r")
    assert (message.by, message.ref) == (DESK, "r")


def test_nothing_that_happens_is_no_entry() -> None:
    assert make_messages(WAITING, (), ADA, Millis(1), "r") == ()
