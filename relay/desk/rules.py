"""Rules of a help request: every transition is allowed or refused in this file. Pure.

``decide`` turns a command into events, ``apply`` (in ``request``) turns events into the new state.
The author's role is known, never the connection, frame or table that a command came through.
"""

from typing import assert_never

from relay.desk.commands import (
    Claim,
    Close,
    Command,
    Hold,
    Note,
    Open,
    Rate,
    Release,
    Reopen,
    Send,
    Tag,
    Transfer,
    Verify,
)
from relay.desk.events import (
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Noted,
    Opened,
    Rated,
    Released,
    Reopened,
    Role,
    Sent,
    Tagged,
    Transferred,
    Verified,
)
from relay.desk.request import HelpRequest, Status
from relay.errors import Code, Refused

_WHILE_OPEN: frozenset[type[Command]] = frozenset(
    {Claim, Release, Transfer, Send, Note, Close, Reopen, Rate, Tag, Hold, Verify}
)

ALLOWED: dict[Status | None, frozenset[type[Command]]] = {
    None: frozenset({Open}),
    Status.WAITING: _WHILE_OPEN,
    Status.ACTIVE: _WHILE_OPEN,
    Status.CLOSED: frozenset({Note, Close, Reopen, Rate, Tag, Hold}),
}
"""Commands allowed in each status; some change nothing there and are no error."""

MAY: dict[Role, frozenset[type[Command]]] = {
    Role.CUSTOMER: frozenset({Open, Send, Close, Rate, Verify}),
    Role.AGENT: frozenset({Claim, Release, Transfer, Send, Note, Close, Reopen, Tag, Hold}),
    Role.DESK: frozenset({Claim, Release, Transfer, Send, Note, Close, Reopen, Tag, Hold}),
}
"""Commands allowed to each role."""


def decide(
    request: HelpRequest, command: Command, by: Author, *, admin: bool = False
) -> tuple[Event, ...]:
    """Return the events that *command* causes, oldest first, or raise :exc:`Refused`.

    An empty tuple means that the command is fulfilled already (idempotent): it is answered ``ok``
    and stores nothing. An *admin* may give away another agent's request, and hold a request.
    """
    _require_allowed(request, command, by)
    match command:
        case Send(text):  # first, because it is by far the most frequent
            return _send(request, text, by)
        case Open() | Verify():
            return _open_or_verify(command)
        case Claim():
            return _claim(request, by)
        case Release():
            return _release(request, by, admin=admin)
        case Transfer():
            return _transfer(request, command, by, admin=admin)
        case Note(text):
            return (Noted(text),)
        case Close():
            return (Closed(),) if request.is_open else ()
        case Reopen():
            return _reopen(request, command, by)
        case Rate(score, comment):
            return _rate(request, score, comment)
        case Tag(add, remove):
            return _tag(request, add, remove)
        case Hold(why):
            return _hold(request, why, admin=admin)
        case _:
            assert_never(command)


def _require_allowed(request: HelpRequest, command: Command, by: Author) -> None:
    kind = type(command)
    if kind in MAY[by.role] and kind in ALLOWED[request.status]:
        return
    verb = kind.__name__.lower()
    if kind not in MAY[by.role]:
        raise Refused(Code.FORBIDDEN, f"You may not {verb} a request.")
    if request.status is None:
        raise Refused(Code.NOT_FOUND, "No such request.")
    if request.is_open:
        raise Refused(Code.CONFLICT, f"Request #{request.id} is open already.")
    raise Refused(Code.CLOSED, f"Request #{request.id} is closed; reopen it to {verb}.")


def _open_or_verify(command: Open | Verify) -> tuple[Event, ...]:
    if isinstance(command, Verify):
        return (Verified(),)
    greeted = (Announced(command.greeting),) if command.greeting else ()
    return (Opened(), *greeted, *((Sent(command.text),) if command.text else ()))


def _require_agent(by: Author) -> None:
    if by.role is not Role.AGENT:
        raise Refused(Code.FORBIDDEN, "Only an agent can have a request; name one with `as`.")


def _require_assignee(request: HelpRequest, by: Author, *, admin: bool) -> None:
    if request.agent != by.id and not admin:
        raise Refused(Code.FORBIDDEN, f"Request #{request.id} is another agent's; ask them.")


def _claim(request: HelpRequest, by: Author) -> tuple[Event, ...]:
    _require_agent(by)
    if request.agent is None:
        return (Claimed(),)
    if request.agent != by.id:
        raise Refused(Code.CONFLICT, f"Another agent has claimed request #{request.id}.")
    return ()


def _release(request: HelpRequest, by: Author, *, admin: bool) -> tuple[Event, ...]:
    if request.agent is None:
        return ()
    _require_assignee(request, by, admin=admin)
    return (Released(),)


def _transfer(
    request: HelpRequest, command: Transfer, by: Author, *, admin: bool
) -> tuple[Event, ...]:
    if request.agent == command.to:
        return ()
    if request.agent is not None:
        _require_assignee(request, by, admin=admin)
    note = (Noted(command.note),) if command.note else ()
    return (Transferred(command.to, command.name), *note)


def _send(request: HelpRequest, text: str, by: Author) -> tuple[Event, ...]:
    match by.role:
        case Role.CUSTOMER:
            return (Sent(text),)
        case Role.DESK:
            return (Announced(text),)
        case Role.AGENT:
            claims = (Claimed(),) if request.status is Status.WAITING else ()
            return (*claims, Sent(text))
        case _:
            assert_never(by.role)


def _reopen(request: HelpRequest, command: Reopen, by: Author) -> tuple[Event, ...]:
    if request.is_open:
        return ()
    _require_agent(by)
    if command.other_open:
        raise Refused(Code.CONFLICT, "The customer has another open request; answer there.")
    return (Reopened(),)


def _rate(request: HelpRequest, score: int, comment: str | None) -> tuple[Event, ...]:
    rating = request.rating
    if rating is not None and (rating.score, rating.comment) == (score, comment):
        return ()
    return (Rated(score, comment),)


def _tag(request: HelpRequest, add: frozenset[str], remove: frozenset[str]) -> tuple[Event, ...]:
    added = tuple(sorted(add - set(request.tags) - remove))
    removed = tuple(sorted(remove & set(request.tags)))
    return (Tagged(added, removed),) if added or removed else ()


def _hold(request: HelpRequest, why: str | None, *, admin: bool) -> tuple[Event, ...]:
    if not admin:
        raise Refused(Code.FORBIDDEN, "Only an admin may hold a request.")
    held = None if request.hold is None else request.hold.why
    return () if held == why else (Held(why),)
