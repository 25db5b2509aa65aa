"""Throttling of pushed requests: at most once a second, and always the last state."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from relay.desk.events import Opened, Sent
from relay.desk.request import HelpRequest
from relay.service.publisher import DelayedPush, PushThrottle
from tests.unit.relay.samples import ADA, BLANK, after, record
from tests.unit.relay.search import few

FIRST = record(after(BLANK, (Opened(), ADA)))
OTHER = record(after(HelpRequest(43, "default", 17), (Opened(), ADA)))
SECOND = record(after(FIRST.request, (Sent("Help"), ADA)))


def test_who_was_not_pushed_within_a_second_need_not_wait() -> None:
    pace = PushThrottle()
    assert not pace.wait(FIRST, 10, for_customer=True)
    pace.pushed(42, 10)
    assert pace.wait(FIRST, 10.999, for_customer=True)
    assert not pace.wait(FIRST, 11, for_customer=True)


def test_what_waits_is_due_when_its_second_is_over_and_once() -> None:
    pace = PushThrottle()
    pace.pushed(42, 10)
    pace.wait(FIRST, 10.1, for_customer=True)
    pace.wait(SECOND, 10.2, for_customer=False)
    assert pace.due(10.9) == []
    assert pace.due(11) == [DelayedPush(SECOND, for_customer=True)]
    assert pace.due(12) == []


def test_a_push_takes_what_waited_with_it() -> None:
    pace = PushThrottle()
    pace.pushed(42, 10)
    pace.wait(FIRST, 10.1, for_customer=True)
    assert pace.pushed(42, 10.2) is True
    assert pace.pushed(42, 10.3) is False
    assert pace.due(20) == []


def test_each_request_has_its_own_second() -> None:
    pace = PushThrottle()
    pace.pushed(42, 10)
    assert not pace.wait(OTHER, 10, for_customer=True)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.5]), max_size=30))
@few
def test_pushes_are_a_second_apart_and_the_last_change_is_pushed(pauses: list[float]) -> None:
    """Quarters of a second are exact in binary, so a second is a second."""
    pace, now, pushed = PushThrottle(), 100.0, list[tuple[float, int]]()
    request = FIRST.request
    for pause in pauses:
        now += pause
        for waiting in pace.due(now):
            pace.pushed(42, now)
            pushed.append((now, waiting.record.request.seq))
        request = after(request, (Sent("more"), ADA))
        if not pace.wait(record(request), now, for_customer=True):
            pace.pushed(42, now)
            pushed.append((now, request.seq))
    pushed.extend((now + 1, waiting.record.request.seq) for waiting in pace.due(now + 1))
    moments = [moment for moment, _ in pushed]
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
    assert not pauses or pushed[-1][1] == request.seq
