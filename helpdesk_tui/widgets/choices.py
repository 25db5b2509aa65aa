"""Choices below each other, one of them marked: by a sign, for colour says nothing alone.

It takes no key: who shows it moves the mark. It knows nothing of what is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip

from helpdesk_tui.widgets.lines import Lines, pointed_at
from helpdesk_tui.wrap import cut

SHORT = 14
"""Cells; what is no longer stands at the end of the line, however long the label."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose. ``found_by``: what else it is found by; ``preview``: all of it."""

    value: str
    label: str
    aside: str = ""
    found_by: str = ""
    preview: str = ""

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether each of *words*, folded, is somewhere in it."""
        text = f"{self.label} {self.found_by}".casefold()
        return all(word in text for word in words)

    def is_called(self, words: Sequence[str]) -> bool:
        """Return whether *words*, folded, are in its label alone."""
        return all(word in self.label.casefold() for word in words)


class Choices(Lines[Choice], can_focus=False):
    """Shows choices, at most *most* at once; the others come into view with the mark."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--marked", "choices--label", "choices--aside"}
    DEFAULT_CSS = """
    Choices {
        & > .choices--marked { background: $primary 35%; }
        & > .choices--label { color: $foreground; }
        & > .choices--aside { color: $foreground 70%; }
    }
    """

    class Taken(Message):
        """The agent clicked on *choice*."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, most: int, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id)
        self._most, self._mark = most, 0

    @property
    def marked(self) -> Choice | None:
        """The choice that the mark is on."""
        return self.items[self._mark] if self.items else None

    def offer(self, choices: Sequence[Choice]) -> None:
        """Show *choices*; the mark is on the first."""
        self._mark = 0
        self.styles.height = min(len(choices), self._most)
        self.put(choices)
        self.scroll_home(animate=False)

    def mark(self, place: int) -> None:
        """Mark the choice at *place*, or the one that is nearest to it."""
        before, self._mark = self._mark, max(0, min(place, len(self.items) - 1))
        self.refresh_item(before)
        self.refresh_item(self._mark)
        top, shown = self.scroll_offset.y, self.size.height or self._most
        if self._mark < top:
            self.scroll_to(y=self._mark, animate=False)
        elif self._mark >= top + shown:
            self.scroll_to(y=self._mark - shown + 1, animate=False)

    def move(self, by: int) -> None:
        """Mark the choice *by* places further on."""
        self.mark(self._mark + by)

    def on_click(self, event: events.Click) -> None:
        """Tell what was clicked."""
        if (place := self.item_at(event.y + self.scroll_offset.y)) is not None:
            self.post_message(self.Taken(self.items[place]))

    def height(self, item: Choice, width: int) -> int:
        """Return 1."""
        del item, width
        return 1

    def draw(self, item: Choice, width: int) -> list[Strip]:
        """Return a line: the label and what more there is, at the end if that is short."""
        look = self.get_component_rich_style
        room = max(min(SHORT, width // 2), width - cell_len(item.label) - 5)
        aside = cut(item.aside, room)
        label = cut(f"  {item.label}", width - cell_len(aside) - 3)
        between = width - cell_len(label) - cell_len(aside) - 1 if cell_len(aside) <= SHORT else 2
        words = [
            Segment(label + " " * between, look("choices--label")),
            Segment(aside, look("choices--aside")),
        ]
        return [Strip(words)]

    def dress(self, place: int, strip: Strip) -> Strip:
        """Return *strip* with the mark, if it is there."""
        if place != self._mark:
            return strip
        return pointed_at(strip, "▌", self.get_component_rich_style("choices--marked").bgcolor)
