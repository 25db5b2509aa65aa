"""Addresses of connections: grouping by network, and trusted proxies."""

import pytest

from relay.server.limits import Forwarded, ForwardedFault, Proxies, counted_as


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
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),  # one of ours, behind ours
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.0/24"], "10.0.0.1"),
        ("10.0.0.1", ["x" * 8000], "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_who_is_no_trusted_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert Proxies(PROXIES).client(peer, Forwarded(forwarded))[0] == client


@pytest.mark.parametrize(
    ("written", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7\t", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),  # Azure's gateways
        ("192.0.2.7:", "192.0.2.7"),
        ("192.0.2.7:_obf", "192.0.2.7"),
        ("[192.0.2.7]:4711", "192.0.2.7"),
        ('"192.0.2.7:4711"', "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ('"[2001:db8::7]:4711"', "2001:db8::7"),
        ("2001:db8::7%eth0", "2001:db8::7"),
        ("[2001:db8::7%25eth0]:80", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:4711", "192.0.2.7"),
        ("[::ffff:c000:207]", "192.0.2.7"),
    ],
)
@pytest.mark.parametrize("more", [[], ["198.51.100.1"], ["198.51.100.1, unknown", "", " "]])
def test_an_address_is_read_in_every_form_that_proxies_write(
    written: str, client: str, more: list[str]
) -> None:
    assert Proxies(PROXIES).client("10.0.0.1", Forwarded([*more, written])) == (client, None)
    behind = Forwarded([*more, f"{written} ,10.0.0.9:80", "[2001:db8:ffff::1]:443"])
    assert Proxies(PROXIES).client("10.0.0.1", behind) == (client, None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (["unknown"], ForwardedFault.UNKNOWN),
        (["192.0.2.7, Unknown"], ForwardedFault.UNKNOWN),
        (["_hidden"], ForwardedFault.OBFUSCATED),
        (["_SEVKISEK:80"], ForwardedFault.OBFUSCATED),
        (["client.example"], ForwardedFault.INVALID),
        (["unix:"], ForwardedFault.INVALID),
        (["192.0.2"], ForwardedFault.INVALID),
        (["192.0.2.7.8"], ForwardedFault.INVALID),
        (["192.0.2.999:80"], ForwardedFault.INVALID),
        (["192.0.2.7:80:80"], ForwardedFault.INVALID),
        (["[2001:db8::7"], ForwardedFault.INVALID),
        (["[[2001:db8::7]]"], ForwardedFault.INVALID),
        (["for=192.0.2.7"], ForwardedFault.INVALID),
        (["192.0.2.7,"], ForwardedFault.INVALID),
        ([","], ForwardedFault.INVALID),
    ],
)
def test_what_is_no_address_counts_for_the_proxy_with_the_reason(
    written: list[str], fault: ForwardedFault
) -> None:
    assert Proxies(PROXIES).client("10.0.0.1", Forwarded(written)) == ("10.0.0.1", fault)


def test_a_proxy_that_sends_the_other_header_alone_is_told_of() -> None:
    other = ["for=192.0.2.7;proto=https"]
    found = Proxies(PROXIES).client("10.0.0.1", Forwarded([], other))
    assert found == ("10.0.0.1", ForwardedFault.OTHER_HEADER)
    # One that sends both is believed in the header that it is known to write.
    both = Forwarded(["192.0.2.7"], ["for=198.51.100.9"])
    assert Proxies(PROXIES).client("10.0.0.1", both) == ("192.0.2.7", None)


@pytest.mark.parametrize(
    ("peer", "fault"),
    [
        ("172.17.0.1", ForwardedFault.UNTRUSTED),
        ("127.0.0.1", ForwardedFault.UNTRUSTED),
        ("fd00::1", ForwardedFault.UNTRUSTED),
        ("8.8.8.8", None),  # anybody may send the header
        ("", None),
    ],
)
@pytest.mark.parametrize("trusted", [(), PROXIES])
def test_a_proxy_in_a_private_network_that_is_not_trusted_is_told_of(
    peer: str, fault: ForwardedFault | None, trusted: tuple[str, ...]
) -> None:
    assert Proxies(trusted).client(peer, Forwarded(["192.0.2.7"])) == (peer, fault)
    assert Proxies(trusted).client(peer, Forwarded(["nonsense"])) == (peer, None)
    assert Proxies(trusted).client(peer, Forwarded()) == (peer, None)


def test_without_trusted_proxies_nobody_is_believed() -> None:
    for peer in ("127.0.0.1", "10.0.0.1", "::1", ""):
        assert Proxies(()).client(peer, Forwarded(["192.0.2.7"]))[0] == peer
        assert not Proxies(()).believes(peer)
