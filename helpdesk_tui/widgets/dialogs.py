"""The help, and a question with two answers. They lie over the console and stop nothing in it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from helpdesk_tui.keys import KEYS, Where

DIALOG = """
    align: center middle;
    & > .dialog {
        width: 64; max-width: 90%; height: auto; max-height: 90%;
        padding: 1 2; background: $panel; border: round $primary;
    }
"""


class Help(ModalScreen[None]):
    """Every key and what it does."""

    DEFAULT_CSS = f"Help {{ {DIALOG} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q,enter", "dismiss", "back", key_display="Esc")
    ]

    def compose(self) -> ComposeResult:
        """Make the table of keys."""
        lines: list[str | tuple[str, str]] = []
        for where in Where:
            lines.append((f"{where.value}\n", "bold $text-accent"))
            for key in KEYS:
                if key.where is where:
                    lines += [(f"  {key.shown:<8}", "bold"), f" {key.help}\n"]
            lines.append("\n")
        lines.append(
            ("● waiting   ▸ yours   ○ a colleague's   ✗ closed   (Esc: back)", "$foreground 60%")
        )
        with VerticalScroll(classes="dialog"):
            yield Static(Content.assemble(*lines), markup=False)


class Question(ModalScreen[bool]):
    """Asks once. Only `y` is a yes: the key that opened it may be held down, and repeats."""

    DEFAULT_CSS = f"Question {{ {DIALOG} }}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no", key_display="Esc"),
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
