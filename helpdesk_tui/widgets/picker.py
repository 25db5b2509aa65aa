"""Choose one of many by typing some of its words: requests, responses, colleagues, links, emoji.

It knows none of them: it is given choices, and gives one back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from helpdesk_tui.safety import clean_line
from helpdesk_tui.widgets.dialogs import DIALOG, Asks

MOST = 200
"""Choices that are shown at once; who looks for another one types more of it."""

SEEK_AFTER = 0.25
"""Seconds without a key until what was typed is looked for elsewhere."""


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


class Picker(Asks[str | None]):
    """Shows *choices* and answers with the value of one, or None.

    *free*: what was typed is an answer too, if there is no such choice; *prefix* stands before it.
    """

    DEFAULT_CSS = f"""
    Picker {{
        {DIALOG}
        & Input {{ padding: 0; background: $boost; }}
        & OptionList {{
            height: auto; max-height: 14; border: none; padding: 0; background: $panel;
        }}
        & #preview {{ height: auto; max-height: 8; margin-top: 1; color: $text-muted; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back", key_display="Esc"),
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
        self._hint = hint or "Nothing of that name."
        self._seek, self._sought = seek, sought
        self._timer: Timer | None = None
        self._shown: list[Choice] = []

    def compose(self) -> ComposeResult:
        """Show a line to type in, the choices, and all of the one that is marked."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._title, "bold"), markup=False)
            yield Input(placeholder="type to find", select_on_focus=False, compact=True)
            yield OptionList(markup=False)
            yield Static("", id="preview", markup=False)

    def on_mount(self) -> None:
        """Begin with all choices."""
        self.query_one(Input).cursor_blink = False
        self.query_one(OptionList).can_focus = False
        self._narrow("")

    @property
    def _options(self) -> OptionList | None:
        """The choices; None before they are laid out, and when the screen is gone."""
        return next(iter(self.query(OptionList)), None) if self.is_mounted else None

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
        if (options := self._options) is None:
            return
        marked = options.highlighted or 0
        self._narrow(self.query_one(Input).value)
        options.highlighted = min(marked, len(self._shown) - 1) if self._shown else None

    @on(Input.Submitted)
    def _chosen(self, event: Input.Submitted) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None and self._shown:
            self.dismiss(self._shown[options.highlighted].value)
        elif self._free and (text := clean_line(event.value)):
            self.dismiss(self._prefix + text)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].value)

    @on(OptionList.OptionHighlighted)
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        place = event.option_index
        preview = self._shown[place].preview if place < len(self._shown) else ""
        self.query_one("#preview", Static).update(Content(preview))

    def action_move(self, by: int) -> None:
        """Mark the choice *by* places further on."""
        options = self._options
        if options is not None and options.highlighted is not None:
            last = len(self._shown) - 1
            options.highlighted = max(0, min(options.highlighted + by, last))

    def action_leave(self) -> None:
        """Choose nothing."""
        self.dismiss(None)

    def _narrow(self, typed: str) -> None:
        words = typed.casefold().split()
        near = [choice for choice in self._choices if choice.matches(words)]
        known = {choice.value for choice in near}
        far = [choice for choice in self._sought(typed) if choice.value not in known]
        self._shown = [*near, *far][:MOST]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(
            Option(Content.assemble(choice.label, "  ", (choice.aside, "dim")))
            for choice in self._shown
        )
        options.highlighted = 0 if self._shown else None
        if not self._shown:
            free = (
                f"Enter takes “{self._prefix}{clean_line(typed)}”."
                if self._free and words
                else self._hint
            )
            self.query_one("#preview", Static).update(Content(free))
