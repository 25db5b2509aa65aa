"""Erases requests and customers within a transaction, and appends the audit entries.

Runs in the writer's thread. A held request is never erased: not by age, by admins or by its own
customer.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from relay.desk.events import DESK, Author, Millis
from relay.desk.request import Record
from relay.desk.stats import ErasureTotals
from relay.errors import Code, Refused
from relay.store.api import Transaction
from relay.store.values import AuditEntry, RequestFilter

NOTHING = ErasureTotals()
FORGOTTEN = "You are forgotten here, as you asked; come back as somebody new."


@dataclass(frozen=True, slots=True)
class Erased:
    """Result of an erasure: the requests, their count, the entry in the audit log if any."""

    records: tuple[Record, ...] = ()
    tally: ErasureTotals = NOTHING
    entry: AuditEntry | None = None


@dataclass(slots=True)
class PendingForget:
    """A ``forget`` that the store has been given. ``erased`` is the writer thread's alone."""

    erased: bool = False

    def run(self, transaction: Transaction, key: str, at: Millis) -> Erased:
        """Erase the customer; runs again where the transaction does."""
        self.erased = False
        erased = forget(transaction, key, at)
        self.erased = True
        return erased

    def refuse_if_erased(self, transaction: Transaction, key: str) -> None:
        """Refuse an ``open`` behind the erasure, unless the commit that erased them failed."""
        if self.erased and transaction.people.customer(key) is None:
            raise Refused(Code.UNAUTHORIZED, FORGOTTEN)


def forget(transaction: Transaction, key: str, at: Millis) -> Erased:
    """Erase the customer that *key* proves with all their requests; refuse if one is held."""
    person = transaction.people.customer(key)
    if person is None:
        return Erased()
    records = transaction.records(RequestFilter(customer=person.id))
    if any(record.request.hold for record in records):
        raise Refused(
            Code.FORBIDDEN, "The desk has to keep a request of yours; ask it when it may go."
        )
    tally = transaction.erase(records)
    transaction.wipe()
    data = _counts(tally) | {"customer": person.id}
    return Erased(tuple(records), tally, transaction.audit("forgotten", DESK, at, data))


def expire(transaction: Transaction, before: Millis, most: int, at: Millis) -> Erased:
    """Erase requests that were closed before then, the oldest first, *most* at a time."""
    records = transaction.closed_before(before, most)
    if not records:
        return Erased()
    tally = transaction.erase(records)
    entry = transaction.audit("expired", DESK, at, _counts(tally) | {"closed_before": before})
    return Erased(tuple(records), tally, entry)


def erase_closed(transaction: Transaction, record: Record, at: Millis) -> Erased:
    """Erase a request that a retention of 0 days deletes as it is closed."""
    tally = transaction.erase([record])
    data = _counts(tally) | {"request": record.request.id}
    return Erased((record,), tally, transaction.audit("expired", DESK, at, data))


def begin_purge(
    transaction: Transaction, plan: str, planned: ErasureTotals, by: Author, at: Millis
) -> None:
    """Record that a purge begins; an earlier attempt at the same plan is closed first."""
    if plan in transaction.purges.plans():
        interrupt_purge(transaction, plan, at)
    entry = transaction.audit("purge_begun", by, at, _counts(planned) | {"plan": plan})
    transaction.purges.begin(plan, entry.number, ErasureTotals(held=planned.held))


def purge_step(transaction: Transaction, plan: str, numbers: Sequence[int]) -> Erased:
    """Erase those of the requests *numbers* that are still there and not held."""
    records = transaction.records(RequestFilter(requests=tuple(numbers), held=False))
    held = sum(transaction.record(number) is not None for number in numbers) - len(records)
    tally = (transaction.erase(records) if records else NOTHING) + ErasureTotals(held=held)
    transaction.purges.add(plan, tally)
    return Erased(tuple(records), tally)


def end_purge(transaction: Transaction, plan: str, at: Millis) -> Erased:
    """Wipe what was purged from the files too, and append the audit entry."""
    return _ended(transaction, "purged", plan, at)


def interrupt_purge(transaction: Transaction, plan: str, at: Millis) -> Erased:
    """Do the same for a purge that was interrupted; the audit entry says so."""
    return _ended(transaction, "purge_interrupted", plan, at)


def _ended(transaction: Transaction, action: str, plan: str, at: Millis) -> Erased:
    transaction.wipe()
    progress, by = transaction.purges.end(plan)
    data = _counts(progress.tally) | {"plan": plan, "begun": progress.begun}
    return Erased(tally=progress.tally, entry=transaction.audit(action, by, at, data))


def _counts(tally: ErasureTotals) -> dict[str, object]:
    return asdict(tally)
