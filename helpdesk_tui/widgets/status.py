"""The lines around the panes: request header, typing line, status bar, notices, key bar."""

from collections.abc import Callable, Iterator
from typing import assert_never

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from helpdesk_tui.keys import Key, Keymap, Scope
from helpdesk_tui.model.effects import Connecting, Ended, LinkState, Offline, Online
from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.presence import typing_colleague
from helpdesk_tui.model.request_list import count_own
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.timeline import Unread
from helpdesk_tui.widgets.composer import Composer
from helpdesk_tui.widgets.request_list import RequestList
from helpdesk_tui.wrap import cut

StyledText = tuple[str, str]
MUTED = "$foreground 70%"


class StatusLine(Static):
    """One or two lines of parts; what is too long is cut."""

    DEFAULT_CSS = """
    StatusLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, markup=False)
        self._lines: tuple[tuple[StyledText, ...], ...] = ()

    def show(self, *lines: tuple[StyledText, ...]) -> None:
        """Show *lines*, each of parts of a text and a style."""
        if lines != self._lines:
            self._lines = lines
            self.update(Content("\n").join(Content.assemble(*line) for line in lines))


def head(seat: Seat, request: Request | None, waited: str) -> tuple[tuple[StyledText, ...], ...]:
    """Return who asks, where they are, who holds the request and who else looks at it."""
    if request is None:
        unknown = (f"#{seat.open} ", "bold"), ("  nothing is known of it here", MUTED)
        return (unknown,) if seat.open is not None else ()
    customer = request.customer
    first: list[StyledText] = [(f"#{request.id} ", MUTED), (customer.name, "bold")]
    if customer.verified:
        first.append((" ✓ verified", "$text-success"))
    first += [(f"  {value}", MUTED) for _, value in customer.details]
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


def typing_line(
    seat: Seat, keymap: Keymap, above: str, below: int, now: float
) -> tuple[StyledText, ...]:
    """Return who writes, and how much is unread above and new below what is in view."""
    request = seat.request
    parts: list[StyledText] = []
    if seat.drafts.of(seat.open or 0).note and not seat.noting:
        parts.append(("✎ note draft", "$text-warning"))
    if request is None:
        return _spaced(parts)
    if request.closed:
        closed = "This request is closed; nothing can be sent to it."
        parts.insert(0, (closed, "$text-warning"))
    if "customer" in seat.desk.typing_roles(request.id, now):
        who = cut(request.customer.name, 30)
        parts.append((f"{who} is typing…", "italic $text-accent"))
    if who := typing_colleague(seat, now):
        parts.append((f"{cut(who, 30)} is typing…", "bold $text-warning"))
    if above:
        key = keymap.display("everywhere.first_unread")
        parts.append((f"↑ {above} unread above ({key})", "bold $text-warning"))
    if below:
        key = keymap.display("everywhere.newest")
        parts.append((f"↓ {below} new below ({key})", "bold $text-warning"))
    return _spaced(parts)


def unread_hint(seat: Seat, keymap: Keymap) -> tuple[StyledText, ...]:
    """Return how much stays unread in the open request while the agent only looks at it."""
    unread = seat.desk.unread_count(seat.request) if seat.request else Unread()
    told = f"   ◌ {unread} unread, only looked at ({keymap.display('list.open')}: go in)"
    return ((told, MUTED),) if unread.most else ()


def status(seat: Seat, keymap: Keymap, connection: LinkState, now: float) -> tuple[StyledText, ...]:
    """Return whether the relay is there, what there is, and last, for it may be cut, why not."""
    parts = [_connection(seat, keymap, connection, now)]
    failed = sum(bool(unsent.failed) for unsent in seat.outbox.texts)
    if unsent := len(seat.outbox) - failed:
        parts.append((f"{unsent} unsent", "bold $text-warning"))
    if failed:
        parts.append((f"! {failed} not sent", "bold $text-error"))
    if seat.desk.welcomed:
        parts.append(_own(seat))
    if seat.newer_relay:
        parts.append((f"update to {seat.newer_relay}", "$text-warning"))
    if isinstance(connection, Offline | Ended):
        parts.append((connection.reason, "bold $text-error"))
    return _spaced(parts)


def _own(seat: Seat) -> StyledText:
    """Return how much is the agent's, how much of it is new, and how much nobody has claimed."""
    mine, new, waiting = count_own(seat)
    told = f"mine {mine} ({new} new)" if new else f"mine {mine}"
    return (f"{told} · {waiting} waiting", "bold $text-warning" if new else MUTED)


