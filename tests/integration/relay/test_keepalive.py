"""Many connections are kept alive without a burst that would hold up everybody else."""

import asyncio
from itertools import pairwise

import pytest

from relay.errors import CloseCode
from relay.server import keepalive
from relay.server.connection_log import Party
from relay.server.keepalive import AT_ONCE, KEEPALIVE_INTERVAL, Crowd
from tests.patience import PATIENCE


class Member:
    """A connection that notes when it is pinged."""

    def __init__(self, pings: asyncio.Queue[float]) -> None:
        self._pings = pings
        self.pinged = 0

    def standing(self) -> tuple[Party, int]:
        return Party.CUSTOMER, 0

    def keep_alive(self) -> None:
        self.pinged += 1
        self._pings.put_nowait(asyncio.get_running_loop().time())

    def hang_up(self, code: CloseCode, reason: str) -> None:
        raise AssertionError((code, reason))

    def abort(self) -> None:
        raise AssertionError("nobody ends")


DUE = 5 * AT_ONCE
"""Pings of each second in a full house."""


def full_house(pings: asyncio.Queue[float]) -> tuple[Crowd, list[Member]]:
    """Return a crowd that notes its pings in *pings*, and who is in it."""
    house, members = Crowd(), [Member(pings) for _ in range(DUE * KEEPALIVE_INTERVAL)]
    for member in members:
        house.add(member)
    return house, members


async def test_the_pings_of_a_second_go_out_a_few_at_a_time_spread_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keepalive, "SPREAD", 0.2)
    pings = asyncio.Queue[float]()
    house, _ = full_house(pings)
    house.second()
    async with asyncio.timeout(PATIENCE):
        times = [await pings.get() for _ in range(DUE)]
    assert all(later - sooner >= 0.03 for sooner, later in pairwise(times[::AT_ONCE]))
    assert pings.empty()


async def test_everybody_is_pinged_once_in_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "SPREAD", 0.0)
    pings = asyncio.Queue[float]()
    house, members = full_house(pings)
    for _ in range(KEEPALIVE_INTERVAL):
        house.second()
        async with asyncio.timeout(PATIENCE):
            for _ in range(DUE):
                await pings.get()
    assert {member.pinged for member in members} == {1}
