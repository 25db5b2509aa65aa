"""Modal dialogs: help, confirmation, text input, statistics."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from helpdesk_tui.keys import TITLES, Key, Scope
from relay.sanitize import written_text

Answer = TypeVar("Answer")
SIGNS = """\
● waiting  ▸ yours  ○ a colleague's  ✗ closed  ! waits long  !! too long
✓ sent  ✓✓ read by the customer  … on its way  ! not sent  (Esc: back)"""
BREAKS = {"ctrl+j", "shift+enter"}
"""The keys that break a line."""
DIALOG = """
    align: center middle;
    & > .dialog {
        width: 64; max-width: 90%; height: auto; max-height: 90%;
        padding: 1 2; background: $panel; border: round $primary;
    }
"""


class HelpDialog(ModalScreen[None]):
    """Every key of *table* and what it does; *keys* lead here and back."""

    DEFAULT_CSS = f"HelpDialog {{ {DIALOG} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "back")]

    def __init__(self, table: Sequence[Key], keys: Collection[str]) -> None:
        super().__init__()
        self._table, self._keys = table, keys

    def compose(self) -> ComposeResult:
        """Make the table of keys."""
        lines: list[str | tuple[str, str]] = []
        for scope in Scope:
            lines.append((f"{TITLES[scope]}\n", "bold $text-accent"))
            for key in self._table:
                if key.scope is scope:
                    lines += [(f"  {key.display:<10}", "bold"), f" {key.help}\n"]
            lines.append("\n")
        lines.append((SIGNS, "$foreground 70%"))
        with VerticalScroll(classes="dialog"):
            yield Static(Content.assemble(*lines), markup=False)

    def on_key(self, event: events.Key) -> None:
        """Close by the key that opened the dialog."""
        if event.key in self._keys:
            event.stop()  # or it would lead here again
            self.dismiss()


class ConfirmDialog(ModalScreen[bool]):
    """Asks once. Only `y` is a yes: the key that opened it may be held down, and repeats."""

    DEFAULT_CSS = f"ConfirmDialog {{ {DIALOG} }}"
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
        """Close with the answer."""
        self.dismiss(yes)


class MultilineInput(TextArea):
    """A few lines to write. Enter hands them over; what is pasted goes in whole."""

    class Submitted(Message):
        """Enter was pressed."""

    def on_mount(self) -> None:
        """Keep the cursor still: blinking would write to the terminal forever."""
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        if event.key not in {"enter", *BREAKS}:
            return
        event.stop()
        event.prevent_default()  # both are text to Textual, and a binding would overtake it
        if event.key in BREAKS:
            self.replace("\n", *self.selection, maintain_selection_offset=False)
        else:
            self.post_message(self.Submitted())

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.replace(written_text(event.text), *self.selection, maintain_selection_offset=False)


class TextDialog(ModalScreen[str | None]):
    """Asks for some words, of which there may be none; the answer is None if there is none.

    Who leaves it gives what was written so far to *leave*.
    """

    DEFAULT_CSS = f"""
    TextDialog {{
        {DIALOG}
        & MultilineInput {{ height: auto; max-height: 6; padding: 0; background: $boost; }}
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back"),
    ]

    def __init__(self, question: str, placeholder: str, leave: Callable[[str], None]) -> None:
        super().__init__()
        self._question, self._leave = question, leave
        self._pad = MultilineInput(
            compact=True,
            placeholder=placeholder,
            tab_behavior="focus",
            highlight_cursor_line=False,
            show_line_numbers=False,
        )

    def compose(self) -> ComposeResult:
        """Show the question and where to write."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), markup=False)
            yield self._pad

    @on(MultilineInput.Submitted)
    def _hand_over(self) -> None:
        """Close with the text."""
        self.dismiss(self._pad.text)

    def action_leave(self) -> None:
        """Pass the text to *leave* and close without an answer."""
        self._leave(self._pad.text)
        self.dismiss(None)


class StatsDialog(ModalScreen[None]):
    """Shows the lines that *page* gives, now and whenever it is told to."""

    DEFAULT_CSS = f"StatsDialog {{ {DIALOG} & > .dialog {{ width: 90; }} }}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", "back")]

    def __init__(self, page: Callable[[], Iterable[str]], keys: Collection[str]) -> None:
        """*keys* lead here and back."""
        super().__init__()
        self._page, self._keys = page, keys
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """Show one text."""
        with VerticalScroll(classes="dialog"):
            yield self._text

    def on_mount(self) -> None:
        """Show what is known."""
        self.show()

    def on_key(self, event: events.Key) -> None:
        """Close by the key that opened the dialog."""
        if event.key in self._keys:
            event.stop()  # or it would lead here again
            self.dismiss()

    def show(self) -> None:
        """Show the lines as they now are."""
        lines = (
            Content(line) if line.startswith(" ") else Content.styled(line, "bold")
            for line in self._page()
        )
        self._text.update(Content("\n").join(lines))
