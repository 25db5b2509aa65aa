"""Texts go out one at a time for each request, in order, and again with the same ref."""

from helpdesk_tui.link import SendQueue
from helpdesk_tui.model.outbox import Unsent

FIRST, SECOND = Unsent("a", 1, "first"), Unsent("b", 1, "second")
OTHER = Unsent("c", 2, "to another request")


def loaded(*texts: Unsent) -> SendQueue:
    queue = SendQueue()
    for text in texts:
        queue.add(text)
    return queue


def test_a_request_gets_its_second_text_after_the_answer_to_the_first() -> None:
    queue = loaded(FIRST, SECOND, OTHER)
    assert queue.next_due() == [FIRST, OTHER]
    assert queue.next_due() == []
    queue.remove(FIRST.ref)
    assert queue.next_due() == [SECOND]


def test_what_was_out_when_the_connection_was_lost_goes_out_again_when_it_is_taken_on_again() -> (
    None
):
    queue = loaded(FIRST, SECOND)
    queue.next_due()
    queue.clear()
    queue.add(FIRST)
    assert queue.next_due() == [FIRST]


def test_a_text_that_was_refused_for_now_keeps_its_place() -> None:
    queue = loaded(FIRST, SECOND)
    queue.next_due()
    queue.requeue(FIRST.ref)
    assert queue.next_due() == [FIRST]


def test_taking_a_text_on_twice_sends_it_once() -> None:
    queue = loaded(FIRST, FIRST)
    assert queue.next_due() == [FIRST]
    queue.add(FIRST)
    assert queue.next_due() == []


def test_nothing_goes_out_after_all_was_dropped() -> None:
    queue = loaded(FIRST)
    queue.clear()
    assert queue.next_due() == []
    assert FIRST.ref not in queue
