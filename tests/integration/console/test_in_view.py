"""Whatever is pressed, the pane that has the keys is in view, and keeps them at any width."""

from pathlib import Path

import pytest

from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import FakeRelay

HEIGHT, NARROW, NORMAL, WIDE = 24, 60, 90, 140


def keys_are_in_view(desk: ConsoleSession) -> bool:
    focused = desk.console.focused
    return focused is not None and bool(focused.region)


@pytest.mark.parametrize(
    "steps",
    [
        [WIDE, "enter", "f3", NARROW],
        [WIDE, "f2", "enter", "f3", "alt+n", NORMAL, NARROW],
        [WIDE, "enter", "shift+tab", "slash", NARROW],
        [WIDE, "f3", "slash", NORMAL, "f3"],
    ],
    ids=str,
)
async def test_the_pane_that_has_the_keys_is_in_view(
    relay: FakeRelay, tmp_path: Path, steps: list[str | int]
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.sees("#1")
        for step in steps:
            before = desk.console.focused
            if isinstance(step, int):
                await desk.resize(step, HEIGHT)
                assert desk.console.focused is before
            else:
                await desk.press(step)
            await desk.until(lambda: keys_are_in_view(desk))


async def test_where_only_the_list_is_to_be_shown_no_key_hides_it(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path, size=(WIDE, HEIGHT)) as desk:
        await desk.sees("#1")
        await desk.press("f2")
        await desk.sees("No request is open. There is only the list to show.")
        assert keys_are_in_view(desk)
