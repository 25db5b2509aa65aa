"""Context of all handlers: store, hub, publisher, configuration, clocks; sizes of answers."""

# Functions that are made for each frame would evaluate their annotations each time.
from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import TypeVar

from msgspec import Struct

from relay.clock import Clock
from relay.desk.actors import Actor, AgentActor, CustomerActor
from relay.desk.request import Record
from relay.errors import Code, Refused
from relay.hub import Connection, Hub
from relay.service.config import DeskConfig
from relay.service.directory import Directory
from relay.service.publisher import Publisher
from relay.service.telemetry import Telemetry
from relay.service.typing_state import TypingState
from relay.store.api import Store, Transaction
from relay.store.values import MessagePage
from relay.wire.codec import encode
from relay.wire.objects import MessageObject
from relay.wire.present import message_for_agents, message_for_customer

Item = TypeVar("Item", bound=Struct)

ANSWER_BYTES = 500 * 1024
"""Bytes for the items of an answer; the rest of 512 KiB is for what stands around them."""
CUSTOMER_ANSWER_BYTES = 96 * 1024
"""Bytes for the messages of an answer to a customer, if there are several: 12 s at 8 kB/s, and the
client notices a dead connection only by what comes whole."""


def fitting(items: Sequence[Item], room: int = ANSWER_BYTES) -> tuple[list[Item], bool]:
    """Return the first of *items* that fit into *room* bytes, and whether some were left out."""
    size = 0
    for count, item in enumerate(items):
        size += len(encode(item)) + 1
        if size > room:
            return list(items[:count]), True
    return list(items), False


def messages_fitting(
    page: MessagePage, actor: Actor, desk: str
) -> tuple[list[MessageObject], bool]:
    """Return the newest messages of *page* as *actor* sees them, oldest first, and ``more``.

    The actor's own messages bear their ``ref``. The newest one fits always, as a frame is bounded.
    """
    of_customer = isinstance(actor, CustomerActor)
    view = message_for_customer if of_customer else message_for_agents
    newest_first = [
        view(message, desk, own=actor.is_author(message.by)) for message in reversed(page.messages)
    ]
    fit, _ = fitting(newest_first, CUSTOMER_ANSWER_BYTES if of_customer else ANSWER_BYTES)
    fit = fit or newest_first[:1]
    return fit[::-1], page.more or len(fit) < len(newest_first)


T = TypeVar("T")

ADMINS_ONLY = "Only an admin may do that."


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one desk."""

    store: Store
    hub: Hub
    directory: Directory
    publisher: Publisher
    typing: TypingState
    config: DeskConfig
    clock: Clock
    telemetry: Telemetry
    new_name: Callable[[], str] = token_hex
    """Makes an unguessable, unique name."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A connection before its ``hello``, with what its handshake said. ``control``: it came by the
    control socket, so the client may read the database's file."""

    connection: Connection
    origin: str | None = None
    user_agent: str | None = None
    control: bool = False


def guarded(
    actor: AgentActor, job: Callable[[Transaction], T], *, admin: bool = False
) -> Callable[[Transaction], T]:
    """Return *job* for the store, refused there if *actor* is revoked, or with *admin* no admin.

    It holds for what was sent just behind a revocation too, as jobs run in order.
    """

    def checked_job(transaction: Transaction) -> T:
        if not is_admin(transaction, actor) and admin:
            raise Refused(Code.FORBIDDEN, ADMINS_ONLY)
        return job(transaction)

    return checked_job


async def committed(store: Store, job: Callable[[Transaction], T]) -> T:
    """Run *job* in the store and return its result after the commit; raise its refusal."""
    future: asyncio.Future[T | Refused] = asyncio.get_running_loop().create_future()

    def on_result(outcome: T | Refused) -> None:
        if not future.cancelled():
            future.set_result(outcome)

    store.write(job, on_result)
    outcome = await future
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def is_admin(transaction: Transaction, actor: AgentActor) -> bool:
    """Return whether *actor* is an admin in *transaction*; refuse a revoked agent."""
    if actor.agent is None:
        return actor.admin
    agent = transaction.people.authorize(actor.key or actor.agent.id)
    return agent.admin or actor.control


def stop_typing(context: Context, record: Record) -> None:
    """Clear and publish the typing state of a request that is no longer open."""
    number = record.request.id
    if not record.request.is_open:
        for _, actor in context.typing.remove_request(number):
            context.publisher.push_typing(number, actor, on=False)
