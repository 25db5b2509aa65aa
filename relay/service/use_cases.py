"""Use cases: decide and append within a transaction. Runs in the writer's thread.

A refusal changes nothing, because it comes before anything is appended.
"""

from collections.abc import Callable

from msgspec.structs import replace

from relay.desk.commands import Close, Command, Note, Open, Rate, Reopen, Send, Verify
from relay.desk.contact import Contact, merge
from relay.desk.events import DESK, Announced, Author, Message, Millis, Noted, Role, Sent
from relay.desk.request import Customer, Record, Visit, make_messages
from relay.desk.rules import decide
from relay.errors import Code, Refused
from relay.service import erasure
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.value import Value

LAST_MESSAGES = 50
"""Messages in the answer to a ``hello``, an ``open`` or a ``join``; ``history`` has the others."""


class Change(Value, frozen=True):
    """Result of a command: the request afterwards and the messages appended to its log.

    ``before`` is the request as it was, None if nothing has changed.
    ``own`` is the text or note that the command's ``ref`` stands for, stored now or long ago.
    ``page`` is what an answer shows; ``deleted``: the request is gone with all its messages.
    """

    record: Record
    messages: tuple[Message, ...] = ()
    own: Message | None = None
    page: MessagePage | None = None
    deleted: bool = False
    before: Record | None = None


class Stamp(Value, frozen=True):
    """Author, time and admin right of a command. An admin may transfer another agent's request."""

    by: Author
    at: Millis
    admin: bool = False


class CustomerText(Value, frozen=True):
    """A text that a customer sends, with the client's ``ref``."""

    text: str
    ref: str
    at: Millis


def find_request(transaction: Transaction, number: int) -> Record:
    """Return the request *number*, or refuse with ``not_found``."""
    record = transaction.record(number)
    if record is None:
        raise Refused(Code.NOT_FOUND, f"There is no request #{number}.")
    return record


def execute(transaction: Transaction, record: Record, command: Command, stamp: Stamp) -> Change:
    """Execute *command*, which has no ``ref``, on the request of *record*."""
    if isinstance(command, Reopen):
        latest = transaction.latest(record.customer.id)
        other = latest is not None and latest.request.is_open
        command = replace(command, other_open=other and latest != record)
    return _append(transaction, record, command, stamp, None)


def agent_send(
    transaction: Transaction, number: int, command: Send | Note, stamp: Stamp, ref: str
) -> Change:
    """Store an agent's text or note, idempotent by *ref*."""
    record = find_request(transaction, number)
    found = transaction.find_duplicate(number, stamp.by, ref)
    if found is None:
        try:
            return _append(transaction, record, command, stamp, ref)
        except Refused:
            # A retry is answered as it was, even if the request has been closed since.
            found = transaction.find_ref(number, stamp.by, ref)
            if found is None:
                raise
    return _answer_again(found[1], command, record)


def customer_send(
    transaction: Transaction, key: str, number: int | None, message: CustomerText
) -> Change:
    """Store a customer's text in their open request, idempotent by its ``ref``."""
    person = transaction.people.customer(key)
    if person is None:
        raise Refused(Code.CLOSED, "There is no open request; open one first.")
    if transaction.people.request_opened_as(person.id, message.ref) is not None:
        raise Refused(Code.INVALID, "`ref` was used for another text; take a new one.")
    by = author_of(person)
    found = transaction.find_duplicate(0, by, message.ref)
    if found is None:
        try:
            record = own_request(transaction, person, number, must_be_open=True)
            stamp = Stamp(by, message.at)
            return _append(transaction, record, Send(message.text), stamp, message.ref)
        except Refused:
            found = transaction.find_ref(0, by, message.ref)
            if found is None:
                raise
    return _answer_again(found[1], Send(message.text), find_request(transaction, found[0]))


def own_request(
    transaction: Transaction,
    person: Customer | None,
    number: int | None,
    *,
    must_be_open: bool = False,
) -> Record:
    """Return the latest request of *person*, or *number* if it is theirs.

    Raises :exc:`Refused`: ``not_found``, or ``closed`` if it *must_be_open* and is not.
    """
    if person is not None:
        record = transaction.latest(person.id) if number is None else transaction.record(number)
        if record is not None and record.customer.id == person.id:
            if must_be_open and not record.request.is_open:
                message = f"Request #{record.request.id} is closed; open another one."
                raise Refused(Code.CLOSED, message)
            return record
    raise Refused(Code.NOT_FOUND, "You have no such request.")


