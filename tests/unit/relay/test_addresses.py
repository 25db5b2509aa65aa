"""Addresses of connections: grouping by network, and trusted proxies."""

import pytest

from relay.server.limits import Proxies, counted_as


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
    ],
)
def test_one_line_counts_as_one_address(host: str, counted: str) -> None:
    assert counted_as(host) == counted


PROXIES = ("10.0.0.0/8", "2001:db8:ffff::/48")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1, 192.0.2.7"], "192.0.2.7"),  # the left one is anybody's word
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7, 10.9.9.9"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7 ,10.0.0.3,\t2001:db8:ffff::1"], "192.0.2.7"),
        ("::ffff:10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["2001:db8::7"], "2001:db8::7"),
        ("192.0.2.1", ["198.51.100.1"], "192.0.2.1"),  # not a proxy of ours
        ("127.0.0.1", ["198.51.100.1"], "127.0.0.1"),  # nor is this machine, unless named
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.7:4711"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.0/24"], "10.0.0.1"),
        ("10.0.0.1", ["x" * 8000], "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_who_is_no_trusted_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert Proxies(PROXIES).client(peer, forwarded) == client


def test_without_trusted_proxies_nobody_is_believed() -> None:
    for peer in ("127.0.0.1", "10.0.0.1", "::1", ""):
        assert Proxies(()).client(peer, ["192.0.2.7"]) == peer
        assert not Proxies(()).believes(peer)
