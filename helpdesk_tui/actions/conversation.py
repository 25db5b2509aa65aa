"""Actions on the open conversation: scroll, links, copy a message, bare text."""

import sys
import webbrowser
from functools import partial

from helpdesk_tui.model.conversation import conversation
from helpdesk_tui.model.formatted_text import links
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.workspace import ActionGroup
from helpdesk_tui.wrap import cut

COPIED_FROM = 200
"""The latest messages, of which one may be copied."""


class ConversationActions(ActionGroup):
    """The actions on what was said."""

    def action_scroll(self, pages: int) -> None:
        """Scroll the conversation by a page."""
        self._screen.timeline.scroll_page(pages)

    def action_first_unread(self) -> None:
        """Show the first message that was unread when the request was opened."""
        above = self._seat.new_is_above
        if self._screen.timeline.scroll_to_unread(later=above):
            return
        self._workspace.run(self._seat.fetch_first_unread())
        said = "What was unread first is being fetched." if above else "Nothing was unread here."
        self._workspace.show_notice(said)

    def action_newest(self) -> None:
        """Show the end of the conversation."""
        self._screen.timeline.follow()
        self._workspace.refresh()

    def action_links(self) -> None:
        """Copy a link of the conversation, or open it where that can be seen."""
        blocks = reversed(self._screen.timeline.items)
        found = links(block.text for block in blocks)
        ways = ("copy", "open") if self._workspace.terminal.has_browser else ("copy",)
        choices = [Choice(f"{way} {link}", f"{way}  {link}") for link in found for way in ways]

        def answer(chosen: str | None) -> None:
            way, _, link = (chosen or "").partition(" ")
            if way == "copy":
                self._workspace.copy(link)
            elif way == "open":
                self._open_link(link)

        hint = "There is no link in what is loaded of this conversation."
        self._app.push_screen(Picker("Links, the newest first", choices, hint=hint), answer)

    def _open_link(self, link: str) -> None:
        self._app.run_worker(partial(webbrowser.open, link), thread=True, exit_on_error=False)

    def action_copy_message(self) -> None:
        """Copy one of the messages."""
        said = [block for block in self._screen.timeline.items if block.tone not in {"day", "new"}]
        choices = [
            Choice(block.key, cut(" ".join(block.text.split()), 48), block.time, "", block.text)
            for block in said[-COPIED_FROM:][::-1]
        ]
        texts = {block.key: block.text for block in said}

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self._workspace.copy(texts[chosen])

        self._app.push_screen(
            Picker("Copy a message", choices, hint="Nothing was said here."), answer
        )

    def action_bare(self) -> None:
        """Show the conversation as bare lines, until Enter, for the terminal's own selection."""
        blocks = conversation(self._seat, None)
        lines = "\n".join(
            " ".join(filter(None, (block.time, block.head, block.text))) for block in blocks
        )
        workspace = self._workspace
        workspace.run_outside(workspace.lend_terminal(lambda: _show_bare(lines)))


def _show_bare(text: str) -> None:
    sys.stdout.write(f"{text}\n\n[Enter: back to the console] ")
    sys.stdout.flush()
    sys.stdin.readline()
