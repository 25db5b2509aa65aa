"""The desk in numbers, over the console; it computes none of them."""

from collections.abc import Callable, Collection, Iterable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from helpdesk_tui.widgets.dialogs import DIALOG


class Figures(ModalScreen[None]):
    """Shows the lines that *page* gives, now and whenever it is told to."""

    DEFAULT_CSS = f"Figures {{ {DIALOG} & > .dialog {{ width: 90; }} }}"
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
        """Begin with what is known."""
        self.show()

    def on_key(self, event: events.Key) -> None:
        """Go back by the key that led here."""
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
