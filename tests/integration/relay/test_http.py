"""HTTP requests, valid or not: one correct answer each."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk
from tests.integration.relay.plain_http import exchange, http
from tests.patience import PATIENCE

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CSP = "content-security-policy"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec_WebSocket_Version": "13",
}

ANSWERS: list[tuple[int, bytes]] = [
    (200, GET + b"\r\n"),
    (200, GET + b"\r\n" + GET + b"\r\n"),
    (400, b"hello\r\n\r\n"),
    (400, b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
    (400, GET + b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000),
    (400, GET + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    (400, b"POST /widget.js HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
    (400, GET + b"X: y\r\n z\r\n\r\n"),
    (400, GET + b"\tX: y\r\n\r\n"),
    (400, GET.replace(b"\r", b"") + b"\n"),
    (400, GET + b"X: y\n\r\n"),
    (400, GET + b"X: y\x01\r\n\r\n"),
    (400, GET + b"X: y\r\r\n\r\n"),
    (400, GET + b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    (404, b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"),
    (405, b"DELETE /widget.js HTTP/1.1\r\nHost: x\r\n\r\n"),
    (200, GET + b"Cookie: " + b"x" * 32_000 + b"\r\n\r\n"),
    (200, GET + b"X: y\r\n" * 127 + b"\r\n"),
    (404, b"GET /" + b"x" * 8_176 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    (414, b"GET /" + b"x" * 8_177 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    (414, b"GET /v1/agent?" + b"x" * 9_000),
    (414, b"x" * 8_193),
    (414, b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    (426, b"GET /v1/agent HTTP/1.1\r\nHost: x\r\n\r\n"),
    (431, GET + b"X: " + b"x" * 32_768 + b"\r\n\r\n"),
    (431, GET + b"X: " + b"x" * 32_769),
    (431, GET + b"X: y\r\n" * 128),
    (431, GET + b"X: y\r\n" * 200 + b"\r\n"),
    (431, GET + b"Cookie: " + b"x" * 8_000 + b"\r\n" + (b"Y: " + b"x" * 8_000 + b"\r\n") * 4),
]


@pytest.mark.parametrize(("status", "request_"), ANSWERS, ids=range(len(ANSWERS)))
async def test_every_request_gets_one_answer_that_no_browser_guesses_at(
    desk: Desk, status: int, request_: bytes
) -> None:
    reply = await exchange(desk, request_)
    assert reply.status == status
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert reply.headers["content-type"].startswith("text/plain")
    age = datetime.now(UTC) - parsedate_to_datetime(reply.headers["date"])
    assert abs(age.total_seconds()) < PATIENCE


async def test_all_the_cookies_of_a_domain_open_a_socket(desk: Desk) -> None:
    for size, status in ((31_000, 400), (33_000, 431)):  # 400, since it offers no subprotocol
        reply = await http(desk, "/v1/customer", Cookie="x" * size, **UPGRADE)
        assert reply.status == status


async def test_a_refused_page_is_answered_so_too(desk: Desk) -> None:
    reply = await http(desk, "/v1/customer", Origin="https://evil.example", **UPGRADE)
    assert reply.status == 403
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/widget.js", "/healthz", "/readyz", "/nowhere"])
async def test_head_has_the_headers_of_get_and_no_body(desk: Desk, path: str) -> None:
    full, head = await http(desk, path), await http(desk, path, "HEAD")
    assert (head.status, head.body) == (full.status, b"")
    for reply in (full, head):
        reply.headers.pop("date", None)
    assert head.headers == full.headers


async def test_the_demo_page_runs_no_script_but_the_relay_s_and_sits_in_no_frame(
    start: Start,
) -> None:
    async with start(demo=True) as desk:
        page = await http(desk, "/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers[CSP].split(";"))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert (policy["connect-src"], policy["frame-ancestors"]) == ("'self'", "'none'")
    assert (policy["base-uri"], policy["form-action"]) == ("'none'", "'none'")
    assert "unsafe-eval" not in page.headers[CSP]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert b"<script>" not in page.body


async def test_who_keeps_their_end_open_does_not_keep_the_relay_s(desk: Desk) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    writer.write(GET + b"\r\n")
    assert (await reader.read()).endswith(b"ok")
    async with asyncio.timeout(PATIENCE):
        while len(desk.relay._connections) > 0:
            writer.write(b"x")
            await asyncio.sleep(0.05)
    writer.close()
