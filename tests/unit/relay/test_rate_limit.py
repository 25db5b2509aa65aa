"""The token bucket: a burst at once, a rate in the long run, and the seconds until the next."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.session.rate_limit import TokenBucket
from tests.unit.relay.search import few


def test_a_burst_passes_at_once_and_then_one_for_each_token() -> None:
    bucket = TokenBucket(rate=2, burst=3, now=100)
    assert [bucket.acquire(100) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.acquire(100.5) == 0
    assert bucket.acquire(100.5) == 0.5


def test_a_refused_frame_costs_no_token() -> None:
    bucket = TokenBucket(rate=1, burst=1, now=0)
    assert bucket.acquire(0) == 0
    assert [bucket.acquire(0.5) for _ in range(3)] == [0.5] * 3
    assert bucket.acquire(1) == 0


def test_a_pause_gives_no_more_than_the_burst() -> None:
    bucket = TokenBucket(rate=5, burst=2, now=0)
    assert [bucket.acquire(1_000) for _ in range(3)] == [0, 0, 0.2]


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    bucket = TokenBucket(rate=1, burst=2, now=100)
    assert bucket.acquire(50) == 0
    assert bucket.acquire(50) == 0
    assert bucket.acquire(50) == 1


@pytest.mark.parametrize(("rate", "burst"), [(0, 20), (5, 0), (0, 0)])
def test_zero_is_no_limit(rate: float, burst: int) -> None:
    bucket = TokenBucket(rate, burst, now=0)
    assert [bucket.acquire(0) for _ in range(1_000)] == [0] * 1_000


@given(
    st.sampled_from([0.5, 1, 5, 50]),
    st.integers(1, 20),
    st.lists(st.floats(0, 2), min_size=1, max_size=60),
)
@few
def test_no_more_pass_than_the_burst_and_the_rate_allow(
    rate: float, burst: int, pauses: list[float]
) -> None:
    bucket, now, passed = TokenBucket(rate, burst, now=0), 0.0, 0
    for pause in pauses:
        now += pause
        wait = bucket.acquire(now)
        assert 0 <= wait <= 1 / rate
        passed += wait == 0
    assert passed <= burst + now * rate + 1e-6


def test_what_is_spent_on_credit_is_waited_for() -> None:
    bucket = TokenBucket(rate=10, burst=40, now=0)
    assert bucket.spend(40, 0) == 0
    assert bucket.spend(20, 0) == 2
    assert bucket.spend(0, 1) == 1
    assert bucket.spend(10, 3) == 0
    assert TokenBucket(0, 0, now=0).spend(10**9, 0) == 0
