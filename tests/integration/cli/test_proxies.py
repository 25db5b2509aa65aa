"""The relay behind nginx, Caddy and HAProxy, with the configurations of docs/deploy/."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from tests.free_port import free_port
from tests.integration.cli.machine import Machine
from tests.integration.cli.proxies import Proxy, caddy, haproxy, nginx, running
from tests.integration.relay.helpers import Desk
from tests.patience import PATIENCE

FORGED = "203.0.113.9"
SHOP = "https://www.shop.example"
COOKIES = "c=" + "x" * 30_000
"""All cookies of a domain, with room for the other headers in 32 KiB."""
OLD = "/widget/000000000000/texts/de.js"
"""A file of an earlier release."""


@dataclass(frozen=True, slots=True)
class Front:
    """A proxy and the relay behind it."""

    name: str
    proxy: Proxy
    desk: Desk
    machine: Machine


@pytest.fixture(scope="module", params=[nginx, caddy, haproxy], ids=lambda one: one.__name__)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Yield a proxy and a relay that has one connection from each address, below /chat."""
    machine, port = Machine(tmp_path_factory.mktemp("machine")), free_port()
    settings = {
        "trusted_proxies": "127.0.0.1",
        "connections_per_address": 1,
        "public_url": f"https://localhost:{port}/chat",
        "allowed_origins": "https://*.shop.example",
        "port": free_port(),
    }
    with machine.relay(**settings) as desk:
        folder, relay = tmp_path_factory.mktemp("proxy"), f"127.0.0.1:{desk.port}"
        with running(request.param, folder, port, relay) as proxy:
            yield Front(request.param.__name__, proxy, desk, machine)


async def call(socket: ClientConnection, **frame: Any) -> dict[str, Any]:
    """Send *frame*, and return what is heard next."""
    await socket.send(json.dumps(frame))
    heard: dict[str, Any] = json.loads(await socket.recv())
    return heard


async def test_people_chat_through_the_proxy_and_are_told_apart(front: Front) -> None:
    async with asyncio.timeout(PATIENCE):
        one = await front.proxy.customer("127.0.0.2", X_Forwarded_For=FORGED)
        other = await front.proxy.customer("127.0.0.3", X_Forwarded_For=FORGED)
        again = await front.proxy.customer("127.0.0.2", X_Forwarded_For="203.0.113.77")
        for socket in (one, other):
            assert (await call(socket, type="hello", ref="1"))["type"] == "welcome"
            opened = await call(socket, type="open", ref="2", text="Through the proxy")
            assert opened["messages"][-1]["text"] == "Through the proxy"
        await again.wait_closed()
        assert (again.close_code, again.close_reason) == (
            4102,
            "too many connections from this address",
        )
        await asyncio.gather(one.close(), other.close())


async def test_all_cookies_of_a_domain_may_come_with_each_request(front: Front) -> None:
    for path in ("/widget.js", "/healthz", "/sub/widget/panel.js"):
        assert (await asyncio.to_thread(front.proxy.get, path, Cookie=COOKIES))[0] == 200, path
    async with asyncio.timeout(PATIENCE), await front.proxy.customer(
        "127.0.0.4", origin=SHOP, Cookie=COOKIES
    ) as socket:  # fmt: skip
        assert (await call(socket, type="hello", ref="1"))["type"] == "welcome"


@pytest.mark.parametrize(("path", "address"), [("", 5), ("/chat", 6), ("/sub", 7)])
async def test_the_relay_is_found_with_its_path_and_without_it(
    front: Front, path: str, address: int
) -> None:
    status, headers, _ = await asyncio.to_thread(front.proxy.get, f"{path}{OLD}")
    assert status == 302
    there = urljoin(f"{path}{OLD}", headers["location"])
    assert there == f"{path}/widget/texts/de.js"
    for file in (there, f"{path}/widget.js", f"{path}/readyz"):
        assert (await asyncio.to_thread(front.proxy.get, file))[0] == 200, file
    if (front.name, path) == ("nginx", "/sub"):
        return  # forwards no WebSockets, see below
    async with asyncio.timeout(PATIENCE), await front.proxy.customer(
        f"127.0.0.{address}", path, origin=f"https://localhost:{front.proxy.port}"
    ) as socket:  # fmt: skip
        assert (await call(socket, type="hello", ref="1"))["type"] == "welcome"


async def test_the_public_address_without_a_slash_leads_to_that_with_one(front: Front) -> None:
    status, headers, _ = await asyncio.to_thread(front.proxy.get, "/chat?a=b")
    assert (status, urljoin("/chat", headers["location"])) == (308, "/chat/?a=b")


async def test_a_page_that_is_not_listed_learns_why_through_the_proxy(front: Front) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await front.proxy.customer("127.0.0.8", origin="https://shop.example")
    assert refused.value.response.status_code == 403
    assert b"HELPDESK_ALLOWED_ORIGINS" in refused.value.response.body


async def test_metrics_are_not_for_those_outside(front: Front) -> None:
    for path, status in (("/metrics", 404), ("/chat/metrics", 404), ("/sub/metrics", 403)):
        found = (await asyncio.to_thread(front.proxy.get, path))[0]
        assert found in {status, 404}, path


@pytest.mark.parametrize("front", [nginx], indirect=True)  # the others forward WebSockets always
async def test_a_proxy_that_forwards_no_websockets_is_told_how(front: Front) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await front.proxy.customer("127.0.0.9", "/sub")
    assert refused.value.response.status_code == 426
    assert b"pass on the headers Upgrade and Connection" in refused.value.response.body
