"""The retry schedule: increasing pauses over a day, then a dead letter."""

import pytest

from relay.webhooks.schedule import (
    JITTER,
    MAX_RETRY_AFTER,
    MAX_TRIES,
    jittered_delay,
    parse_retry_after,
    retry_delay,
)

NOW = 1_795_343_700.0  # Sun, 22 Nov 2026 10:35:00 GMT


def test_the_pauses_grow_until_a_day_is_over() -> None:
    pauses = [retry_delay(tries) or 0.0 for tries in range(1, MAX_TRIES)]
    assert pauses == [5, 20, 80, 320, 1280, 5120, 20480, 28800, 28800]
    assert 23 < sum(pauses) / 3600 < 25
    assert retry_delay(MAX_TRIES) is None


def test_jitter_moves_a_pause_by_a_fifth_to_both_sides() -> None:
    assert jittered_delay(1, 0.5) == 5
    assert jittered_delay(1, 0.0) == pytest.approx(5 * (1 - JITTER))
    assert jittered_delay(1, 1.0) == pytest.approx(5 * (1 + JITTER))
    assert jittered_delay(MAX_TRIES, 0.5) is None


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 5000, MAX_RETRY_AFTER),
        ("Sun, 22 Nov 2026 10:37:00 GMT", 120.0),
        ("Sun, 22 Nov 2026 10:37:00", 120.0),
        ("Sun, 22 Nov 2026 10:30:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 10:30:00 GMT", MAX_RETRY_AFTER),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
    ],
)
def test_a_wish_is_in_seconds_or_a_date_and_a_day_at_most(said: str, seconds: float | None) -> None:
    assert parse_retry_after(said, NOW) == seconds
