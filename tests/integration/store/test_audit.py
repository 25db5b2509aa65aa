"""The audit log's chain detects changed, missing and truncated entries."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from relay.desk.events import DESK, Author, Role
from relay.store.api import Transaction
from relay.store.offline import Check
from relay.store.sqlite.integrity import check_database
from relay.store.values import AuditEntry
from tests.contract.store.actions import now
from tests.integration.store.sqlite_harness import Bench


@pytest.fixture
def audited(database: Path) -> Path:
    """A desk whose audit log has three entries."""
    with Bench(database) as bench:
        for by in (DESK, Author(Role.AGENT, 3, "Sam"), DESK):
            bench.do(audits(by))
    return database


def audits(by: Author) -> Callable[[Transaction], AuditEntry]:
    at = now()
    return lambda transaction: transaction.audit("purged", by, at, {"requests": 7})


def found_after(database: Path, *statements: str) -> list[str]:
    with closing(sqlite3.connect(database)) as file, file:
        for statement in statements:
            file.execute(statement)
    return [it.problem for it in check_database(database).findings if it.check is Check.AUDIT]


def test_entries_are_numbered_from_one_and_their_chain_holds(audited: Path) -> None:
    with Bench(audited) as bench:
        entry = bench.do(audits(DESK))
        assert entry.number == 4
        assert len(entry.hash) == 64
    assert found_after(audited) == []


@pytest.mark.parametrize(
    "change",
    ["data = '{}'", "at = at + 1", "by_name = 'Kim'", "action = 'forgotten'", "by_id = by_id + 1"],
)
def test_a_changed_entry_is_noticed(audited: Path, change: str) -> None:
    (said,) = found_after(audited, f"UPDATE audit SET {change} WHERE id = 2")
    assert said.startswith("Entry 2 ")


def test_an_entry_that_was_left_out_is_noticed(audited: Path) -> None:
    said = found_after(audited, "DELETE FROM audit WHERE id = 2")
    assert said[0] == "The audit log lacks what stood before entry 3."


@pytest.mark.parametrize("left", [2, 0])
def test_an_end_that_was_cut_off_is_noticed(audited: Path, left: int) -> None:
    assert found_after(audited, f"DELETE FROM audit WHERE id > {left}") == [
        "The audit log has lost its end."
    ]
