"""The customer pane: name, contact, page, browser, earlier requests."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from helpdesk_tui.model.customer import ProfileLine


class CustomerPane(VerticalScroll):
    """Shows labelled lines; Tab leads here, and the arrows scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "app.leave", "list", key_display="Esc")
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._lines: tuple[ProfileLine, ...] | None = None
        self._text = Static("", markup=False)

    def compose(self) -> ComposeResult:
        """Show one text, however many lines it has."""
        yield self._text

    def show(self, lines: Sequence[ProfileLine]) -> None:
        """Show *lines*; what has not changed is not drawn again."""
        if tuple(lines) == self._lines:
            return
        self._lines = tuple(lines)
        self._text.update(Content("\n").join(map(_content, self._lines)))


def _content(line: ProfileLine) -> Content:
    if line.heading:
        return Content.assemble("\n", (line.text, "bold"))
    return Content.assemble((f"{line.label} " if line.label else "  ", "dim"), line.text)
