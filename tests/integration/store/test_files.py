"""Opening files: as a store, or refused with a sentence and unchanged."""

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from relay.errors import InUseError, StartError
from relay.log import Log
from relay.metrics import Counts
from relay.store.offline import DatabaseKind
from relay.store.sqlite import identity
from relay.store.sqlite.database import migrate
from relay.store.sqlite.engine import APPLICATION_ID, reader_engine, writer_engine
from relay.store.sqlite.identity import SCHEMA, identify
from relay.store.sqlite.schema import metadata
from relay.store.sqlite.store import SqliteStore
from tests.contract.store.actions import add_agents, opens
from tests.integration.store.sqlite_harness import Bench


def open_and_close(database: Path) -> None:
    SqliteStore(database, lambda call: call(), Counts(), Log()).close()


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    """A database whose tables all migrations made, one after the other."""
    path = tmp_path / "migrated.db"
    engine = writer_engine(path)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()
    return path


@pytest.mark.parametrize("made", ["migrated", "database"])
def test_the_tables_are_those_that_the_program_knows(
    made: str, request: pytest.FixtureRequest
) -> None:
    engine = writer_engine(request.getfixturevalue(made))
    with engine.connect() as connection:
        ours = {"compare_type": True, "include_name": lambda name, *_: not is_search(name)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == SCHEMA
    engine.dispose()


def test_a_new_database_has_the_indexes_and_constraints_that_migrations_make(
    database: Path, migrated: Path
) -> None:
    """Partial indexes and checks are what `compare_metadata` does not look into."""
    assert described(database) == described(migrated)


def is_search(name: str | None) -> bool:
    """Whether *name* is that of a table which SQLite makes for the full-text index."""
    return (name or "").startswith("search")


def described(path: Path) -> dict[str, object]:
    """Return the columns, constraints and indexes of all tables of ours."""
    file = sqlite3.connect(path)
    found: dict[str, object] = {}
    for kind, name, sql in file.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
        words = " ".join((sql or "").split())
        if is_search(name):
            found[name] = words
            continue
        if kind == "index":
            found[name] = words
            continue
        columns = {row[1:4] + row[5:] for row in file.execute(f"PRAGMA table_info({name})")}
        foreign = {row[2:] for row in file.execute(f"PRAGMA foreign_key_list({name})")}
        named = set(re.findall(r"CONSTRAINT (\w+)", words)) - {f"pk_{name}"}
        checks = set(re.findall(r"CHECK \((.*?\))\)", words))
        options = [word in words for word in ("AUTOINCREMENT", "STRICT")]
        found[name] = (columns, foreign, named, checks, options)
    file.close()
    return found


def test_a_new_database_is_its_owners_alone_and_keeps_its_epoch(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "helpdesk.db"
    with Bench(path) as first:
        epoch = first.store.epoch
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Bench(path) as again:
        assert again.store.epoch == epoch
    with Bench(tmp_path / "other.db") as other:
        assert other.store.epoch != epoch


def test_what_was_stored_is_known_at_the_next_start(database: Path) -> None:
    with Bench(database) as first:
        first.do(add_agents)
        first.do(lambda transaction: transaction.people.set_canned("hi", "Hello"))
        record = first.do(opens("ada", "Help", name="Ada")).record
    with Bench(database) as again:
        assert again.store.at_start.open_records == (record,)
        assert [agent.name for agent in again.store.at_start.agents.values()] == ["Sam", "Kim"]
        assert again.store.at_start.canned == {"hi": "Hello"}


def refused(database: Path, reason: str) -> None:
    """Open *database* and insist on a refusal that leaves its bytes, and the lock, alone."""
    before = database.read_bytes()
    with pytest.raises(StartError, match=reason):
        open_and_close(database)
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} == {
        database.name,
        f"{database.name}.lock",
    }
    with pytest.raises(StartError, match=reason):
        open_and_close(database)


def changed(database: Path, *statements: str) -> None:
    file = sqlite3.connect(database)
    for statement in statements:
        file.execute(statement)
    file.commit()
    file.close()


def test_a_database_of_a_newer_program_is_refused(database: Path) -> None:
    changed(database, "UPDATE alembic_version SET version_num = '9999'")
    refused(database, "newer Helpdesk .schema 9999.*upgrade the program")


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    changed(path, "CREATE TABLE places (url TEXT)", "INSERT INTO places VALUES ('x')")
    refused(path, "not a Helpdesk database")


def test_another_programs_numbered_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    changed(path, "PRAGMA application_id = 7", "CREATE TABLE alembic_version (version_num TEXT)")
    refused(path, "not a Helpdesk database")


@pytest.mark.parametrize(
    "content", [b"hello\n", b"x" * 5_000, b"SQLite format 3\0" + b"\xff" * 500]
)
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    refused(path, "no Helpdesk database|not a Helpdesk database")


def test_a_database_that_was_cut_off_is_refused(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:5_000])
    refused(database, "damaged")


def test_a_database_with_a_damaged_page_deep_inside_is_refused(database: Path) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        roots = bench.rows("SELECT rootpage FROM sqlite_master WHERE name = 'open_answer'")
    ((root,),) = roots
    content = bytearray(database.read_bytes())
    content[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    database.write_bytes(content)
    refused(database, "damaged")


def test_a_look_for_damage_that_takes_too_long_is_cut_short(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "STEPS_PER_CHECK", 1)
    assert identify(database, check_seconds=1e-9).kind is DatabaseKind.CURRENT


def test_one_of_ours_without_a_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "helpdesk.db"
    changed(path, f"PRAGMA application_id = {APPLICATION_ID}", "CREATE TABLE customer (id)")
    refused(path, "no Helpdesk database")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is a folder"):
        open_and_close(tmp_path)


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StartError, match="Cannot make the folder"):
        open_and_close(tmp_path / "file" / "helpdesk.db")


def test_a_start_that_was_killed_half_way_does_not_spoil_the_file(tmp_path: Path) -> None:
    """The pragma for the journal is the first thing to write: before it commits anything."""
    path = tmp_path / "helpdesk.db"
    changed(path, "PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0
    open_and_close(path)


def test_an_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "helpdesk.db"
    path.touch()
    open_and_close(path)
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_a_database_has_one_owner_at_a_time(database: Path) -> None:
    with Bench(database):
        with pytest.raises(InUseError, match=f"process {os.getpid()}"):
            open_and_close(database)
        with pytest.raises(InUseError, match="stop that one"):
            open_and_close(database)
    open_and_close(database)


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_the_writer_syncs_each_commit_and_checks_foreign_keys(database: Path) -> None:
    engine = writer_engine(database)
    for _ in range(2):  # the second time after a disposal, as after a failure
        with engine.connect() as connection:
            values = [pragma(connection, name) for name in ("journal_mode", "synchronous")]
            assert values == ["wal", 2]
            assert pragma(connection, "foreign_keys") == 1
            assert pragma(connection, "secure_delete") == 1
        engine.dispose()


def test_the_writer_locks_from_the_first_statement_on(database: Path) -> None:
    engine = writer_engine(database)
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        with engine.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
    engine.dispose()


def test_a_reader_sees_a_snapshot_and_changes_nothing(database: Path) -> None:
    engine = reader_engine(database, 2)
    with engine.connect() as connection:
        assert [pragma(connection, name) for name in ("query_only", "wal_autocheckpoint")] == [1, 0]
    engine.dispose()
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        told = bench.read_sql("DELETE FROM message")
        assert told.code == "unavailable"
        assert len(bench.rows("SELECT 1 FROM message")) == 3