class Opening(Value, frozen=True):
    """A customer's request for help. ``person`` is a draft until it is stored."""

    person: Customer
    visit: Visit
    typed: Contact
    greeting: str
    text: str | None
    ref: str
    at: Millis


def open_request(transaction: Transaction, opening: Opening) -> Change:
    """Open a request, or find the one that is open, or the one that this ``ref`` opened before."""
    person = transaction.people.customer(opening.person.key)
    if person is None:
        # A new customer has opened nothing before.
        person = transaction.people.add_customer(opening.person, opening.at)
        change = _open_new(transaction, person, opening)
    else:
        change = _open_known(transaction, person, opening)
    return replace(change, page=_page_of(transaction, change))


def _open_known(transaction: Transaction, person: Customer, opening: Opening) -> Change:
    found = transaction.find_ref(0, author_of(person), opening.ref)
    if found is not None:
        return _opened_again(found[1], opening.text, find_request(transaction, found[0]))
    answered = transaction.people.request_opened_as(person.id, opening.ref)
    if answered is not None:
        return _opened_again(None, opening.text, find_request(transaction, answered))
    latest = transaction.latest(person.id)
    if latest is None or not latest.request.is_open:
        return _open_new(transaction, person, opening)
    record = _set_contact(transaction, latest, opening)
    before = None if record is latest else latest
    if opening.text is None:
        transaction.people.remember_open(person.id, opening.ref, record.request.id)
        return Change(record, before=before)
    stamp = Stamp(author_of(record.customer), opening.at)
    change = _append(transaction, record, Send(opening.text), stamp, opening.ref)
    return replace(change, before=latest)


def _open_new(transaction: Transaction, person: Customer, opening: Opening) -> Change:
    blank = transaction.add_request(person, opening.visit, opening.at)
    record = _set_contact(transaction, blank, opening)
    stamp = Stamp(author_of(record.customer), opening.at)
    command = Open(opening.greeting, opening.text)
    change = _append(transaction, record, command, stamp, opening.ref)
    return replace(change, before=blank)


def _page_of(transaction: Transaction, change: Change) -> MessagePage:
    """Return the last messages that the customer sees; often those just appended."""
    if len(change.messages) == change.record.request.seq:
        return MessagePage([m for m in change.messages if m.customer_seq is not None], more=False)
    window = MessageRange(Role.CUSTOMER, limit=LAST_MESSAGES)
    return transaction.messages(change.record.request.id, window)


def _set_contact(transaction: Transaction, record: Record, opening: Opening) -> Record:
    """Store the typed contact; what a site signed of its customer takes precedence over it."""
    current, draft = record.customer.contact, opening.person
    signed = draft.contact if draft.verified else Contact()
    contact = merge(signed, opening.typed, current)
    return record if contact == current else transaction.set_contact(record, contact)


def close(transaction: Transaction, record: Record, stamp: Stamp, *, keep: bool) -> Change:
    """Close the request; erase it in the same transaction unless *keep* or a hold keeps it."""
    change = execute(transaction, record, Close(), stamp)
    if keep or not change.messages or change.record.request.hold:
        return change
    erasure.erase_closed(transaction, change.record, stamp.at)
    return replace(change, deleted=True)


def customer_close(transaction: Transaction, key: str, at: Millis, *, keep: bool) -> Change:
    """End the customer's open request, or return again how their latest one ended."""
    record = own_request(transaction, transaction.people.customer(key), None)
    return close(transaction, record, Stamp(author_of(record.customer), at), keep=keep)


class SigningIn(Value, frozen=True):
    """A customer who shows the token with the hash ``key`` and proves to be ``person``, a draft."""

    key: str
    person: Customer
    at: Millis
    keep: bool


def open_request_of(transaction: Transaction, key: str, site: str) -> Record | None:
    """Return the open request of the unverified customer of *site* with that *key*."""
    person = transaction.people.customer(key)
    if person is None or person.verified or person.site != site:
        return None
    record = transaction.latest(person.id)
    return record if record is not None and record.request.is_open else None


