"""The desk as one agent works at it: what is open, and what follows from what they do. Pure.

Its methods change the model and return effects; only the app carries effects out. What the relay
says comes in through ``hearing``.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from helpdesk_tui.model.asking import Asking
from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.drafting import Draft, Drafts
from helpdesk_tui.model.effects import Ask, Deliver, Effects, Keep, Show, Tell
from helpdesk_tui.model.numbers import Numbers
from helpdesk_tui.model.objects import Message, Request
from helpdesk_tui.model.outbox import Outbox, Unsent, frame_of
from helpdesk_tui.model.timeline import Timeline
from relay.wire import agent
from relay.wire.codec import encode

HISTORY_PAGE = 100
LOOKED_UP = 500
"""Requests that may be asked for by number at once."""


class Seat(Asking):
    """An agent's place at the desk. *new_ref* gives a string that was never given before."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        super().__init__(new_ref)
        self.desk = Desk()
        self.outbox = Outbox()
        self.drafts = Drafts()
        self.open: int | None = None
        self.before: int | None = None
        self.new_after: int | None = None
        self.joined = False
        self.away = False
        self.numbers: Numbers | None = None
        self.sent_early: list[Message] = []
        self._history_asked: set[int] = set()

    @property
    def timeline(self) -> Timeline | None:
        """The messages of the open request."""
        return None if self.open is None else self.desk.timelines.get(self.open)

    @property
    def request(self) -> Request | None:
        """The open request, if the relay has told of it."""
        return None if self.open is None else self.desk.requests.get(self.open)

    @property
    def written(self) -> set[int]:
        """The requests that have a draft or an unsent text."""
        return self.drafts.numbers() | {unsent.request for unsent in self.outbox.texts}

    def open_request(self, number: int) -> Effects:
        """Open a request: show it and watch it; the one that was open is no longer watched."""
        if number == self.open and self.joined:
            return (Show(number),)
        left = self._leave(number)
        self.open, self.drafts.noting = number, False
        request = self.request
        self.new_after = self.desk.seen(request) if request and self.desk.unread(request) else None
        kept: Effects = (
            (Keep(number),) if self.desk.unread_from.pop(number, None) is not None else ()
        )
        return (*left, *kept, *self.join(), Show(number))

    def mark_unread(self, number: int) -> Effects:
        """Let a request count as unread, for this agent alone, until it is opened again."""
        if (request := self.desk.requests.get(number)) is None:
            return ()
        self.desk.mark_unread(request)
        if number != self.open:
            return (Keep(number),)
        left = self._leave(None)
        self.open = None
        return (*left, Keep(number), Show(None))

    def _leave(self, to: int | None) -> Effects:
        if self.open is None or self.open == to:
            return ()
        self.before, self.joined = self.open, False
        return (Ask(agent.Leave(self.open)),)

    # What is written

    def write(self, text: str) -> Effects:
        """Send *text* to the open request; it stays in the outbox until it is acknowledged.

        While the composer holds a note it is one, and the composer holds the answer again.
        """
        text, note = text.strip(), self.drafts.noting
        if self.open is None or not text:
            return ()
        if (request := self.request) and request.closed and not note:
            return (Tell(f"#{self.open} is closed; nothing can be sent to it."),)
        unsent = Unsent(self.new_ref(), self.open, text, note)
        if too_long := self._too_long(unsent):
            return (Tell(too_long),)
        self.outbox.add(unsent)
        self.drafts.put(self.open, "")
        self.drafts.noting = False
        return (Keep(self.open), Deliver(unsent))

    def draft(self, text: str) -> Effects:
        """The composer holds *text* for the open request."""
        if self.open is None or not self.drafts.put(self.open, text):
            return ()
        return (Keep(self.open),)

    def change_note(self) -> Effects:
        """Let the composer hold the note instead of the answer, or the answer again."""
        if self.open is None:
            return ()
        self.drafts.noting = not self.drafts.noting
        return (Show(self.open),)

    def retry(self) -> Effects:
        """Send the open request's failed texts again."""
        failed = self.outbox.failed_in(self.open or 0)
        again = [replace(unsent, failed="", delayed=False) for unsent in failed]
        for unsent in again:
            self.outbox.add(unsent)
        return tuple(effect for text in again for effect in (Keep(text.request), Deliver(text)))

    def edit(self) -> Effects:
        """Put the last failed text of the open request into the composer again."""
        if not (failed := self.outbox.failed_in(self.open or 0)):
            return ()
        unsent = failed[-1]
        self.outbox.take(unsent.ref)
        self.drafts.give_back(unsent.request, unsent.text, note=unsent.note)
        self.drafts.noting = unsent.note
        return (Keep(unsent.request), Show(unsent.request))

    def recalled(self, drafts: Mapping[int, Draft], unsent: tuple[Unsent, ...]) -> Effects:
        """Begin with what was found on disk; nothing of before stays, and no request is open."""
        self.open, self.joined, self.before = None, False, None
        self.drafts, self.outbox = Drafts(drafts), Outbox()
        for text in unsent:
            self.outbox.add(text)
        delivered = (Deliver(text) for text in unsent if not text.failed)
        return (*delivered, *self.look_up())

    # What is seen

    def see(self) -> Effects:
        """The agent sees the end of the open request."""
        request = self.request
        timeline = self.timeline
        if not (request and timeline and self.joined):
            return ()
        if timeline.last <= request.read_by_agents:
            return ()
        self.desk.read(request.id, "agent", timeline.last)
        return (Ask(agent.SetRead(request.id, timeline.last)),)

    def see_older(self) -> Effects:
        """The agent looks at the first known message of the open request."""
        timeline = self.timeline
        return self.history(timeline.first) if timeline and timeline.first > 1 else ()

    def see_closed(self) -> Effects:
        """The agent wants to see what was closed lately, or does not any more."""
        if self.desk.closed is not None:
            self.desk.closed = None
            return ()
        if not self.online:
            return (Tell("Offline: the closed requests come when the relay is back."),)
        self.desk.closed = ()
        return self.list_requests(agent.Filter(status="closed"))

    def see_earlier(self) -> Effects:
        """The agent wants to see what else the customer of the open request has asked."""
        if not (self.online and self.request):
            return ()
        return self.list_requests(agent.Filter(customer=self.request.customer.id))

    def said_in(self, number: int) -> str:
        """Return all that is known to have been said in a request, folded for comparing."""
        timeline = self.desk.timelines.get(number)
        return "\n".join(m.text for m in timeline.messages).casefold() if timeline else ""

    # What is asked of the relay on the way

    def join(self) -> Effects:
        """Watch the open request, from what is known of it on."""
        if self.open is None or not self.online:
            return ()
        self.joined = False
        self._history_asked.clear()
        self.sent_early.clear()
        after = self.timeline.complete_up_to if self.timeline else None
        return self.ask(agent.Join(self.new_ref(), self.open, after))

    def history(self, before: int) -> Effects:
        """Fetch what lies before *before* in the open request, once."""
        if self.open is None or not self.joined or before in self._history_asked:
            return ()
        self._history_asked.add(before)
        return self.ask(agent.HistoryBefore(self.new_ref(), self.open, before, HISTORY_PAGE))

    def look_up(self) -> Effects:
        """Fetch the closed requests that something is still unsent in."""
        unknown = sorted(self.written - self.desk.requests.keys())[:LOOKED_UP]
        return self.list_requests(agent.Filter(requests=unknown)) if unknown else ()

    def disconnected(self) -> None:
        """The relay is gone; what was asked is not answered any more."""
        self.online = self.joined = False
        self.asked.clear()

    def _too_long(self, unsent: Unsent) -> str:
        """Return how *unsent* is too long, if it is; the relay hangs up on too long a frame."""
        desk, length = self.desk, len(unsent.text)
        if 0 < desk.text_limit < length:
            return f"Too long: {length:,} characters; the relay takes {desk.text_limit:,}."
        size = len(encode(frame_of(unsent)))
        if 0 < desk.frame_limit < size:
            return f"Too long: {size:,} bytes as it is sent; the relay takes {desk.frame_limit:,}."
        return ""
