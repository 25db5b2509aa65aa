"""The console works in terminals of any size."""

from pathlib import Path

import pytest

from helpdesk_tui.model.conversation import Block
from helpdesk_tui.widgets.conversation import ConversationView
from relay.wire import agent_in
from tests.integration.console.console_session import case, console_session
from tests.integration.console.fake_relay import FakeRelay


async def test_no_size_ends_it_and_the_screen_is_there_again_after(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello there", "\N{CJK UNIFIED IDEOGRAPH-4F60}" * 30, "word " * 30)
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        for width, height in [(w, h) for h in (12, 3, 1) for w in range(12, 0, -1)]:
            await desk.resize(width, height)
            await desk.press("alt+n")
        await desk.resize(100, 30)
        await desk.sees("Hello there")
        await desk.sees("Write an answer")


async def test_no_size_ends_a_dialog(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello there")
    async with console_session(relay.url, tmp_path) as desk:
        for keys in (["ctrl+p"], ["f9"], ["f1"], ["t", "enter"], ["enter", *":tad"]):
            with case(keys):
                await desk.sees("Hello there")
                await desk.press(*keys)
                for width, height in [(12, 5), (6, 3), (3, 2), (1, 1)]:
                    await desk.resize(width, height)
                    await desk.press("down")
                await desk.resize(100, 30)
                await desk.press("escape")
                await desk.sees("Hello there")


async def test_a_conversation_is_laid_out_only_for_a_width_that_it_has(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.open(1, "Hello there")
    widths: list[int] = []
    height = ConversationView.height

    def asked(timeline: ConversationView, item: Block, width: int) -> int:
        widths.append(width)
        return height(timeline, item, width)

    monkeypatch.setattr(ConversationView, "height", asked)
    async with console_session(relay.url, tmp_path, size=(60, 20)) as desk:
        await desk.open(1)
        await desk.sees("Hello there")
        await desk.press("escape")
        await relay.say(1, "And more")
        await desk.until(lambda: len(desk.panes.timeline.items) > 1)
        await desk.press("enter")
        await desk.sees("And more")
    assert set(widths) == {58}


async def test_a_look_on_a_narrow_terminal_shows_the_conversation_alone_and_reads_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello there")
    async with console_session(relay.url, tmp_path, size=(60, 20)) as desk:
        await desk.sees("Hello there")
        for _ in range(2):
            await desk.press("space")
            await desk.until(lambda: desk.panes.timeline.has_focus)
            await desk.sees("1 unread, only looked at")
            await desk.press("escape")
            await desk.until(lambda: desk.panes.list.has_focus)
        assert not any(isinstance(frame, agent_in.SetRead) for frame in relay.heard)
        await desk.press("space", "enter")
        await desk.until(lambda: desk.panes.composer.has_focus)
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)
        await desk.press("tab")
        await desk.until(lambda: not desk.panes.timeline.has_focus)


async def test_a_terminal_that_gets_narrow_leaves_the_keys_with_the_list(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello there")
    async with console_session(relay.url, tmp_path, size=(120, 20)) as desk:
        await desk.open(1)
        await desk.press("escape", "f3")
        await desk.until(lambda: desk.panes.list.has_focus)
        for width in (90, 60):
            await desk.resize(width, 20)
            await desk.until(lambda: bool(desk.panes.list.region) and desk.panes.list.has_focus)
        await desk.sees("Enter open")
