"""Restore of a backup under a new epoch; after any crash there is the old desk or the new one."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from relay.desk.events import DESK, Millis
from relay.desk.stats import ErasureTotals
from relay.errors import InUseError, StartError
from relay.service.erasure import begin_purge, purge_step
from relay.store.sqlite.backup import write_backup
from relay.store.sqlite.integrity import check_database
from relay.store.sqlite.restore import restore
from tests.contract.store.actions import add_agents, opens, says
from tests.integration.store.sqlite_harness import Bench
from tests.integration.store.test_files import changed

NOW = datetime(2026, 11, 22, 10, 35, tzinfo=UTC)


@pytest.fixture
def saved(database: Path, tmp_path: Path) -> Path:
    """Return a backup of the desk, which has gone on since; its log is not carried over."""
    backup = tmp_path / "backup"
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        write_backup(database, backup)
        bench.do(says("ada", "since then", "ref"))
        left_open = shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}-killed"))
    for end in ("", "-wal", "-shm"):
        shutil.copy(left_open / f"{database.name}{end}", f"{database}{end}")
    assert Path(f"{database}-wal").stat().st_size
    return backup


def said(database: Path) -> list[str]:
    """Return all that customers have said in *database*, without changing it or its log."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as file:
        rows = file.execute("SELECT text FROM message WHERE by_role = 'customer' AND text <> ''")
        return [text for (text,) in rows]


def epoch(database: Path) -> str:
    with Bench(database) as bench:
        return bench.store.epoch


OLD, NEW = ["Help", "since then"], ["Help"]


def test_a_backup_becomes_the_desk_and_what_was_there_is_kept(database: Path, saved: Path) -> None:
    content = saved.read_bytes()
    kept = restore(database, saved, NOW).kept
    assert saved.read_bytes() == content
    assert kept == database.with_name(f"{database.name}.replaced-20261122T103500Z")
    assert said(kept) == OLD
    assert check_database(kept).findings == ()
    epochs = {epoch(database), epoch(kept), epoch(saved)}
    assert (said(database), len(epochs)) == (NEW, 2)
    again = restore(database, saved, NOW).kept
    assert again == kept.with_name(f"{kept.name}-2")
    assert epoch(database) not in epochs


def test_a_desk_comes_where_none_was(tmp_path: Path, saved: Path) -> None:
    fresh = tmp_path / "elsewhere" / "desk.db"
    assert restore(fresh, saved, NOW).kept is None
    assert said(fresh) == NEW
    with Bench(fresh) as bench:
        bench.do(says("ada", "More", "ref"))
    assert {path.name for path in fresh.parent.iterdir()} == {"desk.db", "desk.db.lock"}


def test_a_log_that_was_left_behind_is_not_carried_over_into_the_new_desk(
    database: Path, saved: Path
) -> None:
    database.unlink()
    restore(database, saved, NOW)
    assert said(database) == NEW
    assert check_database(database).findings == ()


def test_the_desk_of_a_running_relay_is_not_replaced(database: Path, saved: Path) -> None:
    with Bench(database) as bench:
        with pytest.raises(InUseError, match="stop that one"):
            restore(database, saved, NOW)
        bench.do(says("ada", "More", "more"))
    assert said(database) == [*OLD, "More"]


def test_a_desk_that_is_being_read_is_not_replaced(database: Path, saved: Path) -> None:
    with closing(sqlite3.connect(database)) as reader:
        assert reader.execute("SELECT count(*) FROM message").fetchone()
        with pytest.raises(StartError, match=r"locked.*stop what reads it"):
            restore(database, saved, NOW)
    assert said(database) == OLD
    restore(database, saved, NOW)


@pytest.mark.parametrize("content", [b"Dear diary", b"SQLite format 3\0" + b"x" * 9_000])
def test_a_damaged_desk_is_replaced_and_kept(database: Path, saved: Path, content: bytes) -> None:
    database.write_bytes(content)
    Path(f"{database}-wal").write_bytes(b"what was a log")
    done = restore(database, saved, NOW)
    kept = done.kept
    assert kept
    assert done.returned.unknown
    assert kept.read_bytes() == content
    assert Path(f"{kept}-wal").read_bytes() == b"what was a log"
    assert said(database) == NEW


