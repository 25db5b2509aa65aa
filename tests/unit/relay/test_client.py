"""The client: addresses of relays, and the backoff before reconnecting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.client import Disconnected, Unreachable, reconnect_delay, socket_address
from tests.unit.relay.search import few


@pytest.mark.parametrize(
    ("attempt", "longest"),
    [(0, 0.5), (1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (6, 15), (10_000, 15)],
)
def test_the_pause_doubles_up_to_a_quarter_of_a_minute(attempt: int, longest: float) -> None:
    assert reconnect_delay(attempt, 0.0) == 0
    assert reconnect_delay(attempt, 0.5) == longest / 2
    assert reconnect_delay(attempt, 0.999) == pytest.approx(longest * 0.999)


@given(st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
@few
def test_the_jitter_is_full(attempt: int, jitter: float) -> None:
    assert 0 <= reconnect_delay(attempt, jitter) < 15.0 or jitter == 0
    assert reconnect_delay(attempt, jitter) <= reconnect_delay(attempt + 1, jitter)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ws://127.0.0.1:8765", "ws://127.0.0.1:8765/v1/agent"),
        ("wss://help.example", "wss://help.example/v1/agent"),
        ("http://help.example/", "ws://help.example/v1/agent"),
        ("https://help.example/desk/", "wss://help.example/desk/v1/agent"),
        ("HTTPS://help.example", "wss://help.example/v1/agent"),
        ("localhost:8765", "ws://localhost:8765/v1/agent"),
        ("help.example", "ws://help.example/v1/agent"),
        ("[::1]:8765", "ws://[::1]:8765/v1/agent"),
        ("https://help.example/?a=1#b", "wss://help.example/v1/agent"),
    ],
)
def test_an_address_as_people_give_it_becomes_the_sockets(url: str, address: str) -> None:
    assert socket_address(url, "/v1/agent") == address


@pytest.mark.parametrize(
    "url", ["", "ftp://help.example", "ws://", "https:///desk", "/desk", "ws://["]
)
def test_what_is_no_address_is_said_in_one_sentence(url: str) -> None:
    with pytest.raises(Unreachable, match="is no relay's address"):
        socket_address(url, "/v1/agent")


@pytest.mark.parametrize(
    ("code", "comes_back"),
    [
        *((code, True) for code in (1001, 1006, 1012, 1013, 4100, 4102, 4199)),
        *((code, False) for code in (4000, 4003, 4099)),
    ],
)
def test_a_client_comes_back_after_all_but_4000_to_4099(code: int, comes_back: bool) -> None:
    assert Disconnected(code, "").may_reconnect is comes_back


def test_the_end_of_a_connection_is_one_sentence() -> None:
    assert str(Disconnected(1012, "the relay restarts")) == (
        "The relay ended the connection (1012 the relay restarts)."
    )
    assert str(Disconnected(1006, "")) == "The relay ended the connection (1006)."
