"""The queries of :class:`relay.store.api.Queries` on one connection to SQLite."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from relay.desk.events import Millis
from relay.desk.stats import RequestEnd, RequestTiming
from relay.store.sqlite import erasure, request_queries, search, usage, webhook_queue
from relay.store.values import (
    DeadLetterPage,
    DeliveryRound,
    DueFilter,
    ErasureScope,
    EventPage,
    MessagePage,
    MessageRange,
    RequestFilter,
    RequestPage,
    SearchPage,
    UsagePeriod,
    UsageTotals,
    WebhookSummary,
)


class SqliteQueries:
    """Implements :class:`relay.store.api.Queries`; each method is documented there."""

    def __init__(self, connection: Connection) -> None:
        """Read on *connection*, inside its open transaction."""
        self._connection = connection

    def requests(self, where: RequestFilter, before: int | None, limit: int) -> RequestPage:
        """Return a page of requests."""
        return request_queries.requests(self._connection, where, before, limit)

    def messages(self, request: int, where: MessageRange) -> MessagePage:
        """Return a page of messages."""
        return request_queries.messages(self._connection, request, where)

    def events_after(self, place: int, where: RequestFilter) -> EventPage:
        """Return a page of messages of any request."""
        return request_queries.events_after(self._connection, place, where)

    def search(self, text: str, cursor: str | None, limit: int) -> SearchPage:
        """Return a page of matches."""
        return search.search(self._connection, text, cursor, limit)

    def opened_between(
        self, since: Millis, until: Millis, where: RequestFilter
    ) -> list[RequestTiming]:
        """Return the requests opened in that time."""
        return request_queries.opened_between(self._connection, since, until, where)

    def closed_between(
        self, since: Millis, until: Millis, where: RequestFilter
    ) -> list[RequestEnd]:
        """Return the ends in that time."""
        return request_queries.closed_between(self._connection, since, until, where)

    def erasure_scope(self, where: RequestFilter) -> ErasureScope:
        """Return what an erasure would delete."""
        return erasure.erasure_scope(self._connection, where)

    def usage(self) -> UsageTotals:
        """Return the counted usage."""
        return usage.usage_totals(self._connection)

    def usage_between(self, since: Millis, until: Millis) -> UsagePeriod:
        """Return the counted usage of a period."""
        return usage.usage_between(self._connection, since, until)

    def uncounted_messages(self) -> int:
        """Return how many messages usage does not include yet."""
        return usage.UsageCounters(self._connection).uncounted()

    def due_deliveries(self, where: DueFilter) -> DeliveryRound:
        """Return the next deliveries to one webhook."""
        return webhook_queue.due_deliveries(self._connection, where)

    def webhook_summaries(self, events: Mapping[str, Iterable[str]]) -> list[WebhookSummary]:
        """Return the state of all webhooks."""
        return webhook_queue.webhook_summaries(self._connection, events)

    def dead_letters(self, webhook: str | None) -> DeadLetterPage:
        """Return a page of dead letters."""
        return webhook_queue.dead_letters(self._connection, webhook)
