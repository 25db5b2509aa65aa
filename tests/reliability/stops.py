"""Stops a relay under load again and again, by any signal that ends it, while nobody reads its log.

Before that it gets signals that mean nothing to it, and after that a second one that ends it.
"""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from relay.signals import CAUGHT, ENDS, name_of
from tests.integration.relay.relay_process import PROGRAM, served_unread
from tests.reliability.kills import SETTINGS, Load, end_again_and_again, until_its_end
from tests.reliability.oracle import Outcome
from tests.reliability.unread import KINDS

IGNORED = [number for number in CAUGHT if number not in ENDS]
MOST_IGNORED = 5
"""Signals that mean nothing in one round."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """How it went; ``broken`` says of each relay that ended otherwise how it did."""

    outcome: Outcome
    broken: list[str]


async def stop_again_and_again(
    database: Path,
    rounds: int,
    rng: Random,
    *,
    customers: int = 50,
    agents: int = 5,
    begun: Callable[[int], object] = lambda _: None,
) -> Stopped:
    """Return what became of what was said over *rounds* stops; *begun* hears of each round."""
    broken = []

    async def stop(port: int, load: Load) -> None:
        kind, end = rng.choice(KINDS), rng.choice(sorted(ENDS))
        settings = {**SETTINGS, "log_level": "DEBUG"}
        with kind() as stderr:
            async with served_unread(PROGRAM, database, stderr, port, **settings) as relay:
                for _ in range(rng.randint(1, MOST_IGNORED)):
                    await load.acknowledged(1)
                    relay.process.send_signal(rng.choice(IGNORED))
                await until_its_end(load, rng)
                relay.process.send_signal(end)
                relay.process.send_signal(signal.SIGTERM)
                code = await relay.process.wait()
        if code:
            broken.append(f"{code} after {name_of(end)} with stderr a {kind.__name__}")

    outcome = await end_again_and_again(
        database, rounds, rng, stop, customers=customers, agents=agents, begun=begun
    )
    return Stopped(outcome, broken)
