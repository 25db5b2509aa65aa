"""A colleague answers while the relay is away: what was written before waits to be looked at."""

from functools import partial
from pathlib import Path

from msgspec import structs

from relay.wire import agent_in, objects
from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import KIM, FakeRelay

KIMS = objects.By("agent", KIM.id, KIM.name)
HELD = "not sent: Kim has answered meanwhile"


def kim_answers(relay: FakeRelay) -> None:
    """Kim claims request 1 and answers, and nobody at Sam's desk hears of it."""
    relay._store(1, KIMS, "Kim was faster")
    relay.requests[1] = structs.replace(relay.requests[1], status="active", agent=KIM)


async def write_offline(desk: ConsoleSession, relay: FakeRelay, *numbers: int) -> None:
    for number in numbers:
        await desk.sees(f"#{number}")
        desk.workspace.open(number)
        await desk.until(partial(desk.seat.desk.timelines.__contains__, number))
    await relay.stop()
    await desk.sees("○ offline")
    for number in numbers:
        desk.workspace.open(number)
        await desk.write(f"to {number}")
        await desk.press("enter")
        await desk.sees("goes out by itself")


async def test_it_is_held_until_the_agent_sends_it_and_what_nobody_answered_goes_out(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    relay.open(2, "Good day")
    async with console_session(relay.url, tmp_path) as desk:
        await write_offline(desk, relay, 2, 1)
        kim_answers(relay)
        heard = len(relay.heard)
        await relay.start()
        await desk.press("f5")
        await desk.sees("Kim was faster")
        await desk.sees(HELD)
        await relay.until(lambda: relay.sent() == ["Kim was faster", "to 2"])
        kinds = [type(frame) for frame in relay.heard[heard:]]
        assert kinds.index(agent_in.Join) < kinds.index(agent_in.Send)
        await desk.press("alt+d")
        await relay.until(lambda: relay.sent() == ["Kim was faster", "to 1", "to 2"])
        await desk.sees_no("not sent")
    assert set(relay.stored.values()) == {1}


async def test_it_is_held_after_a_restart_too_and_can_be_taken_back(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await write_offline(desk, relay, 1)
    kim_answers(relay)
    await relay.start()
    for _ in ("held", "held still"):
        async with console_session(relay.url, tmp_path) as desk:
            await desk.sees("! 1 not sent")
            await desk.open(1)
            await desk.sees(HELD)
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("! 1 not sent")
        await desk.open(1)
        await desk.press("alt+b")
        await desk.until(lambda: desk.panes.composer.text == "to 1")
    assert relay.sent() == ["Kim was faster"]
