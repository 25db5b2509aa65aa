"""A request's messages as the chat pane shows them: days, speakers, texts on their way. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from helpdesk_tui.model.objects import Message
from helpdesk_tui.model.outbox import Unsent
from helpdesk_tui.model.seat import Seat

SAME_BREATH = timedelta(minutes=5)
"""Texts of one author this close together stand under one name."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the conversation. ``head`` is the speaker, or empty where it is the same still.

    ``tone``: ``day``, ``activity``, ``customer``, ``me``, ``colleague``, ``desk``, ``note`` or
    ``unsent``. ``key`` names the block among the others.
    """

    key: str
    tone: str
    head: str
    time: str
    text: str


def conversation(seat: Seat, zone: tzinfo | None) -> tuple[Block, ...]:
    """Return the open request's conversation with times in *zone* (None: the machine's)."""
    timeline, me = seat.timeline, seat.desk.me
    if timeline is None or seat.open is None:
        return ()
    said = _said(timeline.messages, me.id if me else None, zone)
    return (*said, *(_unsent(text, seat) for text in seat.outbox.of(seat.open)))


def _said(messages: list[Message], me: int | None, zone: tzinfo | None) -> Iterator[Block]:
    before: Message | None = None
    for message in messages:
        yield from _blocks(message, before, me, zone)
        before = message


@lru_cache(maxsize=16_384)  # each refresh asks again for all of a conversation
def _blocks(
    message: Message, before: Message | None, me: int | None, zone: tzinfo | None
) -> tuple[Block, ...]:
    at = message.at.astimezone(zone) if message.at else None
    day = _day(at)
    begins = day and (before is None or day != _day(before.at and before.at.astimezone(zone)))
    goes_on = not begins and before and _same_breath(before, message)
    head = "" if goes_on else _head(message, me)
    time = f"{at:%H:%M}" if at else ""
    said = Block(str(message.seq), _tone(message, me), head, time, message.text)
    return (Block(f"day {message.seq}", "day", "", "", day), said) if begins else (said,)


def _unsent(unsent: Unsent, seat: Seat) -> Block:
    if not seat.online:
        state = "unsent, goes out when the relay is back"
    elif unsent.delayed:
        state = "unsent, the relay asked to wait"
    else:
        state = "sending…"
    return Block(unsent.ref, "unsent", state, "", unsent.text)


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
