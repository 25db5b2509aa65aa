"""What customers' frames do. A request is found by the connection's own key, never by trust."""

from collections.abc import Iterable

from relay.desk.commands import Rate
from relay.desk.contact import contact_of
from relay.desk.events import Role
from relay.desk.request import Customer, Record, Visit
from relay.errors import CloseCode, Code, Refused
from relay.hub import CustomerPeer
from relay.service import erasure, use_cases
from relay.service.context import Context, answer, messages_fitting, refuse, settled, stop_typing
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.wire import customer as frames
from relay.wire.codec import ref_of
from relay.wire.objects import History, PageObject


class CustomerHandler:
    """Takes the frames of customers who have said hello."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context
        self._forgetting: dict[str, erasure.Forgetting] = {}

    def register(self, routes: Routes[CustomerPeer]) -> None:
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

    def _open(self, peer: CustomerPeer, frame: frames.Open) -> None:
        context = self._context
        opening = use_cases.Opening(
            Customer(0, peer.site, peer.key, peer.contact, peer.verified),
            peer.visit,
            contact_of(frame),
            context.config.sites[peer.site].greeting,
            frame.text,
            frame.ref,
            context.clock.wall(),
        )
        before = self._forgetting.get(peer.key)

        def open_request(transaction: Transaction) -> use_cases.Change:
            if before is not None:
                before.must_not_be_behind(transaction, peer.key)
            return use_cases.open_request(transaction, opening)

        def done(change: use_cases.Change) -> None:
            context.publisher.publish(change, shown_to=peer)
            page = change.page or MessagePage([], more=False)
            messages, more = messages_fitting(page, peer, context.config.name)
            shown = context.publisher.for_customer(change.record)
            answer(peer.connection, frames.Opened(frame.ref, shown, messages, more))

        context.store.write(open_request, settled(peer.connection, frame.ref, done))

    def _send(self, peer: CustomerPeer, frame: frames.Send) -> None:
        context = self._context
        words = use_cases.Words(frame.text, frame.ref, context.clock.wall())

        def done(change: use_cases.Change) -> None:
            self._typing(peer, on=False)
            if change.messages:
                context.publisher.publish(change, peer, frame.ref)
            elif change.own is not None:
                context.publisher.sent(peer, change.own, frame.ref)

        context.store.write(
            lambda transaction: use_cases.customer_says(
                transaction, peer.key, frame.request, words
            ),
            settled(peer.connection, frame.ref, done),
        )

    def _history(self, peer: CustomerPeer, frame: frames.HistoryBefore) -> None:
        context = self._context

        def read(transaction: Transaction) -> MessagePage:
            record = use_cases.own_request(
                transaction, transaction.people.customer(peer.key), frame.request
            )
            window = MessageRange(Role.CUSTOMER, before=frame.before, limit=frame.limit)
            return transaction.messages(record.request.id, window)

        def done(page: MessagePage) -> None:
            messages, more = messages_fitting(page, peer, context.config.name)
            answer(peer.connection, History(frame.ref, messages, more))

        context.store.read_in_order(read, settled(peer.connection, frame.ref, done, waits=True))

    def _set_typing(self, peer: CustomerPeer, frame: frames.SetTyping) -> None:
        self._typing(peer, on=frame.on)

    def _typing(self, peer: CustomerPeer, *, on: bool) -> None:
        context = self._context
        number = peer.request
        if number is None or number not in context.publisher.board:
            return
        if context.typing.set(number, peer, context.clock.steady(), on=on):
            context.publisher.typing(number, peer, on=on)

    def _read(self, peer: CustomerPeer, frame: frames.SetRead) -> None:
        context = self._context

        def find(transaction: Transaction) -> Record:
            return use_cases.own_request(transaction, transaction.people.customer(peer.key), None)

        def done(change: use_cases.Change | None) -> None:
            if change is not None:
                context.publisher.read(change, Role.CUSTOMER, peer)

        context.store.write(
            lambda transaction: use_cases.read_up_to(transaction, find, Role.CUSTOMER, frame.seq),
            settled(peer.connection, None, done),
        )

    def _page(self, peer: CustomerPeer, frame: frames.SetPage) -> None:
        peer.visit = visit_of(frame.page, frame.locale or peer.visit.locale, peer.visit.user_agent)
        keep_visit(self._context, peer)

    def _close(self, peer: CustomerPeer, frame: frames.Close) -> None:
        context, at = self._context, self._context.clock.wall()
        keep = context.config.retention_days != 0

        def done(change: use_cases.Change) -> None:
            stop_typing(context, change.record)
            context.publisher.publish(change)
            closed = frames.Closed(frame.ref, context.publisher.for_customer(change.record))
            answer(peer.connection, closed)

        context.store.write(
            lambda transaction: use_cases.customer_closes(transaction, peer.key, at, keep=keep),
            settled(peer.connection, frame.ref, done),
        )

    def _rate(self, peer: CustomerPeer, frame: frames.Rate) -> None:
        context, at = self._context, self._context.clock.wall()
        command = Rate(frame.score, frame.comment)

        def done(change: use_cases.Change) -> None:
            context.publisher.publish(change)
            answer(peer.connection, frames.Rated(frame.ref))

        context.store.write(
            lambda transaction: use_cases.rate(transaction, peer.key, frame.request, command, at),
            settled(peer.connection, frame.ref, done),
        )

    def _forget(self, peer: CustomerPeer, frame: frames.Forget) -> None:
        context, at = self._context, self._context.clock.wall()
        forgetting = self._forgetting[peer.key] = erasure.Forgetting()

        def done(erased: erasure.Erased) -> None:
            for record in erased.records:
                context.publisher.gone(record)
            answer(peer.connection, frames.Forgotten(frame.ref))
            self._send_away([peer, *context.hub.customers(peer.key)])

        settle = settled(peer.connection, frame.ref, done)

        def told(outcome: erasure.Erased | Refused) -> None:
            if self._forgetting.get(peer.key) is forgetting:
                del self._forgetting[peer.key]
            settle(outcome)

        context.store.write(
            lambda transaction: forgetting.work(transaction, peer.key, at),
            told,
        )

    def _send_away(self, tabs: Iterable[CustomerPeer]) -> None:
        """End *tabs* when all that they have asked already is answered."""
        leaving = dict.fromkeys(tabs)
        for tab in leaving:
            tab.forgotten = True

        def answered(_: object) -> None:
            for tab in leaving:
                tab.connection.hang_up(CloseCode.UNAUTHORIZED, "customer forgotten")

        self._context.store.read_in_order(lambda _: None, answered)


def refuse_forgotten(peer: CustomerPeer, frame: frames.ClientFrame) -> None:
    """Refuse *frame* of a customer who is erased, if it wants an answer."""
    if (ref := ref_of(frame)) is not None:
        refuse(peer.connection, Refused(Code.UNAUTHORIZED, erasure.FORGOTTEN), ref)
    if frame.WAITS:
        peer.connection.resume()


def keep_visit(context: Context, peer: CustomerPeer) -> None:
    """Store where *peer* now is, for those who look at the open request."""
    visit = peer.visit

    def done(change: use_cases.Change | None) -> None:
        if change is not None:
            context.publisher.publish(change)

    context.store.write(
        lambda transaction: use_cases.move(transaction, peer.key, visit),
        settled(peer.connection, None, done),
    )


def visit_of(page: PageObject, locale: str | None, user_agent: str | None) -> Visit:
    """Return where a customer is, from what their client says, cleaned already."""
    return Visit(page.url, page.title, page.referrer, locale, user_agent)
