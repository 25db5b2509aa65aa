"""Messages out of view are not marked as read, and nothing is typed into hidden fields."""

from pathlib import Path

import pytest
from textual import events

from helpdesk_tui.timings import Timings
from relay.wire import agent_in, objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay

NARROW = (60, 20)


@pytest.mark.parametrize(("key", "back"), [("f1", "escape"), ("f9", "f9"), ("ctrl+k", "escape")])
async def test_what_comes_behind_another_screen_is_read_when_that_is_closed(
    relay: FakeRelay, tmp_path: Path, key: str, back: str
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)
        await desk.press(key)
        await relay.say(1, "message 2")
        await desk.until(lambda: desk.panes.timeline.items[-1].text == "message 2")
        assert agent_in.SetRead(1, 2) not in relay.heard
        await desk.press(back)
        await relay.until(lambda: agent_in.SetRead(1, 2) in relay.heard)


async def test_what_comes_while_another_program_has_the_terminal_is_not_read(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)
        desk.workspace.terminal.here.clear()
        await relay.say(1, "message 2")
        await desk.until(lambda: desk.panes.timeline.items[-1].text == "message 2")
        assert agent_in.SetRead(1, 2) not in relay.heard


async def test_on_a_narrow_terminal_what_is_opened_and_in_view_is_read(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path, size=NARROW) as desk:
        await desk.open(1)
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)


@pytest.mark.parametrize("key", ["f2", "alt+n"])
async def test_on_a_narrow_terminal_one_writes_only_where_one_sees_it(
    relay: FakeRelay, tmp_path: Path, key: str
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path, size=NARROW) as desk:
        await desk.open(1)
        await desk.press("escape", key)
        await desk.until(lambda: desk.panes.composer.has_focus and bool(desk.panes.chat.region))
        assert not desk.panes.list.region
        await desk.press("escape")
        await desk.until(lambda: bool(desk.panes.list.region))


async def test_on_a_narrow_terminal_f2_leads_from_the_chat_to_the_list(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "message 1")
    async with console_session(relay.url, tmp_path, size=NARROW) as desk:
        await desk.sees("#1")
        await desk.press("f2")
        await desk.sees("No request is open.")
        await desk.open(1)
        await desk.press("f2")
        await desk.until(lambda: desk.panes.list.has_focus and bool(desk.panes.list.region))


async def test_scrolled_back_the_view_stays_and_goes_on_to_the_first_message(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, *(f"line {number}" for number in range(400)))
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        timeline, dividers = desk.panes.timeline, {"day", "new"}
        before, known = 400, desk.seat.timeline
        assert known
        while before > 1:
            first = timeline.item_at(timeline.scroll_offset.y) or 0
            shown = [item for item in timeline.items[first:] if item.tone not in dividers]
            seq = int(shown[0].key)
            assert before - seq <= timeline.size.height, "no line is jumped over"
            before = seq
            await desk.press("pageup")
            await desk.until(lambda: timeline.scroll_offset.y > 0 or known.first == 1)


async def test_the_first_unread_message_is_fetched_however_far_above_it_is(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, *(f"line {number}" for number in range(400)))
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.sees("unread above")
        above = desk.panes.timeline.new_above
        assert above.startswith("≥"), "not all of them are known"
        assert "─ new ─" not in desk.screen
        await desk.press("alt+u")
        await desk.sees("─ new ─")
        assert "line 0 " in desk.screen


async def test_the_note_of_a_transfer_keeps_every_line_that_was_pasted(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.press("alt+t", "enter")
        await desk.sees("A note for Kim")
        desk.console.post_message(events.Paste("order 17\nwants a refund"))
        await desk.sees("wants a refund")
        await desk.press("ctrl+j", *"now", "enter")
        note = "order 17\nwants a refund\nnow"
        await relay.until(lambda: any(getattr(f, "note", "") == note for f in relay.heard))


async def test_the_cursor_begins_at_who_waits_longest_whatever_is_kept(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(2)
        await desk.write("half")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.until(lambda: desk.seat.desk.welcomed)
        await desk.sees("#1")
        await desk.until(lambda: desk.panes.list.selected == 1)


async def test_a_request_that_is_closed_now_stands_among_those_closed_lately(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("#2")
        await desk.press("c")
        await desk.until(lambda: desk.seat.desk.closed is not None)
        await desk.press("e", "y")
        await desk.sees("closed · 1")
        await relay.push(objects.Gone(1))
        await desk.sees_no("closed · 1")


async def test_a_held_key_asks_for_no_request_that_it_passes_and_the_last_is_opened(
    relay: FakeRelay, tmp_path: Path
) -> None:
    timings = Timings(join_delay=1.0)  # a busy machine may pause between two keys
    for number in range(1, 41):
        relay.open(number, f"message of {number}")
    async with console_session(relay.url, tmp_path, timings=timings) as desk:
        await desk.open(1)
        refusals = iter([objects.Error("rate_limited", "", retry_after=0.01)])
        relay.refuse = lambda frame: (
            next(refusals, None) if isinstance(frame, agent_in.Join) else None
        )
        await desk.press(*["alt+down"] * 39)
        await desk.until(lambda: desk.seat.joined)
        await desk.sees("message of 40")
        joins = [frame for frame in relay.heard if isinstance(frame, agent_in.Join)]
        assert len(joins) < 20
        await relay.until(lambda: agent_in.SetRead(40, 1) in relay.heard)
