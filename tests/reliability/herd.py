"""Drops thousands of customers at once; all reconnect as fast as the relay accepts them."""

import asyncio
import math
import resource
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import SERVICE_UNAVAILABLE
from pathlib import Path
from random import Random

from relay.client import FIRST_DELAY
from relay.errors import CloseCode
from tests.free_port import free_port
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import served
from tests.reliability.oracle import Outcome, judged
from tests.reliability.people import Customer

PER_SECOND, BURST = 250, 100
"""What the relay lets in when they come back: so few that many have to be turned away."""
SETTINGS = {**FREE, "connections_per_address": 0, "unauthenticated_connections": 0}
RATE = {"connections_per_second": PER_SECOND, "connections_burst": BURST}
QUIET = 3600.0
"""Seconds that they think between two messages: each says something when they come in, no more."""
PATIENCE = 120.0
"""Seconds after which the run is given up, however slow the machine."""
BACK_WITHIN = 30.0
"""Seconds of the relay within which everybody is to be back."""
MOST_CROWDED = 0.2
"""The share that may try again in the same tenth of the first pause; evenly it is a tenth."""


@dataclass(frozen=True, slots=True)
class Return:
    """How they came back. ``seconds`` are those from the relay's return to the last customer's."""

    outcome: Outcome
    seconds: float
    turned_away: int
    """How often somebody was answered 1013, or HTTP 503 where there were too many for that."""
    too_fast: int
    """How many were let in sooner than the relay's rate allows."""
    crowded: float
    """The largest share of them whose first pause ended in the same tenth of the longest one."""

    @property
    def broken(self) -> list[str]:
        """Return a sentence for each claim about the return that does not hold."""
        claims = {
            f"The last one was back after {self.seconds:.1f} s.": self.seconds < BACK_WITHIN,
            f"{self.too_fast} were let in faster than the rate.": self.too_fast == 0,
            f"{self.crowded:.0%} tried again at one time.": self.crowded <= MOST_CROWDED,
        }
        return [sentence for sentence, holds in claims.items() if not holds]


class Herd:
    """*size* customers, and who of them has come in when."""

    def __init__(self, size: int, rng: Random) -> None:
        self.acknowledged = 0
        self._news = asyncio.Event()
        self.customers = [
            Customer(f"Customer {number}", Random(rng.random()), self._told)
            for number in range(size)
        ]
        for customer in self.customers:
            customer.thinking, customer.hurried = QUIET, False

    @property
    def endings(self) -> Counter[int]:
        """Return how often each code has ended a connection."""
        return sum((customer.endings for customer in self.customers), Counter())

    async def all_back(self, since: float) -> None:
        """Wait until everybody has come *since* then, and has been answered."""
        for one in self.customers:
            while not (one.came_at > since and one.present.is_set() and one.answered):
                self._news.clear()
                await self._news.wait()

    def _told(self) -> None:
        self.acknowledged += 1
        self._news.set()


def crowding(pauses: Sequence[float]) -> float:
    """Return the largest share of first *pauses*, in seconds, in the same tenth of the longest."""
    tenths = Counter(int(10 * pause / FIRST_DELAY) for pause in pauses)
    return max(tenths.values()) / len(pauses)


def allow_files(number: int) -> None:
    """Let this process, and those it starts, have *number* files open if the machine does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = number if hard == resource.RLIM_INFINITY else min(number, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


async def drop_all_at_once(database: Path, size: int, rng: Random) -> Return:
    """Return how *size* customers come back to a relay that was killed while they were there."""
    allow_files(2 * size + 500)
    herd, port = Herd(size, rng), free_port()
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        async with served(database, port, connections_per_second=0, **SETTINGS) as relay:
            for customer in herd.customers:
                group.create_task(customer.live(relay.url), name=customer.name)
            await herd.all_back(since=-math.inf)
            await relay.kill()
        dropped = time.monotonic()
        async with served(database, port, **SETTINGS, **RATE) as relay:
            ready = time.monotonic()
            await herd.all_back(since=dropped)
            for customer in herd.customers:
                customer.leave()
            await relay.kill()
    came = sorted(customer.came_at - dropped for customer in herd.customers)
    too_fast = sum(number > BURST + PER_SECOND * at for number, at in enumerate(came))
    turned_away = herd.endings[CloseCode.OVERLOADED] + herd.endings[SERVICE_UNAVAILABLE]
    shown = [customer.transcript for customer in herd.customers]
    outcome = Outcome(herd.acknowledged, judged(database, shown, []))
    crowded = crowding([customer.first_pause for customer in herd.customers])
    return Return(outcome, dropped + came[-1] - ready, turned_away, too_fast, crowded)
