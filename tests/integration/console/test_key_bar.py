"""The line at the bottom has the keys of the pane that has the focus, and can be clicked."""

from pathlib import Path

from helpdesk_tui.widgets.picker import Picker
from relay.settings.model import Console as Preferences
from tests.integration.console.console_session import ConsoleSession, console_session
from tests.integration.console.fake_relay import FakeRelay


def line(desk: ConsoleSession) -> str:
    return desk.screen.splitlines()[-1].strip()


async def test_it_has_the_agents_own_keys_and_those_of_the_pane_they_are_in(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    own = Preferences(keys={"list": {"claim": "C"}, "everywhere": {"help": "alt+h"}})
    async with console_session(relay.url, tmp_path, size=(160, 30), preferences=own) as desk:
        await desk.until(lambda: line(desk).startswith("Alt+H help  Enter open  Space look"))
        assert "C claim" in line(desk)
        await desk.press("slash")
        await desk.until(lambda: line(desk).startswith("Alt+H help  Esc all again"))
        await desk.press("escape")
        await desk.open(1)
        await desk.until(lambda: line(desk).startswith("Alt+H help  Enter send  Ctrl+J new line"))
        assert line(desk).endswith("Ctrl+Q quit")


async def test_a_click_does_what_the_key_does(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path, size=(160, 30)) as desk:
        await desk.sees("#1")
        await desk.pilot.click("#keys", offset=(line(desk).index("claim") + 2, 0))
        await desk.sees("mine · 1")
        await desk.pilot.click("#keys", offset=(line(desk).index("find") + 1, 0))
        await desk.until(lambda: isinstance(desk.console.screen, Picker))
