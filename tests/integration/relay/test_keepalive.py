"""Keepalive of many connections without a burst that delays others."""

import asyncio
from itertools import pairwise

import pytest

from relay.errors import CloseCode
from relay.server import keepalive
from relay.server.connection_log import ConnectionRole
from relay.server.keepalive import KEEPALIVE_SECONDS, PINGS_AT_ONCE, ConnectionRegistry
from tests.patience import PATIENCE


class Member:
    """A connection that notes when it is pinged."""

    def __init__(self, pings: asyncio.Queue[float]) -> None:
        self._pings = pings
        self.pinged = 0

    @property
    def role(self) -> ConnectionRole:
        return ConnectionRole.CUSTOMER

    def backlog(self) -> int:
        return 0

    def keep_alive(self) -> None:
        self.pinged += 1
        self._pings.put_nowait(asyncio.get_running_loop().time())

    def close(self, code: CloseCode, reason: str) -> None:
        raise AssertionError((code, reason))

    def abort(self) -> None:
        raise AssertionError("nobody ends")


DUE = 5 * PINGS_AT_ONCE
"""Pings due in each second."""


def full(pings: asyncio.Queue[float]) -> tuple[ConnectionRegistry, list[Member]]:
    """Return a registry whose connections note their pings in *pings*, and these."""
    registry, members = (
        ConnectionRegistry(),
        [Member(pings) for _ in range(DUE * KEEPALIVE_SECONDS)],
    )
    for member in members:
        registry.add(member)
    return registry, members


async def test_the_pings_of_a_second_go_out_a_few_at_a_time_spread_over_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keepalive, "SPREAD_SECONDS", 0.2)
    pings = asyncio.Queue[float]()
    registry, _ = full(pings)
    registry.tick()
    async with asyncio.timeout(PATIENCE):
        times = [await pings.get() for _ in range(DUE)]
    assert all(later - sooner >= 0.03 for sooner, later in pairwise(times[::PINGS_AT_ONCE]))
    assert pings.empty()


async def test_each_connection_is_pinged_once_in_an_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keepalive, "SPREAD_SECONDS", 0.0)
    pings = asyncio.Queue[float]()
    registry, members = full(pings)
    for _ in range(KEEPALIVE_SECONDS):
        registry.tick()
        async with asyncio.timeout(PATIENCE):
            for _ in range(DUE):
                await pings.get()
    assert {member.pinged for member in members} == {1}
