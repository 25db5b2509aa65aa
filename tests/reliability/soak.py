"""Runs customers who connect, write and leave for a given time, and measures the relay's memory."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from resource import getpagesize
from statistics import median

from tests.integration.relay.helpers import FREE, Wire
from tests.integration.relay.relay_process import Served, agent_of, customer_of, served_by
from tests.reliability.launcher import launcher
from tests.reliability.oracle import Outcome, judged
from tests.reliability.transcript import Place, Transcript

SETTINGS = {**FREE, "connections_per_address": 0}
CUSTOMERS, AGENTS = 12, 3
REMEMBERED = 100
"""Requests that the writer keeps in memory: few, so that a short run reaches that bound as well."""
SAMPLE_EVERY = 0.25
"""Seconds between two looks at the memory."""
WARM_UP = 1 / 3
"""The part of the time in which caches and the allocator's arenas may fill."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """How it went. ``grown`` is in bytes, from the first to the last fifth after the warm-up."""

    outcome: Outcome
    conversations: int
    grown: int


@dataclass
class Talk:
    """What all of them do, until ``until`` (seconds of the steady clock)."""

    relay: Served
    rng: Random
    until: float
    conversations: int = 0
    open: set[int] = field(default_factory=set)
    customers: Transcript = field(default_factory=lambda: Transcript("customers"))
    agents: Transcript = field(default_factory=lambda: Transcript("agents"))
    _refs: count = field(default_factory=count)  # type: ignore[type-arg]

    async def customer(self) -> None:
        """Ask for help again and again, each time as somebody new."""
        while time.monotonic() < self.until:
            async with await customer_of(self.relay) as client:
                opened = await client.ok("open")
                number = opened["request"]["id"]
                self.open.add(number)
                await self._converse(client, number)
                self.open.discard(number)
                await client.ok("close")
                await client.ok("rate", score=self.rng.randint(1, 5))
            self.conversations += 1

    async def agent(self, token: str) -> None:
        """Come, look at what is open, answer some of it and go."""
        while time.monotonic() < self.until:
            async with await agent_of(self.relay, token) as client:
                for number in self.rng.sample(sorted(self.open), min(3, len(self.open))):
                    joined = await client.ask("join", request=number)
                    if joined["type"] == "joined" and joined["request"]["status"] != "closed":
                        await client.send("typing", request=number, on=True)
                        await self._note(client, number)
                        await client.send("read", request=number, seq=joined["request"]["seq"])
                        await client.ok("history", request=number, before=10)
                    await client.send("leave", request=number)

    async def _converse(self, client: Wire, number: int) -> None:
        for _ in range(self.rng.randint(1, 10)):
            await client.send("typing", on=True)
            ref = f"c{next(self._refs)}"
            self.customers.said.append(ref)
            sent = await client.ok("send", ref=ref, text=ref)
            self.customers.acknowledged[ref] = Place(number, sent["seq"])
            await client.send("read", seq=sent["seq"])
        await client.send(
            "page", page={"url": "https://shop.example/", "title": "", "referrer": ""}
        )
        await client.ok("history", before=5)

    async def _note(self, client: Wire, number: int) -> None:
        ref = f"a{next(self._refs)}"
        self.agents.said.append(ref)
        sent = await client.ok("note", ref=ref, request=number, text=ref)
        self.agents.acknowledged[ref] = Place(number, sent["seq"])


async def soak(
    database: Path, seconds: float, rng: Random, tell: Callable[[int], object] = lambda _: None
) -> Soaked:
    """Return what *seconds* of talk did; *tell* hears of each look at the memory, in bytes."""
    async with served_by(launcher(remembered=REMEMBERED), database, **SETTINGS) as relay:
        tokens = [await relay.hire(f"Agent {number}") for number in range(AGENTS)]
        talk = Talk(relay, rng, time.monotonic() + seconds)
        sizes: list[int] = []
        async with asyncio.TaskGroup() as group:
            for _ in range(CUSTOMERS):
                group.create_task(talk.customer())
            for token in tokens:
                group.create_task(talk.agent(token))
            while time.monotonic() < talk.until:
                await asyncio.sleep(SAMPLE_EVERY)
                sizes.append(resident(relay.process.pid))
                tell(sizes[-1])
        await relay.kill()
    told = len(talk.customers.acknowledged) + len(talk.agents.acknowledged)
    outcome = Outcome(told, judged(database, [talk.customers], [talk.agents]))
    return Soaked(outcome, talk.conversations, growth(sizes))


def growth(sizes: list[int]) -> int:
    """Return how much larger the last fifth of *sizes* is than the first, after the warm-up."""
    warm = sizes[int(len(sizes) * WARM_UP) :]
    fifth = max(1, len(warm) // 5)
    return int(median(warm[-fifth:]) - median(warm[:fifth]))


def resident(pid: int) -> int:
    """Return the bytes of memory that process *pid* holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * getpagesize()
