"""Measures the console: `python -m benchmarks.console` prints a table of time, bytes and CPU.

Start, keys and idle load are measured at a real terminal, from the outside; long conversations in a
console without a terminal, from the frame or the key to the end of the next refresh.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from helpdesk_tui.app import Console
from helpdesk_tui.model.objects import message_from
from relay.wire import objects
from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import AT, FakeRelay, running
from tests.integration.console.terminal import PROGRAM, Terminal, terminal

OPEN_REQUESTS = 500
KEYS = 40
IDLE = 10.0
"""Seconds; less than until the waiting times are looked at again."""
ROUNDS = 15
TEXTS = ("Hello", "some words about what is wrong here")
LONG_AGO = "2026-11-01T10:00:00.000Z"
"""So long that the words for it do not change meanwhile."""
FROM_THE_START = f"""
import os, sys
os.execv({sys.executable!r}, [{sys.executable!r}, "-c", {PROGRAM!r}, *sys.argv[1:]])
"""
"""A console that imports all that it needs, as one does that a shell starts."""
ADA = objects.By("customer", 1, "Ada 1")


def row(what: str, value: float, unit: str, goal: str) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"| {what} | {value:,.1f} {unit} | {goal} |\n")
    sys.stdout.flush()


def processor_time(pid: int) -> float:
    """Return the seconds of a core that process *pid* has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def at_a_terminal(relay: FakeRelay, folder: Path) -> None:
    """Measure what an agent feels from the first moment on."""
    began = time.perf_counter()
    async with terminal(relay.url, folder, size=(120, 40), program=FROM_THE_START) as desk:
        await desk.sees(f"{OPEN_REQUESTS} waiting")
        await desk.sees("#1 ")
        row("ready, with 500 open requests", 1000 * (time.perf_counter() - began), "ms", "1,000")
        taken = [await echoed(desk, "j") for _ in range(KEYS)]
        row("a key in the list", median(taken), "ms", "15")
        desk.type("\r")
        await desk.sees("Write an answer")
        await asyncio.sleep(1)
        taken = [await echoed(desk, "x") for _ in range(KEYS)]
        row("a key in the composer", median(taken), "ms", "15")
        await asyncio.sleep(3)
        before, used = len(desk.written), processor_time(desk.child.pid)
        await asyncio.sleep(IDLE)
        row("idle, written", len(desk.written) - before, "bytes", "0")
        row("idle, of a core", 100 * (processor_time(desk.child.pid) - used) / IDLE, "%", "1")


async def echoed(desk: Terminal, key: str) -> float:
    """Return the milliseconds from *key* to the first bytes that it brings."""
    await asyncio.sleep(0.1)  # what the key before has set going is over
    before, began = len(desk.written), time.perf_counter()
    desk.type(key)
    await desk.until(lambda: len(desk.written) > before)
    return 1000 * (time.perf_counter() - began)


async def with_long_conversations(relay: FakeRelay, folder: Path) -> None:
    """Measure what many messages cost."""
    async with console_session(relay.url, folder, size=(120, 40), draws=True) as desk:
        await desk.open(1)
        fill(desk.console, 1, 5_000)
        await refreshed(desk, desk.workspace.refresh)
        taken = []
        for number in range(ROUNDS):
            taken.append(appended(desk, objects.MessagePush(1, message(5_001 + number))))
            await desk.pilot.pause(0.1)
        row("a message more at 5,000 shown", median(taken), "ms", "20")
        taken = []
        for _ in range(5):
            fill(desk.console, 2, 10_000)
            taken.append(await refreshed(desk, lambda: desk.workspace.open(2)))
            desk.workspace.open(1)
            await desk.pilot.pause()
        row("a request of 10,000 messages, opened", max(taken), "ms", "300")


def appended(desk: ConsoleSession, frame: objects.MessagePush) -> float:
    """Return the milliseconds that taking in *frame* and drawing the screen anew take."""
    began = time.perf_counter()
    desk.console.receive(frame)
    desk.console.on_link_events_received()
    desk.console.screen._compositor.render_strips()
    return 1000 * (time.perf_counter() - began)


async def refreshed(desk: ConsoleSession, act: Callable[[], object]) -> float:
    """Return the milliseconds from *act* to the end of the next refresh of the conversation."""
    await desk.pilot.pause(0.2)
    shown, began = asyncio.Event(), time.perf_counter()
    act()
    await asyncio.sleep(0)
    desk.console.call_after_refresh(shown.set)
    await shown.wait()
    desk.console.screen._compositor.render_strips()
    return 1000 * (time.perf_counter() - began)


def fill(console: Console, number: int, count: int) -> None:
    """Let a request have *count* messages, all known."""
    console.workspace.seat.desk.timelines.pop(number, None)
    console.workspace.seat.desk.add(
        number, [message_from(message(seq)) for seq in range(1, count + 1)]
    )


def message(seq: int) -> objects.MessageObject:
    """Return a message of some lines."""
    return objects.MessageObject(seq, "text", ADA, f"{seq}: " + "some words of a text " * 6, AT)


async def main() -> None:
    """Measure all, and print the table."""
    sys.stdout.write("| what | measured | goal, at most |\n| --- | --- | --- |\n")
    measures: list[Callable[[FakeRelay, Path], Awaitable[None]]] = [
        at_a_terminal,
        with_long_conversations,
    ]
    for measure in measures:
        async with running(FakeRelay()) as relay:
            for number in range(1, OPEN_REQUESTS + 1):
                relay.open(number, *TEXTS, waiting_since=LONG_AGO)
            with TemporaryDirectory(prefix="helpdesk-bench-") as folder:
                await measure(relay, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
