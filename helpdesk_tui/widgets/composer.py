"""The composer: a text area for answers and notes, with emoji suggestions."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import TextArea

from helpdesk_tui.emoji import find_shortcodes, replace_shortcode, shortcode_prefix
from helpdesk_tui.keys import Keymap, Scope, bindings
from helpdesk_tui.widgets.picker import Choice, ChoiceList
from relay.sanitize import written_text

MOST = 6


class EmojiSuggestions(ChoiceList):
    """Suggests emoji for a shortcode being typed, until the agent dismisses them."""

    DEFAULT_CSS = """
    EmojiSuggestions { overlay: screen; display: none; width: 40; background: $panel; margin: 0 2; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(MOST, id=id)
        self._left = False

    def suggest(self, before: str, *, typed: bool) -> None:
        """Suggest emoji for the text *before* the cursor, if it was *typed*."""
        beginning = shortcode_prefix(before)
        self._left = self._left and bool(beginning)
        emoji = find_shortcodes(beginning, MOST) if beginning and typed and not self._left else ()
        choices = tuple(
            Choice(character, f"{character}  :{name}:", "", beginning) for character, name in emoji
        )
        if choices != self.items:
            self.set_choices(choices)
            self.styles.offset = (0, -len(choices))
            self.display = bool(choices)

    def dismiss(self) -> None:
        """Suggest nothing until another shortcode is begun."""
        self._left = True
        self.suggest("", typed=False)
        self._left = True


ANSWER = "Write an answer. {send} sends, {newline} breaks the line."
NOTE = "Write a note. Only agents see it."
NOTE_TITLE = "✎ note, for agents only"
GONE_TITLE = "gone: F7 Ctrl+C copies, {leave} leaves"
WRITES = {"send", "newline", "app.canned"}
"""Actions on the text, which do nothing once its request is gone."""
MANY_LINES = 3
"""From so many lines on it says that all go out as one message."""


class Composer(TextArea):
    """A text area in which Enter sends, and a paste never does.

    *write* is given what Enter sends; the text stays until it loads another.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.WRITING)]

    def __init__(
        self,
        write: Callable[[str], None],
        keymap: Keymap,
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
        )
        self.cursor_blink = False
        self._write = write
        # Textual lets a text area keep Alt with a letter from the bindings of others.
        self._actions = keymap.actions(Scope.WRITING, Scope.EVERYWHERE)
        self._answer = ANSWER.format(
            send=keymap.display("writing.send"), newline=keymap.display("writing.newline")
        )
        self._gone_title = GONE_TITLE.format(leave=keymap.display("writing.leave"))
        self.limit = 0
        self.suggestions = EmojiSuggestions(id="names")
        self._typed = False

    def load(self, text: str, *, note: bool = False) -> None:
        """Replace the content by *text*, a note or an answer; the cursor goes to its end."""
        self.read_only = False
        self.remove_class("-gone")
        self.load_text(text)
        self.move_cursor(self.document.end)
        self.set_class(note, "-note")
        self.placeholder = NOTE if note else self._answer
        self.border_title = Content(NOTE_TITLE) if note else None

    def freeze(self) -> None:
        """Keep the text, to be read and copied, of a request that is gone; keys change nothing."""
        self.suggestions.dismiss()
        self.read_only = True
        self.add_class("-gone")
        self.border_title = Content(self._gone_title)

    def suggest_emoji(self) -> None:
        """Suggest emoji for the shortcode being typed."""
        self.suggestions.suggest(self._before_cursor(), typed=self._typed)

    def on_text_area_selection_changed(self) -> None:
        """Suggest anew for where the cursor is now."""
        self.suggest_emoji()

    def on_hide(self, event: events.Hide) -> None:
        """Keep the focus: when this event arrives, the composer may be in view again."""
        event.prevent_default()

    def on_blur(self) -> None:
        """Suggest nothing without the focus."""
        self.suggestions.dismiss()

    def insert_text(self, text: str) -> None:
        """Insert *text* at the cursor."""
        self._put(text)

    def on_text_area_changed(self) -> None:
        """Show the length, where that matters, and suggest emoji."""
        self.suggest_emoji()
        lines, size = self.document.line_count, len(self.text)
        parts = [f"{lines} lines, one message"] if lines >= MANY_LINES else []
        if self.limit and size > self.limit * 0.8:
            parts.append(f"{size:,} of {self.limit:,}")
        self.border_subtitle = Content(" · ".join(parts)) if parts else None

    def action_send(self) -> None:
        """Send the text."""
        if not self.read_only:
            self._write(self.text)

    def action_newline(self) -> None:
        """Break the line."""
        self._put("\n")

    async def _on_key(self, event: events.Key) -> None:
        self._typed = event.is_printable or event.key == "backspace"
        if self.suggestions.items and self._handled_by_suggestions(event.key):
            event.stop()
            event.prevent_default()
            return
        # What can be typed is a command only where nothing is typed yet; Alt+N bears an n, too.
        typed = event.is_printable and "+" not in event.key
        action = self._actions.get(event.key)
        if self.read_only and (typed or action in WRITES):
            event.stop()
            event.prevent_default()
        elif action and not (typed and self.text):
            # As a binding it would overtake the keys that were typed before it.
            event.stop()
            event.prevent_default()
            await self.run_action(action)
        elif event.character == ":" and (text := replace_shortcode(self._before_cursor() + ":")):
            event.stop()
            event.prevent_default()
            line, column = self.cursor_location
            self.replace(text, (line, 0), (line, column), maintain_selection_offset=False)

    def _before_cursor(self) -> str:
        line, column = self.cursor_location
        return str(self.document.get_line(line))[:column]

    def _handled_by_suggestions(self, key: str) -> bool:
        """Return whether *key* was for the emoji that are offered, and do it if so."""
        marked = self.suggestions.marked
        if key in {"tab", "enter"} and marked:
            line, column = self.cursor_location
            begun = (line, column - len(marked.found_by) - 1)
            self.replace(marked.value, begun, (line, column), maintain_selection_offset=False)
        elif key == "escape":
            self.suggestions.dismiss()
        elif key in {"up", "down"}:
            self.suggestions.move(-1 if key == "up" else 1)
        else:
            return False
        return True

    async def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self._put(written_text(event.text))

    def _put(self, text: str) -> None:
        if self.read_only:
            return
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
