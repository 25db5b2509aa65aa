"""Few `typing` frames for many keys."""

from helpdesk_tui.model.presence import PAUSE, REPEAT, TypingSignal


def test_keys_are_told_of_at_once_and_then_only_now_and_then() -> None:
    signal = TypingSignal()
    assert signal.key(10.0) is True
    assert signal.key(10.0 + REPEAT - 0.1) is None
    assert signal.key(10.0 + REPEAT) is True


def test_it_ends_when_no_key_came_for_a_while() -> None:
    signal = TypingSignal()
    signal.key(10.0)
    assert signal.tick(10.0 + PAUSE - 0.1) is None
    assert signal.tick(10.0 + PAUSE) is False
    assert signal.tick(10.0 + 2 * PAUSE) is None


def test_it_ends_at_once_when_the_text_is_sent() -> None:
    signal = TypingSignal()
    assert signal.stop() is None
    signal.key(10.0)
    assert signal.stop() is False
    assert signal.key(10.1) is True
