"""`helpdesk doctor` on the way from browsers: what clients ran into, and the public address."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.free_port import free_port
from tests.integration.cli.machine import Machine
from tests.integration.cli.proxies import Writer, caddy, nginx, running
from tests.integration.relay.helpers import Desk, wire
from tests.integration.relay.plain_http import http


def results(machine: Machine, *arguments: str) -> dict[str, tuple[str, str]]:
    """Return the outcome of each check of `helpdesk doctor`, and what it says."""
    rows = json.loads(machine.call("doctor", "--json", *arguments).stdout)
    return {row["check"]: (row["outcome"], row["says"]) for row in rows}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, Desk]]:
    """Yield a machine and its relay, which trusts a proxy and has one connection per address."""
    machine = Machine(tmp_path_factory.mktemp("served"))
    with machine.relay(
        port=free_port(), trusted_proxies="127.0.0.1", connections_per_address=1
    ) as desk:
        yield machine, desk


def test_what_clients_ran_into_is_told_with_what_to_change(served: tuple[Machine, Desk]) -> None:
    machine, desk = served
    clean = results(machine)
    assert not {"refused origins", "websockets", "connection limits", "client addresses"} & {*clean}

    async def run_into_everything() -> None:
        for origin in ("https://a.example", "https://b.example", "https://a.example"):
            await http(desk, "/v1/customer", Origin=origin)
        await http(desk, "/v1/customer", Sec_WebSocket_Key="x")
        address = {"X-Forwarded-For": "192.0.2.7"}
        async with await wire(desk.url, "customer", headers=address) as first:
            await first.ok("hello")
            async with await wire(desk.url, "customer", headers=address) as second:
                assert await second.ended() == 4102
        async with await wire(desk.url, "customer", headers={"X-Forwarded-For": "unknown"}) as one:
            await one.ok("hello")

    asyncio.run(run_into_everything())
    found = results(machine)
    outcome, says = found["refused origins"]
    assert outcome == "warning"
    assert says.startswith("Pages of https://a.example, https://b.example were refused, 3 times")
    assert says.endswith("list those that are yours in allowed_origins (HELPDESK_ALLOWED_ORIGINS).")
    assert found["websockets"][0] == "warning"
    assert "pass on the headers Upgrade and Connection" in found["websockets"][1]
    assert "refused by connections_per_address, once" in found["connection limits"][1]
    assert "trusted_proxies" in found["connection limits"][1]
    assert "writes `unknown` into X-Forwarded-For" in found["client addresses"][1]


def test_the_public_address_is_tried_as_browsers_use_it(served: tuple[Machine, Desk]) -> None:
    machine, desk = served
    assert "public address" not in results(machine)
    assert results(machine, "--url", desk.url)["public address"][0] == "ok"
    for address, reason in (
        (f"http://127.0.0.1:{free_port()}", "cannot be reached from this machine"),
        (f"{desk.url}/chat", "is not the widget (HTTP 404)"),
        ("desk.example", "--url has to be an address"),
    ):
        outcome, says = results(machine, "--url", address)["public address"]
        assert outcome == "failed"
        assert reason in says


def test_another_relay_at_the_public_address_is_told(
    served: tuple[Machine, Desk], machine: Machine
) -> None:
    with machine.relay(port=free_port()):
        outcome, says = results(machine, "--url", served[1].url)["public address"]
    assert (outcome, says.partition(" answers")[0]) == ("failed", "Another relay")


@pytest.mark.parametrize(
    ("proxy", "path", "expected"),
    [
        (nginx, "", "The widget and WebSockets work"),
        (nginx, "/sub", "does not forward WebSockets (HTTP 426)"),
        (caddy, "/sub", "The widget and WebSockets work"),
    ],
)
def test_a_proxy_that_forwards_no_websockets_is_found_through_it(
    served: tuple[Machine, Desk], tmp_path: Path, proxy: Writer, path: str, expected: str
) -> None:
    machine, desk = served
    with running(proxy, tmp_path, free_port(), f"127.0.0.1:{desk.port}") as front:
        url = f"https://localhost:{front.port}{path}"
        untrusted = results(machine, "--url", url)["public address"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(front.certificate))
            found = results(machine, "--url", url)["public address"]
    assert "no certificate that browsers trust" in untrusted[1]
    assert expected in found[1]


def test_the_snippet_can_be_checked_where_it_leads(served: tuple[Machine, Desk]) -> None:
    machine, desk = served
    done = machine.call("snippet", "--check")
    assert (done.code, done.stdout.count("<script")) == (0, 1)
    assert f"The widget and WebSockets work at {desk.url}" in done.stderr
    elsewhere = f"http://127.0.0.1:{free_port()}"
    done = machine.call("snippet", "--check", "--public-url", elsewhere)
    assert (done.code, done.stdout.count("<script")) == (1, 1)
    assert "cannot be reached" in done.stderr
