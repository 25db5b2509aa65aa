"""Tokens: never read from a URL, never in a log or an error, and stored only as hashes."""

import json
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path

from websockets.asyncio.client import connect

from relay.auth import new_token
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import SUBPROTOCOL, Wire, wire
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import customer_of, served
from tests.integration.relay.test_identity import KEY, signed


async def at(url: str, path: str, stack: AsyncExitStack) -> Wire:
    address = url.replace("http", "ws", 1) + path
    return Wire(await stack.enter_async_context(connect(address, subprotocols=[SUBPROTOCOL])))


async def test_a_token_in_an_address_is_no_way_in(start: Start) -> None:
    async with start() as desk, AsyncExitStack() as stack:
        token = (await desk.hire("Sam"))["token"]
        for path in (f"/v1/agent?token={token}", f"/v1/agent?access_token={token}"):
            agent = await at(desk.url, path, stack)
            await agent.send("status", ref="s", status="away")
            assert await agent.ended() == 4000
            agent = await at(desk.url, path, stack)
            assert await agent.refused("hello") == "unauthorized"
        known = await desk.asker(text="secret")
        customer = await at(desk.url, f"/v1/customer?token={known.welcome['token']}", stack)
        assert (await customer.ok("hello"))["request"] is None


async def test_tokens_and_identities_are_in_no_log_and_no_error(database: Path) -> None:
    keys = json.dumps({"2026": KEY})
    async with served(database, log_level="DEBUG", identity_keys=keys) as relay:
        hired = await relay.hire("Sam")
        bad, expired = new_token("hda_"), signed(exp=1)
        customer = await customer_of(relay, identity=signed())
        secrets = [hired, bad, expired, KEY, customer.welcome["token"]]
        heard: list[object] = []
        async with AsyncExitStack() as stack:
            stack.push_async_callback(customer.socket.close)
            for token in (hired, bad, customer.welcome["token"]):
                agent = await at(relay.url, f"/v1/agent?token={token}", stack)
                await agent.ask("hello", token=bad)
                heard += agent.heard
            for hello in ({"identity": expired}, {"token": 5, "identity": [expired]}):
                client = await stack.enter_async_context(await wire(relay.url, "customer"))
                await client.ask("hello", **hello)
                heard += client.heard
            await http(relay, f"/nowhere?token={hired}", Authorization=f"Bearer {hired}")
            await http(relay, f"/widget.js?token={hired}")
        relay.stop()
        assert await relay.process.wait() == 0
        told = relay.log.read_text() + json.dumps(heard)
        assert [secret for secret in secrets if secret in told] == []


async def test_only_hashes_of_tokens_are_stored(start: Start, database: Path) -> None:
    async with start() as desk:
        tokens = [(await desk.hire("Sam"))["token"]]
        tokens.append((await desk.asker(text="Help")).welcome["token"])
    with closing(sqlite3.connect(database)) as file:
        dump = "\n".join(file.iterdump())
    stored = dump.encode() + b"".join(path.read_bytes() for path in database.parent.glob("desk*"))
    assert [token for token in tokens if token.encode() in stored] == []
