"""Two thousand customers who lose the relay at once come back within its rate, and lose nothing."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from relay.client import FIRST_DELAY, reconnect_delay
from tests.reliability.herd import MOST_CROWDED, Return, crowding, drop_all_at_once
from tests.reliability.oracle import Outcome


@pytest.mark.alone
async def test_two_thousand_clients_come_back_within_the_rate_and_within_half_a_minute(
    tmp_path: Path,
) -> None:
    back = await drop_all_at_once(tmp_path / "desk.db", 2000, Random(2))
    assert back.outcome.breaches == []
    assert back.outcome.acknowledged >= 2 * 2000
    assert back.turned_away > 0
    assert back.broken == []


GOOD = Return(Outcome(1, []), seconds=29.0, turned_away=1, too_fast=0, crowded=0.1)


@pytest.mark.parametrize(
    "wrong",
    [replace(GOOD, seconds=31.0), replace(GOOD, too_fast=1), replace(GOOD, crowded=1.0)],
    ids=["late", "too fast", "at one time"],
)
def test_a_return_that_is_late_or_too_fast_or_all_at_one_time_is_seen(wrong: Return) -> None:
    assert GOOD.broken == []
    assert len(wrong.broken) == 1


def test_clients_that_pause_alike_are_a_crowd_and_those_with_jitter_are_not() -> None:
    rng = Random(4)
    assert crowding([reconnect_delay(0, rng.random()) for _ in range(2000)]) <= MOST_CROWDED
    assert crowding([FIRST_DELAY] * 2000) > MOST_CROWDED
