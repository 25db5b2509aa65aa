"""When there is something to do for a webhook, and when it is left in peace."""

import pytest

from relay.desk.events import Millis
from relay.webhooks.delivery import FAILING, LOOK_AGAIN, SAVE_LATE, SAVE_SOON, Line
from relay.webhooks.http_post import Answer, Outcome
from relay.webhooks.payload import Endpoint
from tests.unit.relay.made import AT

ENDPOINT = Endpoint("crm", "crm.example", 443, True, "crm.example", "/", (b"",), frozenset(), False)
GOOD, BAD = Answer(Outcome.DELIVERED, 200), Answer(Outcome.REFUSED, 500)


def after(milliseconds: float) -> Millis:
    return Millis(round(AT + milliseconds))


@pytest.fixture
def line() -> Line:
    """A webhook that was told everything when seven changes were published."""
    return Line(ENDPOINT, place=9, stored=9, seen=7, looked_at=AT)


def test_it_calls_for_what_is_new_for_what_is_due_and_once_a_minute(line: Line) -> None:
    assert not line.calls(7, AT)
    assert line.calls(8, AT)
    assert line.calls(7, after(LOOK_AGAIN))
    assert line.calls(7, after(-LOOK_AGAIN)), "the clock was put back"
    line.next_due = after(5_000)
    assert not line.calls(7, after(4_999))
    assert line.calls(7, after(5_000))


def test_it_rests_as_long_as_it_asked_to_and_no_longer_than_anybody_may(line: Line) -> None:
    line.heard(Answer(Outcome.REFUSED, 429, "60"), AT)
    assert not line.calls(8, after(59_000))
    assert line.calls(8, after(60_000))
    assert not line.rests(after(-2 * 24 * 3600 * 1000)), "the clock was put back"
    line.heard(Answer(Outcome.REFUSED, 429, "1"), AT)
    assert not line.calls(8, after(59_000)), "the longer wish counts"


def test_who_wants_nothing_more_is_left_alone_until_somebody_says_otherwise(line: Line) -> None:
    line.heard(Answer(Outcome.REFUSED, 410), AT)
    assert not line.calls(8, after(1e9))
    line.look_again()
    assert line.calls(7, AT)


def test_a_good_answer_is_news_after_some_bad_ones(line: Line) -> None:
    assert not line.heard(GOOD, AT)
    for _ in range(FAILING - 1):
        assert not line.heard(BAD, AT)
    assert not line.heard(GOOD, AT)
    for _ in range(FAILING):
        line.heard(BAD, AT)
    assert line.heard(GOOD, AT)
    assert not line.heard(GOOD, AT)


def test_a_place_is_stored_soon_after_a_delivery_and_later_after_none(line: Line) -> None:
    line.came_to(9, AT, delivered=False)
    assert not line.calls(7, after(LOOK_AGAIN - 1))
    line.came_to(10, AT, delivered=False)
    assert not line.must_store(after(SAVE_LATE - 1))
    assert line.must_store(after(SAVE_LATE))
    line.came_to(11, after(10), delivered=True)
    assert line.calls(7, after(10 + SAVE_SOON))
    line.is_stored()
    assert (line.stored, line.must_store(after(SAVE_LATE))) == (11, False)
