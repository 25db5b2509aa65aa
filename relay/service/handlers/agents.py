"""What agents' frames do to requests: watch, say, claim and give away, read."""

from typing import assert_never, get_args

from msgspec import UNSET
from msgspec.structs import replace

from relay.desk import commands
from relay.desk.events import Role
from relay.desk.request import Record
from relay.errors import Refused
from relay.hub import AgentPeer
from relay.service import use_cases
from relay.service.context import (
    Context,
    answer,
    is_admin,
    messages_fitting,
    refuse,
    settled,
    stop_typing,
    write,
)
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.objects import History

LAST_MESSAGES = 50
"""How many messages a ``join`` without ``after`` brings."""

Command = (
    frames.Claim
    | frames.Release
    | frames.Transfer
    | frames.Close
    | frames.Reopen
    | frames.Tag
    | frames.Hold
    | frames.Unhold
)


class AgentHandler:
    """Takes the frames about requests of agents who have said hello."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Send, self._say)
        routes.add(frames.Note, self._say)
        routes.add(frames.Join, self._join)
        routes.add(frames.Leave, self._leave)
        routes.add(frames.SetTyping, self._set_typing)
        routes.add(frames.SetRead, self._read)
        routes.add(frames.HistoryBefore, self._history)
        for command in get_args(Command):
            routes.add(command, self._command)

    def _join(self, peer: AgentPeer, frame: frames.Join) -> None:
        context = self._context
        limit = LAST_MESSAGES if frame.after is None else None
        window = MessageRange(Role.AGENT, after=frame.after or 0, limit=limit)

        def read(transaction: Transaction) -> tuple[Record, MessagePage]:
            record = use_cases.known(transaction, frame.request)
            return record, transaction.messages(frame.request, window)

        def done(found: tuple[Record, MessagePage]) -> None:
            record, page = found
            messages, more = messages_fitting(page, peer, context.config.name)
            if frame.after is not None:
                context.telemetry.resumed(Role.AGENT, len(messages))
            request = context.publisher.for_agents(record)
            answer(peer.connection, agent_out.Joined(frame.ref, request, messages, more))
            context.hub.watch(peer, frame.request)
            context.publisher.watching(frame.request)

        context.store.read_in_order(read, settled(peer.connection, frame.ref, done, waits=True))

    def _leave(self, peer: AgentPeer, frame: frames.Leave) -> None:
        number = frame.request
        self._typing(peer, number, on=False)
        if number in peer.joined:
            self._context.hub.unwatch(peer, number)
            self._context.publisher.watching(number)

    def _say(self, peer: AgentPeer, frame: frames.Send | frames.Note) -> None:
        context = self._context
        actor = self._actor(peer)
        command: commands.Send | commands.Note = commands.Send(frame.text)
        if isinstance(frame, frames.Note):
            command = commands.Note(frame.text)

        def done(change: use_cases.Change) -> None:
            self._typing(peer, frame.request, on=False)
            if change.messages:
                context.publisher.publish(change, peer, frame.ref)
            elif change.own is not None:
                context.publisher.sent(peer, change.own, frame.ref)

        write(
            context,
            peer,
            lambda transaction: use_cases.say(
                transaction, frame.request, command, actor, frame.ref
            ),
            settled(peer.connection, frame.ref, done),
        )

    def _command(self, peer: AgentPeer, frame: Command) -> None:
        context = self._context
        actor, keep = self._actor(peer), context.config.retention_days != 0
        try:
            command = self._as_command(frame)
        except Refused as refused:
            refuse(peer.connection, refused, frame.ref)
            return

        def change(transaction: Transaction) -> use_cases.Change:
            record = use_cases.known(transaction, frame.request)
            now = replace(actor, admin=is_admin(transaction, peer))
            if isinstance(command, commands.Close):
                return use_cases.close(transaction, record, now, keep=keep)
            return use_cases.carry_out(transaction, record, command, now)

        def done(change: use_cases.Change) -> None:
            if change.messages:
                stop_typing(context, change.record)
                context.publisher.publish(change)
            shown = context.publisher.for_agents(change.record)
            answer(peer.connection, agent_out.Ok(frame.ref, shown, UNSET))

        write(context, peer, change, settled(peer.connection, frame.ref, done), admin=frame.ADMIN)

    def _as_command(self, frame: Command) -> commands.Command:
        match frame:
            case frames.Claim():
                return commands.Claim()
            case frames.Release():
                return commands.Release()
            case frames.Transfer():
                to = self._context.directory.find(frame.to)
                return commands.Transfer(to.id, to.name, frame.note)
            case frames.Close():
                return commands.Close()
            case frames.Reopen():
                return commands.Reopen(other_open=False)
            case frames.Tag():
                return commands.Tag(frozenset(frame.add), frozenset(frame.remove))
            case frames.Hold():
                return commands.Hold(frame.why)
            case frames.Unhold():
                return commands.Hold(None)
            case _:
                assert_never(frame)

    def _set_typing(self, peer: AgentPeer, frame: frames.SetTyping) -> None:
        self._typing(peer, frame.request, on=frame.on)

    def _typing(self, peer: AgentPeer, number: int, *, on: bool) -> None:
        context = self._context
        if number not in context.publisher.board:
            return
        if context.typing.set(number, peer, context.clock.steady(), on=on):
            context.publisher.typing(number, peer, on=on)

    def _read(self, peer: AgentPeer, frame: frames.SetRead) -> None:
        context = self._context

        def done(change: use_cases.Change | None) -> None:
            if change is not None:
                context.publisher.read(change, Role.AGENT, peer)

        write(
            context,
            peer,
            lambda transaction: use_cases.read_up_to(
                transaction, lambda it: use_cases.known(it, frame.request), Role.AGENT, frame.seq
            ),
            settled(peer.connection, None, done),
        )

    def _history(self, peer: AgentPeer, frame: frames.HistoryBefore) -> None:
        context = self._context
        window = MessageRange(Role.AGENT, before=frame.before, limit=frame.limit)

        def read(transaction: Transaction) -> MessagePage:
            use_cases.known(transaction, frame.request)
            return transaction.messages(frame.request, window)

        def done(page: MessagePage) -> None:
            messages, more = messages_fitting(page, peer, context.config.name)
            answer(peer.connection, History(frame.ref, messages, more))

        context.store.read_in_order(read, settled(peer.connection, frame.ref, done, waits=True))

    def _actor(self, peer: AgentPeer) -> use_cases.Actor:
        return use_cases.Actor(peer.author, self._context.clock.wall())
