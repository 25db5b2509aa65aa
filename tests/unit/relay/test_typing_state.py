"""Typing state: pushed at most every two seconds, expired after six."""

from relay.service.typing_state import Expired, TypingState
from tests.unit.relay.peers import agent_peer, customer_peer

ADA, SAM = customer_peer(), agent_peer()
NOTHING = Expired([], [])


def test_writing_is_told_at_once_and_then_at_most_every_two_seconds() -> None:
    board = TypingState()
    told = [board.set(42, ADA, now, on=True) for now in (10, 10.5, 11.9, 12, 13.9, 14)]
    assert told == [True, False, False, True, False, True]


def test_the_end_of_writing_is_told_once() -> None:
    board = TypingState()
    board.set(42, ADA, 10, on=True)
    assert board.set(42, ADA, 10, on=False)
    assert not board.set(42, ADA, 10, on=False)


def test_writing_that_begins_again_too_soon_is_told_when_it_may_be() -> None:
    board = TypingState()
    board.set(42, ADA, 10, on=True)
    board.set(42, ADA, 10.5, on=False)
    assert not board.set(42, ADA, 11, on=True)
    assert board.expire(11.9) == NOTHING
    assert board.expire(12) == Expired([], [(42, ADA)])
    assert board.expire(12.5) == NOTHING
    assert board.set(42, ADA, 13, on=False)


def test_writing_that_began_and_ended_too_soon_is_never_told() -> None:
    board = TypingState()
    board.set(42, ADA, 10, on=True)
    board.set(42, ADA, 10.5, on=False)
    board.set(42, ADA, 11, on=True)
    assert not board.set(42, ADA, 11.5, on=False)
    assert board.expire(12) == NOTHING
    assert board.set(42, ADA, 12, on=True)


def test_to_stop_what_never_began_is_no_news() -> None:
    board = TypingState()
    assert not board.set(42, ADA, 10, on=False)
    assert board.expire(10) == NOTHING
    assert board.set(42, ADA, 10, on=True)


def test_writing_is_forgotten_six_seconds_after_it_was_last_said() -> None:
    board = TypingState()
    board.set(42, ADA, 10, on=True)
    board.set(42, ADA, 11, on=True)  # not told, but heard
    board.set(42, SAM, 12, on=True)
    assert board.expire(16.9) == NOTHING
    assert board.expire(17) == Expired([(42, ADA)], [])
    assert board.expire(17.9) == NOTHING
    assert board.expire(18) == Expired([(42, SAM)], [])
    assert board.expire(100) == NOTHING
    assert board.set(42, ADA, 100, on=True)


def test_who_writes_where_is_forgotten_by_request_and_by_connection() -> None:
    board = TypingState()
    for number, peer in ((42, ADA), (42, SAM), (43, SAM), (44, SAM)):
        board.set(number, peer, 10, on=True)
    assert board.remove_request(42) == [(42, ADA), (42, SAM)]
    assert board.remove_request(42) == []
    board.set(44, SAM, 10, on=False)
    assert board.remove_actor(SAM) == [(43, SAM)]
    assert board.expire(100) == NOTHING


def test_two_connections_of_one_person_write_on_their_own() -> None:
    board, phone = TypingState(), agent_peer()
    assert board.set(42, SAM, 10, on=True)
    assert board.set(42, phone, 10, on=True)
    assert board.set(42, SAM, 10, on=False)
    assert board.remove_actor(phone) == [(42, phone)]
