"""Decide and append, within a transaction. Runs in the writer's thread: knows no connection.

A refusal changes nothing, because what is refused is refused before anything is appended.
"""

from collections.abc import Callable

from msgspec.structs import replace

from relay.desk.commands import Close, Command, Note, Open, Rate, Reopen, Send
from relay.desk.contact import Contact, merge
from relay.desk.events import Announced, Author, Message, Millis, Noted, Role, Sent
from relay.desk.request import Customer, Record, Visit, make_messages
from relay.desk.rules import decide
from relay.errors import Code, Refused
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.value import Value


class Change(Value, frozen=True):
    """What a command did: the request afterwards and what was appended to its log.

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


class Actor(Value, frozen=True):
    """Who commands, and when. ``admin`` may give away what is another agent's."""

    by: Author
    at: Millis
    admin: bool = False


class Words(Value, frozen=True):
    """What a customer says, what their client calls it, and when."""

    text: str
    ref: str
    at: Millis


def known(transaction: Transaction, number: int) -> Record:
    """Return the request *number*, or refuse with ``not_found``."""
    record = transaction.record(number)
    if record is None:
        raise Refused(Code.NOT_FOUND, f"There is no request #{number}.")
    return record


def carry_out(transaction: Transaction, record: Record, command: Command, actor: Actor) -> Change:
    """Do *command*, which has no ``ref`` to remember, to the request of *record*."""
    if isinstance(command, Reopen):
        latest = transaction.latest(record.customer.id)
        other = latest is not None and latest.request.is_open
        command = replace(command, other_open=other and latest != record)
    return _append(transaction, record, command, actor, None)


def say(
    transaction: Transaction, number: int, command: Send | Note, actor: Actor, ref: str
) -> Change:
    """Store an agent's text or note once, however often it comes as *ref*."""
    record = known(transaction, number)
    found = transaction.find_duplicate(number, actor.by, ref)
    if found is None:
        try:
            return _append(transaction, record, command, actor, ref)
        except Refused:
            # A retry is answered as it was, even if the request has been closed since.
            found = transaction.find_ref(number, actor.by, ref)
            if found is None:
                raise
    return _again(found[1], command, record)


def customer_says(transaction: Transaction, key: str, number: int | None, words: Words) -> Change:
    """Store a customer's words in their open request once, however often they come."""
    person = transaction.people.customer(key)
    if person is None:
        raise Refused(Code.CLOSED, "There is no open request; open one first.")
    if transaction.people.request_opened_as(person.id, words.ref) is not None:
        raise Refused(Code.INVALID, "`ref` was used for another text; take a new one.")
    by = author_of(person)
    found = transaction.find_duplicate(0, by, words.ref)
    if found is None:
        try:
            return _customer_adds(transaction, person, number, words, by)
        except Refused:
            found = transaction.find_ref(0, by, words.ref)
            if found is None:
                raise
    return _again(found[1], Send(words.text), known(transaction, found[0]))


def _customer_adds(
    transaction: Transaction, person: Customer, number: int | None, words: Words, by: Author
) -> Change:
    record = own_request(transaction, person, number)
    if not record.request.is_open:
        raise Refused(Code.CLOSED, f"Request #{record.request.id} is closed; open another one.")
    return _append(transaction, record, Send(words.text), Actor(by, words.at), words.ref)


def own_request(transaction: Transaction, person: Customer | None, number: int | None) -> Record:
    """Return the latest request of *person*, or *number* if it is theirs; else ``not_found``."""
    if person is not None:
        record = transaction.latest(person.id) if number is None else transaction.record(number)
        if record is not None and record.customer.id == person.id:
            return record
    raise Refused(Code.NOT_FOUND, "You have no such request.")


class Opening(Value, frozen=True):
    """A customer's call for help: ``person`` is a draft until it is stored, with the contact that
    the site signed; ``typed`` is the contact that the customer gave."""

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
        # Who is new has opened nothing before: nobody needs to look.
        person = transaction.people.add_customer(opening.person, opening.at)
        change = _open_another(transaction, person, opening)
    else:
        change = _open_again(transaction, person, opening)
    return replace(change, page=_page_of(transaction, change))


