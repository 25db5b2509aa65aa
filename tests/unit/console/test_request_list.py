"""The agent's own work first: sections, the next request, transfers, and who spoke last."""

from datetime import UTC, datetime

import pytest

from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.request_list import Section, count_own, next_request, query_of, rows
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import (
    AT,
    KIM,
    ME,
    joined,
    message,
    new_seat,
    request,
    welcome,
)

NOW = datetime(2026, 11, 22, 10, 40, tzinfo=UTC)
ASKS = objects.LastObject("Are you there?", "customer", AT)
ANSWERED = objects.LastObject("On its way.", "agent", AT)


def mine(number: int, **fields: object) -> objects.AgentRequest:
    """Return a request of Sam's that waits for nothing, with *fields* changed."""
    told = {"status": "active", "agent": ME, "seq": 4, "last": ANSWERED, "waiting_since": None}
    return request(number, **{"read": objects.ReadMarks(4, 4), **told, **fields})


def unread(number: int) -> objects.AgentRequest:
    return mine(number, seq=5, read=objects.ReadMarks(0, 0), last=ASKS, waiting_since=AT)


def at_the_desk(*requests: objects.AgentRequest) -> Seat:
    seat = new_seat()
    reduce(seat, welcome(*requests), 0.0)
    return seat


def listed(seat: Seat) -> list[tuple[int, Section]]:
    return [(row.number, row.section) for row in rows(seat, NOW, 0.0)]


def push(seat: Seat, told: objects.AgentRequest) -> None:
    reduce(seat, agent_out.RequestPush(told), 0.0)


def desk_of_all() -> Seat:
    """Return a seat with a request of each kind, numbered as they are to be listed."""
    theirs = request(5, agent=KIM, status="active")
    return at_the_desk(theirs, mine(4), mine(3, waiting_since=AT), request(2), unread(1))


def test_what_is_new_in_ones_own_comes_first_then_who_waits() -> None:
    assert listed(desk_of_all()) == [
        (1, Section.NEW),
        (2, Section.WAITING),
        (3, Section.MINE),
        (4, Section.MINE),
        (5, Section.OTHERS),
    ]


def test_the_line_counts_them() -> None:
    assert count_own(desk_of_all()) == (3, 1, 1)


def test_the_next_one_is_the_first_of_these_that_needs_something() -> None:
    seat = desk_of_all()
    assert next_request(seat) == 1
    seat.open_request(1)
    assert next_request(seat) == 2
    seat.open_request(2)
    assert next_request(seat) == 1, "what is new in one's own goes before who waits"
    reduce(seat, objects.Read(1, "agent", 5), 0.0)
    assert next_request(seat) == 1, "it still waits for an answer"
    seat.open_request(3)
    assert next_request(seat) == 2
    assert next_request(at_the_desk(mine(4), request(5, agent=KIM, status="active"))) is None


def test_a_transfer_is_new_first_and_marked_until_one_has_looked() -> None:
    seat = at_the_desk(request(1), request(2, agent=KIM, status="active"))
    push(seat, mine(2))
    assert listed(seat)[0] == (2, Section.NEW)
    assert rows(seat, NOW, 0.0)[0].given == "Kim"
    assert next_request(seat) == 2
    seat.open_request(2)
    assert listed(seat) == [(1, Section.WAITING), (2, Section.MINE)]
    assert rows(seat, NOW, 0.0)[1].given == ""


def test_a_transfer_that_came_while_the_relay_was_away_is_marked_too() -> None:
    seat = at_the_desk(request(1), request(2, agent=KIM, status="active"))
    seat.disconnected()
    reduce(seat, welcome(request(1), mine(2)), 0.0)
    assert listed(seat)[0] == (2, Section.NEW)


@pytest.mark.parametrize(
    "then",
    [
        mine(2, agent=KIM, seq=6),
        mine(2, agent=None, status="waiting", seq=6),
        mine(2, status="closed", seq=6),
    ],
    ids=["given on", "released", "closed"],
)
def test_a_transfer_that_is_over_is_marked_no_more(then: objects.AgentRequest) -> None:
    seat = at_the_desk(request(2, agent=KIM, status="active"))
    push(seat, mine(2))
    push(seat, then)
    assert seat.desk.given == {}


def test_what_the_agent_claims_or_reopens_was_transferred_by_nobody() -> None:
    seat = at_the_desk(request(1), request(2, agent=KIM, status="closed", seq=2))
    push(seat, mine(1))
    push(seat, mine(2))
    assert seat.desk.given == {}


def test_a_closed_request_stays_in_the_list_as_long_as_it_is_open_here() -> None:
    seat = at_the_desk(mine(1), request(2))
    seat.open_request(1)
    reduce(seat, joined(1, 1, 2, agent=ME, status="active"), 0.0)
    push(seat, mine(1, status="closed", seq=5))
    assert listed(seat) == [(2, Section.WAITING), (1, Section.CLOSED)]
    seat.open_request(2)
    assert listed(seat) == [(2, Section.WAITING)]


def said(seat: Seat) -> str:
    return rows(seat, NOW, 0.0)[0].last


def test_the_list_says_who_spoke_last() -> None:
    greeting = objects.LastObject("Hello!", "desk", AT)
    assert said(at_the_desk(unread(1))) == "Are you there?"
    assert said(at_the_desk(mine(1))) == "You: On its way."
    assert said(at_the_desk(mine(1, agent=KIM))) == "Kim: On its way."
    assert said(at_the_desk(mine(1, agent=None))) == "Agent: On its way."
    assert said(at_the_desk(mine(1, last=greeting))) == "Desk: Hello!"


def test_the_messages_know_better_who_spoke_than_who_holds_it() -> None:
    seat = at_the_desk(mine(1))
    seat.open_request(1)
    kims = message(4, objects.By("agent", KIM.id, KIM.name))
    reduce(seat, agent_out.Joined("j", mine(1), [message(3), kims], more=True), 0.0)
    assert said(seat) == "Kim: On its way."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("is:mine", [1, 3, 4]),
        ("is:new", [1]),
        ("is:waiting", [2]),
        ("is:active", [1, 3, 4, 5]),
        ("is:mine is:waiting", []),
        ("by:kim", [5]),
        ("by:me", [1, 3, 4]),
        ("by:s #3", [3]),
        ("tag:billing", [4]),
        ("site:shop", [2]),
        ("site:shop tag:billing", []),
        ("before:2026-11-22T10:36+00:00", [1, 2, 3, 4, 5]),
        ("before:2026-11-22T10:35+00:00", []),
        ("is:mine way", [3, 4]),
        ("is:m", []),
    ],
)
def test_the_list_is_narrowed_by_conditions(query: str, found: list[int]) -> None:
    seat = at_the_desk(
        request(5, agent=KIM, status="active"),
        mine(4, tags=["billing"]),
        mine(3, waiting_since=AT),
        request(2, site="shop"),
        unread(1),
    )
    assert [row.number for row in rows(seat, NOW, 0.0, query)] == found


def test_a_query_for_closed_ones_finds_those_that_were_fetched() -> None:
    seat = desk_of_all()
    seat.online = True
    seat.toggle_closed()
    closed = mine(9, status="closed", closed_at=AT)
    asked = next(iter(seat.pending))
    reduce(seat, agent_out.Listed(asked, [closed], more=False), 0.0)
    assert [row.number for row in rows(seat, NOW, 0.0, "is:closed is:mine")] == [9]


def test_half_a_condition_is_told_where_the_rows_would_be() -> None:
    _, said = query_of("is:m", NOW)
    assert said.startswith("is:m is none of is:waiting,")
