"""When a text may go out: never over an answer that its author has not seen. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from helpdesk_tui.model.commands import PendingCommands
from helpdesk_tui.model.effects import (
    Effects,
    SaveDraft,
    SendFrame,
    SendText,
    ShowNotice,
    ShowRequest,
)
from helpdesk_tui.model.objects import Message, Request
from helpdesk_tui.model.outbox import Draft, Drafts, Outbox, Unsent, frame_of
from helpdesk_tui.model.timeline import Timeline
from relay.wire import agent_in
from relay.wire.codec import encode

HISTORY_PAGE = 100


class Delivery(PendingCommands):
    """An agent's texts: written, held back, sent. *new_ref* gives a string never given before."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        super().__init__(new_ref)
        self.outbox = Outbox()
        self.drafts = Drafts()
        self.open: int | None = None
        self.joined = False
        self.session = ""
        self._in_flight: set[str] = set()
        self._joined_to_send: set[int] = set()
        self._history_asked: set[tuple[int, int]] = set()

    @property
    def timeline(self) -> Timeline | None:
        """The messages of the open request."""
        return None if self.open is None else self.desk.timelines.get(self.open)

    @property
    def request(self) -> Request | None:
        """The open request, if the relay has told of it."""
        return None if self.open is None else self.desk.requests.get(self.open)

    @property
    def noting(self) -> bool:
        """Whether the composer holds a note for the open request."""
        return self.drafts.noting(self.open)

    # What is written

    def write(self, text: str) -> Effects:
        """Send *text*, which the composer holds: while that is a note, what is next is another."""
        effects = self.send(text, note=self.noting)
        if self.open is not None and any(isinstance(effect, SaveDraft) for effect in effects):
            self.drafts.put(self.open, "")
        return effects

    def send(self, text: str, *, note: bool) -> Effects:
        """Send *text* to the open request; it stays in the outbox until it is acknowledged."""
        text = text.strip()
        if self.open is None or not text:
            return ()
        if (request := self.request) and request.closed and not note:
            return (ShowNotice(f"#{self.open} is closed; nothing can be sent to it."),)
        unsent = self._stamped(Unsent(self.new_ref(), self.open, text, note))
        if too_long := self._too_long(unsent):
            return (ShowNotice(too_long),)
        self.outbox.add(unsent)
        return (SaveDraft(self.open, at_once=True), *self.send_due(self.open))

    def transfer(self, number: int, to: int, note: str) -> Effects:
        """Give a request to the agent *to*; a note that cannot go with it now stays a draft."""
        asked = super().transfer(number, to, note)
        goes = any(isinstance(effect, SendFrame) for effect in asked)
        return asked if goes else (*asked, *self.keep_note(number, note))

    def keep_note(self, number: int, note: str) -> Effects:
        """Put *note*, which was not stored, before the note that is being written in a request."""
        if not (note := note.strip()):
            return ()
        self.drafts.give_back(number, note, note=True)
        shown: Effects = (ShowRequest(number),) if number == self.open and self.noting else ()
        said = f"What you wrote for #{number} is kept there as the draft of a note."
        return (SaveDraft(number, at_once=True), *shown, ShowNotice(said))

    def draft(self, text: str) -> Effects:
        """The composer holds *text* for the open request."""
        if self.open is None or not self.drafts.put(self.open, text):
            return ()
        return (SaveDraft(self.open),)

    def toggle_note(self) -> Effects:
        """Let the composer hold the note instead of the answer, or the answer again."""
        if self.open is None:
            return ()
        self.drafts.note_in(self.open, on=not self.noting)
        return (SaveDraft(self.open), ShowRequest(self.open))

    def retry(self) -> Effects:
        """Send the open request's failed texts again, now that the agent sees what was said."""
        if self.open is None or not (failed := self.outbox.failed_in(self.open)):
            return ()
        for unsent in failed:
            self._in_flight.discard(unsent.ref)
            self.outbox.add(self._stamped(replace(unsent, failed="", delayed=False)))
        return (SaveDraft(self.open, at_once=True), *self.send_due(self.open))

    def rewrite(self, text: str) -> Effects:
        """Send *text* instead of the last failed text of the open request; a note stays one."""
        if self.open is None or not (failed := self.outbox.failed_in(self.open)):
            return ()
        instead = replace(failed[-1], ref=self.new_ref(), text=text, failed="", delayed=False)
        if too_long := self._too_long(instead):
            return (ShowNotice(too_long),)
        dropped = self.drop()
        self.outbox.add(self._stamped(instead))
        return (*dropped, *self.send_due(self.open))

    def drop(self) -> Effects:
        """Forget the last failed text of the open request."""
        if self.open is None or not (failed := self.outbox.failed_in(self.open)):
            return ()
        self.outbox.take(failed[-1].ref)
        return (SaveDraft(self.open, at_once=True),)

    def edit(self) -> Effects:
        """Put the last failed text of the open request into the composer again."""
        if not (failed := self.outbox.failed_in(self.open or 0)):
            return ()
        unsent = failed[-1]
        self.outbox.take(unsent.ref)
        self.drafts.give_back(unsent.request, unsent.text, note=unsent.note)
        self.drafts.note_in(unsent.request, on=unsent.note)
        return (SaveDraft(unsent.request), ShowRequest(unsent.request))

    # What goes out

    def join_unsent(self) -> Effects:
        """Ask what was said meanwhile where something is unsent; the open one is joined anyway."""
        numbers = dict.fromkeys(text.request for text in self._unsent())
        return tuple(effect for number in numbers for effect in self._join_unsent_in(number))

    def send_due(self, number: int) -> Effects:
        """Send what waits in a request, if it is known what was said since it was written."""
        here = self.joined and number == self.open
        if not (here or number in self._joined_to_send):
            return ()
        effects: Effects = ()
        for unsent in self._unsent(number):
            if unsent.note:  # for agents alone: it answers nobody
                effects += self._send_now(unsent)
            elif missing := self._newest_unknown(unsent):
                return effects + self.fetch(number, missing + 1)
            elif reason := self._overtaken_by(unsent):
                kept, told = self.fail(unsent, reason)
                effects += (kept,) if told in effects else (kept, told)
            else:
                effects += self._send_now(unsent)
        if number in self._joined_to_send:
            self._joined_to_send.discard(number)
            effects += () if number == self.open else (SendFrame(agent_in.Leave(number)),)
        return effects

    def fail(self, unsent: Unsent, reason: str) -> Effects:
        """Let *unsent*, which is in the outbox, go out no more until the agent says so."""
        self.outbox.fail(unsent.ref, reason)
        return (SaveDraft(unsent.request), ShowNotice(f"Not sent: {reason}."))

    def fail_all(self, number: int, why: Callable[[Unsent], str]) -> Effects:
        """Let what waits in a request fail: what was said there cannot be known."""
        self._joined_to_send.discard(number)
        return tuple(
            effect for text in self._unsent(number) for effect in self.fail(text, why(text))
        )

    def needs_join(self, number: int) -> bool:
        """Return whether a request is to be watched, and nothing is under way for that."""
        wanted = number == self.open or any(self._unsent(number))
        return wanted and not self.is_joining(number)

    def joined_elsewhere(self, number: int) -> Effects:
        """The relay has told what was said in a request that is not open."""
        if any(self._unsent(number)):
            self._joined_to_send.add(number)
            return ()
        return (SendFrame(agent_in.Leave(number)),)

    def fetch(self, number: int, before: int) -> Effects:
        """Fetch what lies before *before* in a joined request, once."""
        if (number, before) in self._history_asked:
            return ()
        self._history_asked.add((number, before))
        return self.call(agent_in.HistoryBefore(self.new_ref(), number, before, HISTORY_PAGE))

    def connected(self, visit: str) -> Effects:
        """A connection has begun, whose welcome answered *visit*; nothing is under way on it."""
        effects = self.disconnected()
        self.session, self.online = visit, True
        return effects

    def disconnected(self) -> Effects:
        """The relay is gone; what was asked is not answered any more."""
        self.online = self.joined = False
        asked = [one for one in self.pending.values() if isinstance(one, agent_in.Transfer)]
        kept = tuple(e for one in asked for e in self.keep_note(one.request, one.note or ""))
        self.pending.clear()
        self._in_flight.clear()
        self._joined_to_send.clear()
        self._history_asked.clear()
        return kept

    def _join_unsent_in(self, number: int) -> Effects:
        waiting = self._unsent(number)
        if number == self.open or not waiting or not self.online:
            return ()
        return self.call(agent_in.Join(self.new_ref(), number, min(text.seen for text in waiting)))

    def _unsent(self, number: int | None = None) -> list[Unsent]:
        """Return what neither failed nor went out on this connection, oldest first."""
        texts = self.outbox.texts if number is None else self.outbox.of(number)
        return [text for text in texts if not text.failed and text.ref not in self._in_flight]

    def _send_now(self, unsent: Unsent) -> Effects:
        self._in_flight.add(unsent.ref)
        return (SendText(unsent),)

    def _stamped(self, unsent: Unsent) -> Unsent:
        timeline, request = self.desk.timelines.get(unsent.request), self.request
        seen = timeline.last if timeline else 0
        holder = request.holder.id if request and request.holder else None
        return replace(unsent, seen=seen or (request.seq if request else 0), holder=holder)

    def _overtaken_by(self, unsent: Unsent) -> str:
        """Return why *unsent* is to wait for the agent, as the end of a sentence; or nothing."""
        me = self.desk.me.id if self.desk.me else None
        timeline = self.desk.timelines.get(unsent.request)
        remedy = "meanwhile; retry sends it, edit takes it back"
        for message in reversed(timeline.after(unsent.seen) if timeline else []):
            if _answers(message) and message.author != me:
                return f"{message.name} has answered {remedy}"
        request = self.desk.requests.get(unsent.request)
        holder = request.holder if request and not request.closed else None
        if holder and holder.id not in {me, unsent.holder}:
            return f"{holder.name} has claimed it {remedy}"
        return ""

    def _newest_unknown(self, unsent: Unsent) -> int:
        """Return the newest seq that is not known of those since *unsent* was written, or 0."""
        request = self.desk.requests.get(unsent.request)
        timeline = self.desk.timelines.get(unsent.request) or Timeline()
        return timeline.newest_missing(unsent.seen, request.seq if request else 0)

    def _too_long(self, unsent: Unsent) -> str:
        """Return how *unsent* is too long, if it is; the relay hangs up on too long a frame."""
        desk, length = self.desk, len(unsent.text)
        if 0 < desk.text_limit < length:
            return f"Too long: {length:,} characters; the relay takes {desk.text_limit:,}."
        size = len(encode(frame_of(unsent)))
        if 0 < desk.frame_limit < size:
            return f"Too long: {size:,} bytes as it is sent; the relay takes {desk.frame_limit:,}."
        return ""

    def _load(self, drafts: Mapping[int, Draft], unsent: tuple[Unsent, ...]) -> None:
        self.open, self.joined = None, False
        self.drafts, self.outbox = Drafts(drafts), Outbox()
        for text in unsent:
            self.outbox.add(text)


def _answers(message: Message) -> bool:
    return message.kind == "text" and message.role == "agent"
