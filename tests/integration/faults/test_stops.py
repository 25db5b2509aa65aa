"""Stops by signals under load while nobody reads the log: nothing is lost, each exits with 0."""

from pathlib import Path
from random import Random

from tests.reliability.stops import stop_again_and_again

ROUNDS = 2


async def test_stops_under_load_with_an_unread_log_lose_nothing(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    stopped = await stop_again_and_again(database, ROUNDS, Random(1), customers=10, agents=2)
    assert stopped.outcome.breaches == []
    assert stopped.broken == []
    assert stopped.outcome.acknowledged > ROUNDS
