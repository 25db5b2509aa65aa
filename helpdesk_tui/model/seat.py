"""The desk as one agent works at it: what is open, and what follows from what they do. Pure.

Its methods change the model and return effects; only the app carries effects out. What the relay
says comes in through ``hearing``.
"""

from collections.abc import Callable, Mapping

from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.effects import Ask, Deliver, Effects, Keep, Show, Tell
from helpdesk_tui.model.objects import Message
from helpdesk_tui.model.outbox import Outbox, Unsent
from helpdesk_tui.model.refusals import Command, verb
from helpdesk_tui.model.timeline import Timeline
from relay.wire import agent
from relay.wire.codec import encode

HISTORY_PAGE = 100
LOOKED_UP = 500
"""Requests that may be asked for by number at once."""

Question = Command | agent.Join | agent.HistoryBefore | agent.List


class Seat:
    """An agent's place at the desk. *new_ref* gives a string that was never given before."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        self.desk = Desk()
        self.outbox = Outbox()
        self.drafts: dict[int, str] = {}
        self.open: int | None = None
        self.online = False
        self.joined = False
        self.asked: dict[str, Question] = {}
        self.sent_early: list[Message] = []
        self._new_ref = new_ref
        self._history_asked: set[int] = set()

    @property
    def timeline(self) -> Timeline | None:
        """The messages of the open request."""
        return None if self.open is None else self.desk.timelines.get(self.open)

    @property
    def written(self) -> set[int]:
        """The requests that have a draft or an unsent text."""
        return {*self.drafts, *(unsent.request for unsent in self.outbox.texts)}

    def open_request(self, number: int) -> Effects:
        """Open a request: show it and watch it; the one that was open is no longer watched."""
        if number == self.open and self.joined:
            return (Show(number),)
        left = (Ask(agent.Leave(self.open)),) if self.open not in {None, number} else ()
        self.open = number
        return (*left, *self.join(), Show(number))

    def write(self, text: str) -> Effects:
        """Send *text* to the open request; it stays in the outbox until it is acknowledged."""
        text = text.strip()
        if self.open is None or not text:
            return ()
        if (request := self.desk.requests.get(self.open)) and request.closed:
            return (Tell(f"#{self.open} is closed; nothing can be sent to it."),)
        unsent = Unsent(self._new_ref(), self.open, text)
        if too_long := self._too_long(unsent):
            return (Tell(too_long),)
        self.outbox.add(unsent)
        self.drafts.pop(self.open, None)
        return (Keep(self.open), Deliver(unsent))

    def draft(self, text: str) -> Effects:
        """The composer holds *text* for the open request."""
        if self.open is None or self.drafts.get(self.open, "") == text:
            return ()
        self.drafts[self.open] = text
        if not text:
            del self.drafts[self.open]
        return (Keep(self.open),)

    def return_to_draft(self, unsent: Unsent) -> None:
        """Put the text of *unsent* before the draft of its request; it is not sent any more."""
        self.outbox.take(unsent.ref)
        draft = self.drafts.get(unsent.request, "")
        self.drafts[unsent.request] = f"{unsent.text}\n{draft}" if draft else unsent.text

    def recalled(self, drafts: Mapping[int, str], unsent: tuple[Unsent, ...]) -> Effects:
        """Begin with what was found on disk; nothing of before stays, and no request is open."""
        self.open, self.joined = None, False
        self.drafts, self.outbox = dict(drafts), Outbox()
        for text in unsent:
            self.outbox.add(text)
        return (*(Deliver(text) for text in unsent), *self.look_up())

    def claim(self, number: int) -> Effects:
        """Take a request."""
        return self._command(agent.Claim(self._new_ref(), number))

    def release(self, number: int) -> Effects:
        """Put a request back into the queue."""
        return self._command(agent.Release(self._new_ref(), number))

    def close(self, number: int) -> Effects:
        """End a request."""
        return self._command(agent.Close(self._new_ref(), number))

    def see(self) -> Effects:
        """The agent sees the end of the open request."""
        request = self.desk.requests.get(self.open or 0)
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

    # What is asked of the relay on the way

    def join(self) -> Effects:
        """Watch the open request, from what is known of it on."""
        if self.open is None or not self.online:
            return ()
        self.joined = False
        self._history_asked.clear()
        self.sent_early.clear()
        after = self.timeline.complete_up_to if self.timeline else None
        return self._ask(agent.Join(self._new_ref(), self.open, after))

    def history(self, before: int) -> Effects:
        """Fetch what lies before *before* in the open request, once."""
        if self.open is None or not self.joined or before in self._history_asked:
            return ()
        self._history_asked.add(before)
        return self._ask(agent.HistoryBefore(self._new_ref(), self.open, before, HISTORY_PAGE))

    def list_requests(self, narrowed: agent.Filter, before: int | None = None) -> Effects:
        """Fetch requests that the welcome did not name."""
        return self._ask(agent.List(self._new_ref(), narrowed, before, 200))

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
        size = len(encode(agent.Send(unsent.ref, unsent.request, unsent.text)))
        if 0 < desk.frame_limit < size:
            return f"Too long: {size:,} bytes as it is sent; the relay takes {desk.frame_limit:,}."
        return ""

    def _command(self, command: Command) -> Effects:
        if not self.online:
            told = f"Offline: {verb(command)} #{command.request} again when the relay is back."
            return (Tell(told),)
        return self._ask(command)

    def _ask(self, question: Question) -> Effects:
        self.asked[question.ref] = question
        return (Ask(question),)
