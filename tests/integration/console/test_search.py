"""The switcher finds what was said in requests that are not at hand, by asking the relay."""

from functools import partial
from pathlib import Path

from helpdesk_tui.timings import Timings
from helpdesk_tui.widgets.picker import Picker
from relay.wire import agent_in, agent_out
from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import AT, FakeRelay


def is_open(desk: ConsoleSession, number: int) -> bool:
    return desk.seat.open == number


async def test_what_was_said_long_ago_is_found_marked_as_found_and_opened(
    relay: FakeRelay, tmp_path: Path
) -> None:
    timings = Timings(seek_delay=1.0)  # a busy machine may pause between two keys
    relay.open(1, "Hello")
    relay.open(7, "my blue teapot leaks", status="closed")
    async with console_session(relay.url, tmp_path, timings=timings) as desk:
        await desk.sees("#1")
        await desk.press("ctrl+k")
        await desk.write("teapot")
        await desk.sees("#7  found: my blue teapot leaks")
        assert [f.text for f in relay.heard if isinstance(f, agent_in.Search)] == ["teapot"]
        await desk.press("enter")
        await desk.until(lambda: desk.seat.open == 7)


async def test_a_request_is_opened_by_its_number_whether_it_is_at_hand_or_not(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (17, 7):
        relay.open(number, f"Hello from {number}")
    relay.open(3, "Long ago", status="closed")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("#17")
        for number in (7, 3):
            await desk.press("ctrl+k")
            await desk.write(f"#{number}")
            await desk.sees(f"▌ #{number}")
            await desk.press("enter")
            await desk.until(partial(is_open, desk, number))
        await desk.sees("Long ago")
        await desk.press("ctrl+k")
        await desk.write("99")
        await desk.sees("by its number")
        await desk.press("enter")
        await desk.sees("There is no #99.")


async def test_what_the_customer_asked_earlier_is_at_hand_once_it_was_listed(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    relay.open(3, "Long ago", status="closed", customer=relay.requests[1].customer)
    async with console_session(relay.url, tmp_path, size=(130, 30)) as desk:
        await desk.open(1)
        await desk.press("f3")
        await desk.sees("Long ago")
        await desk.press("ctrl+k")
        await desk.write("long ago")
        await desk.sees("▌ #3 Ada 1")
        await desk.press("enter")
        await desk.until(lambda: desk.seat.open == 3)


async def test_what_was_found_for_other_words_or_is_hostile_is_not_shown_so(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(7, "a \x1b]52;c;x\x07teapot [/b]", status="closed")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("online as Sam")
        await desk.press("ctrl+k")
        await desk.write("tea")
        await desk.sees("found: a ")
        assert "\x1b" not in desk.screen
        await desk.write("spoon")
        await desk.sees_no("found: a ")
        await relay.push(agent_out.Found("stale", [agent_out.Hit(7, 1, "late", AT)], None))
        await desk.sees("No such request.")


async def test_news_and_keys_before_the_choices_are_drawn_end_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("online as Sam")
        early = Picker("Early", [])
        desk.console.push_screen(early)
        desk.console.on_link_events_received()
        early.action_move(1)
        await desk.sees("Nothing of that name.")
