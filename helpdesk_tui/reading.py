"""How an agent reads a conversation, and takes something out of it."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Callable
from types import FrameType

from textual import work
from textual.app import SuspendNotSupported

from helpdesk_tui.model.conversation import conversation
from helpdesk_tui.model.links import links
from helpdesk_tui.widgets.choices import Choice
from helpdesk_tui.widgets.picker import Picker
from helpdesk_tui.workplace import Workplace
from helpdesk_tui.wrap import cut

COPIED_FROM = 200
"""The latest messages, of which one may be copied."""


class Reading(Workplace):
    """The actions on what was said."""

    def action_scroll(self, pages: int) -> None:
        """Scroll the conversation by a page."""
        self.panes.timeline.scroll_page(pages)

    def action_first_unread(self) -> None:
        """Show the first message that was unread when the request was opened."""
        above = self.seat.new_is_above
        if self.panes.timeline.go_to_new(later=above):
            return
        self.do(self.seat.see_new())
        said = "What was unread first is being fetched." if above else "Nothing was unread here."
        self.say(said)

    def action_newest(self) -> None:
        """Show the end of the conversation."""
        self.panes.timeline.follow()
        self.show_all()

    def action_links(self) -> None:
        """Copy a link of the conversation, or open it where that can be seen."""
        blocks = reversed(self.panes.timeline.items)
        found = links(block.text for block in blocks)
        ways = ("copy", "open") if self.has_browser else ("copy",)
        choices = [Choice(f"{way} {link}", f"{way}  {link}") for link in found for way in ways]

        def answer(chosen: str | None) -> None:
            way, _, link = (chosen or "").partition(" ")
            if way == "copy":
                self.copy(link)
            elif way == "open":
                self._open_link(link)

        hint = "There is no link in what is loaded of this conversation."
        self.push_screen(Picker("Links, the newest first", choices, hint=hint), answer)

    @work(thread=True, exit_on_error=False)
    def _open_link(self, link: str) -> None:
        webbrowser.open(link)

    def action_copy_message(self) -> None:
        """Copy one of the messages."""
        said = [block for block in self.panes.timeline.items if block.tone not in {"day", "new"}]
        choices = [
            Choice(block.key, cut(" ".join(block.text.split()), 48), block.time, "", block.text)
            for block in said[-COPIED_FROM:][::-1]
        ]
        texts = {block.key: block.text for block in said}

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self.copy(texts[chosen])

        self.push_screen(Picker("Copy a message", choices, hint="Nothing was said here."), answer)

    @work(exclusive=True, group="outside", exit_on_error=False)
    async def action_bare(self) -> None:
        """Show the conversation as bare lines, until Enter, for the terminal's own selection."""
        blocks = conversation(self.seat, None)
        lines = "\n".join(
            " ".join(filter(None, (block.time, block.head, block.text))) for block in blocks
        )
        await self.outside(lambda: _show_bare(lines))

    async def outside(self, act: Callable[[], None]) -> None:
        """Let *act* have the terminal if it can be lent. The console goes on meanwhile.

        Nothing is painted before it is back: Textual would wait for ever for its writer. Ctrl+C
        is meant for whoever has the terminal.
        """
        self.away_from_screen = True
        # Not SIG_IGN, which an editor would inherit.
        before = signal.signal(signal.SIGINT, _stay)
        try:
            with self.batch_update(), self.suspend():
                await asyncio.to_thread(act)
        except SuspendNotSupported:
            self.say("This terminal cannot be lent to another program.")
        finally:
            signal.signal(signal.SIGINT, before)
            self.away_from_screen = False
        self.refresh(layout=True)
        self.show_all()


def _stay(number: int, frame: FrameType | None) -> None:
    del number, frame


def _show_bare(text: str) -> None:
    sys.stdout.write(f"{text}\n\n[Enter: back to the console] ")
    sys.stdout.flush()
    sys.stdin.readline()
