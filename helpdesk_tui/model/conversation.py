"""The conversation as shown: days, speakers, states, gaps. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from helpdesk_tui.model.objects import Message, by_customer
from helpdesk_tui.model.outbox import Unsent
from helpdesk_tui.model.seat import Seat
from relay.sanitize import printable_text

SAME_BREATH = timedelta(minutes=5)
"""Texts of one author this close together stand under one name."""
SENT, READ = "✓", "✓✓"
NEW = "new"
"""The key of the divider above the first message that was unread when the request was opened."""
MORE_NEW = "more new"
"""The key of the divider at the beginning, where what was unread first is not known yet."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the conversation. ``head`` is the speaker, or empty where it is the same still.

    ``tone``: ``day``, ``new``, ``gap``, ``activity``, ``customer``, ``me``, ``colleague``,
    ``desk``, ``note``, ``unsent`` or ``failed``. ``state`` is ``✓`` at a text that the relay has
    and ``✓✓`` at one that the customer has read. ``key`` names the block among the others.
    """

    key: str
    tone: str
    head: str
    time: str
    text: str
    state: str = ""


class Conversation:
    """Makes blocks of the open request's messages; one more costs no more than itself."""

    def __init__(self) -> None:
        self._made_for: tuple[object, ...] = ()
        self._messages: list[Message] = []
        self._blocks: list[Block] = []

    def blocks(self, seat: Seat, zone: tzinfo | None) -> tuple[Block, ...]:
        """Return the conversation with times in *zone* (None: the machine's)."""
        if seat.open is None:
            return ()
        timeline, request, me = seat.timeline, seat.request, seat.desk.me
        messages, read = timeline.messages if timeline else [], request and request.read_by_customer
        made_for = (seat.open, me, zone, read, seat.new_after, seat.new_is_above)
        known = len(self._messages)
        if made_for != self._made_for or messages[:known] != self._messages:
            self._blocks, known = [], 0
        self._blocks += _said(seat, messages, known, read or 0, zone)
        self._made_for, self._messages = made_for, messages
        return (*self._blocks, *(_unsent(text, seat) for text in seat.outbox.of(seat.open)))


def conversation(seat: Seat, zone: tzinfo | None) -> tuple[Block, ...]:
    """Return the open request's conversation with times in *zone* (None: the machine's)."""
    return Conversation().blocks(seat, zone)


def _said(
    seat: Seat, messages: list[Message], since: int, read: int, zone: tzinfo | None
) -> Iterator[Block]:
    """Yield the blocks of *messages* from the place *since* on."""
    me, new_after = seat.desk.me.id if seat.desk.me else None, seat.new_after
    if seat.new_is_above or (new_after is not None and _has_new(messages[:since], new_after)):
        new_after = None
    before = messages[since - 1] if since else None
    for message in messages[since:]:
        if before and message.seq > before.seq + 1:
            yield _gap(before.seq, message.seq)
        state = READ if message.seq <= read else SENT
        *day, text = _blocks(message, before, me, zone, state)
        yield from day
        if before is None and seat.new_is_above:
            yield Block(MORE_NEW, "new", "", "", "more unread above")
        if new_after is not None and message.seq > new_after and by_customer(message):
            yield Block(NEW, "new", "", "", "new")
            new_after = None
        yield text
        before = message


def _has_new(messages: list[Message], new_after: int) -> bool:
    return any(message.seq > new_after and by_customer(message) for message in messages)


def _gap(before: int, after: int) -> Block:
    missing = after - before - 1
    words = "a message is" if missing == 1 else f"{missing:,} messages are"
    return Block(f"gap {before}", "gap", "", "", f"{words} missing here; being fetched")


@lru_cache(maxsize=65_536)  # each refresh asks again for all of a conversation
def _blocks(
    message: Message, before: Message | None, me: int | None, zone: tzinfo | None, state: str
) -> tuple[Block, ...]:
    at = message.at.astimezone(zone) if message.at else None
    day = _day(at)
    begins = day and (before is None or day != _day(before.at and before.at.astimezone(zone)))
    goes_on = not begins and before and _same_breath(before, message)
    head = "" if goes_on else _head(message, me)
    time = f"{at:%H:%M}" if at else ""
    tone = _tone(message, me)
    shown = state if tone in {"me", "colleague"} else ""
    said = Block(str(message.seq), tone, head, time, message.text, shown)
    return (Block(f"day {message.seq}", "day", "", "", day), said) if begins else (said,)


def _unsent(unsent: Unsent, seat: Seat) -> Block:
    note, text = "note, " if unsent.note else "", printable_text(unsent.text)
    if unsent.failed:
        return Block(unsent.ref, "failed", f"{note}not sent: {unsent.failed}", "", text)
    if not seat.online:
        state = "unsent, goes out by itself"
    elif unsent.delayed:
        state = "unsent, the relay asked to wait"
    else:
        state = "sending…"
    return Block(unsent.ref, "unsent", note + state, "", text)


def _tone(message: Message, me: int | None) -> str:
    if message.kind in {"activity", "note"}:
        return message.kind
    if message.role == "agent":
        return "me" if message.author == me else "colleague"
    return "customer" if message.role == "customer" else "desk"


def _head(message: Message, me: int | None) -> str:
    if message.kind == "activity":
        return ""
    mine = message.role == "agent" and message.author == me
    name = f"{message.name} (you)" if mine else message.name
    return f"note by {name}, for agents only" if message.kind == "note" else name


def _same_breath(before: Message, message: Message) -> bool:
    if (before.kind, before.role, before.author) != (message.kind, message.role, message.author):
        return False
    return not (before.at and message.at) or message.at - before.at < SAME_BREATH


def _day(at: datetime | None) -> str:
    return f"{at:%A} {at.day} {at:%B %Y}" if at else ""
