"""Sender of texts: a text is held back if its author has not seen the latest answer. Pure."""

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


class TextSender(PendingCommands):
    """Queues an agent's texts and decides when each is sent. *new_ref* gives unique strings."""

    def __init__(self, new_ref: Callable[[], str]) -> None:
        super().__init__(new_ref)
        self.outbox = Outbox()
        self.drafts = Drafts()
        self.open: int | None = None
        self.joined = False
        self.session = ""
        self._begun: dict[int, int] = {}
        """Requests with an answer in their draft: the last message when it was begun."""
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
        """True if the composer holds a note for the open request."""
        return self.drafts.noting(self.open)

    # What is written

    def write(self, text: str) -> Effects:
        """Send *text* from the composer, as a note while it holds one."""
        effects = self.send(text, note=self.noting)
        if self.open is not None and any(isinstance(effect, SaveDraft) for effect in effects):
            self.drafts.put(self.open, "")
            self._begun.pop(self.open, None)
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
        """Transfer a request to the agent *to*; a note that cannot be sent now becomes a draft."""
        asked = super().transfer(number, to, note)
        goes = any(isinstance(effect, SendFrame) for effect in asked)
        return asked if goes else (*asked, *self.keep_note(number, note))

    def keep_note(self, number: int, note: str) -> Effects:
        """Prepend *note*, which was not stored, to the draft of a note in a request."""
        if not (note := note.strip()):
            return ()
        self.drafts.prepend(number, note, note=True)
        shown: Effects = (ShowRequest(number),) if number == self.open and self.noting else ()
        said = f"What you wrote for #{number} is kept there as the draft of a note."
        return (SaveDraft(number, at_once=True), *shown, ShowNotice(said))

    def draft(self, text: str) -> Effects:
        """Set the draft of the open request to *text*."""
        if self.open is None or not self.drafts.put(self.open, text):
            return ()
        if not self.drafts.of(self.open).answer:
            self._begun.pop(self.open, None)
        elif self.open not in self._begun:
            self.note_answers()
        return (SaveDraft(self.open),)

    def note_answers(self) -> None:
        """Note that the agent knows of all answers in the open request so far."""
        if (request := self.request) is not None:
            self._begun[request.id] = self.timeline.last if self.timeline else request.seq

    @property
    def answered_by(self) -> str:
        """The colleague who has answered the open request since the answer to it was begun."""
        begun, me = self._begun.get(self.open or 0), self.desk.me
        if begun is None or self.timeline is None:
            return ""
        texts = (m for m in reversed(self.timeline.after(begun)) if _answers(m))
        return next((m.name for m in texts if not (me and m.author == me.id)), "")

    def toggle_note(self) -> Effects:
        """Switch the composer between the answer and the note."""
        if self.open is None:
            return ()
        self.drafts.set_noting(self.open, on=not self.noting)
        return (SaveDraft(self.open), ShowRequest(self.open))

    def retry(self) -> Effects:
        """Retry the failed texts of the open request, whose messages the agent sees."""
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
        self.outbox.remove(failed[-1].ref)
        return (SaveDraft(self.open, at_once=True),)

    def edit(self) -> Effects:
        """Move the last failed text of the open request back to its draft."""
        if not (failed := self.outbox.failed_in(self.open or 0)):
            return ()
        unsent = failed[-1]
        self.outbox.remove(unsent.ref)
        self.drafts.prepend(unsent.request, unsent.text, note=unsent.note)
        self.drafts.set_noting(unsent.request, on=unsent.note)
        return (SaveDraft(unsent.request), ShowRequest(unsent.request))

    # What goes out

    def join_unsent(self) -> Effects:
        """Join the other requests with unsent texts, to fetch what was said in them meanwhile."""
        numbers = dict.fromkeys(text.request for text in self._unsent())
        return tuple(effect for number in numbers for effect in self._join_unsent_in(number))

    def send_due(self, number: int) -> Effects:
        """Send what waits in a request, if all messages since it was written are known."""
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
        """Mark *unsent*, which is in the outbox, as failed: it is sent again only by a retry."""
        self.outbox.fail(unsent.ref, reason)
        return (SaveDraft(unsent.request), ShowNotice(f"Not sent: {reason}."))

    def fail_all(self, number: int, why: Callable[[Unsent], str]) -> Effects:
        """Mark what waits in a request as failed: its messages cannot be fetched."""
        self._joined_to_send.discard(number)
        return tuple(
            effect for text in self._unsent(number) for effect in self.fail(text, why(text))
        )

    def needs_join(self, number: int) -> bool:
        """Return whether a request is to be joined, and no join is pending."""
        wanted = number == self.open or any(self._unsent(number))
        return wanted and not self.is_joining(number)

    def joined_elsewhere(self, number: int) -> Effects:
        """Handle the answer to a join of a request that is not open."""
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
        """Begin *session*, the ref that the welcome answered; nothing is pending on it."""
        effects = self.disconnected()
        self.session, self.online = visit, True
        return effects

    def disconnected(self) -> Effects:
        """Forget what is pending: the connection is lost."""
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
        """Return what neither failed nor was sent on this connection, oldest first."""
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
        """Return why *unsent* is held back, as the end of a sentence; empty if it is not."""
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
        """Return how *unsent* is too long, or an empty string; the relay hangs up on it."""
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
