"""The interface to a database that is not open as a store: to open, check, copy or export it.

:func:`relay.store.backends.database_at` returns the one at a location.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path
from typing import Protocol

from relay.desk.events import Millis
from relay.desk.request import Agent
from relay.log import Log
from relay.metrics import Counts
from relay.store.api import Store, Wake
from relay.store.export_format import Line, MessageLine, RequestLine
from relay.store.values import ClockRecord, RequestFilter, WebhookSummary


class DatabaseKind(Enum):
    """The kinds of content of a location. ``BLANK``: absent, empty, or never committed to.

    ``LOST``: the same, but a relay once had a desk there.
    """

    BLANK = "blank"
    LOST = "lost"
    CURRENT = "current"
    OLDER = "older"
    NEWER = "newer"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class DatabaseIdentity:
    """The kind of a database; ``about`` is its schema, or the store's words for the damage."""

    kind: DatabaseKind
    about: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The state of a database between two commits.

    ``clock``: :attr:`relay.store.values.AtStart.clock`; ``holds_erased``: the files hold something
    that was erased; ``wasted``: bytes of free space that only a copy of the database gives back.
    """

    clock: ClockRecord | None
    holds_erased: bool
    wasted: int


class Check(StrEnum):
    """The integrity checks: storage, references, sequences, times, each request against its log,
    and the hash chain of the audit log."""

    PAGES = "pages"
    REFERENCES = "references"
    SEQUENCES = "sequences"
    TIMES = "times"
    SUMMARIES = "summaries"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Finding:
    """A failed check: a sentence, and the request that it is about, if one."""

    check: Check
    problem: str
    request: int | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The findings, and the number of requests and messages that were checked."""

    requests: int
    messages: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ErasureEntry:
    """An entry of the audit log about an erasure: ``action`` as there, ``by`` the agent's name.

    ``requests`` is how many it took; of a purge without an end, ``purge_begun``, how many it
    was to take.
    """

    at: Millis
    action: str
    by: str | None
    requests: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Erased content that a backup or an export brings back.

    ``erasures`` are those since it was made, by the former audit log; ``requests`` the numbers
    of those that had been erased and are there again. ``unknown``: there was a desk, which could
    not be read, so that nobody can say what was erased.
    """

    erasures: list[ErasureEntry]
    requests: list[int]
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Counts of what was imported; ``kept``: the place of the former content, if there was any.

    ``without_token`` counts the agents who need a new token: the export had no hash of theirs.
    """

    requests: int
    messages: int
    without_token: int
    kept: Path | None
    returned: Returned


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """``kept``: the place of the former content, if there was any."""

    kept: Path | None
    returned: Returned


@dataclass(frozen=True, slots=True)
class ExportExtent:
    """The content of an export: requests from ``first`` to ``last`` in ``where``, and their size.

    ``everything``: no request is left out.
    """

    where: RequestFilter
    everything: bool
    first: int
    last: int
    requests: int
    messages: int


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The database engine: its name in one word, its version in words, and a known fault of it."""

    name: str
    version: str
    fault: str | None


class ExportSource(Protocol):
    """A database opened for an export, beside a relay that may be running."""

    def agents(self) -> list[Agent]:
        """Return all agents, disabled ones too."""

    def has_customer(self, number: int) -> bool:
        """Return whether there is a customer with that id."""

    def require_request(self, number: int) -> None:
        """Raise :exc:`relay.errors.StartError` unless there is a request *number*."""

    def extent(self, where: RequestFilter) -> ExportExtent:
        """Return what an export of *where* would contain now."""

    def histories(self, extent: ExportExtent) -> Iterator[RequestLine | MessageLine]:
        """Yield each request of *extent*, by number, followed by its messages.

        Raises :exc:`relay.errors.StartError` if one is erased after a part of it was yielded.
        """

    def complete(self, extent: ExportExtent) -> Iterator[tuple[Line, bytes]]:
        """Yield the lines of an export that can be imported, and each as bytes.

        The same desk gives the same bytes. Hashes of tokens and the audit log are
        included if ``extent.everything``.
        """


class Database(Protocol):
    """The database of a desk at one location: opens it as a store, or works on it offline.

    All methods block and raise :exc:`relay.errors.StartError` with a sentence for the user.
    """

    def open(self, wake: Wake, counts: Counts, log: Log) -> Store:
        """Open the store for this process alone; create or migrate the database if needed."""

    def engine(self) -> EngineStatus:
        """Return the engine's version."""

    def unreliable_file_system(self) -> str | None:
        """Return the type of the location's file system if locks and syncs of it are unreliable:
        on a network, shared by machines, or by a program (FUSE)."""

    def identify(self) -> DatabaseIdentity:
        """Return what is at the location; changes nothing."""

    def require(self, *kinds: DatabaseKind) -> DatabaseIdentity:
        """Return what :meth:`identify` does; raise unless it is one of *kinds*."""

    def check(self) -> CheckReport:
        """Run all integrity checks, beside a relay that may be running."""

    def backup(self, target: Path, *, force: bool = False) -> None:
        """Write a checked copy to *target*; *force* replaces a file there."""

    def backup_of(self, content: Iterable[bytes], target: Path, *, force: bool = False) -> None:
        """Write a checked copy of *content*, a displaced database's, to *target*."""

    def restore(self, source: Path, at: datetime) -> RestoreResult:
        """Replace the content by the backup *source*."""

    def import_export(self, source: Path, at: datetime, name: str | None = None) -> ImportResult:
        """Replace the content by the export *source*, which sentences call *name* if given."""

    def export_source(self) -> AbstractContextManager[ExportSource]:
        """Open the database for an export."""

    def state(self) -> DatabaseState:
        """Return the state of the database, beside a relay that may be running."""

    def webhook_summaries(self, events: Mapping[str, Iterable[str]]) -> list[WebhookSummary]:
        """Return :meth:`Queries.webhook_summaries`, beside a relay that may be running."""
