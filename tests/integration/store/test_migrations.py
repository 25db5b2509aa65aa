"""Migration of every older schema in one start, without loss.

``schemas`` holds one of each, as SQL: a released schema's file never changes.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.desk.commands import Hold
from relay.desk.events import Millis
from relay.desk.stats import UsageDay
from relay.store.offline import DatabaseKind
from relay.store.sqlite.identity import OLDER, identify
from relay.store.sqlite.integrity import check_database
from tests.contract.store.actions import agent_does, log, says
from tests.integration.store.sqlite_harness import Bench

SCHEMAS = Path(__file__).with_name("schemas")


@pytest.fixture(params=sorted(OLDER))
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A desk of an older schema."""
    path = tmp_path / f"{request.param}.db"
    with closing(sqlite3.connect(path)) as file:
        file.executescript((SCHEMAS / f"{request.param}.sql").read_text())
    assert identify(path).about == request.param
    return path


def test_there_is_a_desk_of_every_older_schema() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.sql")} == OLDER


def test_one_start_migrates_it_and_nothing_is_lost(old: Path) -> None:
    tables = ("agent", "canned_response", "customer", "message", "open_answer", "meta")
    before = {table: (columns(old, table), rows(old, table)) for table in tables}
    with Bench(old) as bench:
        assert identify(old).kind is DatabaseKind.CURRENT
        for table, (names, content) in before.items():
            assert rows(old, table, names) == content
        assert bench.store.epoch == old.stem * 4
        assert [record.request.id for record in bench.store.at_start.open_records] == [2, 3]
        assert len(bench.do(log(1)).messages) >= 11
    report = check_database(old)
    assert (report.requests, report.findings) == (3, ())


@pytest.mark.parametrize(
    ("words", "request_"), [("creme brulee", 1), ("冷た", 2), ("ADA@example", 1)]
)
def test_what_was_said_before_is_found_in_a_migrated_desk(
    old: Path, words: str, request_: int
) -> None:
    with Bench(old) as bench:
        hits = bench.read(lambda queries: queries.search(words, None, 9)).value.hits
    assert request_ in {hit.request for hit in hits}


def test_a_migrated_desk_does_what_a_new_one_does(old: Path) -> None:
    with Bench(old) as bench:
        assert bench.do(says("key-of-ada", "And cold again", "s2")).messages
        held = bench.do(agent_does(2, 1, Hold("tax")))
        assert held.record.request.hold is not None
    assert check_database(old).findings == ()


def test_a_migrated_desk_knows_how_much_it_was_used(old: Path) -> None:
    with Bench(old) as bench:
        bench.do(lambda transaction: transaction.usage.count())
        totals = bench.read(lambda queries: queries.usage()).value
        assert sum(day.messages for day in totals.days) == len(rows(old, "message"))
        period = bench.read(lambda it: it.usage_between(Millis(0), Millis(2**42))).value
        counted = [it.messages for it in period.quarters]
        counted += [it.messages for it in period.whole_days]
        assert sum(counted) == len(rows(old, "message"))
        before = [UsageDay("2026-11-22", 3, 2)] if old.stem == "0005" else []
        assert period.whole_days == before
    assert sum(month.people for month in totals.months) == 2


def rows(database: Path, table: str, names: str = "*") -> list[object]:
    with closing(sqlite3.connect(database)) as file:
        return file.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2").fetchall()


def columns(database: Path, table: str) -> str:
    """Return the names of a table's columns, as they are selected."""
    with closing(sqlite3.connect(database)) as file:
        found = file.execute(f"SELECT * FROM {table} LIMIT 0")
        return ", ".join(column[0] for column in found.description)
