"""Filters, pages, search and figures: the reads beside the writer, and within a transaction."""

from collections.abc import Iterator

import pytest

from relay.desk import commands
from relay.desk.events import DESK, Millis, Role
from relay.errors import Code
from relay.store.api import Queries, Transaction
from relay.store.values import EVENT_PAGE_SIZE, PAGE_BYTES, MessageRange, RequestFilter
from tests.contract.store.actions import add_agents, agent_does, agent_says, closes, opens, says
from tests.contract.store.harness import StoreBench

ALL = RequestFilter()
FOREVER = Millis(2**52)


@pytest.fixture
def desk(bench: StoreBench) -> Iterator[StoreBench]:
    """Yield a desk of four requests.

    1 is active, tagged and held; 2 is closed; 3 waits; 4 is the second of the customer of 2.
    """
    bench.do(add_agents)
    bench.do(opens("ada", "The printer is broken", name="Ada Lovelace"))
    bench.do(agent_does(1, 1, commands.Claim()))
    bench.do(agent_does(1, 1, commands.Tag(frozenset({"vip"}), frozenset())))
    bench.do(agent_does(1, 1, commands.Hold("tax")))
    bench.do(opens("bob", "My invoice", "o1"))
    bench.do(agent_says(1, 2, commands.Send("The invoice is on its way"), "a1"))
    bench.do(closes("bob"))
    bench.do(opens("cem", "打印机坏了 again"))
    bench.do(opens("bob", "Another printer", "o2"))
    yield bench


def found(bench: StoreBench, where: RequestFilter) -> list[int]:
    page = bench.read(lambda queries: queries.requests(where, None, 100)).value
    assert not page.more
    return [record.request.id for record in page.records]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ALL, [4, 3, 2, 1]),
        (RequestFilter(status="active"), [1]),
        (RequestFilter(status="waiting"), [4, 3]),
        (RequestFilter(agent=1), [2, 1]),
        (RequestFilter(site="default"), [4, 3, 2, 1]),
        (RequestFilter(site="other"), []),
        (RequestFilter(customer=2), [4, 2]),
        (RequestFilter(customer="ada lovelace"), [1]),
        (RequestFilter(tag="vip"), [1]),
        (RequestFilter(held=True), [1]),
        (RequestFilter(held=False), [4, 3, 2]),
        (RequestFilter(closed_before=FOREVER), [2]),
        (RequestFilter(until=Millis(1)), []),
        (RequestFilter(since=Millis(1)), [4, 3, 2, 1]),
        (RequestFilter(requests=(3, 1, 99)), [3, 1]),
        (RequestFilter(text="printer"), [4, 1]),
        (RequestFilter(text="lovelace"), [1]),
        (RequestFilter(text="打印机"), [3]),
        (RequestFilter(text="printer", newest=1), [4]),
        (RequestFilter(status="waiting", newest=1), [4]),
    ],
)
def test_each_field_of_a_filter_narrows(
    desk: StoreBench, where: RequestFilter, expected: list[int]
) -> None:
    assert found(desk, where) == expected


@pytest.mark.parametrize(
    "wanted",
    [
        "Zoë Weiß",
        "ZOË WEISS",
        "zoe\N{COMBINING DIAERESIS}  weiß",
        "ＺＯË@Example.org",
        "Zoë@example.org",
    ],
)
def test_a_person_is_found_in_any_case_and_unicode_form(desk: StoreBench, wanted: str) -> None:
    name, email = "Zoe\N{COMBINING DIAERESIS} Weiß", "ZOË@example.ORG"
    desk.do(opens("zoë", "Help", name=name, email=email))
    where = RequestFilter(customer=wanted)
    assert found(desk, where) == [5]
    assert desk.read(lambda queries: queries.erasure_scope(where)).value.count.messages == 3
    assert desk.do(lambda transaction: transaction.records(where))[0].request.id == 5


def test_requests_come_in_pages_the_highest_number_first(desk: StoreBench) -> None:
    first = desk.read(lambda queries: queries.requests(ALL, None, 3)).value
    assert ([it.request.id for it in first.records], first.more) == ([4, 3, 2], True)
    rest = desk.read(lambda queries: queries.requests(ALL, 2, 3)).value
    assert ([it.request.id for it in rest.records], rest.more) == ([1], False)


