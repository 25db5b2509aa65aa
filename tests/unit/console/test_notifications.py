"""Notifications of an agent without focus: when, how often, and the text."""

from msgspec import structs

from helpdesk_tui.model.notifications import Notifier
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.model.seat import Seat
from relay.wire import agent_out, objects
from tests.unit.console.sample_frames import AT, KIM, ME, new_seat, request, welcome

WORDS = objects.LastObject("My secret", "customer", AT)
LATER = "2026-11-22T10:36:00.000Z"


def with_waiting(*numbers: int) -> Seat:
    seat = new_seat()
    reduce(seat, welcome(*(request(number, last=WORDS) for number in numbers)), 0.0)
    return seat


def push(seat: Seat, number: int, **fields: object) -> None:
    told = structs.replace(request(number, last=WORDS), **fields)
    reduce(seat, agent_out.RequestPush(told), 0.0)


def test_an_agent_who_looks_is_told_nothing_and_not_later_either() -> None:
    seat, notifier = with_waiting(1), Notifier(remind=60, words=False, pause=5)
    assert notifier.text_due(seat, 0.0, focused=True) == ""
    assert notifier.text_due(seat, 10.0, focused=False) == ""


def test_what_is_new_is_told_by_number_alone() -> None:
    seat, notifier = with_waiting(), Notifier(remind=60, words=False, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == ""
    push(seat, 7)
    assert notifier.text_due(seat, 1.0, focused=False) == "#7 needs you"
    assert notifier.text_due(seat, 20.0, focused=False) == ""


def test_words_are_told_where_an_agent_has_set_so() -> None:
    seat, notifier = with_waiting(7), Notifier(remind=60, words=True, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == "#7 Ada: My secret"


def test_many_at_once_are_one_notice_and_the_next_waits() -> None:
    seat, notifier = with_waiting(1, 2, 3), Notifier(remind=60, words=True, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == "3 requests need you"
    push(seat, 4)
    assert notifier.text_due(seat, 4.9, focused=False) == ""
    assert notifier.text_due(seat, 5.0, focused=False) == "#4 Ada: My secret"


def test_it_is_repeated_until_somebody_claims() -> None:
    seat, notifier = with_waiting(1), Notifier(remind=60, words=False, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == "#1 needs you"
    assert notifier.text_due(seat, 59.0, focused=False) == ""
    assert notifier.text_due(seat, 60.0, focused=False) == "#1 still needs you"
    push(seat, 1, agent=KIM, status="active")
    assert notifier.text_due(seat, 120.0, focused=False) == ""


def test_without_a_reminder_it_is_told_once() -> None:
    seat, notifier = with_waiting(1), Notifier(remind=0, words=False, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == "#1 needs you"
    assert notifier.text_due(seat, 6000.0, focused=False) == ""


def test_of_ones_own_requests_a_new_text_of_the_customers_is_told() -> None:
    seat, notifier = with_waiting(), Notifier(remind=60, words=False, pause=5)
    answered = objects.LastObject("Hi", "agent", AT)
    push(seat, 1, agent=ME, status="active", seq=3, last=answered)
    assert notifier.text_due(seat, 0.0, focused=False) == ""
    asked_again = objects.LastObject("And?", "customer", LATER)
    push(seat, 1, agent=ME, status="active", seq=4, last=asked_again)
    assert notifier.text_due(seat, 10.0, focused=False) == "#1 needs you"


def test_a_request_that_is_transferred_to_the_agent_is_told_even_if_it_is_answered() -> None:
    seat, notifier = with_waiting(), Notifier(remind=0, words=False, pause=5)
    answered = objects.LastObject("Hi", "agent", AT)
    push(seat, 1, agent=KIM, status="active", last=answered)
    assert notifier.text_due(seat, 0.0, focused=False) == ""
    push(seat, 1, agent=ME, status="active", last=answered)
    assert notifier.text_due(seat, 10.0, focused=False) == "#1 needs you"
    assert notifier.text_due(seat, 20.0, focused=False) == ""


def test_tags_notes_and_answers_are_not_told_but_each_text_of_the_customers_is() -> None:
    seat, notifier = with_waiting(1), Notifier(remind=0, words=False, pause=5)
    assert notifier.text_due(seat, 0.0, focused=False) == "#1 needs you"
    push(seat, 1, seq=5, tags=["late"])
    assert notifier.text_due(seat, 10.0, focused=False) == ""
    push(seat, 1, seq=6, last=objects.LastObject("Hi", "agent", LATER))
    assert notifier.text_due(seat, 20.0, focused=False) == ""
    push(seat, 1, seq=7, last=objects.LastObject("And?", "customer", LATER))
    assert notifier.text_due(seat, 30.0, focused=False) == "#1 needs you"


def test_an_agent_who_is_away_is_told_nothing() -> None:
    seat, notifier = with_waiting(1), Notifier(remind=60, words=False, pause=5)
    seat.away = True
    assert notifier.text_due(seat, 0.0, focused=False) == ""
    push(seat, 2)
    assert notifier.text_due(seat, 100.0, focused=False) == ""
