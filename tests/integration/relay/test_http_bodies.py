"""Bodies over HTTP, both ways: bounded, in chunks, with backpressure, and never longer than agreed.

The relay has no route that takes a body yet; these are given to it.
"""

import asyncio
import hashlib
import random
import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from relay.log import FAILED
from relay.server import http as layer
from relay.server import relay
from relay.server.http import CHUNK_BYTES, HttpExchange, HttpRequest, HttpResponse, Route, Router
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk
from tests.integration.relay.plain_http import Reply, exchange
from tests.patience import PATIENCE

LIMIT = 2**25
CHUNKS = 512
PIECE = bytes(range(256)) * (CHUNK_BYTES // 256)
HOST = b" HTTP/1.1\r\nHost: x\r\n"
INVALID = {
    "name": (200, ("X Y", "z")),
    "value": (200, ("X", "y\r\nZ: z")),
    "letter": (200, ("X", "\N{SNOWMAN}")),
    "length": (200, ("Content-Length", "many")),
    "unknown": (299, ("X", "y")),
    "informational": (100, ("X", "y")),
}
"""Status and header of responses that are none, by the query of the request."""


class Endpoint:
    """Handlers that note what becomes of them."""

    def __init__(self) -> None:
        self.may_read = asyncio.Event()
        self.may_read.set()
        self.begun, self.gone = asyncio.Event(), asyncio.Event()
        self.largest = self.sent = 0

    async def upload(self, request: HttpRequest) -> HttpResponse:
        digest = hashlib.sha256()
        self.begun.set()
        try:
            await self.may_read.wait()
            async for chunk in request.body:
                self.largest = max(self.largest, len(chunk))
                digest.update(chunk)
        except BaseException:
            self.gone.set()
            raise
        return layer.plain(200, f"{request.parameters['name']} {digest.hexdigest()}")

    async def download(self, request: HttpRequest) -> HttpResponse:
        length = (("Content-Length", str(CHUNKS * len(PIECE))),) if request.query else ()
        return HttpResponse(200, length, self._pieces())

    async def unread(self, _request: HttpRequest) -> HttpResponse:
        return layer.plain(200, "not read")

    async def broken(self, _request: HttpRequest) -> HttpResponse:
        raise ValueError

    async def breaks(self, _request: HttpRequest) -> HttpResponse:
        async def body() -> AsyncGenerator[bytes, None]:
            yield b"half"
            raise ValueError

        return HttpResponse(200, (), body())

    async def echo(self, request: HttpRequest) -> HttpResponse:
        async def body() -> AsyncGenerator[bytes, None]:
            async for chunk in request.body:
                yield chunk

        return HttpResponse(200, (), body())

    async def cancelled(self, request: HttpRequest) -> HttpResponse:
        async def body() -> AsyncGenerator[bytes, None]:
            yield b"half"
            raise asyncio.CancelledError

        if request.query:
            return HttpResponse(200, (), body())
        raise asyncio.CancelledError

    async def invalid(self, request: HttpRequest) -> HttpResponse:
        self.begun.set()
        status, header = INVALID[request.query]
        return HttpResponse(status, (header,), self._pieces() if request.method == "POST" else b"x")

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(CHUNKS):
                self.sent += len(PIECE)
                yield PIECE
        finally:
            self.gone.set()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Endpoint:
    made = Endpoint()
    routes = [
        Route("POST", re.compile("/files/(?P<name>[a-z]+)"), made.upload, LIMIT),
        Route("POST", re.compile("/small"), made.upload, 10),
        Route("POST", re.compile("/unread"), made.unread, LIMIT),
        Route("GET", re.compile("/stream"), made.download),
        Route("POST", re.compile("/echo"), made.echo, LIMIT),
        Route("POST", re.compile("/echo-little"), made.echo, 10),
        Route("GET", re.compile("/cancelled"), made.cancelled),
        Route("GET", re.compile("/invalid"), made.invalid),
        Route("POST", re.compile("/invalid"), made.invalid),
        Route("GET", re.compile("/broken"), made.broken),
        Route("GET", re.compile("/breaks"), made.breaks),
        Route("GET", re.compile("/.*"), made.unread),
    ]
    monkeypatch.setattr(relay, "router", lambda _: Router(routes))
    return made


@pytest.fixture
async def desk(start: Start, endpoint: Endpoint) -> AsyncIterator[Desk]:
    async with start() as running:
        yield running


@asynccontextmanager
async def connected(
    desk: Desk, request: bytes
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a connection whose client has a small buffer, and send *request* on it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", desk.port))
    reader, writer = await asyncio.open_connection(sock=client, limit=2**16)
    writer.write(request)
    async with asyncio.timeout(PATIENCE):
        yield reader, writer
    writer.transport.abort()


def only_exchange(desk: Desk) -> HttpExchange:
    (found,) = (one for one in desk.relay._connections._slots if isinstance(one, HttpExchange))
    return found


async def steady(value: Callable[[], int]) -> int:
    """Return *value* once it has not grown for many turns of the loop."""
    last, turns = value(), 0
    while turns < 200:
        await asyncio.sleep(0)
        now = value()
        last, turns = (now, 0) if now != last else (last, turns + 1)
    return last


def post(path: str, body: bytes, *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def chunked(path: str, *chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return b"POST " + path.encode() + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + body


async def whole_answer(reader: asyncio.StreamReader) -> bytes:
    """Return the answer up to the end of the connection."""
    parts = []
    while part := await reader.read(2**16):
        parts.append(part)
    return b"".join(parts)


def of(reply: Reply) -> tuple[int, bytes]:
    return reply.status, reply.body


async def test_a_large_body_comes_whole_and_in_chunks(desk: Desk, endpoint: Endpoint) -> None:
    body = PIECE * 200
    digest = b"a " + hashlib.sha256(body).hexdigest().encode()
    assert of(await exchange(desk, post("/files/a", body))) == (200, digest)
    assert of(await exchange(desk, chunked("/files/a", *[PIECE] * 200))) == (200, digest)
    assert endpoint.largest <= 2**18


async def test_tiny_chunks_and_an_empty_body_are_bodies(desk: Desk) -> None:
    digest = b"a " + hashlib.sha256(b"x" * 500).hexdigest().encode()
    assert of(await exchange(desk, chunked("/files/a", *[b"x"] * 500))) == (200, digest)
    empty = b"a " + hashlib.sha256().hexdigest().encode()
    assert of(await exchange(desk, post("/files/a", b""))) == (200, empty)


async def test_the_socket_is_not_read_while_the_handler_is_behind(
    desk: Desk, endpoint: Endpoint
) -> None:
    endpoint.may_read.clear()
    body = PIECE * 400
    async with connected(desk, post("/files/a", body)) as (reader, _):
        await endpoint.begun.wait()
        received = await steady(lambda: only_exchange(desk)._moved)
        assert received <= 2**20
        endpoint.may_read.set()
        answer = await whole_answer(reader)
    assert answer.endswith(hashlib.sha256(body).hexdigest().encode())


async def test_a_slow_reader_of_a_large_answer_holds_no_more_of_it_in_memory_than_a_chunk(
    desk: Desk, endpoint: Endpoint
) -> None:
    async with connected(desk, b"GET /stream?sized" + HOST + b"\r\n") as (reader, _):
        head = await reader.readuntil(b"\r\n\r\n")
        sent = await steady(lambda: endpoint.sent)
        assert sent < CHUNKS * len(PIECE) // 2
        assert only_exchange(desk).backlog() <= CHUNK_BYTES + 100
        answer = await whole_answer(reader)
    assert f"Content-Length: {CHUNKS * len(PIECE)}".encode() in head
    assert answer == PIECE * CHUNKS


async def test_an_answer_of_unknown_length_is_chunked_or_ends_with_the_connection(
    desk: Desk,
) -> None:
    async with connected(desk, b"GET /stream" + HOST + b"\r\n") as (reader, _):
        new = await whole_answer(reader)
    async with connected(desk, b"GET /stream HTTP/1.0\r\n\r\n") as (reader, _):
        old = await whole_answer(reader)
    assert b"transfer-encoding: chunked" in new.partition(b"\r\n\r\n")[0].lower()
    assert new.endswith(b"\r\n0\r\n\r\n")
    assert old.partition(b"\r\n\r\n")[2] == PIECE * CHUNKS


async def test_head_of_a_stream_has_no_body(desk: Desk, endpoint: Endpoint) -> None:
    reply = await exchange(desk, b"HEAD /stream?sized" + HOST + b"\r\n")
    assert (reply.status, reply.body, endpoint.sent) == (200, b"", 0)
    assert reply.headers["content-length"] == str(CHUNKS * len(PIECE))


@pytest.mark.parametrize(
    "request_",
    [
        post("/small", b"x" * 11),
        chunked("/small", b"x" * 6, b"x" * 5),
        post("/small", b"x" * 11, "Expect: 100-continue"),
        b"POST /small" + HOST + b"Content-Length: 99999999999\r\n\r\n" + b"x" * 300_000,
    ],
    ids=["by its length", "in chunks", "asked for", "much more"],
)
async def test_a_body_that_is_too_large_gets_413_and_ends_the_connection(
    desk: Desk, request_: bytes
) -> None:
    reply = await exchange(desk, request_)
    assert (reply.status, reply.headers["connection"]) == (413, "close")
    assert reply.headers["x-content-type-options"] == "nosniff"


async def test_a_body_that_nothing_reads_is_no_reason_to_lose_the_answer(desk: Desk) -> None:
    assert of(await exchange(desk, post("/unread", PIECE * 40))) == (200, b"not read")


async def test_bytes_behind_a_body_are_no_second_request(desk: Desk) -> None:
    digest = hashlib.sha256(b"hello").hexdigest().encode()
    twice = post("/files/a", b"hello") + post("/files/b", b"x")
    assert of(await exchange(desk, twice)) == (200, b"a " + digest)


async def test_a_client_that_waits_for_100_continue_gets_it(desk: Desk) -> None:
    request = post("/files/a", b"hello", "Expect: 100-continue")
    async with connected(desk, request[:-5]) as (reader, writer):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(b"hello")
        assert (await whole_answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_goes_while_it_sends_ends_the_handler(
    desk: Desk, endpoint: Endpoint
) -> None:
    async with connected(desk, post("/files/a", PIECE)[:-1]) as (_, writer):
        await endpoint.begun.wait()
        writer.transport.abort()
        await endpoint.gone.wait()


async def test_a_client_that_goes_while_it_reads_ends_the_stream(
    desk: Desk, endpoint: Endpoint
) -> None:
    async with connected(desk, b"GET /stream" + HOST + b"\r\n") as (reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()
        await endpoint.gone.wait()
    assert endpoint.sent < CHUNKS * len(PIECE)


async def test_a_body_that_ends_early_is_answered_with_400(desk: Desk) -> None:
    async with connected(desk, post("/files/a", b"hello")[:-1]) as (reader, writer):
        writer.write_eof()
        assert (await whole_answer(reader)).startswith(b"HTTP/1.1 400 ")


async def test_a_client_that_sends_too_slowly_gets_408(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer, "GRACE_SECONDS", 0.1)
    async with connected(desk, post("/files/a", b"hello")[:-1]) as (reader, _):
        assert (await whole_answer(reader)).startswith(b"HTTP/1.1 408 ")


async def test_a_client_that_reads_too_slowly_is_cut_off(
    desk: Desk, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer, "MAX_STALL_SECONDS", 0.1)
    async with connected(desk, b"GET /stream?sized" + HOST + b"\r\n") as (reader, _):
        await reader.readuntil(b"\r\n\r\n")
        await endpoint.gone.wait()
        with pytest.raises(ConnectionResetError):
            await whole_answer(reader)


async def test_a_handler_that_fails_is_answered_with_500_or_cut_short(desk: Desk) -> None:
    assert (await exchange(desk, b"GET /broken" + HOST + b"\r\n")).status == 500
    async with connected(desk, b"GET /breaks" + HOST + b"\r\n") as (reader, _):
        with pytest.raises(ConnectionResetError):
            await whole_answer(reader)


@pytest.mark.parametrize("query", INVALID)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_an_invalid_response_is_logged_and_answered_with_500(
    desk: Desk, caplog: pytest.LogCaptureFixture, method: str, query: str
) -> None:
    reply = await exchange(desk, f"{method} /invalid?{query}".encode() + HOST + b"\r\n")
    assert (reply.status, reply.headers["connection"]) == (500, "close")
    assert [record.getMessage() for record in caplog.records].count(FAILED.name) == 1


@pytest.mark.parametrize("path", [b"/cancelled", b"/cancelled?half"])
async def test_a_handler_that_is_cancelled_ends_the_connection(desk: Desk, path: bytes) -> None:
    async with connected(desk, b"GET " + path + HOST + b"\r\n") as (reader, _):
        with pytest.raises(ConnectionResetError):
            await whole_answer(reader)
    assert len(desk.relay._connections) == 0


async def test_a_response_may_read_the_body_of_the_request_while_it_is_sent(desk: Desk) -> None:
    body = PIECE * 4
    request = b"POST /echo HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    assert of(await exchange(desk, request)) == (200, body)


async def test_a_client_that_waits_for_100_continue_gets_it_before_a_streamed_response(
    desk: Desk,
) -> None:
    request = post("/echo", b"hello", "Expect: 100-continue")
    async with connected(desk, request[:-5]) as (reader, writer):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        writer.write(b"hello")
        answer = await whole_answer(reader)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nhello\r\n" in answer


@pytest.mark.parametrize(
    "request_",
    [chunked("/echo-little", b"x" * 20), chunked("/echo", b"x")[:-7] + b"no chunk\r\n\r\n"],
    ids=["too large", "invalid"],
)
async def test_an_invalid_body_that_a_response_reads_resets_the_connection_unlogged(
    desk: Desk, caplog: pytest.LogCaptureFixture, request_: bytes
) -> None:
    async with connected(desk, request_) as (reader, _):
        with pytest.raises(ConnectionResetError):
            await whole_answer(reader)
    assert FAILED.name not in [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("path", [b"/files/a", b"/unread", b"/nowhere"])
@pytest.mark.parametrize("length", [b"0", b"5", b"20"])
async def test_a_body_with_two_lengths_is_refused(desk: Desk, path: bytes, length: bytes) -> None:
    lengths = b"Content-Length: " + length + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"5\r\nhello\r\n0\r\n\r\n"
    reply = await exchange(desk, b"POST " + path + HOST + lengths + body)
    assert (reply.status, reply.headers["connection"]) == (400, "close")


async def test_the_methods_of_a_path_are_named_where_another_is_asked_for(desk: Desk) -> None:
    reply = await exchange(desk, b"DELETE /small" + HOST + b"\r\n")
    assert (reply.status, reply.headers["allow"]) == (405, "POST, GET, HEAD")
    assert reply.body == b"POST and GET and HEAD only.\n"
    reply = await exchange(desk, b"POST /other" + HOST + b"\r\n")
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD")


async def test_a_handler_that_does_not_end_does_not_keep_the_relay_from_stopping(
    desk: Desk, endpoint: Endpoint
) -> None:
    endpoint.may_read.clear()
    async with connected(desk, post("/files/a", b"hello")):
        await endpoint.begun.wait()
        await desk.relay._connections.close_all(0.0)
        await endpoint.gone.wait()


PARTS = (
    b"GET ", b"POST ", b"/files/a", b"/small", b"/v1/agent", b" HTTP/1.1", b" HTTP/1.0", b"\r\n",
    b"\n", b"\r\n\r\n", b"Host: x\r\n", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n", b"0\r\n\r\n", b"Expect: 100-continue\r\n",
    b"\x16\x03\x01", b"hello", b" ", b"\0",
)  # fmt: skip


async def test_whatever_comes_is_answered_once_or_ends_the_connection(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    rng = random.Random(7)
    for _ in range(300):
        request = b"".join(rng.choices(PARTS, k=rng.randrange(1, 12)))
        async with connected(desk, b"") as (reader, writer):
            for piece in (request[: len(request) // 2], request[len(request) // 2 :]):
                writer.write(piece)
                await asyncio.sleep(0)
            writer.write_eof()
            answer = (await whole_answer(reader)).removeprefix(b"HTTP/1.1 100 \r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 2", b"HTTP/1.1 4", b"HTTP/1.1 5")), request
        assert answer.count(b"HTTP/1.1 ") == 1, request
    assert FAILED.name not in [record.getMessage() for record in caplog.records]
