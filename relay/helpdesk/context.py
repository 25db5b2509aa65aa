"""What the handlers of frames share: the store, who is connected, who is told. No rules."""

# Functions that are made for each frame would work out their annotations each time.
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import TypeVar

from msgspec import Struct

from relay.desk.record import Record
from relay.errors import CloseCode, Code, Refused
from relay.helpdesk.config import Clock, DeskConfig
from relay.helpdesk.directory import Directory
from relay.helpdesk.ledger import Ledger
from relay.helpdesk.publisher import Publisher
from relay.helpdesk.typing import TypingBoard
from relay.hub import AgentPeer, Hub, Mailbox
from relay.store.store import Store
from relay.store.transaction import Transaction
from relay.wire.codec import encode
from relay.wire.view import error_object

T = TypeVar("T")

ADMINS_ALONE = "Only an admin may do that."


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one helpdesk."""

    store: Store
    hub: Hub
    directory: Directory
    publisher: Publisher
    typing: TypingBoard
    config: DeskConfig
    clock: Clock
    ledger: Ledger
    new_name: Callable[[], str] = token_hex
    """Makes a name that nobody guesses and that was never given before."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection before its ``hello``, with what its handshake said. ``control``: who may read
    the database's file is at the other end."""

    mailbox: Mailbox
    origin: str | None = None
    user_agent: str | None = None
    control: bool = False


def answer(mailbox: Mailbox, frame: Struct) -> None:
    """Offer *frame*, at the cost of who asked for it."""
    data = encode(frame)
    mailbox.offer(data)
    mailbox.charge(len(data))


def refuse(mailbox: Mailbox, refused: Refused, ref: str | None) -> None:
    """Answer the frame called *ref* with what was wrong."""
    mailbox.refused(refused.code)
    answer(mailbox, error_object(refused, ref))


def refuse_hello(mailbox: Mailbox, refused: Refused, ref: str) -> None:
    """Answer a ``hello`` that is not good, and end the connection (4000)."""
    refuse(mailbox, refused, ref)
    mailbox.hang_up(CloseCode.UNAUTHORIZED, "hello refused")


def settled(
    mailbox: Mailbox, ref: str | None, done: Callable[[T], None], *, waits: bool = False
) -> Callable[[T | Refused], None]:
    """Return what the store calls with an outcome: *done* with what went well, or an error frame.

    It must be given to the store. *waits*: the connection takes its next frame only after that.
    """

    came = mailbox.submitted()
    stores = ref is not None and not waits

    def settle(outcome: T | Refused) -> None:
        if isinstance(outcome, Refused):
            refuse(mailbox, outcome, ref)
        else:
            done(outcome)
        mailbox.settled(came if stores else None)
        if waits:
            mailbox.resume()

    return settle


def write(
    context: Context,
    peer: AgentPeer,
    work: Callable[[Transaction], T],
    done: Callable[[T | Refused], None],
    *,
    admin: bool = False,
) -> None:
    """Give *work* of an agent to the store, where it is refused if they may do it no more: what
    was said behind a revocation, or as an *admin* behind the end of being one, is not carried
    out, however short the time between them."""

    def guarded(transaction: Transaction) -> T:
        if not is_admin(transaction, peer) and admin:
            raise Refused(Code.FORBIDDEN, ADMINS_ALONE)
        return work(transaction)

    context.store.write(guarded, done)


def is_admin(transaction: Transaction, peer: AgentPeer) -> bool:
    """Return whether *peer* is an admin in *transaction*; refuse who may work no more."""
    if peer.key is not None:
        return transaction.people.must_let_in(peer.key).admin
    if peer.agent is not None:
        transaction.people.must_let_in(peer.agent.id)
    return True  # who is at the control socket is one, in whose name ever they speak


def stop_typing(context: Context, record: Record) -> None:
    """Tell that nobody writes any more in a request that is no longer open."""
    number = record.request.id
    if not record.request.is_open:
        for _, writer in context.typing.of_request(number):
            context.publisher.typing(number, writer, on=False)
