"""The state of one agent's console: the open request, and the effects of each action. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from helpdesk_tui.model.desk_state import DeskState
from helpdesk_tui.model.effects import Effects, SaveDraft, SendFrame, ShowNotice, ShowRequest
from helpdesk_tui.model.objects import Hit, Message, by_customer
from helpdesk_tui.model.outbox import Draft, Unsent
from helpdesk_tui.model.stats import DeskStats
from helpdesk_tui.model.text_sender import TextSender
from helpdesk_tui.model.timeline import Timeline
from relay.version import PROGRAM_VERSION, is_older
from relay.wire import agent_in


@dataclass(frozen=True, slots=True)
class CacheLimits:
    """The most messages to cache of all requests together, and of one that is evicted in part."""

    most: int = 20_000
    page: int = 100


def evict_messages(desk: DeskState, room: CacheLimits, staying: Collection[int]) -> None:
    """Evict messages beyond *room*, least recently used first, except of the requests *staying*."""
    too_many = sum(timeline.count for timeline in desk.timelines.values()) - room.most
    if too_many <= 0:
        return
    going = [number for number in desk.timelines if number not in staying]
    going.sort(key=lambda number: not _is_closed(desk, number))  # stable: else as looked at
    for page in (room.page, 0):
        for number in going:
            if too_many > 0:
                too_many -= _shorten(desk, number, page)


def _is_closed(desk: DeskState, number: int) -> bool:
    request = desk.requests.get(number)
    return request is None or request.closed


def _shorten(desk: DeskState, number: int, page: int) -> int:
    """Keep the last *page* messages of a request; return how many were evicted."""
    if not page:
        return _drop(desk, number)
    whole, request = desk.timelines[number], desk.requests.get(number)
    unread = desk.unread_count(request) if request else None
    desk.timelines[number] = short = _end_of(whole, page)
    if request and desk.unread_count(request) != unread:
        desk.timelines[number] = short = whole
    return whole.count - short.count


def _drop(desk: DeskState, number: int) -> int:
    """Evict all messages of a request, unless its unread count would change by that."""
    request = desk.requests.get(number)
    if request and (desk.unread(request) or desk.unread_at_most(request)):
        return 0
    if _is_closed(desk, number):
        desk.requests.pop(number, None)
    return desk.timelines.pop(number).count


def _end_of(whole: Timeline, page: int) -> Timeline:
    """Return the last *page* of *whole*, and more if the customer's last text lies before it."""
    messages = whole.messages
    texts = [place for place, message in enumerate(messages) if by_customer(message)]
    end = Timeline()
    end.add(messages[min(max(0, len(messages) - page), *texts[-1:], len(messages)) :])
    return end


HITS = 50
LOOKED_UP = 500
"""Requests that may be asked for by number at once."""
LONGEST_LOOK = 200
"""Messages that are fetched, at most, to count the unread among them."""
BETWEEN_LOOKS = 0.1
"""Seconds: the relay takes fifty frames a second, and those of the agent's own go first."""


