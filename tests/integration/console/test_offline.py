"""Texts of the agent survive a lost relay, a killed console and a missing answer."""

import stat
from pathlib import Path

import pytest
from msgspec import structs

from helpdesk_tui.timings import Timings
from relay.wire import agent_in, objects
from tests.integration.console.console_session import case, console_session
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.saved_texts import kept


def modes(state_dir: Path) -> set[int]:
    """Return the modes of the files that are kept, and of the folders that they are in."""
    files = list(state_dir.rglob("*.json"))
    return {stat.S_IMODE(path.stat().st_mode) for file in files for path in (file, file.parent)}


async def test_a_draft_is_on_disk_for_its_owner_alone_and_comes_back(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("half")
        await desk.until(lambda: any("half" in text for text in kept(tmp_path)))
        assert modes(tmp_path) == {0o600, 0o700}
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("draft")
        await desk.open(1)
        assert desk.panes.composer.text == "half"
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["half"])
        await desk.until(lambda: kept(tmp_path) == [])


async def test_each_request_has_its_own_draft(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    relay.open(2, "Good day")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("one")
        await desk.press("alt+down")
        assert desk.panes.composer.text == ""
        await desk.write("two")
        await desk.press("alt+up")
        assert desk.panes.composer.text == "one"
        await desk.press("escape")
        await desk.press("j", "enter")
        assert desk.panes.composer.text == "two"


async def test_what_is_written_offline_goes_out_in_order_and_once(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path, size=(140, 30)) as desk:
        await desk.open(1)
        await relay.stop()
        await desk.sees("○ offline, ")
        await desk.sees("Connection refused")
        await desk.write("one")
        await desk.press("enter")
        await desk.write("two")
        await desk.press("enter")
        await desk.sees("unsent, goes out by itself")
        await desk.press("alt+c")
        await desk.sees("Offline: claim #1 again")
        await relay.start()
        await desk.press("f5")
        await relay.until(lambda: relay.sent() == ["one", "two"])
        await desk.sees_no("unsent")
        assert set(relay.stored.values()) == {1}


async def test_a_text_whose_answer_was_lost_is_stored_once(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        relay.forget_answers = True
        await desk.write("hi")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["hi"])
        relay.forget_answers = False
        await relay.hang_up(1012)
        await desk.sees_no("sending…")
        await desk.until(lambda: kept(tmp_path) == [])
        refs = [frame.ref for frame in relay.heard if isinstance(frame, agent_in.Send)]
        assert len(set(refs)) == 1
        assert relay.sent() == ["hi"]


async def test_a_console_that_was_closed_offline_sends_when_it_is_opened_again(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.stop()
        await desk.sees("offline")
        await desk.write("later")
        await desk.press("enter")
    assert any("later" in text for text in kept(tmp_path))
    await relay.start()
    async with console_session(relay.url, tmp_path) as desk:
        await relay.until(lambda: relay.sent() == ["later"])
        await desk.until(lambda: kept(tmp_path) == [])


async def test_a_draft_in_a_request_that_was_closed_meanwhile_can_be_reached_and_emptied(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("half")
    relay.requests[1] = structs.replace(relay.requests[1], status="closed")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("✗ #1")
        await desk.sees("closed · 1")
        await desk.sees("draft")
        await desk.open(1)
        assert desk.panes.composer.text == "half"
        await desk.press(*["backspace"] * 4)
        await desk.until(lambda: kept(tmp_path) == [])


async def test_after_a_restore_what_was_unsent_can_be_copied_goes_to_nobody_and_stays_on_the_disk(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "I am Ada")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.stop()
        await desk.sees("offline")
        await desk.write("for Ada")
        await desk.press("enter")
        await desk.write("a secret of hers")
        relay.epoch = "e2"
        relay.open(1, "I am Mallory")
        await relay.start()
        await desk.press("f5")
        await desk.sees("was restored")
        await desk.write(" and more")
        await desk.press("enter")
        assert (desk.panes.composer.read_only, desk.panes.composer.text) == (
            True,
            "a secret of hers",
        )
        await desk.press("escape")
        await desk.open(1)
        await desk.sees("I am Mallory")
        assert desk.panes.composer.text == ""
        await desk.write("hi")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["hi"])
    [file] = [text for text in kept(tmp_path) if "secret" in text]
    assert "for Ada" in file


async def test_a_long_reason_never_hides_what_is_unsent_or_who_waits(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path, size=(80, 24)) as desk:
        await desk.open(1)
        await relay.hang_up(4000)
        await desk.sees("The relay refuses")
        await desk.write("hi")
        await desk.press("enter")
        await desk.sees("1 unsent   mine 0 · 1 waiting   The relay")


async def test_a_relay_that_asks_to_wait_gets_the_text_again(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    refusals = [
        objects.Error("rate_limited", "Too many.", retry_after=0.3),
        objects.Error("unavailable", "Disk full."),
    ]
    relay.refuse = lambda frame: (
        refusals.pop() if refusals and isinstance(frame, agent_in.Send) else None
    )
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("one")
        await desk.press("enter")
        await desk.write("two")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["one", "two"])
        await desk.sees_no("unsent")


async def test_what_was_said_meanwhile_is_there_after_a_reconnect_and_nothing_twice(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.stop(1013)
        await desk.sees("offline")
        for number in range(2, 120):
            await relay.say(1, f"message {number}")
        await relay.start()
        await desk.press("f5")
        await desk.until(lambda: len(desk.panes.timeline.items) == 120)
        texts = [block.text for block in desk.panes.timeline.items if block.tone == "customer"]
        assert texts == [f"message {number}" for number in range(1, 120)]
        joins = [frame.after for frame in relay.heard if isinstance(frame, agent_in.Join)]
        assert joins == [None, 1]


async def test_a_relay_that_has_fallen_silent_is_noticed(relay: FakeRelay, tmp_path: Path) -> None:
    timings = Timings(keepalive_interval=0.2, answer_timeout=0.5)
    async with console_session(relay.url, tmp_path, timings=timings) as desk:
        await relay.until(lambda: any(isinstance(frame, agent_in.Ping) for frame in relay.heard))
        await desk.sees("online as Sam")
        relay.deaf = True
        await desk.sees("The relay did not answer")


NO_FRAMES = {
    "empty": b"",
    "no JSON": b"nonsense",
    "cut off": b'{"type":"pong","ref":',
    "half a surrogate": b'{"type":"pong","ref":"\\ud800"}',
    "no UTF-8": b'{"type":"pong","ref":"\xff"}',
    "too deep": b'{"type":"pong","sun":' + b"[" * 100_000,
}


async def test_a_relay_that_says_what_is_no_frame_is_left_and_called_again(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    timings = Timings(backoff=lambda _: 60.0)
    async with console_session(relay.url, tmp_path, timings=timings) as desk:
        await desk.open(1)
        for name, garbage in NO_FRAMES.items():
            with case(name):
                await relay.push_bytes(garbage)
                await desk.sees("The relay said what is no frame.")
                await desk.press("f5")
                await desk.sees("online as Sam")


async def test_the_relay_is_called_directly_whatever_proxy_the_environment_names(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "socks_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("online as Sam")


async def test_a_wrong_token_at_the_start_ends_the_console_with_a_sentence(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with console_session(relay.url, tmp_path, token="hda_wrong") as desk:
        await desk.until(lambda: desk.console.failure is not None)
        assert desk.console.failure == "The relay refuses this token; get a new one from an admin."


async def test_a_token_that_is_revoked_later_loses_no_draft(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("half")
        await relay.hang_up(4000)
        await desk.sees("The relay refuses this token")
        assert desk.panes.composer.text == "half"
        await desk.press("f5")
        await desk.sees("online as Sam")


async def test_a_disk_that_refuses_is_told_of_and_nobody_is_stopped(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    collision_warning = tmp_path / "state"
    collision_warning.write_text("a file")
    async with console_session(relay.url, collision_warning) as desk:
        await desk.sees("Drafts cannot be kept")
        await desk.open(1)
        await desk.write("hi")
        await desk.press("enter")
        await relay.until(lambda: relay.sent() == ["hi"])
