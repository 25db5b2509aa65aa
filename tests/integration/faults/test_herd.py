"""Two thousand customers who lose the relay at once come back within its rate, and lose nothing."""

from pathlib import Path
from random import Random

from tests.reliability.herd import drop_all_at_once


async def test_two_thousand_clients_come_back_within_the_rate_and_within_half_a_minute(
    tmp_path: Path,
) -> None:
    back = await drop_all_at_once(tmp_path / "desk.db", 2000, Random(2))
    assert back.outcome.breaches == []
    assert back.outcome.acknowledged >= 2 * 2000
    assert back.turned_away > 0
    assert back.too_fast == 0
    assert back.seconds < 30
