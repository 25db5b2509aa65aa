"""The line of keys at the bottom: what works where the keys go now, each to be clicked too.

It is one text. Textual's own footer mounts a widget for each key whenever the focus moves, which
takes longer than to open a request.
"""

from collections.abc import Iterator

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from helpdesk_tui.keys import Key, Keymap, Where
from helpdesk_tui.widgets.bars import MUTED, Bar, Part
from helpdesk_tui.widgets.composer import Composer
from helpdesk_tui.widgets.request_list import RequestList

FIRST = "everywhere.help"
"""The key that is shown however narrow the terminal is."""
Shown = tuple[str, str, Key | None]
"""A key, what it does, and its place in the table; None for what one pane alone has."""


class KeyBar(Bar):
    """Shows the keys of *keymap* that have a label."""

    class Clicked(Message):
        """The agent clicked on *key*."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self, keymap: Keymap, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._keymap = keymap
        self._keys: list[Shown] = []

    def show_for(self, focused: Widget | None) -> None:
        """Show the keys that work where *focused* has them."""
        self._keys = list(self._working(focused))
        parts: list[Part] = []
        for name, label, _ in self._keys:
            parts += [(name, "bold"), (f" {label}  ", MUTED)]
        self.show(tuple(parts))

    def on_click(self, event: events.Click) -> None:
        """Tell which key was clicked."""
        end = self.styles.padding.left
        for name, label, key in self._keys:
            end += cell_len(f"{name} {label}  ")
            if event.x < end:
                if key:
                    self.post_message(self.Clicked(key))
                return

    def _working(self, focused: Widget | None) -> Iterator[Shown]:
        labelled = [key for key in self._keymap.keys if key.label]
        everywhere = [key for key in labelled if key.where is Where.EVERYWHERE]
        everywhere.sort(key=lambda key: key.id != FIRST)
        yield _shown(everywhere[0])
        match focused:
            case RequestList():
                yield from (_shown(key) for key in labelled if key.where is Where.LIST)
            case Composer():
                yield from (_shown(key) for key in labelled if key.where is Where.WRITING)
            case Widget():
                for binding in type(focused).BINDINGS:
                    if isinstance(binding, Binding) and binding.key_display:
                        yield binding.key_display, binding.description, None
            case None:
                pass
        yield from map(_shown, everywhere[1:])


def _shown(key: Key) -> Shown:
    return key.shown.split()[0], key.label, key
