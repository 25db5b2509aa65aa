"""The request list: one row of two lines for each request, in sections.

The cursor stays on its request, wherever that moves. A section can be folded, and the heading of
the first row in view stays in view. Colour is never the only sign.
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

from helpdesk_tui.keys import Scope, bindings
from helpdesk_tui.model.request_list import Heading, Row, Section, sections
from helpdesk_tui.widgets.virtual_list import VirtualList, with_cursor
from helpdesk_tui.wrap import cut, fit

NOBODY = "Nobody is waiting.\n\nNew requests come in here by themselves."
NOT_KNOWN = "Who waits is not known before the relay answers."
WIDEST_WORD = 12
MARKS = {
    Section.NEW: "◆",
    Section.WAITING: "●",
    Section.MINE: "▸",
    Section.OTHERS: "○",
    Section.CLOSED: "✗",
    Section.KEPT: "✎",
}
URGENCIES = ("", "! ", "!! ")


class RequestList(VirtualList[Heading | Row]):
    """Shows the requests, with a cursor on one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "list--new",
        "list--waiting",
        "list--mine",
        "list--others",
        "list--closed",
        "list--kept",
        "list--heading",
        "list--urgent",
        "list--tag",
        "list--name",
        "list--time",
        "list--detail",
        "list--cursor",
        "list--cursor-blurred",
    }
    DEFAULT_CSS = """
    RequestList {
        & > .list--waiting { color: $warning; }
        & > .list--mine { color: $success; }
        & > .list--others { color: $text-muted; }
        & > .list--closed { color: $text-muted; }
        & > .list--kept { color: $warning; }
        & > .list--heading { color: $text-muted; text-style: bold; }
        & > .list--urgent { color: $error; text-style: bold; }
        & > .list--tag { color: $accent; }
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
        super().__init__(NOT_KNOWN, id=id)
        self._cursor, self._moved, self._lost = 0, False, False
        self._let_go: int | None = None
        self._folded: set[Section] = set()
        self._listed: tuple[Row, ...] = ()
        self._whole = False

    @property
    def selected(self) -> int | None:
        """The number of the request that the cursor is on."""
        item = self.items[self._cursor] if self.items else None
        return item.number if isinstance(item, Row) else None

    def lose_mark(self) -> None:
        """Note that the mark is where the agent has not put it; see :meth:`confirm_mark`."""
        self._lost = True

    def let_go(self, number: int) -> None:
        """Note that request *number* goes away by the agent's own doing."""
        self._let_go = number

    def confirm_mark(self) -> bool:
        """Return whether a key can mean the marked request; if not, the next one can.

        It cannot after the request that was marked has gone: the key may be aimed at that one.
        """
        lost, self._lost = self._lost, False
        return not lost

    @property
    def rows(self) -> tuple[Row, ...]:
        """The requests that are shown, in their order."""
        return tuple(item for item in self.items if isinstance(item, Row))

    def show(
        self, rows: Sequence[Row], *, known: bool, whole: bool = False, said: str = ""
    ) -> None:
        """Show *rows*; the cursor stays on its request, or near where it was.

        *known*: the relay has told who waits, so that no row means that nobody does. *whole*: also
        those of folded sections. *said* stands in the place of rows if there are none.
        """
        self._listed, self._whole = tuple(rows), whole
        # Who waits longest comes first, unless the agent has begun with what was there before.
        anew = known and self.empty == NOT_KNOWN and not self._moved
        if self.empty != (empty := said or (NOBODY if known else NOT_KNOWN)):
            self.empty = empty
            self.refresh()
        items = self._sections()
        if items == self.items:
            return
        chosen = self._chosen
        self.set_items(items)
        place = self._place_of(chosen)
        near = 0 if anew else self._cursor
        if place is None and chosen not in {None, self._let_go} and self.has_focus and not anew:
            self._lost = True
        self._cursor = self._row_at(near) if place is None or anew else place
        self._keep_in_view()

    def select(self, number: int) -> None:
        """Move the cursor to request *number*, if it is in the list; its section is unfolded."""
        section = next((row.section for row in self._listed if row.number == number), None)
        if section in self._folded:
            self._folded.discard(section)
            self.set_items(self._sections())
        if (place := self._place_of(number)) is not None:
            self._move_to(place)

    def neighbour(self, number: int | None, step: int) -> int | None:
        """Return the number of the request *step* rows from *number*, if there is one."""
        numbers = [row.number for row in self.rows]
        place = numbers.index(number) + step if number in numbers else 0
        return numbers[place] if 0 <= place < len(numbers) else None

    def action_fold(self) -> None:
        """Fold the section of the row that the cursor is on, or unfold the one it is on."""
        if self.items:
            self._toggle(self.items[self._cursor].section)

    def _toggle(self, section: Section) -> None:
        """Fold *section* or unfold it; the cursor goes to its heading, or to its first row."""
        self._folded ^= {section}
        self.set_items(self._sections())
        place = self._place_of(section)
        self._move_to(self._row_at(0 if place is None else place))

    def action_move(self, by: int) -> None:
        """Move the cursor *by* rows."""
        rows = [place for place, item in enumerate(self.items) if _can_be_marked(item)]
        if rows:
            at = rows.index(self._cursor) if self._cursor in rows else 0
            self._move_to(rows[max(0, min(at + by, len(rows) - 1))])

    def action_page(self, pages: int) -> None:
        """Move the cursor by *pages* of what is in view."""
        self.action_move(pages * max(1, self.size.height // 2 - 1))

    def on_click(self, event: events.Click) -> None:
        """Open the request that was clicked."""
        place = self._pinned if event.y == 0 else None
        place = self.item_at(event.y + self.scroll_offset.y) if place is None else place
        if place is not None:
            item = self.items[place]
            if isinstance(item, Heading):
                self._toggle(item.section)
            else:
                self._move_to(place)
                self.post_message(self.Clicked(item.number))

    def on_hide(self, event: events.Hide) -> None:
        """Keep the focus: Textual would move it to the next pane."""
        event.prevent_default()

    def on_focus(self) -> None:
        """Show that keys go here."""
        self.refresh_item(self._cursor)

    def on_blur(self) -> None:
        """Show that keys go elsewhere."""
        self.refresh_item(self._cursor)

    def height(self, item: Heading | Row, width: int) -> int:
        """Return 1 for a heading and 2 for a row."""
        del width
        return 1 if isinstance(item, Heading) else 2

    def draw(self, item: Heading | Row, width: int) -> list[Strip]:
        """Return the line of a heading, or the two of a row."""
        look = self.get_component_rich_style
        if isinstance(item, Heading):
            folded = "(folded) " if item.folded else ""
            words = fit(f" {item.section.value} · {item.count} {folded}", width)
            return [Strip([Segment(words, look("list--heading"))], width)]
        mark = look(f"list--{item.section.name.lower()}")
        waited = f" {URGENCIES[item.urgency]}{item.waited} "
        name = fit(f"#{item.number} {item.customer}", width - cell_len(waited) - 3)
        first = [
            Segment(f" {MARKS[item.section]} ", mark),
            Segment(name, look("list--name") + Style(bold=bool(item.new or item.given))),
            Segment(waited, self._time_look(item)),
        ]
        side = self._side(item)
        said = "is writing…" if item.typing else item.last
        room = width - sum(cell_len(segment.text) for segment in side) - 1
        second = [Segment(fit(f"   {said}", room), look("list--detail")), *side, Segment(" ")]
        return [Strip(first, width), Strip(second, width)]

    def _time_look(self, item: Row) -> Style:
        if item.urgency > 1:
            return self.get_component_rich_style("list--urgent")
        waits = item.urgency or item.section is Section.WAITING
        return self.get_component_rich_style("list--waiting" if waits else "list--time")

    def decorate(self, place: int, strip: Strip) -> Strip:
        """Return *strip* with the cursor, if it is there."""
        if place != self._cursor:
            return strip
        name = "list--cursor" if self.has_focus else "list--cursor-blurred"
        sign = "▌" if self.has_focus else " "
        return with_cursor(strip, sign, self.get_component_rich_style(name).bgcolor)

    def _side(self, item: Row) -> list[Segment]:
        look = self.get_component_rich_style
        colleague = item.holder if item.section is Section.OTHERS else ""
        looking = f"{item.watchers} looks" if item.watchers and not colleague else ""
        more = f"+{len(item.tags) - 1}" if len(item.tags) > 1 else ""
        words = [
            (f"[{item.tags[0]}]{more}" if item.tags else "", look("list--tag")),
            (item.written, look("list--new")),
            (looking or colleague, look("list--others")),
            (f"from {item.given}" if item.given else "", look("list--new")),
            (f"{item.new} new" if item.new else "", look("list--new")),
        ]
        return [Segment(f" {cut(word, WIDEST_WORD)}", style) for word, style in words if word]

    def render_line(self, y: int) -> Strip:
        """Return the line at *y* of what is in view: the first has the heading of what is there."""
        if y or (place := self._pinned) is None:
            return super().render_line(y)
        return self.decorate(place, self._look(self.items[place])[0]).apply_style(self._style)

    @property
    def _pinned(self) -> int | None:
        """The place of the heading that stays in view while its rows scroll; None if none does."""
        place = self.item_at(self.scroll_offset.y) if self.scroll_offset.y else None
        if place is None or isinstance(self.items[place], Heading):
            return None
        return self._place_of(self.items[place].section)

    def _sections(self) -> tuple[Heading | Row, ...]:
        return sections(self._listed, () if self._whole else self._folded)

    @property
    def _chosen(self) -> int | Section | None:
        """The request that the cursor is on, or the section on whose heading it is."""
        if not self.items:
            return None
        item = self.items[self._cursor]
        return item.number if isinstance(item, Row) else item.section

    def _place_of(self, chosen: int | Section | None) -> int | None:
        """Return the place of a request, or of the heading of a section."""
        for place, item in enumerate(self.items):
            if chosen == (item.number if isinstance(item, Row) else item.section):
                return place
        return None

    def _row_at(self, place: int) -> int:
        """Return *place*, or the one below if there is a heading that is not folded."""
        place = max(0, min(place, len(self.items) - 1))
        return place + 1 if self.items and not _can_be_marked(self.items[place]) else place

    def _move_to(self, place: int) -> None:
        before, self._cursor, self._moved = self._cursor, max(0, place), True
        self._lost = False
        self.refresh_item(before)
        self.refresh_item(self._cursor)
        self._keep_in_view()

    def _keep_in_view(self) -> None:
        if not self.items:
            return
        # Above a row stands its section's heading. By force, for there may be no scrollbar yet.
        headed = isinstance(self.items[self._cursor], Row)
        top, height = self.top_of(self._cursor) - headed, self.size.height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif (end := self.top_of(self._cursor) + 2) > self.scroll_offset.y + height:
            self.scroll_to(y=end - height, animate=False, force=True)


def _can_be_marked(item: Heading | Row) -> bool:
    """Return whether the cursor can be on *item*: on a row, or on what stands for hidden ones."""
    return isinstance(item, Row) or item.folded
