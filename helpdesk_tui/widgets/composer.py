"""Where the agent writes. Sends nothing and keeps nothing; it says what was written."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widgets import TextArea

from helpdesk_tui.keys import Where, actions, bindings
from helpdesk_tui.safety import clean

PASTE_LASTS = 1.0
"""Seconds after a paste, or an odd key, in which keys may be the rest of a paste."""
ESCAPE_IN_A_PASTE = "^"
"""What Textual makes of it; the rest of the paste then comes as keys."""
NO_FINGER = 0.05
"""Seconds: an Enter this soon after the key before it was pasted, not pressed."""


# Textual lets a text area keep Alt with a letter from the bindings of others.
ACTIONS = actions(Where.EVERYWHERE) | actions(Where.COMPOSER)


class Composer(TextArea):
    """A text area in which Enter sends, and a paste never does.

    *write* is given what Enter sends and answers whether it was taken; if not, it stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.COMPOSER)]

    def __init__(
        self,
        write: Callable[[str], bool],
        clock: Callable[[], float],
        *,
        id: str,  # noqa: A002 - Textual's own name
    ) -> None:
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
        self._write, self._clock = write, clock
        self._odd_key_at = self._key_at = -PASTE_LASTS

    def load(self, text: str) -> None:
        """Put *text* in, and the cursor behind it."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    def action_send(self) -> None:
        """Hand the text over; break the line instead where a paste pressed Enter."""
        now = self._clock()
        if now - self._odd_key_at < PASTE_LASTS and now - self._key_at < NO_FINGER:
            self.action_newline()
        elif self._write(self.text):
            self.load("")

    def action_newline(self) -> None:
        """Break the line."""
        self._put("\n")

    async def _on_key(self, event: events.Key) -> None:
        if action := ACTIONS.get(event.key):
            # As a binding it would overtake the keys that were typed before it.
            event.stop()
            event.prevent_default()
            await self.run_action(action)
        elif not event.is_printable or event.character == ESCAPE_IN_A_PASTE:
            self._odd_key_at = self._clock()
        self._key_at = self._clock()

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._odd_key_at = self._key_at = self._clock()
        self._put(clean(event.text))

    def _put(self, text: str) -> None:
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
