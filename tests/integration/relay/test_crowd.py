"""Many connections are kept alive without a burst that would hold up everybody else."""

import asyncio
from itertools import pairwise

import pytest

from relay.errors import CloseCode
from relay.server import crowd
from relay.server.crowd import AT_ONCE, KEEPALIVE_INTERVAL, Crowd
from relay.server.witness import Party
from tests.patience import PATIENCE


class Member:
    """A connection that notes when it is pinged."""

    def __init__(self, pings: asyncio.Queue[float]) -> None:
        self._pings = pings

    def standing(self) -> tuple[Party, int]:
        return Party.CUSTOMER, 0

    def keep_alive(self) -> None:
        self._pings.put_nowait(asyncio.get_running_loop().time())

    def hang_up(self, code: CloseCode, reason: str) -> None:
        raise AssertionError((code, reason))

    def abort(self) -> None:
        raise AssertionError("nobody ends")


async def test_the_pings_of_a_second_go_out_a_few_at_a_time_and_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crowd, "SPREAD", 0.2)
    pings, everybody, due = asyncio.Queue[float](), Crowd(), 5 * AT_ONCE
    for _ in range(due * KEEPALIVE_INTERVAL):
        everybody.add(Member(pings))
    everybody.second()
    async with asyncio.timeout(PATIENCE):
        times = [await pings.get() for _ in range(due)]
    groups = times[::AT_ONCE]
    assert all(later - sooner >= 0.03 for sooner, later in pairwise(groups))
    assert pings.empty()
