"""Backups are complete, private and checked, or not made; the desk continues meanwhile."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from relay.errors import StartError
from relay.store.offline import DatabaseKind
from relay.store.sqlite import database, identity
from relay.store.sqlite.backup import write_backup
from relay.store.sqlite.identity import identify
from relay.store.sqlite.integrity import check_database
from tests.contract.store.actions import opens, says
from tests.integration.store.sqlite_harness import Bench
from tests.integration.store.test_files import changed, open_and_close

MIGRATIONS = Path(database.__file__).with_name("migrations")


def dump(database: Path) -> list[str]:
    with sqlite3.connect(database) as file:
        lines = list(file.iterdump())
    file.close()
    return lines


def test_a_backup_of_a_running_desk_has_all_that_was_committed(
    bench: Bench, tmp_path: Path
) -> None:
    bench.do(opens("ada", "Help"))
    bench.indexed()
    target = tmp_path / "backups" / "desk.backup"
    target.parent.mkdir()
    write_backup(bench.database, target)
    assert dump(target) == bench.dump()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(target.parent.iterdir()) == [target]
    bench.do(says("ada", "More", "ref"))
    assert check_database(target).messages == 3


def test_a_backup_of_a_desk_at_rest_leaves_it_as_it_was(database: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    write_backup(database, tmp_path / "backup")
    assert database.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {database.name, "backup"}


def test_a_backup_replaces_a_file_only_if_told_to(database: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup"
    target.write_text("precious")
    with pytest.raises(StartError, match="exists; give another file, or --force"):
        write_backup(database, target)
    assert target.read_text() == "precious"
    write_backup(database, target, force=True)
    assert identify(target).kind is DatabaseKind.CURRENT


def test_a_database_in_use_is_never_replaced(database: Path, tmp_path: Path) -> None:
    with Bench(Path(shutil.copy(database, tmp_path / "other.db"))) as other:
        other.do(opens("ada", "Help"))
        for target in (other.database, database):
            with pytest.raises(StartError, match="database in use"):
                write_backup(database, target, force=True)
        assert len(other.rows("SELECT 1 FROM message")) == 3


def test_a_folder_and_what_is_no_desk_are_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is a folder"):
        write_backup(database, tmp_path, force=True)
    with pytest.raises(StartError, match="There is no desk"):
        write_backup(tmp_path / "nothing", tmp_path / "backup")
    with pytest.raises(OSError, match="No such file"):
        write_backup(database, tmp_path / "nowhere" / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_damaged_desk_is_not_backed_up_over_a_sound_backup(
    database: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backup"
    write_backup(database, target)
    sound = target.read_bytes()
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
    changed(database, "DELETE FROM message WHERE seq = 2")
    with pytest.raises(StartError, match=r"is damaged \(sequences: .* nothing was done\.$"):
        write_backup(database, target, force=True)
    assert target.read_bytes() == sound
    assert {path.name for path in tmp_path.iterdir()} == {
        "helpdesk.db",
        "helpdesk.db.lock",
        "backup",
    }


def test_a_backup_for_which_there_is_no_room_leaves_no_half_file(
    database: Path, tmp_path: Path, disk_of: Callable[[int], None]
) -> None:
    disk_of(40_000)
    with pytest.raises(StartError, match=r"Cannot copy .*; make room there\.$"):
        write_backup(database, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == [database.name]


@pytest.fixture
def next_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let this program's schema be the next one, which adds a table; return today's."""
    today = identity.SCHEMA
    scripts = tmp_path / "scripts"
    shutil.copytree(MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "v9998_next.py").write_text(
        f'revision = "9998"\ndown_revision = "{today}"\n\n\n'
        "def upgrade() -> None:\n    from alembic import op\n\n"
        '    op.execute("CREATE TABLE novelty (id INTEGER) STRICT")\n'
    )
    monkeypatch.setattr(database, "MIGRATIONS", str(scripts))
    monkeypatch.setattr(identity, "SCHEMA", "9998")
    monkeypatch.setattr(identity, "OLDER", identity.OLDER | {today})
    return today


def backups(database: Path) -> list[Path]:
    return list(database.parent.glob(f"{database.name}.schema-*"))


def test_an_older_desk_is_backed_up_before_it_is_migrated(database: Path, next_schema: str) -> None:
    before = dump(database)
    open_and_close(database)
    assert any("novelty" in line for line in dump(database))
    (backup,) = backups(database)
    assert next_schema in backup.name
    assert dump(backup) == before
    open_and_close(database)
    assert backups(database) == [backup]


def test_an_older_desk_that_cannot_be_backed_up_is_not_migrated(
    database: Path, next_schema: str, disk_of: Callable[[int], None]
) -> None:
    before = database.read_bytes()
    disk_of(40_000)
    for _ in range(2):  # the lock is free again
        with pytest.raises(StartError, match=r"Cannot copy .*; make room there\.$"):
            open_and_close(database)
    assert database.read_bytes() == before
    assert backups(database) == []
