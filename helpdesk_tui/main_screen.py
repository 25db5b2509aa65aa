"""The main screen: request list, conversation, customer pane, composer, status lines."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from helpdesk_tui.keys import Keymap
from helpdesk_tui.model.conversation import Conversation
from helpdesk_tui.model.customer import profile
from helpdesk_tui.model.effects import LinkState
from helpdesk_tui.model.request_list import query_of, rows
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.waiting_time import waited
from helpdesk_tui.widgets.composer import Composer
from helpdesk_tui.widgets.conversation import ConversationView
from helpdesk_tui.widgets.customer_pane import CustomerPane
from helpdesk_tui.widgets.request_list import RequestList
from helpdesk_tui.widgets.status import (
    KeyBar,
    Notice,
    StatusLine,
    head,
    status,
    typing_line,
    unread_hint,
)


class ListFilter(Input):
    """The input above the list that filters it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.filter_off", "all again", key_display="Esc"),
        Binding("enter,down,tab", "app.to_list", "to the list", key_display="Enter"),
    ]

    def on_mount(self) -> None:
        """Keep the cursor still: blinking would write to the terminal forever."""
        self.cursor_blink = False

    def on_hide(self, event: events.Hide) -> None:
        """Keep the focus: where there is no room, :meth:`MainScreen._reveal_focused` makes some."""
        event.prevent_default()


