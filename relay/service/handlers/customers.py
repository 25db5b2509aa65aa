"""Handlers of customers' frames. A request is found by the customer's own key, never by trust."""

from collections.abc import Callable, Iterable
from functools import partial

from relay.desk.actors import CustomerActor
from relay.desk.commands import Rate
from relay.desk.contact import contact_of
from relay.desk.events import Role
from relay.desk.request import Customer, Record, Visit
from relay.errors import CloseCode, Code, Refused
from relay.hub import CustomerPeer
from relay.service import erasure, use_cases
from relay.service.context import Context, messages_fitting, stop_typing
from relay.service.publisher import sent
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.wire import customer as frames
from relay.wire.objects import History, PageObject


class CustomerHandler:
    """Handles the frames of customers."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context
        self._forgets: dict[str, erasure.PendingForget] = {}

    def register(self, routes: Routes[CustomerActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Send, self._send)
        routes.add(frames.Open, self._open)
        routes.add(frames.HistoryBefore, self._history)
        routes.add(frames.SetTyping, self._set_typing)
        routes.add(frames.SetRead, self._read)
        routes.add(frames.SetPage, self._page)
        routes.add(frames.Close, self._close)
        routes.add(frames.Rate, self._rate)
        routes.add(frames.Forget, self._forget)

    def _open(self, actor: CustomerActor, frame: frames.Open, reply: Reply) -> None:
        context = self._context
        opening = use_cases.Opening(
            Customer(0, actor.site, actor.key, actor.contact, actor.verified),
            actor.visit,
            contact_of(frame),
            context.config.sites[actor.site].first_message_in(actor.visit.locale),
            frame.text,
            frame.ref,
            context.clock.wall(),
        )
        forget = self._forgets.get(actor.key)

        watched = actor.request

        def job(transaction: Transaction) -> use_cases.Change:
            if forget is not None:
                forget.refuse_if_erased(transaction, actor.key)
            use_cases.refuse_if_reassigned(transaction, watched, actor.key)
            return use_cases.open_request(transaction, opening)

        def on_committed(change: use_cases.Change) -> None:
            record = change.record
            if record.request.is_open:
                actor.customer, actor.request = record.customer.id, record.request.id
            context.publisher.publish(change, shown_to=actor)
            page = change.page or MessagePage([], more=False)
            messages, more = messages_fitting(page, actor, context.config.name)
            shown = context.publisher.for_customer(record)
            reply.ok(frames.Opened(frame.ref, shown, messages, more))

        context.store.write(job, reply.after(on_committed))

    def _send(self, actor: CustomerActor, frame: frames.Send, reply: Reply) -> None:
        context = self._context
        message = use_cases.CustomerText(frame.text, frame.ref, context.clock.wall())

        def on_committed(change: use_cases.Change) -> None:
            self._typing(actor, on=False)
            if change.messages:
                context.publisher.publish(change, actor, reply)
            elif change.own is not None:
                reply.ok(sent(actor, change.own, frame.ref))

        job = partial(use_cases.customer_send, key=actor.key, number=frame.request, message=message)
        context.store.write(_own(actor, job), reply.after(on_committed))

    def _history(self, actor: CustomerActor, frame: frames.HistoryBefore, reply: Reply) -> None:
        context = self._context

        def job(transaction: Transaction) -> MessagePage:
            record = use_cases.own_request(
                transaction, transaction.people.customer(actor.key), frame.request
            )
            window = MessageRange(Role.CUSTOMER, before=frame.before, limit=frame.limit)
            return transaction.messages(record.request.id, window)

        def on_committed(page: MessagePage) -> None:
            messages, more = messages_fitting(page, actor, context.config.name)
            reply.ok(History(frame.ref, messages, more))

        context.store.read_in_order(job, reply.after(on_committed))

    def _set_typing(self, actor: CustomerActor, frame: frames.SetTyping, reply: Reply) -> None:
        self._typing(actor, on=frame.on)
        reply.finish()

    def _typing(self, actor: CustomerActor, *, on: bool) -> None:
        context = self._context
        number = actor.request
        if number is None or number not in context.publisher.open_requests:
            return
        if context.typing.set(number, actor, context.clock.steady(), on=on):
            context.publisher.push_typing(number, actor, on=on)

    def _read(self, actor: CustomerActor, frame: frames.SetRead, reply: Reply) -> None:
        context = self._context

        def find(transaction: Transaction) -> Record:
            return use_cases.own_request(transaction, transaction.people.customer(actor.key), None)

        def on_committed(change: use_cases.Change | None) -> None:
            if change is not None:
                context.publisher.push_read_mark(change, Role.CUSTOMER, actor)
            reply.finish()

        context.store.write(
            lambda transaction: use_cases.read_up_to(transaction, find, Role.CUSTOMER, frame.seq),
            reply.after(on_committed),
        )

    def _page(self, actor: CustomerActor, frame: frames.SetPage, reply: Reply) -> None:
        before, publisher = actor.visit, self._context.publisher
        actor.visit = visit_of(frame.page, frame.locale or before.locale, before.user_agent)
        desk = publisher.desk_object(actor.visit.locale)
        if desk != publisher.desk_object(before.locale):
            reply.push(frames.DeskPush(desk))

        def on_committed(change: use_cases.Change | None) -> None:
            publish_visit(self._context, change)
            reply.finish()

        store_visit(self._context, actor, reply.after(on_committed))

    def _close(self, actor: CustomerActor, frame: frames.Close, reply: Reply) -> None:
        context, at = self._context, self._context.clock.wall()
        keep = context.config.retention_days != 0

        def on_committed(change: use_cases.Change) -> None:
            stop_typing(context, change.record)
            context.publisher.publish(change)
            reply.ok(frames.Closed(frame.ref, context.publisher.for_customer(change.record)))

        context.store.write(
            _own(actor, lambda it: use_cases.customer_close(it, actor.key, at, keep=keep)),
            reply.after(on_committed),
        )

    def _rate(self, actor: CustomerActor, frame: frames.Rate, reply: Reply) -> None:
        context, at = self._context, self._context.clock.wall()
        command = Rate(frame.score, frame.comment)

        def on_committed(change: use_cases.Change) -> None:
            context.publisher.publish(change)
            reply.ok(frames.Rated(frame.ref))

        context.store.write(
            _own(actor, lambda it: use_cases.rate(it, actor.key, frame.request, command, at)),
            reply.after(on_committed),
        )

    def _forget(self, actor: CustomerActor, frame: frames.Forget, reply: Reply) -> None:
        context, at = self._context, self._context.clock.wall()
        pending = self._forgets[actor.key] = erasure.PendingForget()

        def on_committed(erased: erasure.Erased) -> None:
            for record in erased.records:
                context.publisher.push_gone(record)
            reply.ok(frames.Forgotten(frame.ref))
            actor.forgotten = True
            tabs = [actor] if isinstance(actor, CustomerPeer) else []
            self._close_connections([*tabs, *context.hub.customers(actor.key)])

        settle = reply.after(on_committed)

        def on_result(outcome: erasure.Erased | Refused) -> None:
            if self._forgets.get(actor.key) is pending:
                del self._forgets[actor.key]
            settle(outcome)

        context.store.write(
            lambda transaction: pending.run(transaction, actor.key, at),
            on_result,
        )

    def _close_connections(self, tabs: Iterable[CustomerPeer]) -> None:
        """Close *tabs* when all that they have sent already is answered."""
        closing = dict.fromkeys(tabs)
        for tab in closing:
            tab.forgotten = True

        def on_result(_: object) -> None:
            for tab in closing:
                tab.connection.close(CloseCode.UNAUTHORIZED, "customer forgotten")

        self._context.store.read_in_order(lambda _: None, on_result)


def _own(
    actor: CustomerActor, job: Callable[[Transaction], use_cases.Change]
) -> Callable[[Transaction], use_cases.Change]:
    """Return *job*, refused as ``unavailable`` if the request has gone over to another customer.

    The connection is about to end, and its client sends the frame again on the next one.
    """
    number = actor.request

    def checked_job(transaction: Transaction) -> use_cases.Change:
        try:
            return job(transaction)
        except Refused:
            use_cases.refuse_if_reassigned(transaction, number, actor.key)
            raise

    return checked_job


def refuse_forgotten(reply: Reply) -> None:
    """Answer a frame of a customer who is erased, with an error if it wants an answer."""
    if reply.ref is None:
        reply.finish()
    else:
        reply.error(Refused(Code.UNAUTHORIZED, erasure.FORGOTTEN))


def store_visit(
    context: Context,
    actor: CustomerActor,
    on_result: Callable[[use_cases.Change | Refused | None], None],
) -> None:
    """Store the page of *actor* in their open request, if they have one."""
    visit = actor.visit
    context.store.write(
        lambda transaction: use_cases.update_visit(transaction, actor.key, visit), on_result
    )


def publish_visit(context: Context, outcome: use_cases.Change | Refused | None) -> None:
    """Publish a stored visit, if it has changed anything."""
    if isinstance(outcome, use_cases.Change):
        context.publisher.publish(outcome)


def visit_of(page: PageObject, locale: str | None, user_agent: str | None) -> Visit:
    """Return the visit that a client reports; the strings are sanitized already."""
    return Visit(page.url, page.title, page.referrer, locale, user_agent)
