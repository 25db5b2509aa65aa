"""Keepalive of many connections without a burst that delays others."""

import asyncio
from itertools import pairwise

import pytest

from relay.errors import CloseCode
from relay.server import keepalive
from relay.server.connection_log import ConnectionRole
from relay.server.keepalive import (
    KEEPALIVE_SECONDS,
    LEAST_RATE,
    PINGS_AT_ONCE,
    ConnectionRegistry,
    Liveness,
)
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


def test_a_silent_client_has_gone_by_the_next_ping() -> None:
    liveness = Liveness()
    assert liveness.check(500, 300, 0)
    assert liveness.check(506, 310, 0)
    assert not liveness.check(506, 320, 0)


def test_a_client_that_sends_is_there_whatever_it_sends() -> None:
    liveness = Liveness()
    assert all(liveness.check(sent, 300, 300) for sent in range(1, 50))


def test_a_client_that_reads_what_waits_for_it_is_there_without_a_word() -> None:
    liveness = Liveness()
    assert all(liveness.check(1, 40_000, unread) for unread in range(40_000, -1, -1_000))
    assert not liveness.check(1, 40_000, 0)


def test_a_machine_that_acknowledges_pings_is_no_client_that_reads() -> None:
    liveness = Liveness()
    assert liveness.check(1, 300, 0)
    assert not liveness.check(1, 310, 0)


def test_a_pong_is_waited_for_as_long_as_a_slow_line_carries_what_stands_before_it() -> None:
    half_a_mebibyte, seconds = 2**19, 2**19 // LEAST_RATE
    liveness = Liveness()
    assert liveness.check(1, half_a_mebibyte, 0)
    silent = [liveness.check(1, half_a_mebibyte, 0) for _ in range(seconds // KEEPALIVE_SECONDS)]
    assert all(silent)
    assert not liveness.check(1, half_a_mebibyte, 0)


def test_what_a_pong_confirms_is_waited_for_no_more() -> None:
    liveness = Liveness()
    assert liveness.check(1, 2**19, 0)
    liveness.confirm(b"%d" % 2**19)
    assert liveness.check(20, 2**19, 0)
    assert not liveness.check(20, 2**19, 0)


@pytest.mark.parametrize("payload", [b"", b"-1", b"1e9", "\u0661".encode(), b"9" * 125, b"\xff"])
def test_a_pong_of_any_payload_is_no_error(payload: bytes) -> None:
    liveness = Liveness()
    assert liveness.check(1, 2**19, 0)
    liveness.confirm(payload)
    assert liveness.check(1, 2**19, 0)


def test_a_client_cannot_confirm_what_it_was_not_sent() -> None:
    liveness = Liveness()
    assert liveness.check(1, 300, 0)
    liveness.confirm(b"999999999")
    assert liveness.check(2, 2**20, 0)
    assert liveness.check(2, 2**20, 0)  # a mebibyte is on its way