class MainScreen(Widget):
    """Shows *seat*; *clock* gives the instants of its timers."""

    DEFAULT_CSS = "MainScreen { layout: vertical; }"

    def __init__(
        self,
        seat: Seat,
        write: Callable[[str], None],
        clock: Callable[[], float],
        keymap: Keymap,
        notice: str,
    ) -> None:
        """*write* is given what the agent sends; *notice* stands where no request is open."""
        super().__init__()
        self._seat, self._clock, self._keymap, self._notice = seat, clock, keymap, notice
        self._shown: int | None = None
        self._saved_state: object = None
        self._conversation = Conversation()
        self.list = RequestList(id="list")
        self.filter = ListFilter(placeholder="words, is:mine tag:… by:…", id="filter", compact=True)
        self.list_pane = Vertical(id="list-pane")
        self.head = StatusLine(id="head")
        again, edit = keymap.display("everywhere.retry"), keymap.display("everywhere.edit")
        self.timeline = ConversationView(f"({again}: again, {edit}: edit)", id="timeline")
        self.below = StatusLine(id="below")
        self.composer = Composer(write, keymap, id="composer")
        self.chat = Vertical(id="chat", classes="-nothing")
        self.info = CustomerPane(id="info")
        self.notice = Notice(clock, id="notice")
        self.status = StatusLine(id="status")
        self.keys = KeyBar(keymap, id="keys")

    def compose(self) -> ComposeResult:
        """Lay the panes out."""
        with Horizontal(id="panes"):
            with self.list_pane:
                yield self.filter
                yield self.list
            with self.chat:
                yield self.head
                yield self.timeline
                yield self.below
                yield self.composer.suggestions
                yield self.composer
            yield self.info
        yield self.notice
        yield self.status
        yield self.keys

    @property
    def chat_in_view(self) -> bool:
        """True if the agent can see the open request."""
        return self._seat.open is not None and bool(self.chat.region)

    @property
    def end_in_view(self) -> bool:
        """True if the agent can see the latest message of the open request."""
        return self.chat_in_view and self.timeline.following

    @property
    def composer_focused(self) -> bool:
        """True if the focus is in the composer of the open request."""
        return self.screen.focused is self.composer

    def show(self, connection: LinkState) -> None:
        """Show the current state; what has not changed is not drawn again."""
        seat, now, instant = self._seat, datetime.now(UTC), self._clock()
        request = seat.request
        anew, self._shown = self._shown != seat.open, seat.open
        narrowed = self.filter.value
        listed = rows(seat, now, instant, narrowed)
        _, wrong = query_of(narrowed, now)
        self.list.show(listed, known=seat.desk.welcomed, whole=bool(narrowed), said=wrong)
        self.chat.set_class(seat.open is None, "-nothing")
        self.timeline.empty = self._hint()
        self.timeline.show(self._conversation.blocks(seat, None), anew=anew)
        self.head.show(*head(seat, request, waited(request.waiting_since, now) if request else ""))
        self.info.show(profile(seat, None))
        self.composer.limit = seat.desk.text_limit
        self.show_typing_line()
        self.show_connection(connection)

    def show_typing_line(self) -> None:
        """Show who types, and how many messages are unread above or new below."""
        above, below = self.timeline.new_above, self.timeline.new_below
        parts = typing_line(self._seat, self._keymap, above, below, self._clock())
        looks = () if self.composer_focused else unread_hint(self._seat, self._keymap)
        self.below.show((*parts, *looks))
        self.notice.fade()

    def show_connection(self, connection: LinkState) -> None:
        """Show the state of the connection."""
        self.status.show(status(self._seat, self._keymap, connection, self._clock()))

    def focus_composer(self) -> None:
        """Focus the composer at once: what is typed next is meant for it."""
        self.screen.set_focus(self.composer)

    def focus_list(self) -> None:
        """Focus the list."""
        self.screen.remove_class("-chat", "-no-list")
        if not self.screen.has_class("-wide"):
            self.screen.remove_class("-info")  # it stands where the list is to be
        self.screen.set_focus(self.list)  # at once: what is typed next is meant for it

    @property
    def shows_customer(self) -> bool:
        """True if the customer pane is shown."""
        return self.screen.has_class("-info")

    def show_chat(self, number: int) -> None:
        """Show the conversation of request *number*; the focus stays in a list that is shown."""
        self.list.select(number)
        self.screen.add_class("-chat")
        if self.screen.has_class("-narrow"):
            self.timeline.can_focus = True
            self.screen.set_focus(self.timeline)

    def on_descendant_focus(self) -> None:
        """Show the focused pane and its keys."""
        self.keys.show_for(self.screen.focused)
        if self.composer_focused:
            self.timeline.can_focus = False  # Tab leads to what one works in
            self._mark_open()
        elif self.composer.read_only:
            self.composer.load("")
        self._reveal_focused()

    def _mark_open(self) -> None:
        """Move the list's mark to the open request: it says what the composer writes to."""
        if self._seat.open is not None:
            self.list.select(self._seat.open)

    def on_resize(self) -> None:
        """Keep the focused pane in view in less room, too, rather than move the focus."""
        self._reveal_focused()

    def _reveal_focused(self) -> None:
        """Show the focused pane in front of all others, so that nothing is typed unseen."""
        screen = self.screen
        narrow, wide = screen.has_class("-narrow"), screen.has_class("-wide")
        if screen.focused in {self.composer, self.timeline}:
            screen.add_class("-chat")
            screen.set_class(screen.has_class("-info") and not narrow, "-info")
        elif screen.focused in {self.list, self.filter}:
            screen.remove_class("-no-list")
            screen.set_class(screen.has_class("-chat") and not narrow, "-chat")
            screen.set_class(screen.has_class("-info") and wide, "-info")

    def toggle_customer(self) -> bool:
        """Show the customer pane, or hide it; return whether it is shown."""
        screen = self.screen
        screen.toggle_class("-info")
        shown = screen.has_class("-info")
        hidden = not screen.has_class("-wide") and screen.focused in {self.list, self.filter}
        if shown and (hidden or screen.has_class("-narrow")):
            screen.set_focus(self.info)
        elif not shown and screen.focused is self.info:
            screen.set_focus(self.composer if screen.has_class("-chat") else self.list)
        return shown

    def load_draft(self) -> None:
        """Load the open request's draft into the composer; with none open, focus the list.

        The focus stays in a composer or filter, whose next keys would be commands in the list.
        """
        drafts, number = self._seat.drafts, self._seat.open
        self._saved_state = None
        if number is None and self.composer_focused:
            self.composer.freeze()
            return
        if number is None and self.screen.focused is not self.filter:
            if self.screen.focused is not self.list:
                self.list.lose_mark()
            self.focus_list()
        self.composer.load(drafts.text(number), note=self._seat.noting)
        self.mark_typed_saved()

    def mark_typed_saved(self) -> None:
        """Note that the model has the composer's text."""
        self._saved_state = self._model_state()

    @property
    def typed(self) -> str | None:
        """The composer's text, if it belongs to the model's open draft; else None.

        While a request is being opened, the composer still holds another one's text.
        """
        return self.composer.text if self._saved_state == self._model_state() else None

    def _model_state(self) -> object:
        seat = self._seat
        return seat.open, seat.noting, seat.drafts.text(seat.open)

    def _hint(self) -> str:
        """Return the text for an empty conversation."""
        if self._seat.open is not None:
            return "" if self._seat.joined else "The messages come as soon as the relay answers."
        key = self._keymap.display("list.open")
        hint = f"No request is open.\n\n{key} opens the one that is marked in the list."
        return f"{hint}\n\n{self._notice}" if self._notice else hint
