"""A terminal that does not read: the connection stays up, and the screen is complete afterwards."""

import asyncio
import re
from pathlib import Path

import pytest

from relay.wire import agent_in, agent_out
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.terminal import Terminal, terminal

LONG = " and a long line" * 40
A_SCREEN, ROUNDS = 2_000, 3
"""Bytes: fewer than a message of those costs; and how often in a row fewer come before a terminal
is taken to be full. How much it holds depends on what was in it before."""


def written(desk: Terminal) -> int:
    """Return how many bytes the console's process has written so far, wherever to."""
    told = re.search(r"wchar: (\d+)", Path(f"/proc/{desk.child.pid}/io").read_text())
    assert told
    return int(told[1])


class Talk:
    """A customer who goes on and on in request 1."""

    def __init__(self, relay: FakeRelay) -> None:
        self._relay = relay
        self.said: list[str] = []

    async def go_on(self, times: int) -> None:
        for _ in range(times):
            self.said.append(f"message {len(self.said)}.")
            await self._relay.say(1, self.said[-1] + LONG)
            await asyncio.sleep(0.02)  # else many would be drawn as one

    async def until_nothing_is_written(self, desk: Terminal) -> None:
        """Go on until the terminal is full, and then until the screen's own queue is."""
        rounds_without = 0
        while rounds_without < ROUNDS:
            before = written(desk)
            await self.go_on(20)
            rounds_without = rounds_without + 1 if written(desk) - before < A_SCREEN else 0
        await self.go_on(40)


@pytest.mark.parametrize("seconds", [0, pytest.param(10, marks=pytest.mark.long)])
async def test_a_terminal_that_does_not_read_comes_back_by_itself_and_misses_nothing(
    relay: FakeRelay, tmp_path: Path, seconds: int
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.stop_reading()
        customer = Talk(relay)
        await customer.until_nothing_is_written(desk)
        desk.type("an answer\r")
        await relay.stop()
        relay.open(2, "Is anybody there?")
        await customer.go_on(10)
        hellos = [frame for frame in relay.heard if isinstance(frame, agent_in.Hello)]
        await relay.start()
        await relay.until(
            lambda: sum(isinstance(frame, agent_in.Hello) for frame in relay.heard) > len(hellos)
        )
        await customer.go_on(10)
        await asyncio.sleep(seconds)
        desk.read_again()
        await relay.until(lambda: relay.sent() == ["an answer"])
        await desk.sees("an answer")
        await desk.sees("#2 Ada 2")
        await relay.push(agent_out.RequestPush(relay.requests[2]))
        desk.type("\x1b[19~")
        await desk.until(lambda: b"back to the console]" in desk.written)
        bare = desk.written.rpartition(b"\x1b[?1049l")[2].decode()
        assert [text for text in customer.said if text not in bare] == []
        desk.type("\r")
        await desk.until(lambda: "back to the console" not in desk.text)
        desk.type("still here\r")
        await relay.until(lambda: relay.sent() == ["an answer", "still here"])
