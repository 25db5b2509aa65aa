"""A dialog over the console has the keys until it is answered, and is the only one."""

from pathlib import Path

import pytest

from helpdesk_tui.widgets.dialogs import ConfirmDialog
from helpdesk_tui.widgets.picker import Picker
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay


@pytest.mark.parametrize("key", ["ctrl+k", "ctrl+p"])
async def test_no_key_lays_a_second_dialog_over_the_first(
    relay: FakeRelay, tmp_path: Path, key: str
) -> None:
    relay.open(2, "Hello")
    relay.open(8, "Good day")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(2)
        await desk.press("ctrl+k", key)
        assert [type(one) for one in desk.console.screen_stack[1:]] == [Picker]
        await desk.press("8", "enter")
        await desk.until(lambda: desk.seat.open == 8)
        await desk.press("x")
        await desk.until(lambda: desk.panes.composer.text == "x")
        await desk.press("alt+e")
        await desk.press(key, "8", "enter")
        assert [type(one) for one in desk.console.screen_stack[1:]] == [ConfirmDialog]
        await desk.press("n")
        await desk.press("y")
        await desk.until(lambda: desk.panes.composer.text == "xy")


async def test_a_request_that_opens_behind_a_dialog_takes_no_key_from_it(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(2, "Hello")
    relay.open(8, "Good day")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(2)
        await desk.press("ctrl+k")
        desk.workspace.open(8)
        await desk.press("8", "x")
        assert desk.panes.composer.text == ""
        await desk.press("escape")
        await desk.press("y")
        await desk.until(lambda: desk.panes.composer.text == "y")


async def test_a_key_that_no_dialog_takes_comes_back_to_the_composer_once(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(2, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(2)
        await desk.press("alt+e")
        desk.console.screen.set_focus(desk.panes.composer)
        await desk.press("x")
        assert desk.panes.composer.text == "x"


async def test_what_can_be_no_tag_stays_to_be_mended_and_says_what_one_may_be(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(2, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(2)
        await desk.press("alt+g")
        await desk.sees("Tags of #2")
        await desk.press(*"Billing !", "enter")
        await desk.sees("A tag has only letters a to z, digits and hyphens")
        await desk.press("backspace")
        await desk.press(*"Now", "enter")
        await relay.until(lambda: relay.requests[2].tags == ["billing-now"])
