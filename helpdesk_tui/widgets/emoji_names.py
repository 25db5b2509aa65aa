"""The emoji whose name one has begun to write: a short list over the end of the conversation.

It moves nothing and takes no key itself; the composer asks it before it takes a key for its own.
"""

from helpdesk_tui.emoji import begun, named
from helpdesk_tui.widgets.choices import Choice, Choices

MOST = 6


class EmojiNames(Choices):
    """Shows the emoji of a beginning, while there are any and the agent has not left them."""

    DEFAULT_CSS = """
    EmojiNames { overlay: screen; display: none; width: 40; background: $panel; margin: 0 2; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(MOST, id=id)
        self._left = False

    def look_at(self, before: str, *, typed: bool) -> None:
        """Look at what stands *before* the cursor; what was not *typed* is not gone on with."""
        beginning = begun(before)
        self._left = self._left and bool(beginning)
        emoji = named(beginning, MOST) if beginning and typed and not self._left else ()
        choices = tuple(
            Choice(character, f"{character}  :{name}:", "", beginning) for character, name in emoji
        )
        if choices != self.items:
            self.offer(choices)
            self.styles.offset = (0, -len(choices))
            self.display = bool(choices)

    def leave(self) -> None:
        """Show nothing until another name is begun."""
        self._left = True
        self.look_at("", typed=False)
        self._left = True
