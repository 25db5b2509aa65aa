"""The conversation view: the messages of the open request."""

from collections.abc import Iterator, Sequence
from typing import ClassVar
from urllib.parse import quote

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from helpdesk_tui.model.conversation import MORE_NEW, NEW, Block
from helpdesk_tui.model.formatted_text import TextSpan, formatted
from helpdesk_tui.widgets.virtual_list import VirtualList
from helpdesk_tui.wrap import cut, wrap

WIDEST_TEXT = 96
BARS = {
    "customer": "┃",
    "me": "┃",
    "colleague": "┃",
    "desk": "│",
    "note": "┋",
    "unsent": "┆",
    "failed": "!",
}
DIVIDERS = {"day", "new", "gap"}
ASCII = "".join(map(chr, range(0x21, 0x7F)))
"""What the address of a terminal's link may hold as it is."""
HEADLESS = DIVIDERS | {"activity", "unsent", "failed"}
"""The tones of blocks that show no speaker above their text."""


class ConversationView(VirtualList[Block], can_focus=False):
    """Shows a conversation, block by block; the composer keeps the keys and scrolls it.

    Where it is shown alone, to look at, the keys are its own.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.enter", "go in", key_display="Enter"),
        Binding("escape,space", "app.leave", "list", key_display="Esc"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "conversation--customer",
        "conversation--me",
        "conversation--colleague",
        "conversation--desk",
        "conversation--note",
        "conversation--unsent",
        "conversation--failed",
        "conversation--new",
        "conversation--link",
        "conversation--code",
        "conversation--aside",
        "conversation--text",
    }
    DEFAULT_CSS = """
    ConversationView {
        & > .conversation--customer { color: $accent; }
        & > .conversation--me { color: $success; }
        & > .conversation--colleague { color: $secondary; }
        & > .conversation--desk { color: $text-muted; }
        & > .conversation--note { color: $warning; background: $warning 12%; }
        & > .conversation--unsent { color: $warning; }
        & > .conversation--failed { color: $error; }
        & > .conversation--new { color: $warning; text-style: bold; }
        & > .conversation--link { text-style: underline; }
        & > .conversation--code { background: $foreground 15%; }
        & > .conversation--aside { color: $text-muted; }
        & > .conversation--text { color: $foreground; }
    }
    """

    class TopReached(Message):
        """The view has reached the first message that is shown."""

    class Scrolled(Message):
        """The view has scrolled."""

    def __init__(self, remedy: str, *, id: str) -> None:  # noqa: A002 - Textual's own name
        """*remedy* stands at what was not sent."""
        super().__init__("", id=id)
        self._remedy = remedy
        self.following = True
        self.new_below = 0
        self._seeks_new = False

    def show(self, blocks: Sequence[Block], *, anew: bool) -> None:
        """Show *blocks*; *anew*: of another conversation than before, from its end."""
        following = self.following or anew
        if tuple(blocks) == self.items and not anew:
            return
        anchor = None if following else self._anchor()
        last = self.items[-1].key if self.items else None
        self.set_items(blocks)
        if self._seeks_new and not anew and self.scroll_to_unread(later=True):
            return
        if anchor is None:
            self._to_end()
            return
        self._restore_anchor(*anchor)
        keys = [block.key for block in blocks]
        self.new_below += len(keys) - 1 - keys.index(last) if last in keys else 0

    def on_resize(self, _: object) -> None:
        """Lay out for the new size, and stay where the agent reads."""
        anchor = None if self.following else self._anchor()
        self.set_items(self.items)
        if anchor:
            self._restore_anchor(*anchor)
        else:
            self._to_end()
        self.post_message(self.Scrolled())

    @property
    def new_above(self) -> str:
        """The number of new texts above the view; after ≥ if more may exist."""
        for key, sign in ((NEW, ""), (MORE_NEW, "≥")):
            place = self._place_of(key)
            if place is not None and self.top_of(place) < self.scroll_offset.y:
                first_shown = self.item_at(self.scroll_offset.y) or 0
                above = self.items[place:first_shown]
                return f"{sign}{sum(item.tone == 'customer' for item in above)}"
        return ""

    def scroll_to_unread(self, *, later: bool = False) -> bool:
        """Show the divider of what is new; return whether there is one.

        *later*: show it when it has come, unless the agent goes elsewhere before.
        """
        self._seeks_new = later
        if (place := self._place_of(NEW)) is None:
            return False
        self._seeks_new = False
        self.scroll_to(y=self.top_of(place), animate=False, force=True)
        return True

    def follow(self) -> None:
        """Scroll to the end, and follow it."""
        self._seeks_new = False
        self._to_end()

    def scroll_page(self, pages: int) -> None:
        """Scroll by *pages*, back if they are negative; at the beginning that asks for more."""
        self._seeks_new = False
        if pages < 0 and not self.scroll_offset.y:
            self.post_message(self.TopReached())
        self.scroll_relative(y=pages * max(1, self.size.height - 1), animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end while it is in view, and ask for more at the beginning."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) == round(new_value):
            return
        self.following = self.is_vertical_scroll_end
        if self.following:
            self.new_below = 0
        self.post_message(self.Scrolled())
        if new_value < self.size.height / 2 and new_value < old_value:
            self.post_message(self.TopReached())

    def height(self, item: Block, width: int) -> int:
        """Return how many lines a block takes, without drawing it."""
        match item.tone:
            case "day":
                return 2
            case "new" | "gap":
                return 1
            case "activity":
                return len(_wrapped(item, width))
            case "unsent" | "failed":
                return len(_wrapped(item, width)) + len(self._why(item, width))
            case _:
                return len(_wrapped(item, width)) + _head_height(item)

    def draw(self, item: Block, width: int) -> list[Strip]:
        """Return the lines of a block."""
        aside = self.get_component_rich_style("conversation--aside")
        match item.tone:
            case "day":
                return [_line([]), _line([(f"── {item.text} ──".center(width), aside)])]
            case "new":
                rule = f" {item.text} ".center(width - 2, "─")
                return [_line([(f" {rule}", self.get_component_rich_style("conversation--new"))])]
            case "gap":
                return [_line([(cut(f"  ⋯ {item.text}", width), aside)])]
            case "activity":
                return [
                    _line([("    " if number else "  · ", aside), (line, aside)])
                    for number, line in enumerate(_wrapped(item, width))
                ]
            case _:
                return self._said(item, width)

    def _said(self, item: Block, width: int) -> list[Strip]:
        look = self.get_component_rich_style
        color, aside = look(f"conversation--{item.tone}"), look("conversation--aside")
        bar = (f" {BARS[item.tone]} ", color)
        lines = [_line([bar, *parts]) for parts in self._text(item, width)]
        if item.tone in {"unsent", "failed"}:
            return [*lines, *(_line([bar, (line, color)]) for line in self._why(item, width))]
        if item.head:
            name = cut(item.head, width - 12)
            head = _line([bar, (name, color + Style(bold=True)), (f"  {item.time}", aside)])
            return [_line([]), head, *lines]
        return lines

    def _text(self, item: Block, width: int) -> Iterator[list[tuple[str, Style]]]:
        """Yield the lines of a text with its formats, and behind the last one its state."""
        look = self.get_component_rich_style
        plain = look("conversation--aside" if item.tone == "unsent" else "conversation--text")
        *lines, last = _wrapped(item, width)
        bare = last.removesuffix(item.state)
        state = f" {item.state}" if item.state else ""
        split = formatted(item.text).split([*lines, bare.rstrip()])
        for number, parts in enumerate(split):
            shown = [(part.words, plain + self._format(part)) for part in parts]
            yield [*shown, (state, look("conversation--aside"))] if number == len(lines) else shown

    def _format(self, part: TextSpan) -> Style:
        look, formats = self.get_component_rich_style, part.formats
        style = Style(bold="b" in formats or None, italic="i" in formats or None)
        if "c" in formats:
            style += look("conversation--code", partial=True)
        if part.address:
            style += look("conversation--link", partial=True)
            style += Style(link=quote(part.address, safe=ASCII))
        return style

    def _why(self, item: Block, width: int) -> list[str]:
        """Return in lines why a text is not at the customer's."""
        waits = item.tone == "unsent"
        return wrap(f"… {item.head}" if waits else f"! {item.head} {self._remedy}", width - 4)

    def _place_of(self, key: str) -> int | None:
        return next((place for place, item in enumerate(self.items) if item.key == key), None)

    def _anchor(self) -> tuple[str, int] | None:
        """Return the first message in view, and how far the view's first line is below its text.

        Dividers and heads hold nothing: what comes before them may take their place.
        """
        line, below = self.scroll_offset.y, range(0)
        if (first := self.item_at(line)) is not None:
            below = range(first, len(self.items))
        place = next((at for at in below if self.items[at].tone not in DIVIDERS), None)
        return None if place is None else (self.items[place].key, line - self._text_top(place))

    def _restore_anchor(self, key: str, below: int) -> None:
        if (place := self._place_of(key)) is not None:
            self.scroll_to(y=self._text_top(place) + below, animate=False, force=True)

    def _text_top(self, place: int) -> int:
        return self.top_of(place) + _head_height(self.items[place])

    def _to_end(self) -> None:
        self.following, self.new_below = True, 0
        self.scroll_end(animate=False, immediate=True, force=True)


def _head_height(item: Block) -> int:
    """Return the lines of the speaker's name and of the space above it."""
    return 2 if item.head and item.tone not in HEADLESS else 0


def _wrapped(block: Block, width: int) -> list[str]:
    activity = block.tone == "activity"
    text = f"{block.time} {block.text}".strip() if activity else formatted(block.text).words
    # The state is a word of the text's last line, so that it costs a line only where it must.
    text = f"{text} {block.state}" if block.state else text
    return wrap(text, min(width - 4, WIDEST_TEXT))


def _line(parts: list[tuple[str, Style]]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])
