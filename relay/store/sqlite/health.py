"""The health of the store: the reason why it refuses writes, if it does.

A damaged file stays refused until it is repaired with the relay stopped, since writing to it could
damage it further.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError

from relay.log import STORE_RECOVERED, STORE_REFUSED, Word, emit

Fault = DBAPIError | sqlite3.Error
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Health:
    """The current problem: reported by the writer and the readers, read from any thread."""

    def __init__(self) -> None:
        """Begin without a problem."""
        self.problem: str | None = None
        self.damaged = False

    def report(self, fault: Fault) -> None:
        """Store *fault* as the problem, and log it if it is another one."""
        self.damaged = self.damaged or is_damage(fault)
        problem = str(_orig(fault))
        if self.damaged:
            problem += "; stop the relay and see `helpdesk check`"
        if problem != self.problem:
            emit(STORE_REFUSED, fault=name_of(fault), damaged=self.damaged)
        self.problem = problem

    def recover(self) -> None:
        """Clear the problem, unless the file is damaged."""
        if self.problem is not None and not self.damaged:
            emit(STORE_RECOVERED)
            self.problem = None


def is_damage(fault: Fault) -> bool:
    """Return whether *fault* means that the file is damaged."""
    return _code_of(fault) in DAMAGE


def is_full(fault: Fault) -> bool:
    """Return whether *fault* means that the disk is full."""
    return _code_of(fault) == sqlite3.SQLITE_FULL


def is_io_error(fault: Fault) -> bool:
    """Return whether *fault* is an I/O error."""
    return _code_of(fault) == sqlite3.SQLITE_IOERR


def _code_of(fault: Fault) -> int:
    # The lowest byte is the primary code.
    code: int = getattr(_orig(fault), "sqlite_errorcode", 0) & 0xFF
    return code


def name_of(fault: Fault) -> Word:
    """Return SQLite's name of *fault*, such as SQLITE_FULL: its message may quote a row."""
    orig = _orig(fault)
    return Word(getattr(orig, "sqlite_errorname", type(orig).__name__))


def _orig(fault: Fault) -> BaseException | None:
    return fault.orig if isinstance(fault, DBAPIError) else fault
