"""Drafts and unsent texts on a real disk."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR

import pytest

from helpdesk_tui.drafts import LOCK, DraftStore, LoadedDrafts
from helpdesk_tui.model.outbox import Draft, Unsent

NOTHING = LoadedDrafts({}, (), {})
UNSENT = Unsent("r1", 7, "on its way")


@contextmanager
def drafts(
    state_dir: Path, url: str = "ws://a", agent: int = 1, epoch: str = "e1"
) -> Iterator[tuple[DraftStore, LoadedDrafts]]:
    """Be a console: hold the drafts, with what was found, until the block ends."""
    new = DraftStore(state_dir, url, agent, epoch)
    try:
        yield new, new.load()
    finally:
        new.close()


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    failed = Unsent("r2", 7, "refused", note=True, failed="it was closed")
    with drafts(tmp_path) as (console, _):
        console.save(7, Draft("half\nan answer", "a note"), (UNSENT, failed), 3)
    with drafts(tmp_path) as (_, found):
        assert found == LoadedDrafts(
            {7: Draft("half\nan answer", "a note")}, (UNSENT, failed), {7: 3}
        )


def test_that_notes_are_written_is_found_again(tmp_path: Path) -> None:
    noting, both = Draft(noting=True), Draft("half", "a note", noting=True)
    with drafts(tmp_path) as (console, _):
        console.save(7, noting, ())
        console.save(8, both, ())
    with drafts(tmp_path) as (_, found):
        assert found.drafts == {7: noting, 8: both}


def test_nothing_unsent_leaves_no_words_on_the_disk(tmp_path: Path) -> None:
    with drafts(tmp_path) as (console, _):
        console.save(7, Draft("half"), ())
        console.save(7, Draft(""), ())
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [LOCK]


@pytest.mark.parametrize(
    "other",
    [("ws://b", 1, "e1"), ("ws://a", 2, "e1"), ("ws://a", 1, "e2")],
    ids=["relay", "agent", "epoch"],
)
def test_another_relay_agent_or_epoch_has_drafts_of_its_own(
    tmp_path: Path, other: tuple[str, int, str]
) -> None:
    with drafts(tmp_path) as (console, _):
        console.save(7, Draft("half"), ())
    with drafts(tmp_path, *other) as (_, found):
        assert found == NOTHING


def test_a_file_that_cannot_be_understood_is_put_aside_and_kept(tmp_path: Path) -> None:
    with drafts(tmp_path) as (console, _):
        console.save(7, Draft("half"), ())
    [path] = tmp_path.rglob("*.json")
    path.write_text("{")
    with drafts(tmp_path) as (_, found):
        assert found == NOTHING
    assert path.with_suffix(".unreadable").read_text() == "{"


def test_two_consoles_at_once_keep_their_texts_apart(tmp_path: Path) -> None:
    with drafts(tmp_path) as (first, _), drafts(tmp_path) as (second, found):
        assert found == NOTHING
        first.save(7, Draft(""), (UNSENT,))
        second.save(7, Draft("mine"), ())
        second.save(7, Draft(""), ())
    with drafts(tmp_path) as (_, found):
        assert found == LoadedDrafts({}, (UNSENT,), {})


def test_what_a_console_left_that_runs_no_more_is_taken_over_once(tmp_path: Path) -> None:
    also = Unsent("r2", 7, "also on its way")
    with drafts(tmp_path) as (first, _), drafts(tmp_path) as (second, _):
        first.save(7, Draft("one"), (UNSENT,))
        second.save(7, Draft("two"), (also, UNSENT))
        second.save(8, Draft("three"), ())
    with drafts(tmp_path) as (_, found), drafts(tmp_path) as (_, beside):
        assert found == LoadedDrafts({7: Draft("one\ntwo"), 8: Draft("three")}, (UNSENT, also), {})
        assert beside == NOTHING


def test_a_text_that_was_sent_is_synced_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(S_ISDIR(os.fstat(file).st_mode)))
    with drafts(tmp_path) as (console, _):
        console.save(7, Draft("half"), ())
        assert synced == []
        console.save(7, Draft(""), (UNSENT,))
        assert synced == [False, True]


@pytest.mark.parametrize("note", [False, True])
def test_what_an_editor_had_saved_when_the_console_was_killed_is_the_draft(
    tmp_path: Path, *, note: bool
) -> None:
    killed = f"""
import os
from pathlib import Path
from helpdesk_tui.drafts import DraftStore
from helpdesk_tui.editor import EditorFile
from helpdesk_tui.model.outbox import Draft
drafts = DraftStore(Path({str(tmp_path)!r}), "ws://a", 1, "e1")
drafts.load()
drafts.save(7, Draft("half", "half"), ())
editing = EditorFile(7, "half", drafts.folder, note={note})
editing.run("sed -i s/half/whole/")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == -9
    for _ in range(2):
        with drafts(tmp_path) as (here, found):
            expected = Draft("half", "whole") if note else Draft("whole", "half")
            assert found.drafts == {7: expected}
            assert not list(here.folder.glob("editing-*"))
