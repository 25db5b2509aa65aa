"""Whole stories of an agent's day, at a real terminal."""

from pathlib import Path

from relay.wire import agent_in, agent_out, objects
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.terminal import terminal

ALT_A, ALT_D, ALT_E, ALT_N, ALT_T = "\x1ba", "\x1bd", "\x1be", "\x1bn", "\x1bt"
CTRL_K, CTRL_Q = "\x0b", "\x11"


async def test_an_agent_works_through_the_queue(relay: FakeRelay, tmp_path: Path) -> None:
    relay.canned = [objects.Canned("hello", "Hello {customer}, {agent} here.")]
    relay.open(1, "My lamp is broken", waiting_since="2026-11-22T10:30:00.000Z")
    relay.open(2, "Where is my parcel?", waiting_since="2026-11-22T10:40:00.000Z")
    async with terminal(relay.url, tmp_path, size=(120, 36)) as desk:
        await desk.sees("waiting · 2")
        desk.type("n")
        await desk.sees("Write an answer")
        desk.type("/")
        await desk.sees("Canned responses")
        desk.type("hel\r")
        await desk.until(lambda: "Canned responses" not in desk.text)
        await desk.sees("Hello Ada, Sam here.")
        desk.type("\r")
        await relay.until(lambda: relay.sent() == ["Hello Ada, Sam here."])
        await desk.sees("Sam here. ✓")
        await relay.push(objects.Read(1, "customer", 2))
        await desk.sees("Sam here. ✓✓")
        desk.type(ALT_N + "an old lamp\r")
        await desk.sees("note by Sam (you), for agents only")
        desk.type(ALT_T)
        await desk.sees("Transfer #1 to")
        desk.type("kim\r")
        await desk.sees("A note for Kim")
        desk.type("\r")
        await desk.sees("colleagues' · 1")
        desk.type(ALT_A)
        await desk.sees("Where is my parcel?")
        desk.type("On its way.\r")
        await relay.until(lambda: len(relay.sent()) == 2)
        desk.type(ALT_E)
        await desk.sees("Close #2")
        desk.type("y")
        await desk.sees("mine 0 · 0 waiting")
        desk.type(CTRL_Q)
        assert await desk.end() == 0
    assert [said.kind for said in relay.logs[1]] == ["text", "text", "note"]
    assert relay.requests[2].status == "closed"


async def test_the_relay_goes_and_comes_and_nothing_is_missing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        await relay.stop()
        await desk.sees("offline")
        desk.type("written meanwhile\r")
        await desk.sees("goes out by itself")
        relay.open(2, "I came while you were away")
        relay.logs[1].append(objects.MessageObject(2, "text", objects.By("customer"), "missed", ""))
        await relay.start()
        await desk.sees("missed")
        await desk.sees("I came while you were away")
        await relay.until(lambda: relay.sent() == ["written meanwhile"])
        await desk.sees("written meanwhile ✓")


async def test_what_was_refused_is_seen_sent_again_and_found(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello from Ada")
    relay.open(2, "The other one")
    relay.refuse = lambda frame: (
        objects.Error("forbidden", "") if isinstance(frame, agent_in.Send) else None
    )
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("#2")
        desk.type(CTRL_K)
        await desk.sees("Open a request")
        desk.type("other\r")
        await desk.sees("Write an answer")
        desk.type("yes\r")
        await desk.sees("! not sent: you may not write in #2")
        relay.refuse = lambda _: None
        desk.type(ALT_D)
        await desk.sees("yes ✓")
        await relay.push(agent_out.RequestPush(relay.requests[2]))
        await desk.sees("mine · 1")
    assert relay.sent() == ["yes"]


async def test_a_text_that_a_lowered_limit_forbids_fails_and_ends_no_connection(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        await relay.stop()
        await desk.sees("offline")
        desk.type("x" * 300 + "\r")
        await desk.sees("goes out by itself")
        relay.limits = objects.Limits(4000, 200, 50, 200)
        await relay.start()
        await desk.sees("the relay takes 200 now")
        await desk.sees("online as Sam")
    assert relay.sent() == []
