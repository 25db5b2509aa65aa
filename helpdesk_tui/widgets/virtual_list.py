"""A list widget that draws only the items in view."""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from itertools import accumulate, islice, takewhile
from typing import ClassVar, Generic, TypeVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from helpdesk_tui.wrap import fit, wrap

T = TypeVar("T", bound=Hashable)


class VirtualList(ScrollView, Generic[T], can_focus=True):
    """Shows items below each other; subclasses draw one."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"virtual-list--empty"}
    DEFAULT_CSS = """
    VirtualList {
        overflow-x: hidden; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        scrollbar-background: $surface; scrollbar-background-hover: $surface;
        scrollbar-background-active: $surface; scrollbar-color: $foreground 20%;
        scrollbar-color-hover: $foreground 35%; scrollbar-color-active: $primary;
        & > .virtual-list--empty { color: $text-muted; }
    }
    """

    def __init__(self, empty: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        """*empty* is shown while there is no item."""
        super().__init__(id=id)
        self.items: tuple[T, ...] = ()
        self.empty = empty
        self._ends: list[int] = []
        self._heights: LRUCache[T, int] = LRUCache(65_536)
        self._drawn: LRUCache[T, list[Strip]] = LRUCache(1024)
        self._laid_out_for = 0
        self._known_style: Style | None = None

    def draw(self, item: T, width: int) -> list[Strip]:
        """Return *item* as lines of *width* cells."""
        raise NotImplementedError

    def height(self, item: T, width: int) -> int:
        """Return how many lines :meth:`draw` returns; it is asked of every item."""
        return len(self.draw(item, width))

    def decorate(self, place: int, strip: Strip) -> Strip:
        """Return *strip*, a line of the item at *place*, as it looks right now."""
        del place
        return strip

    def set_items(self, items: Sequence[T]) -> None:
        """Lay out *items* instead of those shown; the caller says where to scroll."""
        before, self.items = self.items, tuple(items)
        # What is hidden has no width: it keeps its last one, and waits for its first.
        if not (width := self.size.width or self._laid_out_for):
            self._ends = [0] * len(self.items)
            return
        if width != self._laid_out_for:
            self._forget_looks()
            self._laid_out_for, before = width, ()
        # What was appended to a long list must not cost what is above it.
        same = sum(1 for _ in takewhile(_is_one, zip(before, self.items, strict=False)))
        del self._ends[same:]
        end = self._ends[-1] if self._ends else 0
        heights = (self._height(item, width) for item in self.items[same:])
        self._ends += islice(accumulate(heights, initial=end), 1, None)
        self.virtual_size = Size(width, self._ends[-1] if self._ends else 0)
        self.refresh()

    def top_of(self, place: int) -> int:
        """Return the line on which the item at *place* begins."""
        return self._ends[place - 1] if place else 0

    def item_at(self, line: int) -> int | None:
        """Return the place of the item that has *line*, if any."""
        place = bisect_right(self._ends, line)
        return place if place < len(self._ends) else None

    def refresh_item(self, place: int) -> None:
        """Draw the item at *place* again."""
        if 0 <= place < len(self._ends):
            self.refresh_lines(self.top_of(place), self._ends[place] - self.top_of(place))

    def render_line(self, y: int) -> Strip:
        """Return the line at *y* of what is in view; Textual calls it."""
        width, style = self.size.width, self._style
        line = y + self.scroll_offset.y
        if not self.items:
            return self._empty_line(line, width, style)
        if (place := self.item_at(line)) is None:
            return Strip.blank(width, style)
        strip = self._look(self.items[place])[line - self.top_of(place)]
        return self.decorate(place, strip).crop_extend(0, width, style).apply_style(style)

    def notify_style_update(self) -> None:
        """Draw everything anew with the new colours."""
        super().notify_style_update()
        self._known_style = None
        self._forget_looks()
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        """Lay out again for the new width."""
        self.set_items(self.items)

    def _height(self, item: T, width: int) -> int:
        if (known := self._heights.get(item)) is None:
            known = self._heights[item] = self.height(item, width)
        return known

    def _look(self, item: T) -> list[Strip]:
        # For the width of the layout: Textual may draw once before it tells of a new width.
        if (drawn := self._drawn.get(item)) is None:
            drawn = self._drawn[item] = self.draw(item, self._laid_out_for)
        return drawn

    @property
    def _style(self) -> Style:
        """The style of the whole; to ask Textual for it at each line takes longer than the line."""
        if self._known_style is None:
            self._known_style = self.rich_style
        return self._known_style

    def _forget_looks(self) -> None:
        self._drawn.clear()
        self._heights.clear()

    def _empty_line(self, line: int, width: int, style: Style) -> Strip:
        lines = ["", *wrap(self.empty, width - 4)]
        if line >= len(lines):
            return Strip.blank(width, style)
        text = fit(f"  {lines[line]}", width)
        return Strip([Segment(text, self.get_component_rich_style("virtual-list--empty"))], width)


def with_cursor(strip: Strip, sign: str, color: Color | None) -> Strip:
    """Return *strip* with *sign* in its first cell, on the background *color*."""
    segments = Segment.apply_style([Segment(sign), *strip.crop(1)], post_style=Style(bgcolor=color))
    return Strip(segments, strip.cell_length)


def _is_one(pair: tuple[object, object]) -> bool:
    return pair[0] is pair[1]
