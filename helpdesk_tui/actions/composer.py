"""Actions on what is being written: send, note, canned response, emoji, editor, retry."""

import os
from time import monotonic

from helpdesk_tui.editor import EditorFile
from helpdesk_tui.emoji import all_emoji
from helpdesk_tui.model.effects import SaveDraft
from helpdesk_tui.model.objects import fill_names
from helpdesk_tui.model.presence import collision
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.workspace import NONE_OPEN, ActionGroup, Workspace

GONE_IN_EDITOR = "#{number} is gone; what the editor saved is in the composer, to be copied."


class ComposerActions(ActionGroup):
    """The actions on what is being written."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self._warned_of: tuple[int | None, str] | None = None
        self._editing: EditorFile | None = None

    def on_edited(self) -> None:
        """Save the composer's text as the draft, and report that the agent types."""
        workspace, text = self._workspace, self._screen.composer.text
        if effects := self._seat.draft(text):
            workspace.run(effects)
            reported = text and not self._seat.noting  # nobody need wait for what they will not see
            typing = workspace.typing
            workspace.report_typing(typing.key(monotonic()) if reported else typing.stop())
            if not text:
                workspace.refresh()
        self._screen.mark_typed_saved()

    def send(self, text: str) -> None:
        """Send *text*; but once, first, say so if a colleague is answering, too."""
        warning = "" if self._seat.noting else collision(self._seat, monotonic())
        if warning and text.strip() and self._warned_of != (self._seat.open, text):
            self._warned_of = (self._seat.open, text)
            self._seat.note_answers()
            self._workspace.show_notice(f"{warning} Send it again if yours is still needed.")
            return
        effects = self._seat.write(text)
        if kept := any(isinstance(effect, SaveDraft) for effect in effects):
            self._workspace.show_open()
        self._workspace.run(effects)
        if kept:
            self._screen.timeline.follow()
            self._workspace.report_typing(self._workspace.typing.stop())
            self._workspace.refresh()

    def action_note(self) -> None:
        """Write a note instead of an answer, or an answer again; each keeps its own draft."""
        if self._seat.open is None:
            self._workspace.show_notice(NONE_OPEN)
            return
        self._workspace.save_typed()
        self._workspace.run(self._seat.toggle_note())
        self._screen.focus_composer()

    def action_canned(self) -> None:
        """Insert a canned response, filled in, to be read before it is sent."""
        request, me = self._seat.request, self._seat.desk.me
        customer, name = request.customer.name if request else "", me.name if me else ""
        texts = {
            canned.name: fill_names(canned.text, customer=customer, agent=name)
            for canned in self._seat.desk.canned
        }
        choices = [Choice(name, f"/{name}", "", text, text) for name, text in texts.items()]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self._screen.composer.insert_text(texts.get(chosen, chosen))

        hint = "No response is stored; what you type goes in with its slash."
        picker = Picker("Canned responses", choices, free=True, prefix="/", hint=hint)
        self._app.push_screen(picker, answer)

    def action_emoji(self) -> None:
        """Insert an emoji."""
        choices = [Choice(emoji, f"{emoji}  {name}") for emoji, name in all_emoji()]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self._screen.composer.insert_text(chosen)

        self._app.push_screen(Picker("Emoji", choices), answer)

    def action_edit_outside(self) -> None:
        """Write in the editor that the environment names; what it saves is in the composer."""
        if self._seat.open is None:
            self._workspace.show_notice(NONE_OPEN)
        else:
            self._workspace.run_outside(self._edit_outside(self._seat.open))

    async def _edit_outside(self, number: int) -> None:
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
        text, folder = self._screen.composer.text, self._workspace.draft_saver.folder
        self._editing = editing = EditorFile(number, text, folder, note=self._seat.noting)
        try:
            await self._workspace.lend_terminal(lambda: editing.run(editor))
        finally:
            if self.load_edited():
                self._screen.load_draft()
            elif self._seat.open is None and (saved := editing.saved) is not None:
                self._screen.composer.load(saved)
                self._screen.composer.freeze()
                self._workspace.show_notice(GONE_IN_EDITOR.format(number=number))
            self.close_editor()
        if editing.failed:
            self._workspace.show_notice(editing.failed)

    def load_edited(self) -> bool:
        """Make what an editor has saved the draft it is of; return whether there is any."""
        editing, seat = self._editing, self._seat
        if editing is None or (editing.number, editing.note) != (seat.open, seat.noting):
            return False
        if (saved := editing.saved) is None:
            return False
        self._workspace.run(seat.draft(saved))
        return True

    def close_editor(self) -> None:
        """Delete the editor's file, if there is one."""
        if self._editing:
            self._editing.end()
            self._editing = None

    def action_retry(self) -> None:
        """Send again what the relay refused in the open request."""
        if effects := self._seat.retry():
            self._workspace.run(effects)
            self._workspace.refresh()
        else:
            self._workspace.show_notice("Nothing has failed here.")

    def action_edit_failed(self) -> None:
        """Move the last failed text back to the composer."""
        self._workspace.save_typed()
        if effects := self._seat.edit():
            self._workspace.run(effects)
            self._screen.focus_composer()
            self._workspace.refresh()
        else:
            self._workspace.show_notice("Nothing has failed here.")
