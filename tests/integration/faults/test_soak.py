"""Memory is flat while customers come, talk and go."""

from pathlib import Path
from random import Random

from tests.reliability.report import MOST_GROWN
from tests.reliability.soak import SAMPLE_EVERY, growth, soak

SECONDS = 15.0


async def test_memory_is_flat_while_connections_and_requests_come_and_go(tmp_path: Path) -> None:
    soaked = await soak(tmp_path / "desk.db", SECONDS, Random(3))
    assert soaked.outcome.breaches == []
    assert soaked.conversations > SECONDS
    assert soaked.grown <= MOST_GROWN


def test_a_leak_is_seen_in_the_samples() -> None:
    looks = int(SECONDS / SAMPLE_EVERY)
    assert growth([look * 2**20 for look in range(looks)]) > MOST_GROWN
    assert growth([60 * 2**20] * looks) == 0
