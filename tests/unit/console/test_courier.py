"""Texts go out one at a time for each request, in order, and again with the same ref."""

from helpdesk_tui.link import Courier
from helpdesk_tui.model.outbox import Unsent

FIRST, SECOND = Unsent("a", 1, "first"), Unsent("b", 1, "second")
OTHER = Unsent("c", 2, "to another request")


def loaded(*texts: Unsent) -> Courier:
    courier = Courier()
    for text in texts:
        courier.take_on(text)
    return courier


def test_a_request_gets_its_second_text_after_the_answer_to_the_first() -> None:
    courier = loaded(FIRST, SECOND, OTHER)
    assert courier.due() == [FIRST, OTHER]
    assert courier.due() == []
    courier.answered(FIRST.ref)
    assert courier.due() == [SECOND]


def test_what_was_out_when_the_connection_was_lost_goes_out_again_when_it_is_taken_on_again() -> (
    None
):
    courier = loaded(FIRST, SECOND)
    courier.due()
    courier.drop_all()
    courier.take_on(FIRST)
    assert courier.due() == [FIRST]


def test_a_text_that_was_refused_for_now_keeps_its_place() -> None:
    courier = loaded(FIRST, SECOND)
    courier.due()
    courier.again(FIRST.ref)
    assert courier.due() == [FIRST]


def test_taking_a_text_on_twice_sends_it_once() -> None:
    courier = loaded(FIRST, FIRST)
    assert courier.due() == [FIRST]
    courier.take_on(FIRST)
    assert courier.due() == []


def test_nothing_goes_out_after_all_was_dropped() -> None:
    courier = loaded(FIRST)
    courier.drop_all()
    assert courier.due() == []
    assert not courier.knows(FIRST.ref)
