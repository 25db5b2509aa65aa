"""Text copied in the composer reaches the terminal's clipboard."""

from pathlib import Path

import pytest

from helpdesk_tui.terminal import clipboard
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay


async def test_the_composer_copies_in_the_plain_form_that_tmux_takes(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    relay.open(1, "Hello there")
    async with console_session(relay.url, tmp_path) as desk:
        put_out: list[str] = []
        monkeypatch.setattr(desk.workspace.terminal, "write", put_out.append)
        await desk.open(1)
        await desk.write("half")
        desk.panes.composer.select_all()
        await desk.press("ctrl+c")
        await desk.sees("Copied to the terminal's clipboard.")
        assert clipboard("half") in put_out
        await desk.press("end", "ctrl+v")
        await desk.until(lambda: desk.panes.composer.text == "halfhalf")
