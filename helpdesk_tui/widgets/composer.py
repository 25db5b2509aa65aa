"""Where the agent writes. Sends nothing and keeps nothing; it says what was written."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from helpdesk_tui.keys import Where, bindings
from helpdesk_tui.safety import clean

PASTE_LASTS = 1.0
"""Seconds after a paste in which keys may be the rest of it."""
NO_FINGER = 0.05
"""Seconds: an Enter this soon after the key before it was pasted, not pressed."""


class Composer(TextArea):
    """A text area in which Enter sends, and a paste never does."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.COMPOSER)]

    class Written(Message):
        """The agent wants to send what is in the composer."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, clock: Callable[[], float], *, id: str) -> None:  # noqa: A002 - Textual's
        super().__init__(
            id=id,
            soft_wrap=True,
            compact=True,
            show_line_numbers=False,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Write an answer. Enter sends, Ctrl+J breaks the line.",
        )
        self.cursor_blink = False
        self._clock = clock
        self._pasted_at = self._key_at = -PASTE_LASTS

    def load(self, text: str) -> None:
        """Put *text* in, and the cursor behind it."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def action_send(self) -> None:
        """Say that the agent wants to send; break the line where a paste pressed Enter."""
        now = self._clock()
        pasted = now - self._pasted_at < PASTE_LASTS and now - self._key_at < NO_FINGER
        self._key_at = now
        if pasted:
            self.action_newline()
        else:
            self.post_message(self.Written(self.text))

    def action_newline(self) -> None:
        """Break the line."""
        self._put("\n")

    async def _on_key(self, event: events.Key) -> None:
        self._key_at = self._clock()
        await super()._on_key(event)

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._pasted_at = self._key_at = self._clock()
        self._put(clean(event.text))

    def _put(self, text: str) -> None:
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