class Seat(TextSender):
    """The state of one agent's console of *version*. *new_ref* gives unique strings."""

    def __init__(
        self,
        new_ref: Callable[[], str],
        room: CacheLimits = CacheLimits(),
        *,
        version: str = PROGRAM_VERSION,
    ) -> None:
        super().__init__(new_ref)
        self.version = version
        self._room = room
        self.previous: int | None = None
        self.new_after: int | None = None
        self._seeks_new = False
        self._unread_query: agent_in.HistoryBefore | None = None
        self._counted_at: dict[int, int] = {}
        self.away = False
        self.stats: DeskStats | None = None
        self.early_sent: list[Message] = []
        self.sought = ""
        self.found: tuple[Hit, ...] = ()

    @property
    def newer_relay(self) -> str:
        """The relay's version if this console's is older, otherwise empty."""
        told = self.desk.relay_version
        return told if is_older(self.version, told) else ""

    @property
    def written(self) -> set[int]:
        """The requests that have a draft or an unsent text."""
        return self.drafts.numbers() | {unsent.request for unsent in self.outbox.texts}

    @property
    def unknown(self) -> list[int]:
        """The requests with a draft or an unsent text that the relay has not sent."""
        return sorted(self.written - self.desk.requests.keys())

    def open_request(self, number: int, *, passing: bool = False) -> Effects:
        """Open a request: show it and watch it; the one that was open is no longer watched.

        That alone is a look: to go into it is :meth:`enter`. *passing*: the agent may be on the
        way to another one; to watch it is for :meth:`join_deferred`.
        """
        self.desk.given.pop(number, None)
        if number == self.open and self.joined:
            return (ShowRequest(number),)
        left = self._leave(number)
        self.open, self._seeks_new = number, False
        self.drafts.begin(number)
        request = self.request
        self.new_after = (
            self.desk.read_mark(request) if request and self.desk.unread(request) else None
        )
        return (*left, *(() if passing else self.join()), ShowRequest(number))

    def join_deferred(self) -> Effects:
        """Join the open request, if that was deferred."""
        here = self.joined or self.open is None or self.is_joining(self.open)
        return () if here else self.join()

    def enter(self) -> Effects:
        """Enter the open request: this agent's own mark as unread ends."""
        request = self.request
        if request and self.desk.unread(request):
            self.new_after = self.desk.read_mark(request)
        marked = request and self.desk.unread_from.pop(request.id, None) is not None
        return (SaveDraft(request.id),) if request and marked else ()

    def mark_unread(self, number: int) -> Effects:
        """Count a request as unread, for this agent alone, until they enter it again."""
        if (request := self.desk.requests.get(number)) is None:
            return ()
        self.desk.mark_unread(request)
        if number != self.open:
            return (SaveDraft(number),)
        left = self._leave(None)
        return (*left, SaveDraft(number), ShowRequest(None))

    def _leave(self, to: int | None) -> Effects:
        if self.open is None or self.open == to:
            return ()
        left, watched = self.open, self.joined or self.is_joining(self.open)
        self.previous, self.joined = left, False
        self.open = to
        self.desk.touch(left)
        evict_messages(self.desk, self._room, self.written | {to or 0})
        gone: Effects = (SendFrame(agent_in.Leave(left)),) if watched else ()
        return (*gone, *self._join_unsent_in(left))

    def load(self, drafts: Mapping[int, Draft], unsent: tuple[Unsent, ...]) -> Effects:
        """Replace all drafts and unsent texts by those loaded; no request is open then."""
        self.previous = None
        self._load(drafts, unsent)
        return (*self.join_unsent(), *self.fetch_unknown())

    # Reading

    def mark_read(self) -> Effects:
        """Mark the open request as read up to its end, which the agent sees."""
        request = self.request
        timeline = self.timeline
        if not (request and timeline and self.joined):
            return ()
        if timeline.last <= request.read_by_agents:
            return ()
        self.desk.read(request.id, "agent", timeline.last)
        return (SendFrame(agent_in.SetRead(request.id, timeline.last)),)

    def fetch_older(self) -> Effects:
        """Fetch the page before the first known message of the open request."""
        timeline = self.timeline
        return self.history(timeline.first) if timeline and timeline.first > 1 else ()

    @property
    def new_is_above(self) -> bool:
        """True if the first unread message of the open request is not loaded yet."""
        timeline, after = self.timeline, self.new_after
        return bool(timeline and after is not None and timeline.first > after + 1)

    def fetch_first_unread(self) -> Effects:
        """Fetch back to the first unread message, page by page."""
        self._seeks_new = self.new_is_above
        return self.fetch_older() if self._seeks_new else ()

    def seek_first_unread(self) -> Effects:
        """Fetch the next page, if the first unread message is still not loaded."""
        return self.fetch_first_unread() if self._seeks_new else ()

    def toggle_closed(self) -> Effects:
        """Fetch and show the recently closed requests, or hide them."""
        if self.desk.closed is not None:
            self.desk.closed = None
            return ()
        if not self.online:
            return (ShowNotice("Offline: the closed requests come when the relay is back."),)
        self.desk.closed = ()
        return self.list_requests(agent_in.Filter(status="closed"))

    def fetch_earlier(self) -> Effects:
        """Fetch the other requests of the open request's customer."""
        if not (self.online and self.request):
            return ()
        return self.list_requests(agent_in.Filter(customer=self.request.customer.id))

    def search(self, text: str) -> Effects:
        """Search the relay for *text*; ``found`` is the result for ``sought``."""
        self.sought, self.found = text, ()
        if not self.online or not text.strip():
            return ()
        return self.call(agent_in.Search(self.new_ref(), text, None, HITS))

    def search_text(self, number: int) -> str:
        """Return the known messages of a request as one text, case-folded for searching."""
        timeline = self.desk.timelines.get(number)
        return "\n".join(m.text for m in timeline.messages).casefold() if timeline else ""

    # Requests to the relay

    def fetch_unread_counts(self) -> Effects:
        """Fetch the end of the next request of whose unread count only a bound is known."""
        if self._unread_query or not self.online:
            return ()
        for request in self.desk.requests.values():
            number, seq, mark = request.id, request.seq, self.desk.read_mark(request)
            known = number == self.open or self._counted_at.get(number) == seq
            if not (known or request.closed or self.desk.unread_count(request).exact):
                most = min(LONGEST_LOOK, seq - mark)
                look = agent_in.HistoryBefore(self.new_ref(), number, seq + 1, most)
                self._counted_at[number], self._unread_query = seq, look
                return self.call(look, BETWEEN_LOOKS)
        return ()

    def ends_unread_count(self, asked: agent_in.HistoryBefore) -> bool:
        """Return whether *asked*, which is answered, was the pending fetch for an unread count."""
        was = asked is self._unread_query
        self._unread_query = None if was else self._unread_query
        return was

    def disconnected(self) -> Effects:
        """Forget what is pending: the connection is lost."""
        self._unread_query = None
        return super().disconnected()

    def join(self) -> Effects:
        """Join the open request; the relay sends what follows the known messages."""
        if self.open is None or not self.online:
            return ()
        self.joined = False
        self._history_asked.clear()
        self.early_sent.clear()
        after = self.timeline.complete_up_to if self.timeline else None
        return self.call(agent_in.Join(self.new_ref(), self.open, after))

    def history(self, before: int) -> Effects:
        """Fetch the page before seq *before* of the open request, once."""
        return self.fetch(self.open, before) if self.open is not None and self.joined else ()

    def fetch_unknown(self) -> Effects:
        """Fetch the closed requests that have drafts or unsent texts."""
        if not (self.online and (unknown := self.unknown[:LOOKED_UP])):
            return ()
        return self.list_requests(agent_in.Filter(requests=unknown))
