"""Files of an open desk that are moved, removed or replaced: refused, kept, and back again."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from relay.errors import Refused, StartError
from relay.log import Log
from relay.metrics import Counts
from relay.store.backends import database_at
from relay.store.sqlite import engine, maintenance
from relay.store.sqlite.files import BESIDE
from relay.store.sqlite.store import SqliteStore
from tests.contract.store.actions import opens, says
from tests.contract.store.harness import eventually
from tests.integration.store.sqlite_harness import Bench
from tests.integration.store.test_files import open_and_close


def move(database: Path) -> None:
    database.rename(database.with_name("away"))


def move_behind_a_link(database: Path) -> None:
    away = database.with_name("away")
    database.rename(away)
    database.symlink_to(away)


def remove(database: Path) -> None:
    database.unlink()


def replace(database: Path) -> None:
    other = database.with_name("other")
    shutil.copy(database, other)
    other.rename(database)


def move_folder(database: Path) -> None:
    database.parent.rename(database.parent.with_name("elsewhere"))


def remove_folder(database: Path) -> None:
    shutil.rmtree(database.parent)


def remove_log(database: Path) -> None:
    Path(f"{database}-wal").unlink()


def replace_log(database: Path) -> None:
    other = database.with_name("other")
    other.write_bytes(b"of somebody else")
    other.rename(f"{database}-wal")


def remove_index(database: Path) -> None:
    Path(f"{database}-shm").unlink()


DISPLACEMENTS = [
    move,
    move_behind_a_link,
    remove,
    replace,
    move_folder,
    remove_folder,
    remove_log,
    replace_log,
    remove_index,
]


def cut_log(database: Path) -> None:
    os.truncate(f"{database}-wal", 0)


def cut_log_short(database: Path) -> None:
    os.truncate(f"{database}-wal", 4096)


def cut(database: Path) -> None:
    os.truncate(database, 0)


def cut_short(database: Path) -> None:
    os.truncate(database, 8192)


def copy_over(database: Path) -> None:
    shutil.copyfile(database.with_name("backup"), database)


@pytest.fixture
def place(database: Path) -> Path:
    """Return the path of a desk in a folder of its own."""
    folder = database.with_name("folder")
    folder.mkdir()
    return database.rename(folder / "desk.db")


def content(store: SqliteStore) -> bytes:
    """Return all bytes of the open file, once they are complete."""
    found = bytearray()
    while piece := store.read_content(len(found)):
        found += piece
    return bytes(found)


def texts(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as desk:
        return [it for (it,) in desk.execute("SELECT text FROM message WHERE ref IS NOT NULL")]


@pytest.mark.parametrize("change", [cut_log, cut_log_short, cut, cut_short, copy_over])
def test_a_file_that_is_cut_or_overwritten_in_its_place_is_not_written_to(
    place: Path, change: Callable[[Path], None]
) -> None:
    database_at(place).backup(place.with_name("backup"))
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        change(place)
        changed = {file: file.read_bytes() for file in (place, Path(f"{place}-wal"))}
        bench.problem_becomes(expected=True)
        assert bench.write(says("ada", "More", "ref")).code == "unavailable"
        assert "cut or overwritten" in str(bench.store.problem)
        with pytest.raises(Refused, match=r"Nothing can be saved: .* `helpdesk restore`"):
            bench.store.read_content(0)
    assert {file: file.read_bytes() for file in changed} == changed
    with pytest.raises(StartError, match=r"was cut or overwritten|gone|damaged"):
        open_and_close(place)
    database_at(place).restore(place.with_name("backup"), datetime.now(UTC))
    open_and_close(place)


def test_a_new_desk_whose_log_is_lost_does_not_come_up_empty(place: Path) -> None:
    Bench(place).store.close()
    for end in BESIDE:
        Path(f"{place}{end}").unlink(missing_ok=True)
    # As SQLite leaves it until the first checkpoint: a page without tables.
    place.unlink()
    with closing(sqlite3.connect(place, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("CREATE TABLE t (c)")
        file.execute("DROP TABLE t")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with pytest.raises(StartError, match=r"There was a desk .* and it is gone"):
        open_and_close(place)
    Path(f"{place}.lock").unlink()
    open_and_close(place)


def test_who_has_read_that_the_files_were_cut_can_go_on_with_what_is_there(place: Path) -> None:
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        bench.store.close()
    with Bench(place) as bench:
        bench.do(says("ada", "More", "ref"))
        cut_log(place)
        bench.problem_becomes(expected=True)
    with pytest.raises(StartError, match=rf"missing: restore a backup .* delete {place}.lock"):
        open_and_close(place)
    Path(f"{place}.lock").unlink()
    open_and_close(place)
    assert texts(place) == ["Help"]


def test_a_log_that_sqlite_cuts_itself_is_looked_at_without_opening_more_files(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "INTERVAL", 0.01)
    monkeypatch.setattr(maintenance, "TRUNCATE_AFTER", 0.02)
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        eventually(lambda: bench.store.log_bytes == 0)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(10):
            bench.do(says("ada", "More", f"ref-{number}"))
            eventually(lambda: bench.store.log_bytes == 0)
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert bench.store.problem is None


@pytest.mark.parametrize("displace", DISPLACEMENTS, ids=lambda it: it.__name__)
def test_what_is_displaced_takes_no_more_and_gives_out_all_that_it_has(
    place: Path, tmp_path: Path, displace: Callable[[Path], None]
) -> None:
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        displace(place)
        if displace is remove_index:  # which no commit needs
            bench.problem_becomes(expected=True)
        assert bench.write(says("ada", "More", "ref")).code == "unavailable"
        assert "had it open" in str(bench.store.problem)
        assert len(bench.read_sql("SELECT id FROM message").value) == 3
        eventually(lambda: bench.store._health.complete)
        (tmp_path / "saved").write_bytes(content(bench.store))
    assert texts(tmp_path / "saved") == ["Help"]


@pytest.mark.parametrize("part", ["", "-wal", "-shm"])
def test_a_file_that_comes_back_to_its_place_is_written_to_again(place: Path, part: str) -> None:
    file = Path(f"{place}{part}")
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        file.rename(place.with_name("away"))
        bench.problem_becomes(expected=True)
        place.with_name("away").rename(file)
        bench.problem_becomes(expected=False)
        bench.do(says("ada", "More", "ref"))
    assert texts(place) == ["Help", "More"]


def test_a_file_that_goes_during_a_transaction_has_nothing_of_it(place: Path) -> None:
    def say_and_move(transaction: Any) -> None:
        says("ada", "More", "ref")(transaction)
        move(place)

    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        assert bench.write(say_and_move).code == "unavailable"
    assert texts(place.with_name("away")) == ["Help"]


def test_a_file_that_goes_during_a_commit_is_not_trusted_before_a_restart(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    armed: list[Path] = []

    class Connection(sqlite3.Connection):
        def commit(self) -> None:
            super().commit()
            if armed:
                move(armed.pop())

    def moving_engine(*arguments: Any, connect_args: dict[str, Any], **more: Any) -> Engine:
        return create_engine(
            *arguments, connect_args=connect_args | {"factory": Connection}, **more
        )

    monkeypatch.setattr(engine, "create_engine", moving_engine)
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        armed.append(place)
        assert bench.write(says("ada", "More", "ref")).code == "unavailable"
        assert "during a commit" in str(bench.store.problem)
        place.with_name("away").rename(place)
        assert bench.write(says("ada", "More", "ref")).code == "unavailable"
    with Bench(place) as again:
        again.do(says("ada", "More", "ref"))
    assert texts(place) == ["Help", "More"]


def test_a_link_that_leads_elsewhere_is_noticed(place: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link", tmp_path / "other.db"
    link.symlink_to(place)
    shutil.copy(place, other)
    store = database_at(place, link).open(lambda call: call(), Counts(), Log())
    try:
        swapped = tmp_path / "swapped"
        swapped.symlink_to(other)
        swapped.rename(link)
        eventually(lambda: store.displacement is not None)
    finally:
        store.close()


def test_the_end_of_a_displaced_desk_leaves_what_is_in_its_place_alone(place: Path) -> None:
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        place.unlink()
        for end in ("", "-wal", "-shm"):
            Path(f"{place}{end}").unlink(missing_ok=True)
            Path(f"{place}{end}").write_bytes(b"of somebody else")
        bench.problem_becomes(expected=True)
    for end in ("", "-wal", "-shm"):
        assert Path(f"{place}{end}").read_bytes() == b"of somebody else"


def test_a_lock_file_that_is_removed_is_locked_anew_and_one_held_by_another_is_told(
    place: Path,
) -> None:
    lock = Path(f"{place}.lock")
    with Bench(place) as bench:
        lock.unlink()
        eventually(lock.exists)
        with pytest.raises(StartError, match="in use by another relay"):
            open_and_close(place)
        bench.do(opens("ada", "Help"))


def test_a_desk_has_one_owner_whatever_it_is_called(place: Path) -> None:
    link = place.with_name("link.db")
    with Bench(place):
        os.link(place, link)
        with pytest.raises(StartError, match=r"has 2 names .*remove the others"):
            open_and_close(link)
        link.unlink()
        Path(f"{place}.lock").unlink()  # as one who mounts the file alone does not see it
        with pytest.raises(StartError, match="in use by another relay"):
            open_and_close(place)
    open_and_close(place)


def test_a_desk_that_was_here_does_not_come_up_empty(place: Path) -> None:
    open_and_close(place)
    for gone in (Path.unlink, lambda path: path.write_bytes(b"")):
        gone(place)
        with pytest.raises(StartError, match=r"There was a desk .* put the file back"):
            open_and_close(place)
    Path(f"{place}.lock").unlink()
    open_and_close(place)


def test_a_log_beside_a_file_that_it_was_not_written_for_is_refused(place: Path) -> None:
    other = place.with_name("other")
    shutil.copy(place, other)
    for file, text in ((other, "y" * 4_000), (place, "x")):
        with Bench(file) as bench:
            for number in range(20):
                bench.do(opens(f"ada {number}", f"{text} {number}"))
    with Bench(place) as bench:
        bench.do(opens("eve", "x" * 4_000))
        log = Path(f"{place}-wal").read_bytes()
    other.rename(place)
    Path(f"{place}-wal").write_bytes(log)
    with pytest.raises(StartError, match=r"belongs to|is damaged"):
        open_and_close(place)
    assert Path(f"{place}-wal").read_bytes() == log


def test_a_restore_that_was_killed_between_two_names_leaves_one(place: Path) -> None:
    os.link(place, f"{place}.replaced-20260101T000000Z")
    open_and_close(place)
    assert place.stat().st_nlink == 1


def test_a_removed_desk_is_saved_at_the_end_unless_a_command_has_saved_it(place: Path) -> None:
    [rescued] = rescued_at_the_end(place, saved=False)
    with pytest.raises(StartError, match=rf"restore {rescued}, which the relay saved"):
        open_and_close(place)
    assert texts(rescued) == ["Help"]
    rescued.rename(place)
    assert rescued_at_the_end(place, saved=True) == []


def rescued_at_the_end(place: Path, *, saved: bool) -> list[Path]:
    """Remove the desk at *place* while it is open; return what its end saves, *saved* or not."""
    with Bench(place) as bench:
        bench.do(opens("ada", "Help"))
        place.unlink()
        bench.problem_becomes(expected=True)
        eventually(lambda: bench.store._health.complete)
        if saved:
            content(bench.store)
    return list(place.parent.glob("desk.db.rescued-*"))
