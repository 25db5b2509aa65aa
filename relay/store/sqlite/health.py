"""The health of the store: the reason why it refuses writes, if it does.

A damaged file stays refused until it is repaired with the relay stopped, since writing to it could
damage it further.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError

from relay.log import STORE_DISPLACED, STORE_RECOVERED, STORE_REFUSED, Word, emit
from relay.store.sqlite.placement import AMID_COMMIT, PROBLEMS, Part

Fault = DBAPIError | sqlite3.Error
DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class Health:
    """The current problem: reported by the writer and the readers, read from any thread."""

    def __init__(self) -> None:
        """Begin without a problem."""
        self._fault: str | None = None
        self._displaced: Part | None = None
        self._amid_commit = False
        self.complete = False
        """Whether the open database is complete without its log, while it is displaced."""
        self.damaged = False

    @property
    def problem(self) -> str | None:
        """The reason why writes are refused, None if they are not."""
        return self._fault if self._displaced is None else self.displacement

    @property
    def displacement(self) -> str | None:
        """The file that is not in its place, as a reason with its remedy; None if all are."""
        if self._displaced is None:
            return None
        return PROBLEMS[self._displaced] + (AMID_COMMIT if self._amid_commit else "")

    @property
    def incomplete(self) -> str:
        """The sentence for who asks for the content of the open file while it is not complete."""
        if self._displaced is Part.CONTENT:
            return (
                "Nothing can be saved: the database or the log beside it (-wal) was cut or "
                "overwritten while the relay had it open. Stop the relay, and restore the newest "
                "backup with `helpdesk restore`."
            )
        return "The relay is still copying the log into the database; try again."

    def displace(self, part: Part, *, amid_commit: bool = False) -> None:
        """Store that *part* is not in its place, and log it if it is another one.

        *amid_commit*: it was still there before a commit that succeeded.
        """
        self._amid_commit = self._amid_commit or amid_commit
        if self._displaced is None:
            self.complete = False
        if part is not self._displaced:
            emit(STORE_DISPLACED, part=part)
        self._displaced = part

    def replace(self) -> None:
        """Note that all files are in their places again.

        After a commit that was neither acknowledged nor undone only a restart makes the relay's
        memory agree with the file.
        """
        if self._displaced is not None and not self._amid_commit:
            self._displaced = None
            if self._fault is None:
                emit(STORE_RECOVERED)

    def report(self, fault: Fault) -> None:
        """Store *fault* as the problem, and log it if it is another one."""
        self.damaged = self.damaged or is_damage(fault)
        problem = str(_orig(fault))
        if self.damaged:
            problem += "; stop the relay and see `helpdesk check`"
        if problem != self._fault:
            emit(STORE_REFUSED, fault=name_of(fault), damaged=self.damaged)
        self._fault = problem

    def recover(self) -> None:
        """Clear the fault, unless the file is damaged."""
        if self._fault is not None and not self.damaged:
            emit(STORE_RECOVERED)
            self._fault = None


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
