"""Who else is at a request, so that two do not answer at once. Pure."""

from helpdesk_tui.model.seat import Seat


def typist(seat: Seat, now: float) -> str:
    """Return which colleague writes in the open request, or nothing if none does.

    The relay tells that one writes and who has the request open, so with one there it is them.
    """
    number = seat.open
    if number is None or "agent" not in seat.desk.typing_in(number, now):
        return ""
    watchers = seat.desk.watching.get(number, ())
    return watchers[0].name if len(watchers) == 1 else "A colleague"


def collision(seat: Seat, now: float) -> str:
    """Return that a colleague is answering the open request just now, or nothing."""
    who = typist(seat, now)
    return f"{who} is writing an answer here, too." if who else ""
