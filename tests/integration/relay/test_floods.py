"""Limits of one connection: pings, fragments and bytes; too much is throttled or ends it."""

import asyncio
import time

import pytest
from websockets.exceptions import ConnectionClosed

from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, Wire
from tests.patience import PATIENCE


def ping(ref: str, size: int) -> str:
    frame = f'{{"type":"ping","ref":"{ref}","x":""}}'
    return frame[:-2] + "x" * (size - len(frame)) + frame[-2:]


@pytest.mark.parametrize("kind", ["ping", "pong"])
async def test_a_flood_of_pings_or_pongs_ends_with_4002(desk: Desk, kind: str) -> None:
    client, other = await desk.customer(), await desk.customer()
    frame = (b"\x89" if kind == "ping" else b"\x8a") + b"\x80\0\0\0\0"
    client.socket.transport.write(frame * 50_000)
    assert await client.ended() == 4002
    errors = [frame["code"] for frame in client.heard if frame["type"] == "error"]
    assert errors == ["bad_frame"] * 10
    await other.ok("ping")


async def test_some_pings_are_answered_and_end_nothing(desk: Desk) -> None:
    client = await desk.customer()
    async with asyncio.timeout(PATIENCE):
        for _ in range(40):
            await (await client.socket.ping())
    await client.ok("ping")


async def in_pieces(client: Wire, number: int, piece: str) -> None:
    with pytest.raises(ConnectionClosed):
        await client.socket.send(piece for _ in range(number))
        await client.socket.wait_closed()
        await client.socket.send("")


@pytest.mark.parametrize("piece", ["", "x"])
async def test_a_message_in_five_thousand_pieces_ends_with_4003(desk: Desk, piece: str) -> None:
    client, other = await desk.customer(), await desk.customer()
    await in_pieces(client, 5_000, piece)
    assert await client.ended() == 4003
    await other.ok("ping")


async def test_a_message_in_a_few_pieces_is_one_message(desk: Desk) -> None:
    client = await desk.customer()
    await client.socket.send(iter('{"type":"ping","ref":"whole"}'))
    await client.receive(lambda it: it == {"type": "pong", "ref": "whole"}, "pong")


async def test_a_compressed_frame_ends_the_connection(desk: Desk) -> None:
    client = await desk.customer()
    client.socket.transport.write(b"\xc1\xfe\xff\xff\0\0\0\0" + b"\0" * 65_535)
    assert await client.ended() == 1002


async def test_who_sends_many_bytes_is_slowed_down_and_loses_nothing(start: Start) -> None:
    async with start(bytes_per_second=150_000) as desk:
        client, other = await desk.customer(), await desk.customer()
        begun = time.monotonic()
        for number in range(15):
            await client.raw(ping(f"p{number}", 60_000))
        async with asyncio.TaskGroup() as group:
            last = group.create_task(client.answer("p14"))
            await other.ok("ping")
            assert not last.done()
        pongs = [{"type": "pong", "ref": f"p{number}"} for number in range(15)]
        assert client.heard[1:] == pongs
        # 900,000 bytes; four seconds' worth may come at once.
        assert time.monotonic() - begun > 1.5


async def test_who_asks_for_long_answers_is_slowed_down_and_gets_them_all(start: Start) -> None:
    async with start(bytes_per_second=150_000) as desk:
        client, other = await desk.asker(text="x" * 4_000), await desk.customer()
        for _ in range(18):
            await client.ok("send", text="x" * 4_000)
        begun = time.monotonic()
        for number in range(12):
            await client.send("history", ref=f"h{number}", before=100)
        await client.send("ping", ref="last")
        async with asyncio.TaskGroup() as group:
            last = group.create_task(client.receive(lambda it: it["type"] == "pong", "the last"))
            await other.ok("ping")
            assert not last.done()
        # 930,000 bytes; four seconds' worth may be asked for at once.
        assert time.monotonic() - begun > 1.5
        answers = [it for it in client.heard if it["type"] == "history"]
        assert [it["ref"] for it in answers] == [f"h{number}" for number in range(12)]
        assert all(len(it["messages"]) == 21 for it in answers)


async def test_a_limit_of_0_bytes_a_second_is_none_nor_is_there_one_without_limited_messages(
    start: Start,
) -> None:
    for settings in ({"bytes_per_second": 0}, {"bytes_per_second": 1, "messages_per_second": 0}):
        async with start(**settings) as desk:
            client = await desk.customer()
            async with asyncio.timeout(PATIENCE):
                for number in range(100):
                    await client.raw(ping(f"p{number}", 60_000))
                await client.answer("p99")
            await client.socket.close()
