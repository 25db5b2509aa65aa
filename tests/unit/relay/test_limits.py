"""How many may come, counted: nobody is ever counted twice, or for ever."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import CloseCode
from relay.server import limits
from relay.server.limits import NO_CAPS, Gate, Guest
from tests.unit.relay.search import few

OVERLOADED, FROM_ADDRESS = CloseCode.OVERLOADED, CloseCode.TOO_MANY_CONNECTIONS


def arrived(gate: Gate, address: str | None = "a") -> Guest:
    guest = gate.arrive(address)
    assert guest is not None
    return guest


def code(gate: Gate, address: str | None = "a", now: float = 0.0) -> CloseCode | None:
    """Let a guest come as far as the handshake; return with which code they were refused."""
    refusal = gate.come_in(arrived(gate, address), address, now)
    return None if refusal is None else refusal.code


def known(gate: Gate, address: str = "a") -> Guest:
    guest = arrived(gate, address)
    assert gate.come_in(guest, address, 0.0) is None
    gate.know(guest)
    return guest


def test_one_address_has_so_many_connections_and_gets_them_back() -> None:
    gate = Gate(replace(NO_CAPS, per_address=2), 0.0)
    first = known(gate)
    known(gate)
    assert code(gate) is FROM_ADDRESS
    assert code(gate, "b") is None
    gate.leave(first)
    assert code(gate) is None


def test_a_connection_counts_before_its_handshake() -> None:
    gate = Gate(replace(NO_CAPS, per_address=2), 0.0)
    arrived(gate)
    arrived(gate)
    assert arrived(gate).refusal is not None


def test_who_has_said_hello_is_no_stranger() -> None:
    gate = Gate(replace(NO_CAPS, strangers=1), 0.0)
    known(gate)
    known(gate, "b")
    stranger = arrived(gate)
    assert code(gate, "c") is OVERLOADED
    gate.leave(stranger)
    assert code(gate, "c") is None


def test_strangers_are_counted_per_address_unless_addresses_are_not() -> None:
    gate = Gate(replace(NO_CAPS, per_address=9, strangers_per_address=1), 0.0)
    arrived(gate)
    assert code(gate) is FROM_ADDRESS
    assert code(gate, "b") is None
    free = Gate(replace(NO_CAPS, strangers_per_address=1), 0.0)
    arrived(free)
    assert code(free) is None


def test_who_comes_through_a_proxy_counts_for_their_own_address() -> None:
    gate = Gate(replace(NO_CAPS, per_address=1), 0.0)
    for address in ("a", "b"):
        assert gate.come_in(arrived(gate, None), address, 0.0) is None
    refusal = gate.come_in(arrived(gate, None), "a", 0.0)
    assert refusal is not None
    assert refusal.code is FROM_ADDRESS


def test_new_connections_come_within_a_rate() -> None:
    gate = Gate(replace(NO_CAPS, per_second=2.0, burst=3), 0.0)
    assert [code(gate) for _ in range(4)] == [None, None, None, OVERLOADED]
    assert [code(gate, now=0.5) for _ in range(2)] == [None, OVERLOADED]


def test_a_process_that_is_full_says_so_to_a_few_and_hears_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_REFUSED", 2)
    gate = Gate(replace(NO_CAPS, connections=1), 0.0)
    guest = known(gate)
    assert [code(gate), code(gate)] == [OVERLOADED, OVERLOADED]
    assert gate.arrive("a") is None
    gate.leave(guest)
    assert gate.arrive("a") is not None


def test_beyond_so_many_refusals_at_once_they_are_brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_REFUSED", 1)
    gate = Gate(replace(NO_CAPS, strangers=1), 0.0)
    arrived(gate)
    first, second = arrived(gate), arrived(gate)
    assert [guest.refusal and guest.refusal.briefly for guest in (first, second)] == [False, True]
    gate.leave(first)
    gate.leave(second)
    third = arrived(gate)
    assert third.refusal
    assert not third.refusal.briefly


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=60))
@few
def test_when_all_have_gone_nobody_is_counted(steps: list[tuple[str, int]]) -> None:
    caps = replace(NO_CAPS, per_address=4, strangers=6, strangers_per_address=3, connections=9)
    gate = Gate(caps, 0.0)
    here: list[Guest] = []
    for address, step in steps:
        if step < 3 and (guest := gate.arrive(address)) is not None:
            here.append(guest)
            if step > 0 and gate.come_in(guest, address, 0.0) is None and step > 1:
                gate.know(guest)
        elif here:
            gate.leave(here.pop(0))
    for guest in here:
        gate.leave(guest)
    fresh = Gate(caps, 0.0)
    assert (gate._staying, gate._strangers, gate._refused) == (0, 0, 0)
    assert (gate._from, gate._strangers_from) == (fresh._from, fresh._strangers_from)
