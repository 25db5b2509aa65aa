"""Access to `/metrics`: this machine without a proxy, and clients with the token."""

import asyncio

import pytest
from websockets.datastructures import Headers

from relay.metrics import Counts, Gauges
from relay.server.metrics_page import Metrics
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk
from tests.integration.relay.plain_http import http

TOKEN = "a-token-of-the-metrics"


@pytest.mark.parametrize("header", ["Forwarded", "X_Forwarded_For"])
async def test_what_a_proxy_forwards_needs_the_token(start: Start, header: str) -> None:
    async with start(metrics_token=TOKEN) as desk:
        assert (await http(desk, "/metrics")).status == 200
        forwarded = {header: "127.0.0.1"}
        refused = await http(desk, "/metrics", **forwarded)
        assert refused.status == 403
        assert b"helpdesk_" not in refused.body
        for wrong in (f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", "Bearer \xe9", TOKEN):
            reply = await http(desk, "/metrics", Authorization=wrong, **forwarded)
            assert reply.status == 403, wrong
        good = await http(desk, "/metrics", Authorization=f"Bearer {TOKEN}", **forwarded)
        assert good.status == 200


async def test_without_a_token_set_no_token_opens(desk: Desk) -> None:
    for given in ("Bearer", "Bearer ", "Bearer None"):
        reply = await http(desk, "/metrics", Authorization=given, Forwarded="for=1.2.3.4")
        assert reply.status == 403


@pytest.mark.parametrize(
    ("host", "may"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("::ffff:192.0.2.7", False),
        ("fe80::1%lo", False),
        ("", False),
    ],
)
def test_only_this_machine_needs_no_token(host: str, *, may: bool) -> None:
    nothing = Gauges({}, {}, 0, 0, 0, 0, 0, 0, 0, 0.0)
    metrics = Metrics(Counts(), lambda: nothing, TOKEN)
    assert metrics.may_read(host, Headers()) is may
    assert metrics.may_read(host, Headers(Authorization=f"Bearer {TOKEN}"))


async def test_the_control_socket_shows_no_metrics(desk: Desk) -> None:
    reader, writer = await asyncio.open_unix_connection(str(desk.settings.control_path))
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 404 ")
    writer.close()


async def test_head_answers_without_a_body(desk: Desk) -> None:
    reply = await http(desk, "/metrics", "HEAD")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["cache-control"] == "no-store"
