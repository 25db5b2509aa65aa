"""Health of the store: problems end, damage is permanent."""

import sqlite3

import pytest

from relay.store.sqlite.health import Health


def fault(code: int) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError("it went wrong")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR_FSYNC, True),
        (sqlite3.SQLITE_READONLY, True),
        (sqlite3.SQLITE_CORRUPT, False),
        (sqlite3.SQLITE_CORRUPT_INDEX, False),
        (sqlite3.SQLITE_NOTADB, False),
    ],
)
def test_troubles_pass_and_damage_does_not(code: int, passes: bool) -> None:
    health = Health()
    health.report(fault(code))
    assert "it went wrong" in str(health.problem)
    health.recover()
    assert (health.problem is None, health.damaged) == (passes, not passes)


def test_damage_outlasts_a_trouble_that_comes_after_it() -> None:
    health = Health()
    health.report(fault(sqlite3.SQLITE_CORRUPT))
    health.report(fault(sqlite3.SQLITE_FULL))
    health.recover()
    assert "helpdesk check" in str(health.problem)


def test_the_same_trouble_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    health = Health()
    for _ in range(3):
        health.report(fault(sqlite3.SQLITE_FULL))
    assert len(caplog.records) == 1
