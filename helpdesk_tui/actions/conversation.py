"""Actions on a conversation: scroll, links, copy; notes, canned responses, emoji, editor, retry."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable
from time import monotonic
from types import FrameType

from textual import on, work
from textual.app import SuspendNotSupported
from textual.widgets import TextArea

from helpdesk_tui.app_base import NONE_OPEN, Workplace
from helpdesk_tui.editor import Editing
from helpdesk_tui.emoji import all_emoji
from helpdesk_tui.model.conversation import conversation, links
from helpdesk_tui.model.effects import Keep
from helpdesk_tui.model.objects import filled
from helpdesk_tui.model.presence import collision
from helpdesk_tui.widgets.picker import Choice, Picker
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


class Writing(Reading):
    """The actions on what is being written."""

    _warned_of: tuple[int | None, str] | None = None
    _editing: Editing | None = None

    @on(TextArea.Changed, "#composer")
    def _edited(self) -> None:
        text = self.panes.composer.text
        if effects := self.seat.draft(text):
            self.do(effects)
            noting = self.seat.noting  # nobody need wait for what they will not see
            self.say_typing(
                self.typing.key(monotonic()) if text and not noting else self.typing.stop()
            )
            if not text:
                self.show_all()
        self.panes.taken_in()

    def write(self, text: str) -> None:
        """Send *text*; but once, first, say so if a colleague is answering, too."""
        in_the_way = "" if self.seat.noting else collision(self.seat, monotonic())
        if in_the_way and text.strip() and self._warned_of != (self.seat.open, text):
            self._warned_of = (self.seat.open, text)
            self.say(f"{in_the_way} Send it again if yours is still needed.")
            return
        effects = self.seat.write(text)
        if kept := any(isinstance(effect, Keep) for effect in effects):
            self.show_open()
        self.do(effects)
        if kept:
            self.panes.timeline.follow()
            self.say_typing(self.typing.stop())
            self.show_all()

    def action_note(self) -> None:
        """Write a note instead of an answer, or an answer again; each keeps its own draft."""
        if self.seat.open is None:
            self.say(NONE_OPEN)
            return
        self.do(self.seat.draft(self.panes.composer.text))
        self.do(self.seat.change_note())
        self.panes.go_in()

    def action_canned(self) -> None:
        """Put a canned response into the composer, filled in, to be read before it is sent."""
        request, me = self.seat.request, self.seat.desk.me
        customer, name = request.customer.name if request else "", me.name if me else ""
        texts = {
            canned.name: filled(canned.text, customer=customer, agent=name)
            for canned in self.seat.desk.canned
        }
        choices = [Choice(name, f"/{name}", "", text, text) for name, text in texts.items()]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self.panes.composer.insert_text(texts.get(chosen, chosen))

        hint = "No response is stored; what you type goes in with its slash."
        picker = Picker("Canned responses", choices, free=True, prefix="/", hint=hint)
        self.push_screen(picker, answer)

    def action_emoji(self) -> None:
        """Put an emoji into the composer."""
        choices = [Choice(emoji, f"{emoji}  {name}") for emoji, name in all_emoji()]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self.panes.composer.insert_text(chosen)

        self.push_screen(Picker("Emoji", choices), answer)

    @work(exclusive=True, group="outside", exit_on_error=False)
    async def action_edit_outside(self) -> None:
        """Write in the editor that the environment names; what it saves is in the composer."""
        if self.seat.open is None:
            self.say(NONE_OPEN)
            return
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        text = self.panes.composer.text
        number, folder = self.seat.open, self.keeper.folder
        self._editing = editing = Editing(number, text, folder, note=self.seat.noting)
        try:
            await self.outside(lambda: editing.run(editor))
        finally:
            if self.take_saved():
                self.panes.load_draft()
            self.end_editing()
        if editing.failed:
            self.say(editing.failed)

    def take_saved(self) -> bool:
        """Take what an editor has saved into the draft it is of; return whether there is any."""
        editing, seat = self._editing, self.seat
        if editing is None or (editing.number, editing.note) != (seat.open, seat.noting):
            return False
        if (saved := editing.saved) is None:
            return False
        self.do(seat.draft(saved))
        return True

    def end_editing(self) -> None:
        """Leave no file for an editor any more."""
        if self._editing:
            self._editing.end()
            self._editing = None

    def action_retry(self) -> None:
        """Send again what the relay refused in the open request."""
        if effects := self.seat.retry():
            self.do(effects)
            self.show_all()
        else:
            self.say("Nothing has failed here.")

    def action_edit_failed(self) -> None:
        """Put what the relay refused back into the composer."""
        self.do(self.seat.draft(self.panes.composer.text))
        if effects := self.seat.edit():
            self.do(effects)
            self.panes.go_in()
            self.show_all()
        else:
            self.say("Nothing has failed here.")
