"""Close codes: each one, and the connections it does not affect (section 2)."""

import asyncio

import pytest
from websockets.frames import Opcode

from relay.server import connection, keepalive
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, HandClock, greeted, wire
from tests.patience import PATIENCE


@pytest.mark.parametrize("role", ["customer", "agent"])
@pytest.mark.parametrize("kind", ["send", "ping", "nonsense"])
async def test_another_frame_before_hello_ends_with_4000(desk: Desk, role: str, kind: str) -> None:
    client = await desk.socket(role)
    await client.send(kind, ref="a", request=1, text="x")
    assert await client.ended() == 4000
    assert client.heard[0]["type"] == "error"
    assert client.heard[0]["ref"] == "a"


@pytest.mark.parametrize("token", [None, "", "hda_wrong", "x" * 1000])
async def test_an_agent_s_hello_without_a_good_token_ends_with_4000(
    desk: Desk, token: str | None
) -> None:
    client = await desk.socket("agent")
    assert await client.refused("hello", token=token) == "unauthorized"
    assert await client.ended() == 4000


async def test_a_hello_for_a_site_that_is_not_there_ends_with_4000(desk: Desk) -> None:
    client = await desk.socket("customer")
    assert await client.refused("hello", site="nowhere") == "not_found"
    assert await client.ended() == 4000


async def test_a_second_hello_is_refused_and_changes_nothing(desk: Desk) -> None:
    client = await desk.customer()
    assert await client.refused("hello") == "invalid"
    await client.ok("ping")


