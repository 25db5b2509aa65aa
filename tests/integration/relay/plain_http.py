"""HTTP client: one raw request on one connection."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from tests.patience import PATIENCE


class Listens(Protocol):
    """A relay, as far as its port goes."""

    @property
    def port(self) -> int: ...


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


async def http(desk: Listens, path: str, method: str = "GET", **headers: str) -> Reply:
    lines = [f"{method} {path} HTTP/1.1", "Host: evil.example"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return await exchange(desk, "\r\n".join([*lines, "", ""]).encode())


async def exchange(desk: Listens, request: bytes) -> Reply:
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    writer.write(request)
    try:
        async with asyncio.timeout(PATIENCE):
            data = await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    return Reply(int(first.split()[1]), headers, body)
