"""What is erased, within a transaction, and what the audit log then says of it.

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
    """The requests that are gone, what they came to, and the entry in the audit log if any."""

    records: tuple[Record, ...] = ()
    tally: ErasureTotals = NOTHING
    entry: AuditEntry | None = None


@dataclass(slots=True)
class Forgetting:
    """A ``forget`` on its way. ``erased`` is the writer's: the customer is gone for all behind."""

    erased: bool = False

    def work(self, transaction: Transaction, key: str, at: Millis) -> Erased:
        """Do it; a batch that is run again does it again."""
        self.erased = False
        erased = forget(transaction, key, at)
        self.erased = True
        return erased

    def must_not_be_behind(self, transaction: Transaction, key: str) -> None:
        """Refuse what would bring the customer back, unless the commit that erased them failed."""
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
    said = _said(tally) | {"customer": person.id}
    return Erased(tuple(records), tally, transaction.audit("forgotten", DESK, at, said))


def expire(transaction: Transaction, before: Millis, most: int, at: Millis) -> Erased:
    """Erase requests that were closed before then, the oldest first, *most* at a time."""
    records = transaction.closed_before(before, most)
    if not records:
        return Erased()
    tally = transaction.erase(records)
    entry = transaction.audit("expired", DESK, at, _said(tally) | {"closed_before": before})
    return Erased(tuple(records), tally, entry)


def begin_purge(
    transaction: Transaction, plan: str, planned: ErasureTotals, by: Author, at: Millis
) -> None:
    """Note that a purge begins; what an earlier try of the same plan came to is noted first."""
    if plan in transaction.purges.plans():
        interrupt_purge(transaction, plan, at)
    entry = transaction.audit("purge_begun", by, at, _said(planned) | {"plan": plan})
    transaction.purges.begin(plan, entry.number, ErasureTotals(held=planned.held))


def purge_step(transaction: Transaction, plan: str, numbers: Sequence[int]) -> Erased:
    """Erase those of the requests *numbers* that are still there and not held."""
    records = transaction.records(RequestFilter(requests=tuple(numbers), held=False))
    held = sum(transaction.record(number) is not None for number in numbers) - len(records)
    tally = (transaction.erase(records) if records else NOTHING) + ErasureTotals(held=held)
    transaction.purges.add(plan, tally)
    return Erased(tuple(records), tally)


def end_purge(transaction: Transaction, plan: str, at: Millis) -> Erased:
    """Have what was purged gone from the files too, and write the receipt."""
    return _ended(transaction, "purged", plan, at)


def interrupt_purge(transaction: Transaction, plan: str, at: Millis) -> Erased:
    """Do the same for a purge that has not come to its end and will not: the entry says so."""
    return _ended(transaction, "purge_interrupted", plan, at)


def _ended(transaction: Transaction, action: str, plan: str, at: Millis) -> Erased:
    transaction.wipe()
    done, by = transaction.purges.end(plan)
    said = _said(done.tally) | {"plan": plan, "begun": done.begun}
    return Erased(tally=done.tally, entry=transaction.audit(action, by, at, said))


def _said(tally: ErasureTotals) -> dict[str, object]:
    return asdict(tally)
