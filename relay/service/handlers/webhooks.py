"""How webhooks stand, and what an admin does about what they did not take. It sends nothing."""

from collections.abc import Callable

from relay.errors import Code, Refused
from relay.hub import AgentPeer
from relay.service.context import Context, answer, settled, write
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import DeadLetter, DeadLetterPage, LastTry, WebhookSummary
from relay.webhooks.delivery import WebhookDispatcher
from relay.wire import webhooks as frames
from relay.wire.present import rfc3339


class WebhookHandler:
    """Takes the frames about webhooks."""

    def __init__(self, context: Context, dispatcher: WebhookDispatcher) -> None:
        """Work with the parts of *context*, for what *dispatcher* delivers."""
        self._context = context
        self._dispatcher = dispatcher

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.ListWebhooks, self._list)
        routes.add(frames.ListDeadLetters, self._list_dead)
        routes.add(frames.WebhookRetry, self._retry)
        routes.add(frames.WebhookDrop, self._drop)

    def _list(self, peer: AgentPeer, frame: frames.ListWebhooks) -> None:
        wanted = {name: one.events for name, one in self._dispatcher.endpoints.items()}

        def done(found: list[WebhookSummary]) -> None:
            shown = [self._shown(summary) for summary in found]
            answer(peer.connection, frames.Webhooks(frame.ref, shown))

        self._context.store.read(
            lambda queries: queries.webhook_summaries(wanted),
            settled(peer.connection, frame.ref, done, waits=True),
        )

    def _list_dead(self, peer: AgentPeer, frame: frames.ListDeadLetters) -> None:
        def done(found: DeadLetterPage) -> None:
            shown = [self._shown_letter(letter) for letter in found.letters]
            answer(peer.connection, frames.DeadLetters(frame.ref, shown, found.more))

        self._context.store.read(
            lambda queries: queries.dead_letters(frame.webhook),
            settled(peer.connection, frame.ref, done, waits=True),
        )

    def _retry(self, peer: AgentPeer, frame: frames.WebhookRetry) -> None:
        now = self._context.clock.wall()

        def work(transaction: Transaction, number: int | None) -> int:
            return transaction.webhooks.retry_dead(frame.webhook, number, now)

        self._change(peer, frame, work)

    def _drop(self, peer: AgentPeer, frame: frames.WebhookDrop) -> None:
        name = frame.webhook
        left = (
            name is not None and name not in self._dispatcher.endpoints and frame.delivery is None
        )

        def work(transaction: Transaction, number: int | None) -> int:
            if left and name is not None:
                return transaction.webhooks.remove(name)
            return transaction.webhooks.drop_dead(name, number)

        self._change(peer, frame, work)

    def _change(
        self,
        peer: AgentPeer,
        frame: frames.WebhookRetry | frames.WebhookDrop,
        work: Callable[[Transaction, int | None], int],
    ) -> None:
        """Do *work* with the number of the delivery that *frame* names, if it names one."""

        def validated(transaction: Transaction) -> int:
            if frame.webhook is not None and frame.webhook not in transaction.webhooks.names():
                raise Refused(Code.NOT_FOUND, "`webhook` is none that this desk has.")
            number = None if frame.delivery is None else self._number(frame.delivery)
            count = work(transaction, number)
            if number is not None and not count:
                raise Refused(Code.NOT_FOUND, "`delivery` is none that waits or was given up.")
            return count

        def done(count: int) -> None:
            self._dispatcher.wake(frame.webhook)
            answer(peer.connection, frames.Deliveries(frame.ref, count))

        settle = settled(peer.connection, frame.ref, done)
        write(self._context, peer, validated, settle, admin=True)

    def _number(self, delivery: str) -> int:
        """Return the message's id in *delivery*; one that this desk never gave has none."""
        epoch, _, number = delivery.rpartition(":")
        good = epoch == self._context.store.epoch and number.isascii() and number.isdigit()
        return int(number[:18]) if good else 0

    def _shown(self, summary: WebhookSummary) -> frames.WebhookObject:
        endpoint = self._dispatcher.endpoints.get(summary.name)
        state = self._dispatcher.states.get(summary.name)
        backlog = summary.backlog
        return frames.WebhookObject(
            name=summary.name,
            known=endpoint is not None,
            events=sorted(endpoint.events) if endpoint else [],
            words=endpoint.words if endpoint else False,
            stopped=state.gone if state else False,
            behind=summary.behind,
            waiting=backlog.waiting,
            dead=backlog.dead,
            oldest=None if backlog.oldest is None else rfc3339(backlog.oldest),
            failed=None if summary.failed is None else _failure(summary.failed),
        )

    def _shown_letter(self, letter: DeadLetter) -> frames.DeadLetter:
        return frames.DeadLetter(
            delivery=self._dispatcher.delivery_id(letter.number),
            webhook=letter.webhook,
            event=letter.event,
            request=letter.request,
            at=rfc3339(letter.at),
            tries=letter.tries,
            failed=_failure(letter.failed),
        )


def _failure(last: LastTry) -> frames.Failure:
    return frames.Failure(last.outcome, last.status, rfc3339(last.at))
