"""Every action of the key table, by its name, at a console with a relay."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from helpdesk_tui.keys import KEYS, Key, Scope
from relay.wire import objects
from tests.integration.console import chat_plays, list_plays
from tests.integration.console.fake_relay import ME, FakeRelay
from tests.integration.console.plays import LINK, PLAYS, Scene
from tests.integration.console.sitting import sitting

assert chat_plays, list_plays  # they enter themselves into PLAYS


@asynccontextmanager
async def scene(relay: FakeRelay, path: Path, key: Key, put_out: list[str]) -> AsyncIterator[Scene]:
    relay.canned = [objects.Canned("hello", "Hello {customer}, {agent} here.")]
    for number, since in ((1, "10:30"), (2, "10:40"), (3, "10:50")):
        text = f"Hello from {number}"
        relay.open(number, text, f"see {LINK}", waiting_since=f"2026-11-22T{since}:00.000Z")
    relay.open(9, "Bye", status="closed", agent=ME)
    async with sitting(relay.url, path) as desk:
        await desk.sees("#3")
        if key.scope is not Scope.LIST:
            await desk.open(1)
        yield Scene(desk, relay, key, put_out)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.id)
async def test_an_action_does_what_the_table_says(
    relay: FakeRelay, tmp_path: Path, key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_out: list[str] = []
    async with scene(relay, tmp_path, key, put_out) as played:
        monkeypatch.setattr(played.desk.workspace.terminal, "write", put_out.append)
        await PLAYS[key.id](played)


def test_every_action_is_played() -> None:
    assert PLAYS.keys() == {key.id for key in KEYS}
