"""Reopened stores, and operations on a database without a relay."""

from datetime import UTC, datetime
from pathlib import Path

from relay.store.backends import database_at
from relay.store.offline import DatabaseKind
from tests.contract.store.actions import add_agents, closes, opens, says
from tests.contract.store.harness import StoreBench

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def filled(location: Path) -> list[bytes]:
    """Fill the database; return its export."""
    with StoreBench(location) as bench:
        bench.do(add_agents)
        bench.do(lambda transaction: transaction.people.set_canned("hi", "Hello"))
        bench.do(opens("ada", "Help"))
        bench.do(closes("ada"))
        bench.do(opens("bob", "Help me too"))
        return bench.exported()


def test_the_content_at_the_start_is_what_was_committed(location: Path) -> None:
    filled(location)
    with StoreBench(location) as again:
        start = again.store.at_start
        assert [record.request.id for record in start.open_records] == [2]
        assert (start.closed, dict(start.canned), start.purges) == (1, {"hi": "Hello"}, ())
        assert [agent.name for agent in start.agents.values()] == ["Sam", "Kim"]
        assert set(start.agents) == {"hash of Sam", "hash of Kim"}
        assert again.do(lambda transaction: transaction.record(2)) == start.open_records[0]


def test_the_epoch_stays_and_a_restore_or_an_import_gives_another(
    location: Path, tmp_path: Path
) -> None:
    lines = filled(location)
    with StoreBench(location) as bench:
        epoch = bench.store.epoch
    backup, export = tmp_path / "backup", tmp_path / "export"
    database = database_at(location)
    database.backup(backup)
    export.write_bytes(b"".join(lines))
    database.restore(backup, NOW)
    with StoreBench(location) as bench:
        restored = bench.store.epoch
        assert bench.exported() == lines
    database.import_export(export, NOW)
    with StoreBench(location) as bench:
        assert len({epoch, restored, bench.store.epoch}) == 3
        assert bench.exported() == lines
        assert bench.do(says("bob", "And more", "r")).own is not None


def test_a_database_is_identified_and_found_sound(location: Path) -> None:
    filled(location)
    database = database_at(location)
    assert database.identify().kind is DatabaseKind.CURRENT
    report = database.check()
    assert (report.requests, report.findings) == (2, ())
    assert database_at(location.with_name("nothing.db")).identify().kind is DatabaseKind.BLANK
