"""Connection limits by number, by address and by rate: no connection is counted twice or leaks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import CloseCode
from relay.server import limits
from relay.server.limits import (
    UNLIMITED,
    ConnectionLimiter,
    ConnectionLimits,
    Forwarded,
    Proxies,
    Slot,
)
from tests.unit.relay.search import few

OVERLOADED, FROM_ADDRESS = CloseCode.OVERLOADED, CloseCode.TOO_MANY_CONNECTIONS
A, B, C = "198.51.100.1", "198.51.100.2", "198.51.100.3"
PROXY = "10.0.0.1"


def limiter(limits_: ConnectionLimits) -> ConnectionLimiter:
    return ConnectionLimiter(limits_, Proxies([PROXY]), 0.0)


def acquired(limiter: ConnectionLimiter, host: str = A) -> Slot:
    slot = limiter.acquire(host)
    assert slot is not None
    return slot


def code(limiter: ConnectionLimiter, host: str = A, now: float = 0.0) -> CloseCode | None:
    """Open a connection up to its handshake; return the code with which it is refused."""
    refusal = limiter.admit(acquired(limiter, host), Forwarded(), now)
    return None if refusal is None else refusal.code


def authenticated(limiter: ConnectionLimiter, host: str = A) -> Slot:
    slot = acquired(limiter, host)
    assert limiter.admit(slot, Forwarded(), 0.0) is None
    limiter.authenticate(slot)
    return slot


def test_one_address_has_so_many_connections_and_gets_them_back() -> None:
    counted = limiter(replace(UNLIMITED, per_address=2))
    first = authenticated(counted)
    authenticated(counted)
    assert code(counted) is FROM_ADDRESS
    assert code(counted, B) is None
    counted.release(first)
    assert code(counted) is None


def test_a_connection_counts_before_its_handshake() -> None:
    counted = limiter(replace(UNLIMITED, per_address=2))
    acquired(counted)
    acquired(counted)
    assert acquired(counted).refusal is not None


def test_a_connection_that_has_said_hello_is_not_unauthenticated() -> None:
    counted = limiter(replace(UNLIMITED, unauthenticated=1))
    authenticated(counted)
    authenticated(counted, B)
    silent = acquired(counted)
    assert code(counted, C) is OVERLOADED
    counted.release(silent)
    assert code(counted, C) is None


def test_unauthenticated_ones_are_counted_per_address_unless_addresses_are_not() -> None:
    counted = limiter(replace(UNLIMITED, per_address=9, unauthenticated_per_address=1))
    acquired(counted)
    assert code(counted) is FROM_ADDRESS
    assert code(counted, B) is None
    free = limiter(replace(UNLIMITED, unauthenticated_per_address=1))
    acquired(free)
    assert code(free) is None


def test_a_client_behind_a_proxy_counts_for_its_own_address() -> None:
    counted = limiter(replace(UNLIMITED, per_address=1))
    for address in (A, B):
        assert counted.admit(acquired(counted, PROXY), Forwarded([address]), 0.0) is None
    refusal = counted.admit(acquired(counted, PROXY), Forwarded([A]), 0.0)
    assert refusal is not None
    assert refusal.code is FROM_ADDRESS


def test_new_connections_come_within_a_rate() -> None:
    counted = limiter(replace(UNLIMITED, per_second=2.0, burst=3))
    assert [code(counted) for _ in range(4)] == [None, None, None, OVERLOADED]
    assert [code(counted, now=0.5) for _ in range(2)] == [None, OVERLOADED]


def test_a_full_process_refuses_a_few_with_a_reason_and_resets_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_REFUSED", 2)
    counted = limiter(replace(UNLIMITED, connections=1))
    slot = authenticated(counted)
    assert [code(counted), code(counted)] == [OVERLOADED, OVERLOADED]
    assert counted.acquire(A) is None
    counted.release(slot)
    assert counted.acquire(A) is not None


def test_beyond_so_many_refusals_at_once_they_are_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_REFUSED", 1)
    counted = limiter(replace(UNLIMITED, unauthenticated=1))
    acquired(counted)
    first, second = acquired(counted), acquired(counted)
    assert [slot.refusal and slot.refusal.briefly for slot in (first, second)] == [False, True]
    counted.release(first)
    counted.release(second)
    third = acquired(counted)
    assert third.refusal
    assert not third.refusal.briefly


@given(st.lists(st.tuples(st.sampled_from((A, B, PROXY)), st.integers(0, 3)), max_size=60))
@few
def test_when_all_have_gone_none_is_counted(steps: list[tuple[str, int]]) -> None:
    most = replace(
        UNLIMITED, per_address=4, unauthenticated=6, unauthenticated_per_address=3, connections=9
    )
    counted = limiter(most)
    open_: list[Slot] = []
    for host, step in steps:
        if step < 3 and (slot := counted.acquire(host)) is not None:
            open_.append(slot)
            if step > 0 and counted.admit(slot, Forwarded([C]), 0.0) is None and step > 1:
                counted.authenticate(slot)
        elif open_:
            counted.release(open_.pop(0))
    for slot in open_:
        counted.release(slot)
    assert (counted._accepted, counted._unauthenticated, counted._refused) == (0, 0, 0)
    assert not counted._by_address
    assert not counted._unauthenticated_by_address
