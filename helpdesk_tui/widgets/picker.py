"""Choose one of many by typing some of its words: requests, responses, colleagues, links, emoji.

It knows none of them: it is given choices, and gives one back.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, Static

from helpdesk_tui.safety import clean_line
from helpdesk_tui.widgets.choices import Choice, Choices
from helpdesk_tui.widgets.dialogs import DIALOG, Asks

MOST = 200
"""Choices that are shown at once; who looks for another one types more of it."""

ROWS = 12
SEEK_AFTER = 0.25
"""Seconds without a key until what was typed is looked for elsewhere."""


class Picker(Asks[str | None]):
    """Shows *choices* and answers with the value of one, or None.

    *free*: what was typed is an answer too, if there is no such choice; *prefix* stands before it.
    *refuses* tells why it cannot be one, as a sentence, or nothing: then it stays to be mended.
    """

    DEFAULT_CSS = f"""
    Picker {{
        {DIALOG}
        & Input {{ padding: 0; background: $boost; }}
        & Choices {{ margin-top: 1; background: $panel; }}
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
        sought: Callable[[str], Sequence[Choice]] = lambda _: (),
    ) -> None:
        """*title* says what is chosen; *hint* stands where there is nothing to choose.

        *seek* is called a moment after something was typed, to look for it elsewhere; *sought*
        gives what was found there for it so far, and :meth:`look_again` shows that.
        """
        super().__init__()
        self._title, self._choices, self._free, self._prefix = title, choices, free, prefix
        self._refuses = refuses
        self._hint = hint or "Nothing of that name."
        self._seek, self._sought = seek, sought
        self._timer: Timer | None = None
        self._line = Input(placeholder="type to find", select_on_focus=False, compact=True)
        self._list = Choices(ROWS, id="choices")
        self._preview = Static("", id="preview", markup=False)

    def compose(self) -> ComposeResult:
        """Show a line to type in, the choices, and all of the one that is marked."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._title, "bold"), markup=False)
            yield self._line
            yield self._list
            yield self._preview

    def on_mount(self) -> None:
        """Begin with all choices."""
        self._line.cursor_blink = False
        self._narrow("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._narrow(event.value)
        if self._timer:
            self._timer.stop()
        if seek := self._seek:
            self._timer = self.set_timer(SEEK_AFTER, lambda: seek(event.value))

    def look_again(self) -> None:
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
        elif self._free and (text := clean_line(event.value)) and not self._refuses(text):
            self.dismiss(self._prefix + text)

    @on(Choices.Taken)
    def _clicked(self, event: Choices.Taken) -> None:
        self.dismiss(event.choice.value)

    def action_move(self, by: int) -> None:
        """Mark the choice *by* places further on."""
        self._list.move(by)
        self._look()

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def _narrow(self, typed: str) -> None:
        words = typed.casefold().split()
        near = [choice for choice in self._choices if choice.matches(words)]
        exact = typed.strip().removeprefix("#")
        near.sort(key=lambda choice: (choice.value != exact, not choice.is_called(words)))
        known = {choice.value for choice in near}
        far = [choice for choice in self._sought(typed) if choice.value not in known]
        self._list.offer([*near, *far][:MOST])
        text = clean_line(typed)
        takes = self._refuses(text) or f"Enter takes “{self._prefix}{text}”."
        self._look(takes if words else "")

    def _look(self, takes: str = "") -> None:
        """Show all of the marked choice; where there is none, what Enter *takes*."""
        marked = self._list.marked
        says = marked.preview if marked else (takes if self._free and takes else self._hint)
        self._preview.update(Content(says))