async def test_no_hello_in_time_ends_with_4001(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HELLO_TIMEOUT", 0.2)
    silent = await desk.socket("customer")
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    assert await silent.ended() == 4001
    async with asyncio.timeout(PATIENCE):  # who does not even say what they want is cut off as well
        assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


def test_a_hello_has_ten_seconds() -> None:
    assert connection.HELLO_TIMEOUT == 10.0


async def test_who_has_said_hello_may_be_silent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HELLO_TIMEOUT", 1.0)
    greeted_in_time = await desk.customer()
    silent = await desk.socket("customer")
    assert await silent.ended() == 4001
    await greeted_in_time.ok("ping")


@pytest.mark.parametrize("role", ["customer", "agent"])
async def test_ten_bad_frames_end_with_4002(desk: Desk, role: str) -> None:
    client = await (desk.customer() if role == "customer" else desk.agent("Sam"))
    for number in range(10):
        await client.raw(b"x" if number % 2 else "x")
    assert await client.ended() == 4002
    assert [frame["code"] for frame in client.heard if frame["type"] == "error"] == [
        "bad_frame"
    ] * 10


async def test_refused_frames_that_are_good_ones_do_not_end_a_connection(desk: Desk) -> None:
    client = await desk.customer()
    for _ in range(30):
        assert await client.refused("nonsense") == "unknown_type"
        assert await client.refused("rate", score=9) == "invalid"


async def test_who_asks_and_leaves_in_one_breath_hurts_nobody(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    hasty, other = await desk.agent("Sam"), await desk.agent("Kim")
    await desk.asker()
    await hasty.ok("join", request=1)
    await other.ok("join", request=1)
    protocol = hasty.socket.protocol
    protocol.send_text(b'{"type": "leave", "request": 1}')
    protocol.send_close(1000)
    hasty.socket.transport.write(b"".join(protocol.data_to_send()))
    assert await hasty.ended() == 1000
    await other.push("watching", agents=[{"id": 2, "name": "Kim"}])
    assert [line for line in caplog.records if line.levelname == "ERROR"] == []


@pytest.mark.parametrize("size", [65_537, 300_000, 3_000_000])
async def test_a_frame_over_the_limit_ends_with_4003(desk: Desk, size: int) -> None:
    client, other = await desk.customer(), await desk.customer()
    try:
        await client.raw(frame_of(size))
    finally:
        assert await client.ended() == 4003
    await other.ok("ping")


async def test_a_frame_in_pieces_counts_as_one(desk: Desk) -> None:
    client = await desk.customer()
    await client.socket.send(["x" * 40_000, "x" * 40_000])
    assert await client.ended() == 4003


async def test_a_frame_of_just_the_limit_is_taken(desk: Desk) -> None:
    client = await desk.customer()
    assert client.welcome["limits"]["frame"] == 65_536
    await client.raw(frame_of(65_536))
    await client.receive(lambda it: it == {"type": "pong", "ref": "big"}, "pong")


async def test_a_frame_limit_of_0_is_none(start: Start) -> None:
    async with start(frame_limit=0) as desk:
        client = await desk.customer()
        await client.raw(frame_of(1_500_000))
        await client.receive(lambda it: it == {"type": "pong", "ref": "big"}, "pong")


def frame_of(size: int) -> str:
    frame = '{"type":"ping","ref":"big","x":""}'
    return frame[:-2] + "x" * (size - len(frame)) + frame[-2:]


async def test_who_answers_no_ping_ends_with_4101(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keepalive, "KEEPALIVE_SECONDS", 1)
    async with start() as desk:
        alive, deaf = await desk.customer(), await desk.customer()
        protocol = deaf.socket.protocol
        send = protocol.send_frame
        answer_no_ping = lambda frame: None if frame.opcode is Opcode.PONG else send(frame)  # noqa: E731
        monkeypatch.setattr(protocol, "send_frame", answer_no_ping)
        assert await deaf.ended() == 4101
        await alive.ok("ping")


async def test_one_customer_s_connections_are_counted_and_the_newest_is_refused(
    start: Start,
) -> None:
    async with start(connections_per_customer=2) as desk:
        first = await desk.asker()
        token = first.welcome["token"]
        second = await desk.customer(token=token)
        third = await desk.socket("customer")
        await third.send("hello", ref="a", token=token)
        assert await third.ended() == 4102
        assert third.heard == []
        await second.socket.close()
        await first.ok("ping")
        await desk.asker()  # somebody else
        await desk.customer(token=token)


async def test_one_address_s_connections_are_counted_and_the_newest_is_refused(
    start: Start,
) -> None:
    async with start(connections_per_address=2) as desk:
        first, second = await desk.customer(), await desk.socket("agent")
        assert await (await desk.socket("customer")).ended() == 4102
        await second.socket.close()
        await first.ok("ping")
        await desk.customer()


async def test_sixty_connections_may_come_at_once_by_default(desk: Desk) -> None:
    async def come() -> None:
        async with await wire(desk.url, "customer") as client:
            await greeted(client)
            await everybody.wait()

    everybody = asyncio.Barrier(60)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(60):
            group.create_task(come())


async def test_a_limit_of_0_connections_is_none(start: Start) -> None:
    async with start(connections_per_customer=0, connections_per_address=0) as desk:
        first = await desk.asker()
        for _ in range(110):
            await desk.customer(token=first.welcome["token"])


async def test_too_fast_is_refused_with_the_seconds_to_wait(start: Start) -> None:
    clock = HandClock()
    async with start(clock) as desk:
        client = await desk.asker()
        answers = [await client.ask("send", text=f"{n}") for n in range(24)]
        refused = [answer for answer in answers if answer["type"] == "error"]
        assert len(refused) == 5  # a burst of 20 was spent by one open and 19 texts
        assert {error["code"] for error in refused} == {"rate_limited"}
        assert all(0 < error["retry_after"] <= 0.3 for error in refused)
        await client.ok("ping")  # other frames have a bucket of their own
        clock.now += refused[-1]["retry_after"]
        await client.ok("send", text="in time")


async def test_all_other_frames_are_limited_too(start: Start) -> None:
    async with start(HandClock()) as desk:
        client = await desk.customer()
        for number in range(300):
            await client.send("ping", ref=f"p{number}")
        answers = [await client.answer(f"p{n}") for n in range(300)]
        refused = [answer["code"] for answer in answers if answer["type"] == "error"]
        assert 0 < len(refused) <= 101
        assert set(refused) == {"rate_limited"}


async def test_a_limit_of_0_messages_a_second_frees_both_roles(start: Start) -> None:
    async with start(**FREE) as desk:
        customer, agent = await desk.asker(), await desk.agent("Sam")
        assert (customer.welcome["limits"]["messages_per_second"]) == 0
        for n in range(60):
            await customer.ok("send", text=f"{n}")
        for n in range(250):
            await agent.ok("note", request=1, text=f"{n}")
