"""Handlers of agents' frames about requests: join, send, claim, transfer, tag, read."""

from typing import assert_never, get_args

from msgspec import UNSET
from msgspec.structs import replace

from relay.desk import commands
from relay.desk.actors import AgentActor
from relay.desk.events import Role
from relay.desk.request import Record
from relay.errors import Refused
from relay.hub import AgentPeer
from relay.service import use_cases
from relay.service.context import Context, guarded, is_admin, messages_fitting, stop_typing
from relay.service.publisher import sent
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.objects import History

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
    """Handles agents' frames about requests."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Send, self._send)
        routes.add(frames.Note, self._send)
        routes.add(frames.Join, self._join)
        routes.add(frames.Leave, self._leave)
        routes.add(frames.SetTyping, self._set_typing)
        routes.add(frames.SetRead, self._read)
        routes.add(frames.HistoryBefore, self._history)
        for command in get_args(Command):
            routes.add(command, self._command)

    def _join(self, actor: AgentActor, frame: frames.Join, reply: Reply) -> None:
        context = self._context
        limit = use_cases.LAST_MESSAGES if frame.after is None else None
        window = MessageRange(Role.AGENT, after=frame.after or 0, limit=limit)

        def job(transaction: Transaction) -> tuple[Record, MessagePage]:
            record = use_cases.find_request(transaction, frame.request)
            return record, transaction.messages(frame.request, window)

        def on_committed(found: tuple[Record, MessagePage]) -> None:
            record, page = found
            messages, more = messages_fitting(page, actor, context.config.name)
            if frame.after is not None:
                context.telemetry.resumed(Role.AGENT, len(messages))
            request = context.publisher.for_agents(record)
            reply.ok(agent_out.Joined(frame.ref, request, messages, more))
            if isinstance(actor, AgentPeer):
                context.hub.watch(actor, frame.request)
            context.publisher.push_watching(frame.request)

        context.store.read_in_order(job, reply.after(on_committed))

    def _leave(self, actor: AgentActor, frame: frames.Leave, reply: Reply) -> None:
        number = frame.request
        self._typing(actor, number, on=False)
        if isinstance(actor, AgentPeer) and number in actor.joined:
            self._context.hub.unwatch(actor, number)
            self._context.publisher.push_watching(number)
        reply.finish()

    def _send(self, actor: AgentActor, frame: frames.Send | frames.Note, reply: Reply) -> None:
        context = self._context
        stamp = self._stamp(actor)
        command: commands.Send | commands.Note = commands.Send(frame.text)
        if isinstance(frame, frames.Note):
            command = commands.Note(frame.text)

        def job(transaction: Transaction) -> use_cases.Change:
            is_admin(transaction, actor)  # refuses a revoked agent
            return use_cases.agent_send(transaction, frame.request, command, stamp, frame.ref)

        def on_committed(change: use_cases.Change) -> None:
            self._typing(actor, frame.request, on=False)
            if change.messages:
                context.publisher.publish(change, actor, reply)
            elif change.own is not None:
                reply.ok(sent(actor, change.own, frame.ref))

        context.store.write(job, reply.after(on_committed))

    def _command(self, actor: AgentActor, frame: Command, reply: Reply) -> None:
        context = self._context
        stamp, keep = self._stamp(actor), context.config.retention_days != 0
        try:
            command = self._as_command(frame)
        except Refused as refused:
            reply.error(refused)
            return

        def job(transaction: Transaction) -> use_cases.Change:
            record = use_cases.find_request(transaction, frame.request)
            now = replace(stamp, admin=is_admin(transaction, actor))
            if isinstance(command, commands.Close):
                return use_cases.close(transaction, record, now, keep=keep)
            return use_cases.execute(transaction, record, command, now)

        def on_committed(change: use_cases.Change) -> None:
            if change.messages:
                stop_typing(context, change.record)
                context.publisher.publish(change)
            shown = context.publisher.for_agents(change.record)
            reply.ok(agent_out.Ok(frame.ref, shown, UNSET))

        context.store.write(guarded(actor, job, admin=frame.ADMIN), reply.after(on_committed))

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

    def _set_typing(self, actor: AgentActor, frame: frames.SetTyping, reply: Reply) -> None:
        self._typing(actor, frame.request, on=frame.on)
        reply.finish()

    def _typing(self, actor: AgentActor, number: int, *, on: bool) -> None:
        context = self._context
        if number not in context.publisher.open_requests:
            return
        if context.typing.set(number, actor, context.clock.steady(), on=on):
            context.publisher.push_typing(number, actor, on=on)

    def _read(self, actor: AgentActor, frame: frames.SetRead, reply: Reply) -> None:
        context = self._context

        def find(transaction: Transaction) -> Record:
            return use_cases.find_request(transaction, frame.request)

        def job(transaction: Transaction) -> use_cases.Change | None:
            return use_cases.read_up_to(transaction, find, Role.AGENT, frame.seq)

        def on_committed(change: use_cases.Change | None) -> None:
            if change is not None:
                context.publisher.push_read_mark(change, Role.AGENT, actor)
            reply.finish()

        context.store.write(guarded(actor, job), reply.after(on_committed))

    def _history(self, actor: AgentActor, frame: frames.HistoryBefore, reply: Reply) -> None:
        context = self._context
        window = MessageRange(Role.AGENT, before=frame.before, limit=frame.limit)

        def job(transaction: Transaction) -> MessagePage:
            use_cases.find_request(transaction, frame.request)
            return transaction.messages(frame.request, window)

        def on_committed(page: MessagePage) -> None:
            messages, more = messages_fitting(page, actor, context.config.name)
            reply.ok(History(frame.ref, messages, more))

        context.store.read_in_order(job, reply.after(on_committed))

    def _stamp(self, actor: AgentActor) -> use_cases.Stamp:
        return use_cases.Stamp(actor.author, self._context.clock.wall())
