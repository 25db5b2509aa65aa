"""Snapshots of every screen at three sizes.

`pytest tests/integration/console/test_looks.py --snapshot-update` keeps what is shown now.
"""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion
from textual.screen import Screen

import helpdesk_tui
from helpdesk_tui.widgets.dialogs import ConfirmDialog, HelpDialog, StatsDialog, TextDialog
from helpdesk_tui.widgets.picker import Picker
from relay.wire import agent_in, objects
from tests.integration.console.console_session import ConsoleSession, case, console_session
from tests.integration.console.fake_relay import KIM, ME, FakeRelay

LONG_AGO = "2026-01-01T10:00:00.000Z"
SIZES = [(120, 40), (80, 24), (60, 20)]


@dataclass(frozen=True)
class Look:
    """A screen: what it *shows*, the *keys* that lead to it, and what it is an instance of."""

    shows: str
    keys: Sequence[str] = ()
    screen: type[Screen[Any]] = Screen


SCREENS = {
    "empty": Look("Nobody is waiting"),
    "list": Look("#1"),
    "look": Look("only looked at", ["space"]),
    "closed": Look("closed · 1", ["c"]),
    "filter": Look("words, is:mine tag:… by:…", ["slash"]),
    "away": Look("away as Sam", ["f10"]),
    "chat": Look("Write an answer", ["enter"]),
    "note": Look("Write a note", ["enter", "alt+n"]),
    "many lines": Look("3 lines, one message", ["enter", "a", "ctrl+j", "b", "ctrl+j", "c"]),
    "emoji by name": Look(":tada:", ["enter", *":tad"]),
    "failed": Look("not sent", ["enter", *"hi", "enter"]),
    "customer": Look("earlier requests", ["enter", "f3", "tab"]),
    "help": Look("In the request list", ["f1"], HelpDialog),
    "numbers": Look("satisfaction", ["f9"], StatsDialog),
    "question": Look("Close #1", ["e"], ConfirmDialog),
    "switcher": Look("Open a request", ["ctrl+k"], Picker),
    "search": Look("found: An old lamp", ["ctrl+k", *"lamp"], Picker),
    "canned": Look("Canned responses", ["enter", "slash"], Picker),
    "emoji": Look("cyclone", ["enter", "alt+m"], Picker),
    "links": Look("copy  https", ["enter", "alt+l"], Picker),
    "copy": Look("Copy a message", ["enter", "alt+y"], Picker),
    "tag": Look("Tags of #1", ["T"], Picker),
    "transfer": Look("Transfer #1 to", ["t"], Picker),
    "transfer note": Look("A note for Kim", ["t", "enter"], TextDialog),
    "palette": Look("Open the request and write", ["ctrl+p"], Picker),
    "colours": Look("Colours, for this session", ["alt+p"], Picker),
}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Show times as everywhere."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def full(relay: FakeRelay) -> None:
    """Let there be something of everything."""
    relay.canned = [objects.Canned("hello", "Hello {customer}, {agent} here.")]
    relay.refuse = lambda frame: (
        objects.Error("forbidden", "") if isinstance(frame, agent_in.Send) else None
    )
    relay.open(1, "My lamp is broken", "see https://shop.example/orders/1", tags=["lamps", "late"])
    relay.open(2, "日本語のメッセージ 🎉", agent=ME, status="active")
    relay.open(3, "مرحبا، أحتاج إلى مساعدة", agent=KIM, status="active")
    relay.open(4, "An old lamp", status="closed", agent=KIM)
    for number, told in relay.requests.items():
        relay.requests[number] = structs.replace(told, waiting_since=LONG_AGO)


def stable(desk: ConsoleSession) -> str:
    """Return the text of the screen without what the clock makes of it."""
    rows = desk.panes.list.rows
    text = desk.screen
    for words in {row.waited for row in rows if row.waited}:
        text = text.replace(words, "N d".ljust(len(words)))
    return "\n".join(line.rstrip() for line in text.splitlines())


async def lead_to(look: Look, desk: ConsoleSession) -> None:
    """Press the keys that lead to *look*; the request that is to be opened may be open already."""
    opened = desk.seat.open is not None and look.keys[:1] == ["enter"]
    for key in look.keys[opened:]:
        await desk.press(key)
        await desk.until(lambda: desk.seat.open is None or desk.seat.joined)
    await desk.sees(look.shows)
    await desk.until(lambda: not desk.seat.pending)
    assert type(desk.console.screen) is look.screen
    desk.panes.notice._show([])


@pytest.mark.parametrize("name", [name for name, look in SCREENS.items() if look.screen is Screen])
async def test_a_screen_looks_as_it_was_looked_at(
    relay: FakeRelay, tmp_path: Path, name: str, snapshot: SnapshotAssertion
) -> None:
    if name != "empty":
        full(relay)
    async with console_session(relay.url, tmp_path, size=SIZES[0]) as desk:
        await desk.sees("online as Sam")
        await lead_to(SCREENS[name], desk)
        for width, height in SIZES:
            await desk.resize(width, height)
            assert stable(desk) == snapshot(name=f"{width}x{height}")


@pytest.mark.parametrize("opened", [False, True], ids=["list", "conversation"])
async def test_the_dialogs_look_as_they_were_looked_at(
    relay: FakeRelay, tmp_path: Path, snapshot: SnapshotAssertion, *, opened: bool
) -> None:
    full(relay)
    async with console_session(relay.url, tmp_path, size=SIZES[0]) as desk:
        await desk.sees("online as Sam")
        for name, look in SCREENS.items():
            if look.screen is Screen or opened is not (look.keys[0] == "enter"):
                continue
            with case(name):
                await lead_to(look, desk)
                for width, height in SIZES:
                    await desk.resize(width, height)
                    assert stable(desk) == snapshot(name=f"{name} {width}x{height}")
                await desk.resize(*SIZES[0])
                while len(desk.console.screen_stack) > 1:
                    await desk.press("escape")


def own_screens(base: type[Screen[Any]] = Screen) -> set[type[Screen[Any]]]:
    """Return the console's screens that are no base of others."""
    below = set().union(*map(own_screens, base.__subclasses__()))
    return below or ({base} if base.__module__.startswith("helpdesk_tui") else set())


def test_every_screen_is_looked_at() -> None:
    assert own_screens() == {look.screen for look in SCREENS.values()} - {Screen}


def test_every_choice_that_an_action_offers_is_looked_at() -> None:
    """Pickers are one screen with many faces; each place that opens one is in a look above."""
    opened = sum(
        len(re.findall(r"(?<!class )(?<!case )\bPicker\(", path.read_text()))
        for path in Path(helpdesk_tui.__file__).parent.rglob("*.py")
    )
    looked_at = [name for name, look in SCREENS.items() if look.screen is Picker]
    assert len({*looked_at} - {"search"}) == opened  # the search is the switcher, too