def _connection(seat: Seat, keymap: Keymap, connection: LinkState, now: float) -> StyledText:
    call = keymap.display("everywhere.call")
    match connection:
        case Online():
            name = seat.desk.me.name if seat.desk.me else "the desk"
            if seat.away:
                key = keymap.display("everywhere.away")
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


def _state(seat: Seat, request: Request, waited: str) -> StyledText:
    if request.closed:
        return ("closed", "bold $text-warning")
    mine = request.holder and seat.desk.me and request.holder.id == seat.desk.me.id
    holder = "yours" if mine else f"{request.holder.name} has it" if request.holder else "unclaimed"
    if not waited:
        need = ""
    elif mine:
        need = f" · needs an answer, {waited}".removesuffix(", now")
    else:
        need = f" · waiting {waited}".removesuffix(" now")
    return (holder + need, "$text-success" if mine else "$text-warning")


def _spaced(parts: list[StyledText]) -> tuple[StyledText, ...]:
    spaced: list[StyledText] = []
    for part in parts:
        spaced += [("   ", ""), part] if spaced else [part]
    return tuple(spaced)


FIRST = "everywhere.help"
"""The key that is shown however narrow the terminal is."""
Shown = tuple[str, str, Key | None]
"""A key, what it does, and its place in the table; None for what one pane alone has."""


class KeyBar(StatusLine):
    """Shows the keys of *keymap* that have a label."""

    class Clicked(Message):
        """The agent clicked on *key*."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, keymap: Keymap, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._keymap = keymap
        self._keys: list[Shown] = []

    def show_for(self, focused: Widget | None) -> None:
        """Show the keys that work where *focused* has them."""
        self._keys = list(self._working(focused))
        parts: list[StyledText] = []
        for name, label, _ in self._keys:
            parts += [(name, "bold"), (f" {label}  ", MUTED)]
        self.show(tuple(parts))

    def on_click(self, event: events.Click) -> None:
        """Post the clicked key."""
        end = self.styles.padding.left
        for name, label, key in self._keys:
            end += cell_len(f"{name} {label}  ")
            if event.x < end:
                if key:
                    self.post_message(self.Clicked(key))
                return

    def _working(self, focused: Widget | None) -> Iterator[Shown]:
        labelled = [key for key in self._keymap.keys if key.label]
        everywhere = [key for key in labelled if key.scope is Scope.EVERYWHERE]
        everywhere.sort(key=lambda key: key.id != FIRST)
        yield _shown(everywhere[0])
        match focused:
            case RequestList():
                yield from (_shown(key) for key in labelled if key.scope is Scope.LIST)
            case Composer():
                yield from (_shown(key) for key in labelled if key.scope is Scope.WRITING)
            case Widget():
                for binding in type(focused).BINDINGS:
                    if isinstance(binding, Binding) and binding.key_display:
                        yield binding.key_display, binding.description, None
            case None:
                pass
        yield from map(_shown, everywhere[1:])


def _shown(key: Key) -> Shown:
    return key.display.split()[0], key.label, key


LASTS = 8.0
"""Seconds that a notice is shown."""
MOST = 3


class Notice(Static):
    """Shows notices, each for some seconds on *clock*."""

    def __init__(self, clock: Callable[[], float], *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(id=id, markup=False)
        self._clock = clock
        self._said: list[tuple[str, float]] = []

    def add(self, sentence: str) -> None:
        """Show *sentence* below the notices that are still shown."""
        others = [said for said in self._said if said[0] != sentence]
        self._show([*others, (sentence, self._clock())][-MOST:])

    def fade(self) -> None:
        """Remove notices that have been shown long enough."""
        self._show([said for said in self._said if self._clock() - said[1] < LASTS])

    def _show(self, said: list[tuple[str, float]]) -> None:
        if said != self._said:
            self._said = said
            self.update(Content("\n".join(sentence for sentence, _ in said)))
            self.set_class(bool(said), "-told")
