"""The picker: a dialog to choose one of many by typing part of its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Input, Static

from helpdesk_tui.widgets.dialogs import DIALOG
from helpdesk_tui.widgets.virtual_list import VirtualList, with_cursor
from helpdesk_tui.wrap import cut
from relay.sanitize import printable_line

SHORT = 14
"""Cells; what is no longer stands at the end of the line, however long the label."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice. ``found_by``: other words that find it; ``preview``: its whole text."""

    value: str
    label: str
    aside: str = ""
    found_by: str = ""
    preview: str = ""

    def matches(self, words: Sequence[str]) -> bool:
        """Return whether each of *words*, folded, is somewhere in it."""
        text = f"{self.label} {self.found_by}".casefold()
        return all(word in text for word in words)

    def label_has(self, words: Sequence[str]) -> bool:
        """Return whether *words*, folded, are in its label alone."""
        return all(word in self.label.casefold() for word in words)


class ChoiceList(VirtualList[Choice], can_focus=False):
    """Shows choices, at most *most* at once; the others come into view with the mark."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--marked", "choices--label", "choices--aside"}
    DEFAULT_CSS = """
    ChoiceList {
        & > .choices--marked { background: $primary 35%; }
        & > .choices--label { color: $foreground; }
        & > .choices--aside { color: $foreground 70%; }
    }
    """

    class Clicked(Message):
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

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show *choices*; the mark is on the first."""
        self._mark = 0
        self.styles.height = min(len(choices), self._most)
        self.set_items(choices)
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
        """Post the clicked choice."""
        if (place := self.item_at(event.y + self.scroll_offset.y)) is not None:
            self.post_message(self.Clicked(self.items[place]))

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

    def decorate(self, place: int, strip: Strip) -> Strip:
        """Return *strip* with the mark, if it is there."""
        if place != self._mark:
            return strip
        return with_cursor(strip, "▌", self.get_component_rich_style("choices--marked").bgcolor)


MOST = 200
"""Choices that are shown at once; who looks for another one types more of it."""

ROWS = 12


class Picker(ModalScreen[str | None]):
    """Shows *choices* and answers with the value of one, or None.

    *free*: what was typed is an answer too, if there is no such choice; *prefix* stands before it.
    *refuses* tells why it cannot be one, as a sentence, or nothing: then it stays to be mended.
    """

    DEFAULT_CSS = f"""
    Picker {{
        {DIALOG}
        & Input {{ padding: 0; background: $boost; }}
        & ChoiceList {{ margin-top: 1; background: $panel; }}
        & #preview {{ height: auto; max-height: 8; margin-top: 1; color: $text-muted; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back"),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "move(10)", show=False, priority=True),
        Binding("pageup", "move(-10)", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        free: bool = False,
        prefix: str = "",
        refuses: Callable[[str], str] = lambda _: "",
        hint: str = "",
        seek: Callable[[str], None] | None = None,
        seek_delay: float = 0.0,
        sought: Callable[[str], Sequence[Choice]] = lambda _: (),
        fits: Callable[[str, Choice], bool] | None = None,
    ) -> None:
        """*title* says what is chosen; *hint* stands where there is nothing to choose.

        *seek* is called *seek_delay* seconds after the last key, to look for what was typed
        elsewhere; *sought* gives what was found there for it so far, and
        :meth:`refresh_choices` shows that. *fits* tells whether what was typed finds a choice; by
        default each word has to be in it.
        """
        super().__init__()
        self._title, self._choices, self._free, self._prefix = title, choices, free, prefix
        self._refuses = refuses
        self._hint = hint or "Nothing of that name."
        self._seek, self._seek_delay, self._found_elsewhere = seek, seek_delay, sought
        self._fits = fits or (lambda typed, choice: choice.matches(typed.casefold().split()))
        self._timer: Timer | None = None
        self._line = Input(placeholder="type to find", select_on_focus=False, compact=True)
        self._list = ChoiceList(ROWS, id="choices")
        self._preview = Static("", id="preview", markup=False)

    def compose(self) -> ComposeResult:
        """Show a line to type in, the choices, and all of the one that is marked."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._title, "bold"), markup=False)
            yield self._line
            yield self._list
            yield self._preview

    def on_mount(self) -> None:
        """Show all choices."""
        self._line.cursor_blink = False
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)
        if self._timer:
            self._timer.stop()
        if seek := self._seek:
            self._timer = self.set_timer(self._seek_delay, lambda: seek(event.value))

    def refresh_choices(self) -> None:
        """Show what was found elsewhere meanwhile; the marked choice stays marked.

        Where the choices are not laid out yet, that shows them as they are then.
        """
        choices = self._list
        if not choices.is_mounted:
            return
        place = choices.items.index(choices.marked) if choices.marked else 0
        self._narrow(self._line.value)
        self.action_move(place)

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        if marked := self._list.marked:
            self.dismiss(marked.value)
        elif self._free and (text := printable_line(event.value)) and not self._refuses(text):
            self.dismiss(self._prefix + text)

    @on(ChoiceList.Clicked)
    def _clicked(self, event: ChoiceList.Clicked) -> None:
        self.dismiss(event.choice.value)

    def action_move(self, by: int) -> None:
        """Mark the choice *by* places further on."""
        self._list.move(by)
        self._look()

    def action_leave(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def _narrow(self, typed: str) -> None:
        words = typed.casefold().split()
        near = [choice for choice in self._choices if self._fits(typed, choice)]
        exact = typed.strip().removeprefix("#")
        near.sort(key=lambda choice: (choice.value != exact, not choice.label_has(words)))
        known = {choice.value for choice in near}
        far = [choice for choice in self._found_elsewhere(typed) if choice.value not in known]
        self._list.set_choices([*near, *far][:MOST])
        text = printable_line(typed)
        takes = self._refuses(text) or f"Enter takes “{self._prefix}{text}”."
        self._look(takes if words else "")

    def _look(self, takes: str = "") -> None:
        """Show all of the marked choice; where there is none, what Enter *takes*."""
        marked = self._list.marked
        says = marked.preview if marked else (takes if self._free and takes else self._hint)
        self._preview.update(Content(says))
