"""Kills at random moments under load: the relay loses nothing that it acknowledged or pushed."""

from pathlib import Path
from random import Random

from tests.reliability.kills import kill_again_and_again

ROUNDS = 5


async def test_what_was_acknowledged_survives_five_kills_under_load(tmp_path: Path) -> None:
    outcome = await kill_again_and_again(tmp_path / "desk.db", ROUNDS, Random(1))
    assert outcome.breaches == []
    assert outcome.acknowledged > ROUNDS
