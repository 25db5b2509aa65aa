"""A working day: a laptop that slept, a faster colleague, a terminal without focus, a gap."""

from pathlib import Path
from time import monotonic, time

import pytest
from textual import events

from helpdesk_tui import app, link, workspace
from helpdesk_tui.timings import Timings
from relay.wire import agent_in, agent_out, objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import AT, KIM, ME, FakeRelay

HOUR = 3600.0


async def test_a_laptop_that_slept_for_an_hour_comes_back_by_itself_and_misses_nothing(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = [0.0]
    for module in (app, workspace):
        monkeypatch.setattr(module, "monotonic", lambda: monotonic() + slept[0])
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.push(objects.Typing(1, "customer", True))
        await desk.sees("is typing…")
        await desk.write("half")
        for socket in relay._sockets:
            socket.transport.abort()
        slept[0] = HOUR
        for number in range(2, 80):
            relay._store(1, objects.By("customer", 1, "Ada 1"), f"message {number}")
        relay.open(2, "I came while you slept")
        await desk.sees("I came while you slept")
        await desk.until(lambda: len(desk.panes.timeline.items) == 80)
        await desk.sees_no("is typing…")
        assert desk.panes.composer.text == "half"


async def test_after_a_sleep_a_relay_that_has_hung_up_unheard_is_called_again_at_once(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = [0.0]
    monkeypatch.setattr(link, "time", lambda: time() + slept[0])
    relay.open(1, "Hello")
    timings = Timings(clock_interval=0.05, wake_timeout=0.5)
    async with console_session(relay.url, tmp_path, timings=timings) as desk:
        await desk.sees("online as Sam")
        relay.deaf = True
        slept[0] = HOUR
        await desk.sees("○ offline")
        relay.deaf = False
        relay.open(2, "I came while you slept")
        await desk.press("f5")
        await desk.sees("I came while you slept")


async def test_what_comes_is_read_only_while_the_terminal_has_the_focus(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)
        desk.console.post_message(events.AppBlur())
        await relay.say(1, "message 2")
        await desk.sees("message 2")
        assert agent_in.SetRead(1, 2) not in relay.heard
        desk.console.post_message(events.AppFocus())
        await relay.until(lambda: agent_in.SetRead(1, 2) in relay.heard)


async def test_a_tmux_that_tells_of_the_focus_is_not_complained_of(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    later = [0.0]
    monkeypatch.setattr(app, "monotonic", lambda: monotonic() + later[0])
    async with console_session(relay.url, tmp_path) as desk:
        desk.console.post_message(events.AppBlur())
        await desk.until(lambda: not desk.console.app_focus)
        later[0] = HOUR
        desk.console._tick()
        await desk.pilot.pause()
        assert "focus-events" not in desk.screen


async def test_while_a_colleague_writes_the_first_enter_only_says_so(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.push(agent_out.Watching(1, [ME, KIM]))
        await relay.push(objects.Typing(1, "agent", True))
        await desk.sees("Kim is typing…")
        await desk.write("me too")
        await desk.press("enter")
        await desk.sees("Kim is writing an answer here, too.")
        assert (relay.sent(), desk.panes.composer.text) == ([], "me too")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["me too"])
        await relay.push(objects.Typing(1, "agent", False))
        await desk.write("and I")
        kims = objects.By("agent", KIM.id, KIM.name)
        await relay.push(objects.MessagePush(1, relay._store(1, kims, "It is broken.")))
        await desk.sees("It is broken.")
        await desk.press("enter")
        await desk.sees("Kim has answered here since you began to write.")
        assert relay.sent() == ["me too", "It is broken."]
        await desk.press("enter")
        await relay.until(lambda: relay.sent()[2:] == ["and I"])


async def test_what_is_missing_is_drawn_as_missing_until_it_has_come(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    relay.refuse = lambda frame: (
        objects.Error("unavailable", "") if isinstance(frame, agent_in.HistoryBefore) else None
    )
    by = objects.By("customer", 1, "Ada 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        for number in range(2, 9):
            relay._store(1, by, f"message {number}")
        await relay.push(objects.MessagePush(1, objects.MessageObject(9, "text", by, "last", AT)))
        relay._store(1, by, "last")
        await desk.sees("7 messages are missing here; being fetched")
        relay.refuse = lambda _: None
        await relay.hang_up()
        await desk.sees("message 5")
        await desk.sees_no("missing here")