def test_messages_are_those_of_one_side_in_a_range(desk: StoreBench) -> None:
    def seqs(where: MessageRange) -> tuple[list[int], bool]:
        page = desk.read(lambda queries: queries.messages(2, where)).value
        own = [it.seq if where.role is Role.AGENT else it.customer_seq for it in page.messages]
        return [seq for seq in own if seq is not None], page.more

    everything, more = seqs(MessageRange(Role.AGENT))
    assert (everything, more) == (list(range(1, len(everything) + 1)), False)
    theirs, _ = seqs(MessageRange(Role.CUSTOMER))
    assert theirs == list(range(1, len(theirs) + 1))
    assert seqs(MessageRange(Role.AGENT, after=1, before=4)) == ([2, 3], False)
    assert seqs(MessageRange(Role.AGENT, before=4, limit=1)) == ([3], True)


def test_a_page_of_messages_has_no_more_than_its_bytes(desk: StoreBench) -> None:
    text = "x" * (PAGE_BYTES // 4)
    for number in range(5):
        desk.do(says("cem", text, f"long-{number}"))
    page = desk.read(lambda queries: queries.messages(3, MessageRange(Role.AGENT))).value
    assert page.more
    assert sum(len(getattr(it.event, "text", "")) for it in page.messages) <= PAGE_BYTES


def test_events_come_once_each_in_the_order_of_storing(desk: StoreBench) -> None:
    text = "x" * (EVENT_PAGE_SIZE // 3)
    for number in range(5):
        desk.do(says("cem", text, f"long-{number}"))
    ids, place, pages, more = list[int](), 0, 0, True
    while more:
        page = desk.read(lambda it, at=place: it.events_after(at, ALL)).value  # type: ignore[misc]
        ids += [number for number, _, _ in page.entries]
        place, pages, more = page.place, pages + 1, page.more
    assert pages > 1
    assert ids == sorted(set(ids))
    assert place == desk.do(lambda transaction: transaction.last_message_id()) == ids[-1]
    only = desk.read(lambda queries: queries.events_after(0, RequestFilter(customer=2))).value
    assert {request for _, request, _ in only.entries} == {2, 4}


def test_search_finds_customers_first_and_then_texts_the_newest_first(desk: StoreBench) -> None:
    hits, cursor = list[tuple[int, bool]](), None
    while True:
        page = desk.read(lambda it, at=cursor: it.search("ada", at, 1)).value  # type: ignore[misc]
        hits += [(hit.request, hit.seq is None) for hit in page.hits]
        cursor = page.cursor
        if cursor is None:
            break
    assert hits == [(1, True)]
    page = desk.read(lambda queries: queries.search("invoice", None, 9)).value
    assert [(hit.request, hit.seq) for hit in page.hits] == [(2, 5), (2, 3)]
    assert "invoice" in page.hits[0].snippet
    assert desk.read(lambda queries: queries.search("", None, 9)).value.hits == []


def test_a_cursor_that_no_page_has_given_is_invalid(desk: StoreBench) -> None:
    for cursor in ("", "x1", "m", "m-1", "p²"):
        told = desk.read(lambda it, at=cursor: it.search("ada", at, 9))  # type: ignore[misc]
        assert told.code == Code.INVALID


def test_figures_cover_what_was_opened_and_closed_in_a_time(desk: StoreBench) -> None:
    def figures(queries: Queries) -> tuple[int, int, int]:
        opened = queries.opened_between(Millis(0), FOREVER, ALL)
        answered = [span for span in opened if span.answered_at is not None]
        return len(opened), len(answered), len(queries.closed_between(Millis(0), FOREVER, ALL))

    assert desk.read(figures).value == (4, 1, 1)
    none = desk.read(lambda queries: queries.opened_between(Millis(0), Millis(1), ALL)).value
    assert none == []


def test_a_transaction_reads_what_it_has_written(desk: StoreBench) -> None:
    def job(transaction: Transaction) -> tuple[list[int], list[int]]:
        opens("eve", "A walrus")(transaction)
        listed = transaction.queries.requests(RequestFilter(text="walrus"), None, 9)
        hits = transaction.queries.search("walrus", None, 9).hits
        return [it.request.id for it in listed.records], [hit.request for hit in hits]

    assert desk.do(job) == ([5], [5])


def test_a_query_sees_one_snapshot(desk: StoreBench) -> None:
    def counts(queries: Queries) -> tuple[int, int]:
        before = len(queries.requests(ALL, None, 100).records)
        desk.store.write(opens("eve", "Meanwhile"), lambda _: None)
        desk.store.write(lambda transaction: transaction.audit("x", DESK, Millis(1), {}), print)
        return before, len(queries.requests(ALL, None, 100).records)

    assert desk.read(counts).value == (4, 4)
