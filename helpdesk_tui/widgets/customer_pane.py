"""The side pane: who the customer is, where they are, and what they asked before."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from helpdesk_tui.model.customer import Line


class Info(VerticalScroll):
    """Shows lines of what a thing is and what it says; Tab leads here, and the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.leave", "list", key_display="Esc")
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._lines: tuple[Line, ...] | None = None
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """Show one text, however many lines it has."""
        yield self._text

    def show(self, lines: Sequence[Line]) -> None:
        """Show *lines*; what has not changed is not drawn again."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self._text.update(Content("\n").join(map(_content, self._lines)))


def _content(line: Line) -> Content:
    if line.heading:
        return Content.assemble("\n", (line.says, "bold"))
    return Content.assemble((f"{line.about} " if line.about else "  ", "dim"), line.says)
