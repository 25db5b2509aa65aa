"""Where the relay listens: both families, several hosts on one port; and how many it can hold."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from relay.errors import StartError
from relay.server.listeners import listen_tcp
from tests.free_port import free_port
from tests.integration.relay.conftest import Start
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import PROGRAM, served, served_by


def test_several_hosts_share_one_port() -> None:
    listeners = listen_tcp(["127.0.0.1", "127.0.0.2", "127.0.0.1"], 0)
    try:
        assert len({one.getsockname()[1] for one in listeners}) == 1
        assert [one.getsockname()[0] for one in listeners] == ["127.0.0.1", "127.0.0.2"]
    finally:
        for one in listeners:
            one.close()


def test_a_host_that_cannot_be_had_leaves_no_other_one_open() -> None:
    port = free_port()
    with pytest.raises(StartError, match=r"Cannot listen on 203\.0\.113\.1 port"):
        listen_tcp(["127.0.0.1", "203.0.113.1"], port)
    socket.create_server(("127.0.0.1", port)).close()


async def test_every_ipv6_address_hears_ipv4_too_and_sees_it_as_ipv4(database: Path) -> None:
    async with served(database, host="::", connections_per_address=1) as relay:
        port = relay.port
        assert relay.url == f"http://[::]:{port}"
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port)) as client:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert (await asyncio.to_thread(client.recv, 15)) == b"HTTP/1.1 200 OK"


async def test_the_metrics_are_read_on_this_machine_by_either_family(start: Start) -> None:
    async with start(host="::", port=0) as desk:
        assert (await http(desk, "/metrics")).status == 200
        assert (await http(desk, "/listening")).status == 404


async def test_few_files_are_told_with_the_connections_that_they_allow(database: Path) -> None:
    limited = ("/bin/sh", "-c", 'ulimit -n 400; exec "$@"', "sh", *PROGRAM)
    async with served_by(limited, database) as relay:
        lines = [json.loads(one) for one in relay.log.read_text().splitlines() if one[0] == "{"]
    [told] = [line for line in lines if line["event"] == "few_files_allowed"]
    assert (told["level"], told["files"], told["connections"]) == ("warning", 400, 80)
