"""Unusable databases: one sentence, and the file is unchanged."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.errors import StartError
from relay.store.sqlite.store import SqliteStore
from tests.free_port import free_port
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, running


async def cannot_start(database: Path, because: str) -> None:
    with pytest.raises(StartError, match=because) as error:
        async with running(database):
            pytest.fail("it has started")
    assert str(error.value).count(". ") <= 1
    assert str(error.value).endswith(".")


async def test_a_database_that_another_relay_has_is_left_to_it(desk: Desk) -> None:
    path = desk.settings.database_path
    await cannot_start(path, f"in use by another relay .process {os.getpid()}.")
    await desk.asker(text="still here")


async def test_a_database_of_a_newer_program_is_not_touched(database: Path) -> None:
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    await not_touched(database, "newer")


@pytest.mark.parametrize("content", [b"Dear diary", b"SQLite format 3\0" + b"x" * 4096])
async def test_what_is_no_database_is_not_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "desk.db"
    path.write_bytes(content)
    await not_touched(path, "no Helpdesk database")


async def test_somebody_else_s_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "desk.db"
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE customer (id)")
    await not_touched(path, "not a Helpdesk database")


async def not_touched(path: Path, because: str) -> None:
    before = state_of(path)
    await cannot_start(path, because)
    assert state_of(path) == before


def state_of(path: Path) -> tuple[bytes, int, int]:
    about = path.stat()
    return path.read_bytes(), about.st_mtime_ns, about.st_mode


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    folder = tmp_path / "desk.db"
    folder.mkdir()
    await cannot_start(folder, "desk.db")
    folder.rmdir()
    async with running(folder) as desk:  # the lock is free again
        await desk.asker()


async def test_a_taken_port_leaves_the_database_free(database: Path, desk: Desk) -> None:
    other = database.with_name("other.db")
    with pytest.raises(StartError, match="Cannot listen"):
        async with running(other, port=desk.port):
            pytest.fail("it has started")
    async with running(other):
        pass


async def test_a_new_database_and_what_lies_beside_it_are_the_owner_s_alone(
    tmp_path: Path,
) -> None:
    before = os.umask(0)
    try:
        async with running(tmp_path / "new" / "desk.db") as desk:
            await desk.asker(text="secret")
            files = list((tmp_path / "new").iterdir())
            modes = {path.name: oct(path.stat().st_mode & 0o777) for path in files}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(
        ["desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock", "desk.db.sock"], "0o600"
    )


async def test_a_clean_end_leaves_no_socket_and_no_journal(tmp_path: Path, start: Start) -> None:
    async with start() as desk:
        await desk.asker()
    assert names_in(tmp_path) == {"desk.db", "desk.db.lock"}


async def test_a_dead_relay_s_control_socket_does_not_stand_in_the_way(
    database: Path, start: Start
) -> None:
    database.with_name("desk.db.sock").touch()
    async with start(port=free_port()) as desk:
        await desk.control()


async def test_the_log_is_synced_before_anybody_hears_of_it(desk: Desk) -> None:
    """The pragmas of the connection that writes: the promise against power loss rests on them."""
    store = desk.relay._store
    assert isinstance(store, SqliteStore)
    engine = store._writer._engine
    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
