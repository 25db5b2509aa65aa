"""Properties of a request under any sequence of commands."""

from hypothesis import given

from relay.desk.events import Announced, Closed, Rated, Sent
from relay.desk.request import Status
from tests.unit.relay.samples import BLANK, fold
from tests.unit.relay.search import few
from tests.unit.relay.strategies import Story, live, stories


@given(stories)
@few
def test_the_log_folded_again_is_the_request(story: Story) -> None:
    request, log, _ = live(story)
    assert fold(BLANK, tuple(log)) == request


@given(stories)
@few
def test_both_sides_numbers_are_dense_and_belong_to_what_they_see(story: Story) -> None:
    request, log, _ = live(story)
    seen = [m.customer_seq for m in log if m.event.seen_by_customers]
    assert [message.seq for message in log] == list(range(1, request.seq + 1))
    assert seen == list(range(1, request.customer_seq + 1))
    assert all(m.customer_seq is None for m in log if not m.event.seen_by_customers)


@given(stories)
@few
def test_a_request_is_never_in_a_state_that_cannot_be(story: Story) -> None:
    for request in live(story)[2]:
        assert (request.status is Status.CLOSED) == (request.closed_at is not None)
        assert request.status is not Status.CLOSED or request.waiting_since is None
        assert request.status is not Status.WAITING or request.agent is None
        assert request.status is not Status.ACTIVE or request.agent is not None
        assert (request.agent is None) == (request.claimed_at is None)
        assert list(request.tags) == sorted(set(request.tags))
        assert request.opened_at is not None


@given(stories)
@few
def test_the_summary_says_what_the_log_said_last(story: Story) -> None:
    request, log, _ = live(story)
    said = [m for m in log if isinstance(m.event, Sent | Announced)]
    rated = [m.event for m in log if isinstance(m.event, Rated)]
    if said and request.last is not None:
        assert (request.last.by, request.last.at) == (said[-1].by.role, said[-1].at)
    assert (request.last is None) == (said == [])
    assert (request.rating and request.rating.score) == (rated[-1].score if rated else None)


@given(stories)
@few
def test_a_closed_request_hears_no_text_until_it_is_reopened(story: Story) -> None:
    _, log, _ = live(story)
    closed = False
    for message in log:
        assert not (closed and isinstance(message.event, Sent | Announced | Closed))
        closed = fold(BLANK, tuple(log[: message.seq])).status is Status.CLOSED


@given(stories)
@few
def test_a_ref_is_borne_at_most_once(story: Story) -> None:
    refs = [message.ref for message in live(story)[1] if message.ref is not None]
    assert len(refs) == len(set(refs))