def _open_again(transaction: Transaction, person: Customer, opening: Opening) -> Change:
    found = transaction.find_ref(0, author_of(person), opening.ref)
    if found is not None:
        return _opened_before(found[1], opening.text, known(transaction, found[0]))
    answered = transaction.people.request_opened_as(person.id, opening.ref)
    if answered is not None:
        return _opened_before(None, opening.text, known(transaction, answered))
    latest = transaction.latest(person.id)
    if latest is None or not latest.request.is_open:
        return _open_another(transaction, person, opening)
    record = _introduce(transaction, latest, opening)
    before = None if record is latest else latest
    if opening.text is None:
        transaction.people.remember_open(person.id, opening.ref, record.request.id)
        return Change(record, before=before)
    actor = Actor(author_of(record.customer), opening.at)
    change = _append(transaction, record, Send(opening.text), actor, opening.ref)
    return replace(change, before=latest)


def _open_another(transaction: Transaction, person: Customer, opening: Opening) -> Change:
    blank = transaction.add_request(person, opening.visit, opening.at)
    record = _introduce(transaction, blank, opening)
    actor = Actor(author_of(record.customer), opening.at)
    command = Open(opening.greeting, opening.text)
    change = _append(transaction, record, command, actor, opening.ref)
    return replace(change, before=blank)


def _page_of(transaction: Transaction, change: Change) -> MessagePage:
    """Return what the customer is shown: all that was said, which may be what was just said."""
    if len(change.messages) == change.record.request.seq:
        return MessagePage([m for m in change.messages if m.customer_seq is not None], more=False)
    return transaction.messages(change.record.request.id, MessageRange(Role.CUSTOMER))


def _introduce(transaction: Transaction, record: Record, opening: Opening) -> Record:
    """Store the typed contact; what a site signed of its customer stands above it."""
    known, said = record.customer.contact, opening.person
    signed = said.contact if said.verified else Contact()
    contact = merge(signed, opening.typed, known)
    return record if contact == known else transaction.set_contact(record, contact)


def close(transaction: Transaction, record: Record, actor: Actor, *, keep: bool) -> Change:
    """End the request; if neither *keep* nor a hold keeps it, delete it in the same transaction."""
    change = carry_out(transaction, record, Close(), actor)
    if keep or not change.messages or change.record.request.hold:
        return change
    transaction.erase([change.record])
    return replace(change, deleted=True)


def customer_closes(transaction: Transaction, key: str, at: Millis, *, keep: bool) -> Change:
    """End the customer's open request, or say again how their latest one ended."""
    record = own_request(transaction, transaction.people.customer(key), None)
    return close(transaction, record, Actor(author_of(record.customer), at), keep=keep)


def move(transaction: Transaction, key: str, visit: Visit) -> Change | None:
    """Note where the customer with an open request now is; None if there is none."""
    person = transaction.people.customer(key)
    record = None if person is None else transaction.latest(person.id)
    if record is None or not record.request.is_open or record.visit == visit:
        return None
    return Change(transaction.update(replace(record, visit=visit)), before=record)


def rate(
    transaction: Transaction, key: str, number: int | None, command: Rate, at: Millis
) -> Change:
    """Store how it went with the customer's latest request, or with *number*."""
    person = transaction.people.customer(key)
    record = own_request(transaction, person, number)
    return carry_out(transaction, record, command, Actor(author_of(record.customer), at))


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
    """Return *person* as the author of what they say."""
    return Author(Role.CUSTOMER, person.id, person.contact.name)


def _append(
    transaction: Transaction, record: Record, command: Command, actor: Actor, ref: str | None
) -> Change:
    events = decide(record.request, command, actor.by, admin=actor.admin)
    if not events:
        return Change(record)
    messages = make_messages(record.request, events, actor.by, actor.at, ref)
    own = None
    for message in messages:
        if ref is not None and message.ref == ref:
            own = message
    return Change(transaction.append(record, messages), messages, own, before=record)


def _again(stored: Message, command: Send | Note, record: Record) -> Change:
    """Return the first answer again, or refuse another text under the same ``ref``."""
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


def _opened_before(stored: Message | None, text: str | None, record: Record) -> Change:
    said = stored.event.text if stored and isinstance(stored.event, Sent) else None
    if said != text:
        raise Refused(Code.INVALID, "`ref` was used for another text; take a new one.")
    return Change(record, own=stored)
