"""Copy of a customer's requests for the customer: what they saw, without agents' data. Pure."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from relay.desk.events import Author, Role
from relay.desk.request import ReadMark
from relay.store.export_format import MessageLine, RequestLine


def customer_copy(
    lines: Iterable[RequestLine | MessageLine],
) -> Iterator[RequestLine | MessageLine]:
    """Yield *lines* without what the customer never saw, and without the names of agents.

    Notes and agents' activities are left out, and so are tags, holds, who has the request, the
    customer's key and refs. Messages have the customer's numbers.
    """
    for line in lines:
        if isinstance(line, RequestLine):
            yield _request(line)
        elif line.customer_seq is not None:
            yield replace(
                line, seq=line.customer_seq, customer_seq=None, by=_nameless(line.by), ref=None
            )


def _request(line: RequestLine) -> RequestLine:
    request = line.request
    seen = replace(
        request,
        agent=None,
        claimed_at=None,
        waiting_since=None,
        seq=request.customer_seq,
        customer_seq=0,
        tags=(),
        hold=None,
    )
    mark = line.read_by_customer.customer_seq
    return replace(
        line,
        request=seen,
        customer=replace(line.customer, key=""),
        read_by_customer=ReadMark(mark, 0),
        read_by_agent=ReadMark(0, 0),
        answered=(),
    )


def _nameless(by: Author) -> Author:
    """Return *by* without the id and name of an agent."""
    return Author(by.role, 0, None) if by.role is Role.AGENT else by
