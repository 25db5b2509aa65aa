"""Every action of the key table, by its name, at a console with a relay."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from helpdesk_tui.keys import KEYS, Key, Scope
from helpdesk_tui.model.effects import Offline
from relay.wire import objects
from tests.integration.console import chat_scenarios, list_scenarios
from tests.integration.console.console_session import ConsoleSession, case, console_session
from tests.integration.console.fake_relay import ME, FakeRelay
from tests.integration.console.scenario import LINK, SCENARIOS, Scene

assert chat_scenarios, list_scenarios  # they enter themselves into SCENARIOS


def fill(relay: FakeRelay, epoch: str) -> None:
    """Let the data of *relay* be those that each action begins with."""
    relay.reset(epoch)
    relay.canned = [objects.Canned("hello", "Hello {customer}, {agent} here.")]
    for number, since in ((1, "10:30"), (2, "10:40"), (3, "10:50")):
        text = f"Hello from {number}"
        relay.open(number, text, f"see {LINK}", waiting_since=f"2026-11-22T{since}:00.000Z")
    relay.open(9, "Bye", status="closed", agent=ME)


async def begin_again(desk: ConsoleSession, relay: FakeRelay, epoch: str) -> None:
    """Bring the console to what it shows at its start, by another epoch of the relay's data."""
    while len(desk.console.screen_stack) > 1:
        desk.console.pop_screen()
        await desk.settled()
    desk.seat.away = False
    fill(relay, epoch)
    await relay.hang_up()
    await desk.until(lambda: isinstance(desk.workspace.connection, Offline))
    desk.workspace.link.reconnect()
    await desk.until(lambda: desk.seat.online and desk.seat.desk.epoch == epoch)
    desk.console.theme = "helpdesk"
    desk.console.screen.remove_class("-info")
    desk.panes.filter.value = ""
    desk.panes.list_pane.remove_class("-filtered")
    desk.panes.notice._show([])
    desk.workspace.typing.stop()
    await desk.until(lambda: [row.number for row in desk.panes.list.rows] == [1, 2, 3])
    desk.panes.list.select(1)
    desk.console.screen.set_focus(desk.panes.list)
    await desk.settled()


@asynccontextmanager
async def stage(relay: FakeRelay, path: Path) -> AsyncIterator[ConsoleSession]:
    """Yield a console with three open requests and a closed one."""
    fill(relay, "e1")
    async with console_session(relay.url, path) as desk:
        await desk.sees("#3")
        yield desk


async def play(key: Key, desk: ConsoleSession, relay: FakeRelay, written: list[str]) -> None:
    """Do the action of *key*; a failure names it."""
    written.clear()
    with case(key.id):
        if key.scope is not Scope.LIST:
            await desk.open(1)
        await SCENARIOS[key.id](Scene(desk, relay, key, written))


@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.value)
async def test_each_action_does_what_the_table_says(
    relay: FakeRelay, tmp_path: Path, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = (key for key in KEYS if key.scope is scope)  # `quit` is the last of all
    written: list[str] = []
    async with stage(relay, tmp_path) as desk:
        monkeypatch.setattr(desk.workspace.terminal, "write", written.append)
        await play(first, desk, relay, written)
        for number, key in enumerate(others, start=2):
            await begin_again(desk, relay, f"e{number}")
            await play(key, desk, relay, written)


def test_every_action_is_played() -> None:
    assert SCENARIOS.keys() == {key.id for key in KEYS}
    assert KEYS[-1].id == "everywhere.quit"
