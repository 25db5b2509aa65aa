"""Sections of the request list: their headings stay in view, and they can be folded."""

from pathlib import Path

from relay.wire import agent_in
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import ME, FakeRelay

WAITING = 30


async def test_the_heading_stays_while_its_rows_scroll(relay: FakeRelay, tmp_path: Path) -> None:
    for number in range(1, WAITING + 1):
        relay.open(number, "Hello")
    relay.open(99, "Mine", "Hello", "There", status="active", agent=ME)
    async with console_session(relay.url, tmp_path, size=(100, 24)) as desk:
        await desk.sees(f"waiting · {WAITING}")
        requests = desk.panes.list
        await desk.until(lambda: requests.max_scroll_y > 0)
        for key, chosen in (("end", WAITING), ("k", WAITING - 1), ("home", 99)):
            await desk.press(key)
            await desk.sees(f"#{chosen} ")
            assert requests.selected == chosen
            shown = [requests.render_line(y).text for y in range(requests.size.height)]
            assert any(f"▌◆ #{chosen} " in line or f"▌● #{chosen} " in line for line in shown)
            assert shown[0].strip() == ("mine, new · 1" if chosen == 99 else f"waiting · {WAITING}")


async def test_a_click_on_a_heading_folds_its_section_and_unfolds_it(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in range(1, WAITING + 1):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path, size=(100, 24)) as desk:
        await desk.sees(f"waiting · {WAITING}")
        requests = desk.panes.list
        await desk.until(lambda: requests.max_scroll_y > 0)
        requests.select(WAITING)
        await desk.until(lambda: requests.scroll_offset.y > 0)
        await desk.pilot.click(requests, offset=(3, 0))
        await desk.sees(f"waiting · {WAITING} (folded)")
        assert requests.rows == ()
        await desk.pilot.click(requests, offset=(3, 0))
        await desk.until(lambda: len(requests.rows) == WAITING)


async def test_what_is_opened_or_looked_for_is_shown_though_its_section_is_folded(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    relay.open(2, "There")
    async with console_session(relay.url, tmp_path, size=(100, 24)) as desk:
        await desk.sees("waiting · 2")
        requests = desk.panes.list
        await desk.press("z")
        await desk.sees("waiting · 2 (folded)")
        await desk.press("slash", *"there")
        await desk.until(lambda: [row.number for row in requests.rows] == [2])
        await desk.press("escape")
        await desk.sees("waiting · 2 (folded)")
        await desk.press("n")
        await desk.until(lambda: desk.seat.open == 1 and requests.selected == 1)
        assert len(requests.rows) == 2


async def test_after_closing_the_marked_row_is_the_open_request(
    relay: FakeRelay, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        relay.open(number, "Hello")
    async with console_session(relay.url, tmp_path, size=(100, 24)) as desk:
        await desk.open(2)
        await desk.press("alt+e", "y")
        await desk.sees("closed · 1")
        assert (desk.seat.open, desk.panes.list.selected) == (2, 2)
        await desk.press("escape")
        await desk.press("home")
        await desk.until(lambda: desk.panes.list.selected == 1)
        await desk.press("tab")
        await desk.until(lambda: desk.panes.composer.has_focus)
        assert desk.panes.list.selected == 2, "the mark says what the composer writes to"
        assert not any(isinstance(frame, agent_in.Claim) for frame in relay.heard)
