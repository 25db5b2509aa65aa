"""Kills the relay at random moments under load and restarts it on the same port, repeatedly."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from random import Random

from tests.free_port import free_port
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import Served, served
from tests.reliability.oracle import Outcome, judged
from tests.reliability.people import Agent, Customer
from tests.reliability.person import Person

SETTINGS = {**FREE, "connections_per_address": 0}
LONGEST_ROUND = 400
"""Messages that are acknowledged in a round at most before the relay is killed."""
LONGEST_DELAY = 0.02
"""Seconds from the last of them to the kill at most: it must not always fall on an answer."""
PATIENCE = 120.0
"""Seconds that a round may take on a machine that does much else."""


class Load:
    """Customers and agents who talk to one relay, however often it dies."""

    def __init__(self, rng: Random, customers: int) -> None:
        self._rng = rng
        self._acknowledged = 0
        self._progress = asyncio.Event()
        self.customers = [self._customer(number) for number in range(customers)]
        self.agents: list[Agent] = []

    @property
    def people(self) -> list[Person]:
        """Return all of them."""
        return [*self.customers, *self.agents]

    async def hire(self, relay: Served, agents: int) -> None:
        """Let *agents* more share the requests, so that two of them watch each."""
        for number in range(agents):
            name = f"Agent {number}"
            mine = partial(_is_in, {number, (number + 1) % agents}, agents)
            rng = Random(self._rng.random())
            self.agents.append(Agent(name, rng, self._told, await relay.hire(name), mine))

    async def acknowledged(self, more: int) -> None:
        """Wait until *more* messages have been acknowledged."""
        goal = self._acknowledged + more
        while self._acknowledged < goal:
            self._progress.clear()
            await self._progress.wait()

    @property
    def count(self) -> int:
        """Return how many messages have been acknowledged."""
        return self._acknowledged

    def _customer(self, number: int) -> Customer:
        return Customer(f"Customer {number}", Random(self._rng.random()), self._told)

    def _told(self) -> None:
        self._acknowledged += 1
        self._progress.set()


def _is_in(shares: set[int], of: int, request: int) -> bool:
    return request % of in shares


async def kill_again_and_again(
    database: Path,
    rounds: int,
    rng: Random,
    *,
    customers: int = 50,
    agents: int = 5,
    begun: Callable[[int], object] = lambda _: None,
) -> Outcome:
    """Return what became of what was said over *rounds* kills; *begun* hears of each round."""

    async def kill(port: int, load: Load) -> None:
        async with served(database, port, **SETTINGS) as relay:
            await until_its_end(load, rng)
            await relay.kill()

    return await end_again_and_again(
        database, rounds, rng, kill, customers=customers, agents=agents, begun=begun
    )


async def end_again_and_again(
    database: Path,
    rounds: int,
    rng: Random,
    run_once: Callable[[int, Load], Awaitable[None]],
    *,
    customers: int,
    agents: int,
    begun: Callable[[int], object],
) -> Outcome:
    """Return what became of what was said over *rounds*, each of which is one run of a relay.

    *run_once* runs it at a port under a load, until it has ended; *begun* hears of each round.
    """
    port, load = free_port(), Load(rng, customers)
    async with served(database, port, **SETTINGS) as relay:
        await load.hire(relay, agents)
    async with asyncio.TaskGroup() as group:
        lives = [group.create_task(one.live(relay.url), name=one.name) for one in load.people]
        for number in range(rounds):
            begun(number)
            async with asyncio.timeout(PATIENCE):
                await run_once(port, load)
        async with served(database, port, **SETTINGS), asyncio.timeout(PATIENCE):
            for one in load.people:
                one.leave()
            await asyncio.wait(lives)
            for one in load.people:
                await one.catch_up(relay.url)
    customers_told = [customer.transcript for customer in load.customers]
    agents_told = [agent.transcript for agent in load.agents]
    return Outcome(load.count, judged(database, customers_told, agents_told))


async def until_its_end(load: Load, rng: Random) -> None:
    """Return at the random moment at which the relay is to die; mostly when all have come back."""
    if rng.random() < 0.5:
        for one in load.people:
            await one.present.wait()
    await load.acknowledged(rng.randint(1, LONGEST_ROUND))
    await asyncio.sleep(rng.random() * LONGEST_DELAY)
