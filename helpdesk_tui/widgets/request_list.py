"""Who waits, and since when: one row of two lines for each open request.

The cursor stays on its request, wherever that moves. Colour never says anything alone.
"""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from helpdesk_tui.keys import Where, bindings
from helpdesk_tui.model.listing import Row
from helpdesk_tui.widgets.lines import Lines
from helpdesk_tui.wrap import cut, fit

WIDEST_WORD = 12
MARKS = {"": "●", "me": "▸", "other": "○", "closed": "✗"}


class RequestList(Lines[Row]):
    """The open requests, and which of them the agent means."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--waiting",
        "list--me",
        "list--other",
        "list--closed",
        "list--name",
        "list--time",
        "list--detail",
        "list--new",
        "list--cursor",
        "list--cursor-blurred",
    }
    DEFAULT_CSS = """
    RequestList {
        & > .list--waiting { color: $warning; }
        & > .list--me { color: $success; }
        & > .list--other { color: $text-muted; }
        & > .list--closed { color: $text-muted; }
        & > .list--name { color: $foreground; }
        & > .list--time { color: $text-muted; }
        & > .list--detail { color: $text-muted; }
        & > .list--new { color: $warning; text-style: bold; }
        & > .list--cursor { background: $primary 35%; }
        & > .list--cursor-blurred { background: $foreground 8%; }
    }
    """

    class Clicked(Message):
        """The agent clicked on request *number*."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Nobody is waiting.\n\nNew requests come in here by themselves.", id=id)
        self._cursor = 0

    @property
    def chosen(self) -> int | None:
        """The number of the request that the cursor is on."""
        return self.items[self._cursor].number if self.items else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show *rows*; the cursor stays on its request, or near where it was."""
        if tuple(rows) == self.items:
            return
        chosen = self.chosen
        self.put(rows)
        places = [place for place, row in enumerate(rows) if row.number == chosen]
        self._cursor = places[0] if places else max(0, min(self._cursor, len(rows) - 1))
        self._keep_in_view()

    def choose(self, number: int) -> None:
        """Put the cursor on request *number*, if it is there."""
        for place, row in enumerate(self.items):
            if row.number == number:
                self._move_to(place)

    def beside(self, number: int | None, step: int) -> int | None:
        """Return the number of the request *step* rows from *number*, if there is one."""
        numbers = [row.number for row in self.items]
        place = numbers.index(number) + step if number in numbers else 0
        return numbers[place] if 0 <= place < len(numbers) else None

    def action_move(self, by: int) -> None:
        """Move the cursor *by* rows."""
        self._move_to(max(0, min(self._cursor + by, len(self.items) - 1)))

    def on_click(self, event: events.Click) -> None:
        """Open the request that was clicked."""
        if (place := self.item_at(event.y + self.scroll_offset.y)) is not None:
            self._move_to(place)
            self.post_message(self.Clicked(self.items[place].number))

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.refresh_item(self._cursor)

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh_item(self._cursor)

    def height(self, item: Row, width: int) -> int:
        """Return 2."""
        del item, width
        return 2

    def draw(self, item: Row, width: int) -> list[Strip]:
        """Return the two lines of a row."""
        look = self.get_component_rich_style
        mark = look(f"list--{item.held or 'waiting'}")
        fresh = Style(bold=item.unread > 0)
        room = width - cell_len(item.waited) - 5
        first = [
            Segment(f" {MARKS[item.held]} ", mark),
            Segment(fit(f"#{item.number} {item.customer}", room), look("list--name") + fresh),
            Segment(f" {item.waited} ", mark if not item.held else look("list--time")),
        ]
        side = self._side(item)
        side_width = sum(cell_len(segment.text) for segment in side)
        said = "is writing…" if item.typing else item.last
        second = [
            Segment(fit(f"   {said}", width - side_width - 1), look("list--detail")),
            *side,
            Segment(" "),
        ]
        return [Strip(first, width), Strip(second, width)]

    def dress(self, place: int, strip: Strip) -> Strip:
        """Return *strip* with the cursor, if it is there."""
        if place != self._cursor:
            return strip
        name = "list--cursor" if self.has_focus else "list--cursor-blurred"
        color = self.get_component_rich_style(name).bgcolor
        bar = Segment("▌" if self.has_focus else " ")
        segments = Segment.apply_style([bar, *strip.crop(1)], post_style=Style(bgcolor=color))
        return Strip(segments, strip.cell_length)

    def _side(self, item: Row) -> list[Segment]:
        look = self.get_component_rich_style
        holder = {"me": "you", "closed": "closed"}.get(item.held, item.holder)
        looking = f"{item.watchers} looks" if item.watchers and not holder else ""
        words = [
            (item.written, look("list--new")),
            (looking or holder, look("list--me" if item.held == "me" else "list--other")),
            (f"{item.unread} new" if item.unread else "", look("list--new")),
        ]
        return [Segment(f" {cut(word, WIDEST_WORD)}", style) for word, style in words if word]

    def _move_to(self, place: int) -> None:
        before, self._cursor = self._cursor, max(0, place)
        self.refresh_item(before)
        self.refresh_item(self._cursor)
        self._keep_in_view()

    def _keep_in_view(self) -> None:
        if not self.items:
            return
        top, height = self.top_of(self._cursor), self.size.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False)
        elif top + 2 > self.scroll_offset.y + height:
            self.scroll_to(y=top + 2 - height, animate=False)
