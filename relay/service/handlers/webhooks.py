"""Handlers of admins' frames about webhooks: state, dead letters, retry. Delivers nothing."""

from collections.abc import Callable

from relay.desk.actors import AgentActor
from relay.errors import Code, Refused
from relay.service.context import Context, guarded
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import DeadLetter, DeadLetterPage, LastTry, WebhookSummary
from relay.webhooks.delivery import WebhookDispatcher
from relay.wire import webhooks as frames
from relay.wire.present import rfc3339


class WebhookHandler:
    """Handles the frames about webhooks."""

    def __init__(self, context: Context, dispatcher: WebhookDispatcher) -> None:
        """Work with the parts of *context*, for what *dispatcher* delivers."""
        self._context = context
        self._dispatcher = dispatcher

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.ListWebhooks, self._list)
        routes.add(frames.ListDeadLetters, self._list_dead)
        routes.add(frames.WebhookRetry, self._retry)
        routes.add(frames.WebhookDrop, self._drop)

    def _list(self, _actor: AgentActor, frame: frames.ListWebhooks, reply: Reply) -> None:
        wanted = {name: one.events for name, one in self._dispatcher.endpoints.items()}

        def on_committed(found: list[WebhookSummary]) -> None:
            shown = [self._shown(summary) for summary in found]
            reply.ok(frames.Webhooks(frame.ref, shown))

        self._context.store.read(
            lambda queries: queries.webhook_summaries(wanted),
            reply.after(on_committed),
        )

    def _list_dead(self, _actor: AgentActor, frame: frames.ListDeadLetters, reply: Reply) -> None:
        def on_committed(found: DeadLetterPage) -> None:
            shown = [self._shown_letter(letter) for letter in found.letters]
            reply.ok(frames.DeadLetters(frame.ref, shown, found.more))

        self._context.store.read(
            lambda queries: queries.dead_letters(frame.webhook),
            reply.after(on_committed),
        )

    def _retry(self, actor: AgentActor, frame: frames.WebhookRetry, reply: Reply) -> None:
        now = self._context.clock.wall()

        def job(transaction: Transaction, number: int | None) -> int:
            return transaction.webhooks.retry_dead(frame.webhook, number, now)

        self._change(actor, frame, job, reply)

    def _drop(self, actor: AgentActor, frame: frames.WebhookDrop, reply: Reply) -> None:
        name = frame.webhook
        left = (
            name is not None and name not in self._dispatcher.endpoints and frame.delivery is None
        )

        def job(transaction: Transaction, number: int | None) -> int:
            if left and name is not None:
                return transaction.webhooks.remove(name)
            return transaction.webhooks.drop_dead(name, number)

        self._change(actor, frame, job, reply)

    def _change(
        self,
        actor: AgentActor,
        frame: frames.WebhookRetry | frames.WebhookDrop,
        job: Callable[[Transaction, int | None], int],
        reply: Reply,
    ) -> None:
        """Run *job* with the number of the delivery that *frame* names, if it names one."""

        def checked_job(transaction: Transaction) -> int:
            if frame.webhook is not None and frame.webhook not in transaction.webhooks.names():
                raise Refused(Code.NOT_FOUND, "`webhook` is none that this desk has.")
            number = None if frame.delivery is None else self._number(frame.delivery)
            count = job(transaction, number)
            if number is not None and not count:
                raise Refused(Code.NOT_FOUND, "`delivery` is none that waits or was given up.")
            return count

        def on_committed(count: int) -> None:
            self._dispatcher.wake(frame.webhook)
            reply.ok(frames.Deliveries(frame.ref, count))

        self._context.store.write(
            guarded(actor, checked_job, admin=True), reply.after(on_committed)
        )

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