def sign_in(transaction: Transaction, signing_in: SigningIn) -> tuple[Change, ...]:
    """Give the open request of the token's customer to the verified one; return the changes.

    A customer has one open request: another one of the verified customer is closed, with a note
    to its agents.
    """
    draft, at = signing_in.person, signing_in.at
    record = open_request_of(transaction, signing_in.key, draft.site)
    if record is None:
        return ()
    people = transaction.people
    person = people.customer(draft.key) or people.add_customer(draft, at)
    other = transaction.latest(person.id)
    changes: list[Change] = []
    if other is not None and other.request.is_open:
        note = Note(f"The customer signed in, and continues in request #{record.request.id}.")
        noted = execute(transaction, other, note, Stamp(DESK, at))
        ended = close(transaction, noted.record, Stamp(DESK, at), keep=signing_in.keep)
        changes += [noted, ended]
    moved = transaction.reassign(record, person)
    contact = merge(draft.contact, person.contact, record.customer.contact)
    if contact != person.contact:
        moved = transaction.set_contact(moved, contact)
    verified = execute(transaction, moved, Verify(), Stamp(author_of(moved.customer), at))
    return (*changes, replace(verified, before=record))


def refuse_if_reassigned(transaction: Transaction, number: int | None, key: str) -> None:
    """Refuse a frame of a connection whose request *number* is another customer's by now."""
    record = None if number is None else transaction.record(number)
    if record is not None and record.customer.key != key:
        raise Refused(
            Code.UNAVAILABLE, "Your request is that of the customer who signed in; say hello again."
        )


def update_visit(transaction: Transaction, key: str, visit: Visit) -> Change | None:
    """Store the visit of a customer with an open request; None if nothing changes."""
    person = transaction.people.customer(key)
    record = None if person is None else transaction.latest(person.id)
    if record is None or not record.request.is_open or record.visit == visit:
        return None
    return Change(transaction.update(replace(record, visit=visit)), before=record)


def rate(
    transaction: Transaction, key: str, number: int | None, command: Rate, at: Millis
) -> Change:
    """Store the rating of the customer's latest request, or of *number*."""
    person = transaction.people.customer(key)
    record = own_request(transaction, person, number)
    return execute(transaction, record, command, Stamp(author_of(record.customer), at))


def read_up_to(
    transaction: Transaction, find: Callable[[Transaction], Record], role: Role, seq: int
) -> Change | None:
    """Move the read mark of *role*'s side forward to *seq*; None if it is there already."""
    record = find(transaction)
    mark = transaction.mark(record.request, role, seq)
    if role is Role.CUSTOMER:
        moved = replace(record, read_by_customer=max(record.read_by_customer, mark))
    else:
        moved = replace(record, read_by_agent=max(record.read_by_agent, mark))
    return None if moved == record else Change(transaction.update(moved), before=record)


def author_of(person: Customer) -> Author:
    """Return *person* as the author of what they send."""
    return Author(Role.CUSTOMER, person.id, person.contact.name)


def _append(
    transaction: Transaction, record: Record, command: Command, stamp: Stamp, ref: str | None
) -> Change:
    events = decide(record.request, command, stamp.by, admin=stamp.admin)
    if not events:
        return Change(record)
    messages = make_messages(record.request, events, stamp.by, stamp.at, ref)
    own = None
    for message in messages:
        if ref is not None and message.ref == ref:
            own = message
    return Change(transaction.append(record, messages), messages, own, before=record)


def _answer_again(stored: Message, command: Send | Note, record: Record) -> Change:
    """Repeat the first answer, or refuse another text under the same ``ref``."""
    match stored.event:
        case Sent(text) | Announced(text):
            same = isinstance(command, Send) and text == command.text
        case Noted(text):
            same = isinstance(command, Note) and text == command.text
        case _:
            same = False
    if not same:
        raise Refused(Code.INVALID, "`ref` was used for another text; take a new one.")
    return Change(record, own=stored)


def _opened_again(stored: Message | None, text: str | None, record: Record) -> Change:
    first = stored.event.text if stored and isinstance(stored.event, Sent) else None
    if first != text:
        raise Refused(Code.INVALID, "`ref` was used for another text; take a new one.")
    return Change(record, own=stored)
