"""Integrity checks: each kind of damage is found, and nothing in a sound desk."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.desk.commands import Close, Note, Reopen, Send, Tag, Transfer
from relay.store.offline import Check, Finding
from relay.store.sqlite.integrity import check_database, has_wal_reset_fault
from tests.contract.store.actions import add_agents, agent_does, agent_says, closes, opens, says
from tests.integration.store.sqlite_harness import Bench


@pytest.fixture
def lived_in(database: Path) -> Path:
    """Return a desk on which everything has happened once, left in good order."""
    with Bench(database) as bench:
        bench.do(add_agents)
        bench.do(opens("ada", "Help", name="Ada"))
        bench.do(agent_says(1, 1, Note("psst"), "n"))
        bench.do(agent_says(1, 1, Send("Hello"), "s"))
        bench.do(agent_does(1, 1, Transfer(2, "Kim", "yours")))
        bench.do(agent_does(2, 1, Tag(frozenset({"a", "b"}), frozenset())))
        bench.do(agent_does(2, 1, Close()))
        bench.do(agent_does(2, 1, Reopen(other_open=False)))
        bench.do(opens("eve", "Me too"))
        bench.do(closes("eve"))
        bench.do(says("ada", "Thanks", "t"))
    return database


def damaged(database: Path, statement: str) -> list[Finding]:
    """Return what is found after *statement* has changed the tables behind the relay's back."""
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(statement)
    return list(check_database(database).findings)


def test_nothing_is_found_in_a_desk_that_is_well(lived_in: Path) -> None:
    report = check_database(lived_in)
    assert report.findings == ()
    assert (report.requests, report.messages) == (2, 16)


def test_a_relay_that_runs_is_not_in_the_way(lived_in: Path) -> None:
    with Bench(lived_in) as bench:
        bench.do(says("ada", "More", "m"))
        assert check_database(lived_in).messages == 17


def test_every_page_of_requests_is_looked_at(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bench(database) as bench:
        for number in range(450):
            bench.submit(opens(f"key-{number}", "Help"))
    found = damaged(database, "UPDATE help_request SET last_text = 'x' WHERE id IN (1, 200, 450)")
    assert [finding.request for finding in found] == [1, 200, 450]


@pytest.mark.parametrize(
    ("statement", "check", "says"),
    [
        ("DELETE FROM message WHERE request_id = 1 AND seq = 3", "sequences", "customer's"),
        ("DELETE FROM message WHERE request_id = 1 AND seq = 4", "sequences", "agents'"),
        ("UPDATE message SET seq = 99 WHERE request_id = 1 AND seq = 4", "sequences", "agents'"),
        ("UPDATE help_request SET seq = 3 WHERE id = 2", "sequences", "1 to 3"),
        ("UPDATE help_request SET status = 'closed' WHERE id = 1", "summaries", "status"),
        ("UPDATE help_request SET agent_id = NULL WHERE id = 1", "summaries", "agent"),
        ("UPDATE help_request SET waiting_since = 7 WHERE id = 2", "summaries", "waiting_since"),
        ("UPDATE message SET activity = 'sung' WHERE seq = 1", "summaries", "understood"),
        ("UPDATE help_request SET agent_id = 99 WHERE id = 1", "references", "agent"),
        ("DELETE FROM help_request WHERE id = 2", "references", "message that name no"),
    ],
)
def test_what_is_wrong_is_found(lived_in: Path, statement: str, check: str, says: str) -> None:
    found = damaged(lived_in, statement)
    assert any(one.check == check and says in one.problem for one in found), found


def test_what_is_found_says_nothing_of_the_words(lived_in: Path) -> None:
    found = damaged(lived_in, "UPDATE help_request SET last_text = 'my secret' WHERE id = 1")
    assert [(one.check, one.request) for one in found] == [(Check.SUMMARIES, 1)]
    assert "secret" not in str(found)


def test_a_page_that_is_no_longer_one_is_found(lived_in: Path) -> None:
    spoil(lived_in, "message")
    found = check_database(lived_in).findings
    assert Check.PAGES in {one.check for one in found}


def spoil(database: Path, table: str) -> None:
    """Overwrite the first page of *table*."""
    with closing(sqlite3.connect(database)) as file:
        (page,) = file.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchone()
        (size,) = file.execute("PRAGMA page_size").fetchone()
    with database.open("r+b") as file_:
        file_.seek((page - 1) * size)
        file_.write(b"\xa5" * size)


@pytest.mark.parametrize(
    ("version", "faulty"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_sqlites_own_fault_is_known_by_its_version(
    version: tuple[int, int, int], faulty: bool
) -> None:
    assert has_wal_reset_fault(version) is faulty


def test_the_checks_leave_no_trace(lived_in: Path) -> None:
    before = lived_in.read_bytes()
    check_database(lived_in)
    assert lived_in.read_bytes() == before
    assert [path.name for path in lived_in.parent.glob(f"{lived_in.name}-*")] == []


def test_nothing_in_an_empty_desk_is_wrong(database: Path) -> None:
    assert check_database(database).findings == ()
