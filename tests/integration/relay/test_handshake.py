"""Handshakes on the one port: WebSockets, pages and refusals (section 1)."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.free_port import free_port
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import SUBPROTOCOL, Desk, greeted, wire
from tests.integration.relay.plain_http import exchange, http
from tests.patience import PATIENCE


async def status_of(desk: Desk, role: str, origin: str | None) -> int:
    try:
        async with await wire(desk.url, role, origin):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("subprotocol", [None, "chat", "helpdesk.v2"])
@pytest.mark.parametrize("role", ["customer", "agent"])
async def test_a_handshake_without_our_subprotocol_gets_400(
    desk: Desk, role: str, subprotocol: str | None
) -> None:
    offered = [Subprotocol(subprotocol)] if subprotocol else None
    url = f"ws://127.0.0.1:{desk.port}/v1/{role}"
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, subprotocols=offered)
    assert refused.value.response.status_code == 400


async def test_our_subprotocol_is_the_one_that_is_spoken(desk: Desk) -> None:
    url = f"ws://127.0.0.1:{desk.port}/v1/customer"
    async with connect(url, subprotocols=[Subprotocol("chat"), SUBPROTOCOL]) as socket:
        assert socket.subprotocol == "helpdesk.v1"


async def test_pages_of_listed_origins_and_of_the_relay_s_own_may_connect(start: Start) -> None:
    sites = {"shop": {"origins": ["https://shop.example"], "greeting": "Hi"}}
    async with start(allowed_origins="https://a.example", sites=sites) as desk:
        here = (desk.url, f"http://localhost:{desk.port}", f"http://[::1]:{desk.port}")
        for origin in ("https://a.example", "https://shop.example", *here, None):
            assert await status_of(desk, "customer", origin) == 101
        for origin in (
            "https://b.example",
            "http://a.example",
            "https://a.example:8443",
            "https://a.example.evil.example",
            "http://evil.example",  # what the Host header might say
            "http://localhost:1",
            f"https://localhost:{desk.port}",
            "null",
        ):
            assert await status_of(desk, "customer", origin) == 403


async def test_the_own_origin_is_that_of_the_public_url(start: Start) -> None:
    public = "https://Desk.example:443/support"
    async with start(public_url=public, port=free_port()) as desk:
        assert await status_of(desk, "customer", "https://desk.example") == 101
        assert await status_of(desk, "customer", f"http://127.0.0.1:{desk.port}") == 403


async def test_on_all_addresses_the_one_that_was_reached_is_the_relay_s_own(start: Start) -> None:
    async with start(host="0.0.0.0", port=free_port()) as desk:
        for reached, origin, status in (
            ("127.0.0.2", "127.0.0.2", 101),
            ("127.0.0.2", "localhost", 101),
            ("127.0.0.1", "127.0.0.2", 403),
            ("127.0.0.2", "evil.example", 403),
        ):
            url = f"http://{reached}:{desk.port}"
            try:
                async with await wire(url, "customer", f"http://{origin}:{desk.port}") as client:
                    assert (await client.ok("hello"))["type"] == "welcome"
                found = 101
            except InvalidStatus as refused:
                found = refused.response.status_code
            assert found == status, (reached, origin)


async def test_no_page_may_open_an_agent_s_socket(start: Start) -> None:
    async with start(allowed_origins="https://a.example") as desk:
        for origin in ("https://a.example", desk.url, "null"):
            assert await status_of(desk, "agent", origin) == 403
        assert await status_of(desk, "agent", None) == 101


async def test_pages_that_are_listed_for_agents_may_open_an_agent_s_socket(start: Start) -> None:
    async with start(agent_origins="https://desk.example", allowed_origins="https://a.b") as desk:
        for origin in ("https://desk.example", None):
            assert await status_of(desk, "agent", origin) == 101
        for origin in ("https://a.b", "https://desk.example.evil", "http://desk.example", desk.url):
            assert await status_of(desk, "agent", origin) == 403
        assert await status_of(desk, "customer", "https://desk.example") == 403


async def test_a_page_may_speak_for_its_own_site_alone(start: Start) -> None:
    sites = {"shop": {"origins": ["https://shop.example"], "greeting": "Hi"}}
    async with start(allowed_origins="https://a.example", sites=sites) as desk:
        async with await wire(desk.url, "customer", "https://shop.example") as page:
            await greeted(page, site="shop")
        async with await wire(desk.url, "customer", "https://a.example") as page:
            assert await page.refused("hello", site="shop") == "forbidden"
            assert await page.ended() == 4000


@pytest.mark.parametrize("path", ["/v2/agent", "/v1/customers", "/v1", "/", "/../x"])
async def test_what_is_not_there_is_404(desk: Desk, path: str) -> None:
    assert (await http(desk, path)).status == 404


async def test_the_page_to_try_the_widget_on_is_there_with_demo_alone(start: Start) -> None:
    async with start(demo=True) as desk:
        page = await http(desk, "/")
        assert page.status == 200
        assert b"/widget.js" in page.body
        assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_relay_says_that_it_is_well(desk: Desk, path: str) -> None:
    reply = await http(desk, path)
    assert (reply.status, reply.body) == (200, b"ok")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_405(desk: Desk, method: str) -> None:
    assert (await http(desk, "/widget.js", method)).status == 405


async def test_a_second_request_in_the_same_breath_does_no_harm(desk: Desk) -> None:
    get = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    assert (await exchange(desk, get + get)).body == b"ok"


@pytest.mark.parametrize("junk", [b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"\r\n" * 9])
async def test_what_is_no_http_is_shown_the_door(desk: Desk, junk: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    writer.write(junk)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        assert not (await reader.read()).startswith(b"HTTP/1.1 1")
    writer.close()
    await writer.wait_closed()
    assert (await http(desk, "/healthz")).status == 200


async def test_a_plain_get_of_a_socket_s_path_asks_for_an_upgrade(desk: Desk) -> None:
    assert (await http(desk, "/v1/agent")).status == 426
