"""How every screen looks at three sizes: its text, compared with what was looked at and kept.

`pytest tests/integration/console/test_looks.py --snapshot-update` keeps what is shown now.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs
from syrupy.assertion import SnapshotAssertion

from relay.wire import agent, objects
from tests.integration.console.fake_relay import KIM, ME, FakeRelay
from tests.integration.console.sitting import Sitting, sitting

LONG_AGO = "2026-01-01T10:00:00.000Z"
SIZES = [(60, 20), (80, 24), (120, 40)]
SCREENS = {
    "list": ("#1", ()),
    "chat": ("Write an answer", ("enter",)),
    "note": ("Write a note", ("enter", "alt+n")),
    "customer": ("earlier requests", ("enter", "f3")),
    "help": ("In the request list", ("f1",)),
    "question": ("Close #1", ("e",)),
    "switcher": ("Open a request", ("ctrl+k",)),
    "canned": ("Canned responses", ("enter", "slash")),
    "transfer": ("Transfer #1 to", ("t",)),
    "tag": ("Tags of #1", ("T",)),
    "transfer note": ("A note for Kim", ("t", "enter")),
    "palette": ("Claim", ("ctrl+p",)),
    "failed": ("not sent", ("enter", "h", "i", "enter")),
    "numbers": ("satisfaction", ("f9",)),
    "filter": ("words to find", ("slash",)),
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
        objects.Error("forbidden", "") if isinstance(frame, agent.Send) else None
    )
    relay.open(1, "My lamp is broken", "see https://shop.example/orders/1", tags=["lamps", "late"])
    relay.open(2, "日本語のメッセージ 🎉", agent=ME, status="active")
    relay.open(3, "مرحبا، أحتاج إلى مساعدة", agent=KIM, status="active")
    for number, told in relay.requests.items():
        relay.requests[number] = structs.replace(told, waiting_since=LONG_AGO)


def stable(desk: Sitting) -> str:
    """Return the text of the screen without what the clock makes of it."""
    rows = desk.panes.list.rows
    text = desk.screen
    for words in {row.waited for row in rows if row.waited}:
        text = text.replace(words, "N d".ljust(len(words)))
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_was_looked_at(
    relay: FakeRelay, tmp_path: Path, size: tuple[int, int], name: str, snapshot: SnapshotAssertion
) -> None:
    full(relay)
    shows, keys = SCREENS[name]
    async with sitting(relay.url, tmp_path, size=size) as desk:
        await desk.sees("#1")
        for key in keys:
            await desk.press(key)
            await desk.until(lambda: desk.console.seat.open is None or desk.console.seat.joined)
        await desk.sees(shows)
        desk.panes.notice._show([])
        await desk.settled()
        assert stable(desk) == snapshot
