"""What handlers share: store, hub, publisher, configuration, clocks; replies and their sizes."""

# Functions that are made for each frame would work out their annotations each time.
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import TypeVar

from msgspec import Struct

from relay.desk.request import Record
from relay.errors import CloseCode, Code, Refused
from relay.hub import AgentPeer, Connection, CustomerPeer, Hub, Peer
from relay.service.config import Clock, DeskConfig
from relay.service.directory import Directory
from relay.service.publisher import Publisher
from relay.service.telemetry import Telemetry
from relay.service.typing_state import TypingState
from relay.store.api import Store, Transaction
from relay.store.values import MessagePage
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.present import error_object, message_for_agents, message_for_customer

Item = TypeVar("Item", bound=Struct)

ANSWER_BYTES = 500 * 1024
"""Bytes for the items of an answer; the rest of 512 KiB is for what stands around them."""


def fitting(items: Sequence[Item], room: int = ANSWER_BYTES) -> tuple[list[Item], bool]:
    """Return the first of *items* that fit into *room* bytes, and whether some were left out."""
    size = 0
    for count, item in enumerate(items):
        size += len(encode(item)) + 1
        if size > room:
            return list(items[:count]), True
    return list(items), False


def messages_fitting(page: MessagePage, peer: Peer, desk: str) -> tuple[list[MessageObject], bool]:
    """Return the newest messages of *page* as *peer* sees them, oldest first, and ``more``.

    What *peer*'s own side of the screen has sent bears its ``ref``.
    """
    view = message_for_customer if isinstance(peer, CustomerPeer) else message_for_agents
    newest_first = [
        view(message, desk, own=peer.is_author(message.by)) for message in reversed(page.messages)
    ]
    fit, cut = fitting(newest_first)
    return fit[::-1], page.more or cut


T = TypeVar("T")

ADMINS_ONLY = "Only an admin may do that."


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one helpdesk."""

    store: Store
    hub: Hub
    directory: Directory
    publisher: Publisher
    typing: TypingState
    config: DeskConfig
    clock: Clock
    telemetry: Telemetry
    new_name: Callable[[], str] = token_hex
    """Makes a name that nobody guesses and that was never given before."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection before its ``hello``, with what its handshake said. ``control``: who may read
    the database's file is at the other end."""

    connection: Connection
    origin: str | None = None
    user_agent: str | None = None
    control: bool = False


def answer(connection: Connection, frame: Struct) -> None:
    """Offer *frame*, at the cost of who asked for it."""
    data = encode(frame)
    connection.offer(data)
    connection.charge(len(data))


def refuse(connection: Connection, refused: Refused, ref: str | None) -> None:
    """Answer the frame called *ref* with what was wrong."""
    connection.refused(refused.code)
    answer(connection, error_object(refused, ref))


def refuse_hello(connection: Connection, refused: Refused, ref: str) -> None:
    """Answer a ``hello`` that is not good, and end the connection (4000)."""
    refuse(connection, refused, ref)
    connection.hang_up(CloseCode.UNAUTHORIZED, "hello refused")


def settled(
    connection: Connection, ref: str | None, done: Callable[[T], None], *, waits: bool = False
) -> Callable[[T | Refused], None]:
    """Return what the store calls with an outcome: *done* with what went well, or an error frame.

    It must be given to the store. *waits*: the connection takes its next frame only after that.
    """

    came = connection.submitted()
    stores = ref is not None and not waits

    def settle(outcome: T | Refused) -> None:
        if isinstance(outcome, Refused):
            refuse(connection, outcome, ref)
        else:
            done(outcome)
        connection.settled(came if stores else None)
        if waits:
            connection.resume()

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
            raise Refused(Code.FORBIDDEN, ADMINS_ONLY)
        return work(transaction)

    context.store.write(guarded, done)


def is_admin(transaction: Transaction, peer: AgentPeer) -> bool:
    """Return whether *peer* is an admin in *transaction*; refuse who may work no more."""
    if peer.key is not None:
        return transaction.people.authorize(peer.key).admin
    if peer.agent is not None:
        transaction.people.authorize(peer.agent.id)
    return True  # who is at the control socket is one, in whose name ever they speak


def stop_typing(context: Context, record: Record) -> None:
    """Tell that nobody writes any more in a request that is no longer open."""
    number = record.request.id
    if not record.request.is_open:
        for _, writer in context.typing.of_request(number):
            context.publisher.typing(number, writer, on=False)
