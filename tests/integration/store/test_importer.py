"""Import of an export restores everything, for generated histories."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from relay.errors import StartError
from relay.service.erasure import forget
from relay.store.sqlite import importer
from relay.store.sqlite.exporter import open_source
from relay.store.sqlite.importer import import_export
from relay.store.values import RequestFilter
from tests.contract.store.actions import add_agents, now, opens
from tests.contract.store.sqlite_backend import SqliteBackend
from tests.contract.store.test_random_days import LONG, Day
from tests.integration.store.sqlite_harness import Bench

NOW = datetime(2026, 11, 22, 10, 35, tzinfo=UTC)
TABLES = {
    # All but the month in which they are counted: an import counts anew.
    "customer": "id, site, key, name, email, verified, created_at",
    "agent": "*",
    "help_request": "*",
    "message": "request_id, seq, customer_seq, kind, activity, text, data, by_role, by_id,"
    " by_name, ref, at",
    "open_answer": "*",
    "canned_response": "*",
    "audit": "*",
}


def exported(database: Path) -> bytes:
    """Return the whole desk as an export."""
    with open_source(database) as source:
        return b"".join(data for _, data in source.complete(source.extent(RequestFilter())))


def forge(export: Path, old: bytes, new: bytes) -> None:
    """Write *new* for *old* in *export*, and the hash that it then has."""
    forged = export.read_bytes().replace(old, new)
    assert forged != export.read_bytes()
    body, _, last = forged[:-1].rpartition(b"\n")
    end = json.loads(last) | {"sha256": sha256(body + b"\n").hexdigest()}
    export.write_bytes(body + b"\n" + json.dumps(end).encode() + b"\n")


def tables(database: Path) -> dict[str, list[Any]]:
    """Return all that is in *database*, but for the ids of messages and the epoch."""
    with closing(sqlite3.connect(database)) as file:
        return {
            name: file.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2").fetchall()
            for name, columns in TABLES.items()
        }


class ExportedDay(Day):
    """A day that ends with an export, which becomes a desk elsewhere."""

    def teardown(self) -> None:
        """Hold the desk that was imported against the one that was exported."""
        self.bench.store.close()
        try:
            first, copy = self.folder / "first", self.folder / "copy.db"
            first.write_bytes(exported(self.database))
            import_export(copy, first, NOW)
            assert exported(copy) == first.read_bytes()
            assert tables(copy) == tables(self.database)
        finally:
            shutil.rmtree(self.folder)


def test_every_history_comes_back_byte_for_byte(empty_database: Path) -> None:
    with_agents = Path(shutil.copy(empty_database, empty_database.with_name("exported.db")))
    with Bench(with_agents) as bench:
        bench.do(add_agents)
        bench.do(lambda transaction: transaction.people.set_canned("hi", "Hello {customer}"))
    ExportedDay.backend, ExportedDay.template = SqliteBackend(), with_agents
    ExportedDay.parent = with_agents.parent
    bounds = settings(
        max_examples=200 if LONG else 8,
        stateful_step_count=40 if LONG else 15,
        phases=tuple(Phase) if LONG else (Phase.generate,),
        derandomize=not LONG,
        database=None,
    )
    run_state_machine_as_test(ExportedDay, settings=bounds)


def test_the_audit_log_comes_back_and_a_forged_one_does_not(bench: Bench, tmp_path: Path) -> None:
    bench.do(opens("ada", "Help"))
    bench.do(lambda transaction: forget(transaction, "ada", now()))
    bench.do(opens("bob", "Help"))
    first, copy = tmp_path / "first", tmp_path / "copy.db"
    first.write_bytes(exported(bench.database))
    import_export(copy, first, NOW)
    assert tables(copy) == tables(bench.database)
    assert len(tables(copy)["audit"]) == 1

    forge(first, b'"action":"forgotten"', b'"action":"nothing"')
    with pytest.raises(StartError, match="audit log is not what was written"):
        import_export(copy, first, NOW)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"seq":1,"at":1', b'"seq":1,"at":300', "no desk's export"),
        (b'"seq":1,"at":1', b'"seq":1,"at":-1', "times: A time is before 1970 or after"),
        (b'"help_request":1', b'"help_request":0', "higher than any that was given out"),
    ],
)
def test_what_no_desk_can_have_written_is_refused(
    bench: Bench, tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    bench.do(opens("ada", "Help"))
    export, copy = tmp_path / "export", tmp_path / "copy.db"
    export.write_bytes(exported(bench.database))
    forge(export, old, new)
    with pytest.raises(StartError, match=said):
        import_export(copy, export, NOW)
    assert not copy.exists()


def test_without_room_the_remedy_is_room(
    database: Path, tmp_path: Path, disk_of: Callable[[int], None]
) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
    export, copy = tmp_path / "export", tmp_path / "copy.db"
    export.write_bytes(exported(database))
    disk_of(40_000)
    with pytest.raises(StartError, match="make room"):
        import_export(copy, export, NOW)
    assert not copy.exists()


def test_what_a_killed_import_has_left_is_gone_after_the_next(bench: Bench, tmp_path: Path) -> None:
    bench.do(opens("ada", "Help"))
    export, copy = tmp_path / "export", tmp_path / "copy.db"
    export.write_bytes(exported(bench.database))
    for end in ("", "-wal", "-shm"):
        (tmp_path / f".copy.db.x1y2.part{end}").write_text("somebody's words")
    other = tmp_path / ".copy.db2.x1y2.part"
    other.write_text("another desk's")
    import_export(copy, export, NOW)
    assert list(tmp_path.glob(".*.part*")) == [other]


def test_a_crash_on_the_way_leaves_the_desk_as_it_was(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
    first = tmp_path / "first"
    first.write_bytes(exported(database))
    before = database.read_bytes()
    for step in ("_import_lines", "require_sound", "replace"):

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(importer, step, crash)
            with pytest.raises(KeyboardInterrupt):
                import_export(database, first, NOW)
        assert database.read_bytes() == before
        assert not list(chain(tmp_path.glob(".*"), tmp_path.glob("*replaced*")))
