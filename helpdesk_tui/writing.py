"""How an agent writes: notes, canned responses, emoji, an editor, and what was not sent."""

import os
from time import monotonic

from textual import on, work
from textual.widgets import TextArea

from helpdesk_tui.editing import Editing
from helpdesk_tui.emoji import all_emoji
from helpdesk_tui.model.canned import filled
from helpdesk_tui.model.colleagues import collision
from helpdesk_tui.model.effects import Keep
from helpdesk_tui.reading import Reading
from helpdesk_tui.widgets.choices import Choice
from helpdesk_tui.widgets.picker import Picker
from helpdesk_tui.workplace import NONE_OPEN


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