def test_what_a_killed_purge_took_is_told(database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    with Bench(database) as bench:
        bench.do(add_agents)
        for key in ("ada", "bob"):
            bench.do(opens(key, "Help"))
        write_backup(database, backup)
        bench.do(lambda it: begin_purge(it, "plan", ErasureTotals(requests=2), DESK, Millis(1)))
        bench.do(lambda it: purge_step(it, "plan", [1]))
    returned = restore(database, backup, NOW).returned
    assert [(it.action, it.requests) for it in returned.erasures] == [("purge_begun", 2)]
    assert (returned.requests, returned.unknown) == ([1], False)


def test_another_programs_database_is_not_replaced(database: Path, saved: Path) -> None:
    other = database.with_name("places.sqlite")
    changed(other, "CREATE TABLE places (url TEXT)")
    before = other.read_bytes()
    with pytest.raises(StartError, match="not a Helpdesk database"):
        restore(other, saved, NOW)
    with pytest.raises(StartError, match="not a Helpdesk database"):
        restore(database, other, NOW)
    assert other.read_bytes() == before


def test_what_is_no_sound_backup_changes_nothing(database: Path, saved: Path) -> None:
    changed(saved, "DELETE FROM message WHERE seq = 2")
    nothing = saved.with_name("nothing")
    cut = saved.with_name("cut")
    cut.write_bytes(saved.read_bytes()[:9_000])
    torn = saved.with_name("torn")
    torn.write_bytes(saved.read_bytes()[:20_000] + b"x" * 8_000 + saved.read_bytes()[28_000:])
    for source, because in (
        (torn, r"; `helpdesk check --database .*torn` tells what is wrong with it\.$"),
        (saved, r"is damaged \(sequences"),
        (nothing, "no desk"),
        (cut, "damaged|Cannot copy"),
        (database, "is the desk already"),
    ):
        with pytest.raises(StartError, match=because):
            restore(database, source, NOW)
    assert said(database) == OLD
    assert not list(database.parent.glob("*replaced*")) + list(database.parent.glob(".*"))


def test_without_room_nothing_changes(
    database: Path, saved: Path, disk_of: Callable[[int], None]
) -> None:
    disk_of(40_000)
    with pytest.raises(StartError, match=r"Cannot copy .*; make room there\.$"):
        restore(database, saved, NOW)
    assert said(database) == OLD


class PowerCut(BaseException):
    """Ends everything at once."""


def test_a_crash_at_any_step_leaves_the_old_desk_or_the_new(
    database: Path, saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    for number in count(1):
        folder = tmp_path.with_name(f"{tmp_path.name}-{number}")
        shutil.copytree(tmp_path, folder)
        place = folder / database.name
        with monkeypatch.context() as patch:
            cut_off(patch, number)
            try:
                restore(place, saved, NOW)
            except PowerCut:
                seen.append(said(place))
            else:
                break
        assert check_database(place).findings == ()
        kept = list(folder.glob("*replaced*"))
        assert OLD in [said(place), *map(said, kept)]
    assert number > 8
    first = seen.index(NEW)
    assert seen == [OLD] * first + [NEW] * (len(seen) - first)


def cut_off(patch: pytest.MonkeyPatch, at: int) -> None:
    """Let the step number *at* that changes names or syncs be the last; none is done after it."""
    steps = count(1)

    def last(work: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **more: Any) -> Any:
            if next(steps) > at:
                raise PowerCut
            return work(*arguments, **more)

        return step

    for name in ("link", "fsync"):
        patch.setattr(os, name, last(getattr(os, name)))
    for name in ("unlink", "replace"):
        patch.setattr(Path, name, last(getattr(Path, name)))
