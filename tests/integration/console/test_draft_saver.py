"""Saving of drafts: also during a hang-up, and after a full disk."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk_tui import drafts
from helpdesk_tui.drafts import IdentityFile
from helpdesk_tui.effect_runner import RETRY_AFTER, DraftSaver
from helpdesk_tui.main_screen import MainScreen
from helpdesk_tui.model.seat import Seat
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.saved_texts import kept

IGNORED = signal.SIGURG
"""A signal that ends nothing: `hang_up` does all else."""


class Timers:
    """Timers that go off when they are told to."""

    def __init__(self) -> None:
        self.running: list[Timers.One] = []

    class One:
        def __init__(self, timers: "Timers", after: float, act: Callable[[], None]) -> None:
            self._timers, self.after, self.act = timers, after, act

        def stop(self) -> None:
            self._timers.running.remove(self)

    def later(self, after: float, act: Callable[[], None]) -> One:
        self.running.append(self.One(self, after, act))
        return self.running[-1]


class DeskState:
    """A keeper of drafts under *state_dir*, and what it said."""

    def __init__(self, state_dir: Path) -> None:
        self.timers, self.said, self.seat = Timers(), list[str](), Seat(lambda: "r1")
        memory = IdentityFile(state_dir, "ws://a", "hda_good")
        self.draft_saver = DraftSaver(self.seat, memory, self.timers.later, self.said.append)
        self.draft_saver.load(1, "e1")

    def write(self, number: int, text: str) -> None:
        self.seat.open = number
        self.seat.draft(text)
        self.draft_saver.schedule(number)


def test_what_the_disk_refuses_is_told_of_once_and_tried_again(tmp_path: Path) -> None:
    desk = DeskState(tmp_path)
    [folder] = (tmp_path / "drafts").iterdir()
    desk.write(1, "half")
    folder.rename(tmp_path / "away")
    desk.draft_saver.flush()
    desk.draft_saver.flush()
    [said] = desk.said
    assert said.startswith("Drafts cannot be kept")
    [again] = desk.timers.running
    assert again.after == RETRY_AFTER
    (tmp_path / "away").rename(folder)
    again.act()
    assert set(kept(tmp_path)) == {'{"draft":"half"}'}
    assert desk.timers.running == []


def test_one_file_in_the_way_keeps_no_other_draft_from_the_disk(tmp_path: Path) -> None:
    desk = DeskState(tmp_path)
    [folder] = (tmp_path / "drafts").iterdir()
    (folder / "1.json").mkdir()
    desk.write(1, "one")
    desk.write(2, "two")
    desk.draft_saver.flush()
    assert (folder / "2.json").read_text() == '{"draft":"two"}'
    assert list(folder.glob("*.half")) == []


async def test_a_terminal_closed_in_the_midst_of_a_write_to_the_disk_loses_no_draft(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        write, ended = drafts._write, list[str]()

        def closed_first(*_: object) -> None:
            monkeypatch.setattr(drafts, "_write", write)
            desk.console.hang_up(IGNORED)
            ended.extend(kept(tmp_path))  # here a hang-up ends the process

        monkeypatch.setattr(drafts, "_write", closed_first)
        await desk.write("half")
        await desk.until(lambda: bool(ended))
        assert ended == ['{"draft":"half"}']


async def test_what_was_typed_last_is_kept_though_the_seat_has_not_heard_of_it(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("half")
        desk.panes.composer.insert(" and more")  # what it tells of that is still on its way
        desk.console.hang_up(IGNORED)
        assert set(kept(tmp_path)) == {'{"draft":"half and more"}'}


async def test_a_terminal_closed_while_another_request_opens_keeps_each_draft_where_it_belongs(
    relay: FakeRelay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.open(1, "Hello")
    relay.open(2, "Good day")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.write("one")
        await desk.press("alt+down")
        await desk.write("two")
        load = MainScreen.load_draft

        def closed_first(panes: MainScreen) -> None:
            desk.console.hang_up(IGNORED)
            load(panes)

        monkeypatch.setattr(MainScreen, "load_draft", closed_first)
        await desk.press("alt+up")
        await desk.until(lambda: desk.panes.composer.text == "one")
        assert set(kept(tmp_path)) == {'{"draft":"one"}', '{"draft":"two"}'}
        await desk.press("!", "enter")
        await relay.until(lambda: relay.sent() == ["one!"])
        await desk.until(lambda: set(kept(tmp_path)) == {'{"draft":"two"}'})


async def test_where_notes_are_written_they_are_after_a_restart_too(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.press("alt+n", *"between us", "enter")
        await relay.until(lambda: any(message.kind == "note" for message in relay.logs[1]))
        await desk.until(lambda: len(desk.seat.outbox) == 0)
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.sees("✎ note, for agents only")
        await desk.press("alt+n")
        await desk.sees("Write an answer")
    assert kept(tmp_path) == []
