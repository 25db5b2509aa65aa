"""The help, a question with two answers, and a line to write.

They lie over the console and stop nothing in it.
"""

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from helpdesk_tui.keys import TITLES, Key, Where

Answer = TypeVar("Answer")
SIGNS = """\
● waiting  ▸ yours  ○ a colleague's  ✗ closed  ! waits long  !! too long
✓ sent  ✓✓ read by the customer  … on its way  ! not sent  (Esc: back)"""
DIALOG = """
    align: center middle;
    & > .dialog {
        width: 64; max-width: 90%; height: auto; max-height: 90%;
        padding: 1 2; background: $panel; border: round $primary;
    }
"""


class Asks(ModalScreen[Answer]):
    """A dialog to type in. What is typed before it is drawn is not lost."""

    def __init__(self) -> None:
        super().__init__()
        self._early: list[events.Key] = []

    def on_key(self, event: events.Key) -> None:
        """Keep a key that comes before the line to type in has the focus."""
        if self.focused is None:
            event.stop()
            self._early.append(events.Key(event.key, event.character))

    def on_descendant_focus(self) -> None:
        """Pass on what came too early."""
        early, self._early = self._early, []
        for key in early:
            self.app.post_message(key)


class Help(ModalScreen[None]):
    """Every key of *table* and what it does; *keys* lead here and back."""

    DEFAULT_CSS = f"Help {{ {DIALOG} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "back")]

    def __init__(self, table: Sequence[Key], keys: Collection[str]) -> None:
        super().__init__()
        self._table, self._keys = table, keys

    def compose(self) -> ComposeResult:
        """Make the table of keys."""
        lines: list[str | tuple[str, str]] = []
        for where in Where:
            lines.append((f"{TITLES[where]}\n", "bold $text-accent"))
            for key in self._table:
                if key.where is where:
                    lines += [(f"  {key.shown:<10}", "bold"), f" {key.help}\n"]
            lines.append("\n")
        lines.append((SIGNS, "$foreground 70%"))
        with VerticalScroll(classes="dialog"):
            yield Static(Content.assemble(*lines), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Go back by the key that led here."""
        if event.key in self._keys:
            event.stop()  # or it would lead here again
            self.dismiss()


class Question(ModalScreen[bool]):
    """Asks once. Only `y` is a yes: the key that opened it may be held down, and repeats."""

    DEFAULT_CSS = f"Question {{ {DIALOG} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
    ]

    def __init__(self, question: str, yes: str, no: str) -> None:
        super().__init__()
        self._lines = (f"{question}\n\n", ("y", "bold"), f"  {yes}\n", ("n", "bold"), f"  {no}")

    def compose(self) -> ComposeResult:
        """Show the question and what each key answers."""
        yield Static(Content.assemble(*self._lines), markup=False, classes="dialog")

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 - the binding gives it
        """Give the answer to whoever asked."""
        self.dismiss(yes)


class Line(Asks[str | None]):
    """Asks for one line, which may be empty; the answer is None if there is none.

    Who leaves it gives what was written so far to *leave*.
    """

    DEFAULT_CSS = f"""
    Line {{ {DIALOG} & Input {{ padding: 0; background: $boost; }} }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back"),
    ]

    def __init__(self, question: str, placeholder: str, leave: Callable[[str], None]) -> None:
        super().__init__()
        self._question, self._placeholder, self._leave = question, placeholder, leave

    def compose(self) -> ComposeResult:
        """Show the question and the line."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield Input(placeholder=self._placeholder, compact=True)

    def on_mount(self) -> None:
        """Keep the cursor still: blinking would write to the terminal for ever."""
        self.query_one(Input).cursor_blink = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line to whoever asked."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Give no answer."""
        self._leave(self.query_one(Input).value)
        self.dismiss(None)
