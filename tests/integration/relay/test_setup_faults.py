"""Faults of the set-up that clients run into: each is in the log once an hour, and kept."""

import asyncio
import logging
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any

import pytest

from cli.relay_addresses import ControlConnection
from relay.log import ORIGIN_REFUSED, Log, Word, fields_of, page_origin
from relay.service.setup_faults import HOUR, MAX_FAULTS, SetupFaults
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, HandClock, wire
from tests.integration.relay.plain_http import exchange, http

FORWARDED = {"X-Forwarded-For": "192.0.2.7"}
HANDSHAKE = {
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "helpdesk.v1",
}


def logged(caplog: pytest.LogCaptureFixture, event: str) -> list[Mapping[str, Any]]:
    """Return the fields of each line of *event*, which are all warnings."""
    records = [record for record in caplog.records if record.getMessage() == event]
    assert {record.levelno for record in records} <= {logging.WARNING}
    return [fields_of(record) or {} for record in records]


async def kept(desk: Desk) -> list[str]:
    """Return what the relay tells of its faults at the control socket, without the times."""

    def ask() -> str:
        connection = ControlConnection(str(desk.settings.control_path))
        connection.request("GET", "/faults")
        response: HTTPResponse = connection.getresponse()
        assert response.status == 200
        try:
            return response.read().decode()
        finally:
            connection.close()

    lines = [line.split("\t") for line in (await asyncio.to_thread(ask)).splitlines()]
    return ["\t".join([event, count, *fields]) for event, count, _, *fields in lines]


async def test_a_refused_origin_is_logged_once_an_hour_with_the_setting_that_would_allow_it(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock()
    sites = {"shop": {"origins": ["https://shop.example"], "greeting": "Hi"}}
    async with start(clock, allowed_origins="https://a.example", sites=sites) as desk:
        for _ in range(3):
            await http(desk, "/v1/customer", Origin="https://b.example")
        await http(desk, "/v1/agent", Origin="https://b.example")
        async with await wire(desk.url, "customer", "https://a.example") as page:
            assert await page.refused("hello", site="shop") == "forbidden"
        expected = [
            {"setting": "allowed_origins", "origin": "https://b.example"},
            {"setting": "agent_origins", "origin": "https://b.example"},
            {"setting": "sites.shop.origins", "origin": "https://a.example"},
        ]
        assert logged(caplog, "origin_refused") == expected
        clock.now += HOUR
        await http(desk, "/v1/customer", Origin="https://b.example")
        assert logged(caplog, "origin_refused") == [*expected, expected[0]]
        assert await kept(desk) == [
            "origin_refused\t4\tsetting=allowed_origins\torigin=https://b.example",
            "origin_refused\t1\tsetting=agent_origins\torigin=https://b.example",
            "origin_refused\t1\tsetting=sites.shop.origins\torigin=https://a.example",
        ]
        assert (await http(desk, "/faults")).status == 404  # they are for who runs the relay


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
async def test_a_handshake_that_lost_its_upgrade_is_told_why_and_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    lines = [f"GET /v1/customer {version}", "Host: x", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in HANDSHAKE.items()]
    for _ in range(2):
        reply = await exchange(desk, "\r\n".join([*lines, "", ""]).encode())
        assert reply.status == 426
        assert reply.headers["upgrade"] == "websocket"
        assert b"a proxy has not forwarded it" in reply.body
    assert logged(caplog, "upgrade_dropped") == [{}]
    assert await kept(desk) == ["upgrade_dropped\t2"]


async def test_who_only_looks_at_the_address_is_told_and_not_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await http(desk, "/v1/customer")).status == 426
    assert logged(caplog, "upgrade_dropped") == []


async def test_a_full_address_is_closed_with_its_reason_and_logged(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    async with start(connections_per_address=1, connections_per_customer=1) as desk:
        await desk.customer()
        for _ in range(2):
            refused = await desk.socket("customer")
            assert await refused.ended() == 4102
            assert refused.socket.close_reason == "too many connections from this address"
        fields = {"setting": "connections_per_address", "proxied": False}
        assert logged(caplog, "connections_refused") == [fields]


async def test_a_customer_with_too_many_tabs_is_closed_with_another_reason(start: Start) -> None:
    async with start(connections_per_customer=1) as desk:
        token = (await desk.asker()).welcome["token"]
        tab = await desk.socket("customer")
        await tab.send("hello", ref="1", token=token)
        assert await tab.ended() == 4102
        assert tab.socket.close_reason == "too many connections"


@pytest.mark.parametrize(
    ("trusted", "headers", "reason"),
    [
        ((), FORWARDED, "untrusted"),
        (("127.0.0.1",), {"Forwarded": "for=192.0.2.7"}, "other_header"),
        (("127.0.0.1",), {"X-Forwarded-For": "unknown"}, "unknown"),
        (("127.0.0.1",), {"X-Forwarded-For": "_hidden"}, "obfuscated"),
        (("127.0.0.1",), {"X-Forwarded-For": "ada"}, "invalid"),
        (("127.0.0.1",), FORWARDED, None),
        (("127.0.0.1",), {}, None),
    ],
)
async def test_a_proxy_behind_which_all_customers_are_one_address_is_logged_once(
    start: Start,
    caplog: pytest.LogCaptureFixture,
    trusted: tuple[str, ...],
    headers: dict[str, str],
    reason: str | None,
) -> None:
    async with start(trusted_proxies=trusted) as desk:
        for _ in range(2):
            async with await wire(desk.url, "customer", headers=headers) as client:
                await client.ok("hello")
    assert logged(caplog, "address_missed") == ([{"reason": reason}] if reason else [])


def test_what_strangers_make_up_stays_few(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    faults = SetupFaults(Log(), clock)
    for number in range(3 * MAX_FAULTS):
        faults.note(ORIGIN_REFUSED, setting=Word("x"), origin=page_origin(f"https://{number}"))
    assert len([*faults]) == MAX_FAULTS + 1
    assert [fault.count for fault in faults][-1] == 2 * MAX_FAULTS
    clock.now += HOUR
    faults.note(ORIGIN_REFUSED, setting=Word("x"), origin=page_origin("https://mine"))
    assert [fault.fields["origin"] for fault in faults] == ["https://mine"]
