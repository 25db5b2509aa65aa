"""The lines around the panes: the request's head, what goes on in it, and the connection."""

from typing import assert_never

from textual.content import Content
from textual.widgets import Static

from helpdesk_tui.keys import Keymap
from helpdesk_tui.model.colleagues import typist
from helpdesk_tui.model.connection import Connecting, Connection, Ended, Offline, Online
from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.unread import Unread
from helpdesk_tui.wrap import cut

Part = tuple[str, str]
MUTED = "$foreground 70%"


class Bar(Static):
    """One or two lines of parts; what is too long is cut."""

    DEFAULT_CSS = """
    Bar { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, markup=False)
        self._lines: tuple[tuple[Part, ...], ...] = ()

    def show(self, *lines: tuple[Part, ...]) -> None:
        """Show *lines*, each of parts of a text and a style."""
        if lines != self._lines:
            self._lines = lines
            self.update(Content("\n").join(Content.assemble(*line) for line in lines))


def head(seat: Seat, request: Request | None, waited: str) -> tuple[tuple[Part, ...], ...]:
    """Return who asks, where they are, who holds the request and who else looks at it."""
    if request is None:
        unknown = (f"#{seat.open} ", "bold"), ("  nothing is known of it here", MUTED)
        return (unknown,) if seat.open is not None else ()
    customer = request.customer
    first: list[Part] = [(f"#{request.id} ", MUTED), (customer.name, "bold")]
    if customer.verified:
        first.append((" ✓ verified", "$text-success"))
    if customer.email:
        first.append((f"  {customer.email}", MUTED))
    first.append(("  ● here" if customer.online else "  ○ not here now", MUTED))
    second = [_state(seat, request, waited)]
    if watchers := seat.desk.watching.get(request.id):
        names = ", ".join(agent.name for agent in watchers)
        second.append((f"{names} {'looks' if len(watchers) == 1 else 'look'} too", "$text-warning"))
    if request.tags:
        second.append((f"tags: {', '.join(request.tags)}", "$text-accent"))
    page = " · ".join(filter(None, (request.page.title, request.page.url)))
    if page:
        second.append((f"on {page}", MUTED))
    return tuple(first), _spaced(second)


def goings_on(seat: Seat, keymap: Keymap, above: str, below: int, now: float) -> tuple[Part, ...]:
    """Return who writes, and how much is unread above and new below what is in view."""
    request = seat.request
    parts: list[Part] = []
    if seat.drafts.of(seat.open or 0).note and not seat.noting:
        parts.append(("✎ note draft", "$text-warning"))
    if request is None:
        return _spaced(parts)
    if request.closed:
        closed = "This request is closed; nothing can be sent to it."
        parts.insert(0, (closed, "$text-warning"))
    if "customer" in seat.desk.typing_in(request.id, now):
        who = cut(request.customer.name, 30)
        parts.append((f"{who} is typing…", "italic $text-accent"))
    if who := typist(seat, now):
        parts.append((f"{cut(who, 30)} is typing…", "bold $text-warning"))
    if above:
        key = keymap.shown("everywhere.first_unread")
        parts.append((f"↑ {above} unread above ({key})", "bold $text-warning"))
    if below:
        key = keymap.shown("everywhere.newest")
        parts.append((f"↓ {below} new below ({key})", "bold $text-warning"))
    return _spaced(parts)


def only_looks(seat: Seat, keymap: Keymap) -> tuple[Part, ...]:
    """Return how much stays unread in the open request while the agent only looks at it."""
    unread = seat.desk.counted(seat.request) if seat.request else Unread()
    told = f"   ◌ {unread} unread, only looked at ({keymap.shown('list.open')}: go in)"
    return ((told, MUTED),) if unread.most else ()


def status(seat: Seat, keymap: Keymap, connection: Connection, now: float) -> tuple[Part, ...]:
    """Return whether the relay is there, what there is, and last, for it may be cut, why not."""
    open_requests = [request for request in seat.desk.requests.values() if not request.closed]
    waiting = sum(request.status == "waiting" for request in open_requests)
    parts = [_connection(seat, keymap, connection, now)]
    failed = sum(bool(unsent.failed) for unsent in seat.outbox.texts)
    if unsent := len(seat.outbox) - failed:
        parts.append((f"{unsent} unsent", "bold $text-warning"))
    if failed:
        parts.append((f"! {failed} not sent", "bold $text-error"))
    if seat.desk.welcomed:
        parts.append((f"{waiting} waiting · {len(open_requests) - waiting} active", MUTED))
    if isinstance(connection, Offline | Ended):
        parts.append((connection.reason, "bold $text-error"))
    return _spaced(parts)


def _connection(seat: Seat, keymap: Keymap, connection: Connection, now: float) -> Part:
    call = keymap.shown("everywhere.call")
    match connection:
        case Online():
            name = seat.desk.me.name if seat.desk.me else "the desk"
            if seat.away:
                key = keymap.shown("everywhere.away")
                return (f"◐ away as {name} ({key}: online)", "bold $text-warning")
            return (f"● online as {name}", "$text-success")
        case Connecting():
            return ("◌ connecting…", "$text-warning")
        case Offline(retry_at=at):
            seconds = max(0, round(at - now))
            again = f"again in {seconds} s ({call}: now)" if seconds else "trying again"
            return (f"○ offline, {again}", "bold $text-error")
        case Ended():
            return (f"○ offline, {call} tries again", "bold $text-error")
        case _:
            assert_never(connection)


def _state(seat: Seat, request: Request, waited: str) -> Part:
    if request.closed:
        return ("closed", "bold $text-warning")
    mine = request.holder and seat.desk.me and request.holder.id == seat.desk.me.id
    holder = "yours" if mine else f"{request.holder.name} has it" if request.holder else "unclaimed"
    answer = "" if not waited else f" · waiting {waited}".removesuffix(" now")
    return (holder + answer, "$text-success" if mine else "$text-warning")


def _spaced(parts: list[Part]) -> tuple[Part, ...]:
    spaced: list[Part] = []
    for part in parts:
        spaced += [("   ", ""), part] if spaced else [part]
    return tuple(spaced)
