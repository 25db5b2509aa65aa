"""Actions on a request: claim, release, close, reopen, transfer, tag, mark unread; and away."""

from helpdesk_tui.model.commands import tag_error
from helpdesk_tui.widgets.dialogs import ConfirmDialog, TextDialog
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.workspace import NONE_OPEN, ActionGroup

STATUSES = {"online": "● online", "away": "◐ away", "offline": "○ not here"}


class RequestActions(ActionGroup):
    """The actions on requests."""

    def _which(self) -> int | None:
        """Return the request that a key means: the marked one in the list, else the open one.

        Say so if there is none.
        """
        requests = self._screen.list
        if requests.has_focus and requests.selected is not None:
            return self._workspace.marked()
        if requests.has_focus or self._seat.open is None:
            self._workspace.show_notice(NONE_OPEN)
            return None
        return self._seat.open

    def _is_closed(self, number: int) -> bool:
        known = self._seat.desk.known.get(number)
        return known is not None and known.closed

    def action_claim(self) -> None:
        """Claim the request."""
        if (number := self._which()) is not None:
            self._workspace.run(self._seat.claim(number))

    def action_release(self) -> None:
        """Release the request to the queue."""
        if (number := self._which()) is not None:
            self._workspace.run(self._seat.release(number))

    def action_reopen(self) -> None:
        """Reopen a closed request."""
        if (number := self._which()) is not None:
            self._workspace.run(self._seat.reopen(number))

    def action_end(self) -> None:
        """Close the request, after asking."""
        if (number := self._which()) is None:
            return
        if self._is_closed(number):
            self._workspace.show_notice(f"#{number} is closed already.")
            return

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's result
            if yes:
                self._screen.list.let_go(number)
                self._workspace.run(self._seat.close(number))

        request = self._seat.desk.requests.get(number)
        who = f"#{number} ({request.customer.name})" if request else f"#{number}"
        self._app.push_screen(ConfirmDialog(f"Close {who}?", "close it", "keep it open"), answer)

    def action_transfer(self) -> None:
        """Transfer the request to a colleague, with a note."""
        if (number := self._which()) is None:
            return
        if self._is_closed(number):
            self._workspace.show_notice(f"#{number} is closed; reopen it to transfer it.")
            return
        me = self._seat.desk.me
        colleagues = sorted(
            (one for one in self._seat.desk.agents.values() if not (me and one.id == me.id)),
            key=lambda one: (one.status != "online", one.name),
        )
        names = {str(one.id): one.name for one in colleagues}

        def to(chosen: str | None) -> None:
            if chosen is not None:
                self._transfer(number, int(chosen), names[chosen])

        choices = [Choice(str(c.id), c.name, STATUSES.get(c.status, "")) for c in colleagues]
        hint = "There is no colleague to give it to."
        self._app.push_screen(Picker(f"Transfer #{number} to", choices, hint=hint), to)

    def _transfer(self, number: int, to: int, name: str) -> None:
        def answer(note: str | None) -> None:
            if note is not None:
                self._workspace.save_typed()
                self._workspace.run(self._seat.transfer(number, to, note))
                self._workspace.refresh()

        def leave(note: str) -> None:
            self._workspace.save_typed()
            self._workspace.run(self._seat.keep_note(number, note))
            self._workspace.refresh()

        question = f"A note for {name}, for agents only (Enter transfers #{number})"
        hint = "what they should know; may be empty"
        self._app.push_screen(TextDialog(question, hint, leave), answer)

    def action_tag(self) -> None:
        """Add a tag to the request, or remove one."""
        if (number := self._which()) is None:
            return
        if (request := self._seat.desk.requests.get(number)) is None:
            self._workspace.show_notice(f"#{number} is closed; open it first to tag it.")
            return
        known = {tag for other in self._seat.desk.requests.values() for tag in other.tags}
        on = [Choice(tag, f"✓ {tag}", "take it off") for tag in request.tags]
        off = [Choice(tag, f"  {tag}") for tag in sorted(known - set(request.tags))]

        def answer(tag: str | None) -> None:
            if tag in request.tags:
                self._workspace.run(self._seat.tag(request.id, [], [tag]))
            elif tag is not None:
                self._workspace.run(self._seat.tag(request.id, [tag], []))

        hint = "Type a new tag: letters a to z, digits and hyphens."
        title = f"Tags of #{request.id}"
        picker = Picker(title, on + off, free=True, refuses=tag_error, hint=hint)
        self._app.push_screen(picker, answer)

    def action_away(self) -> None:
        """Set the status to away, or online again."""
        self._workspace.run(self._seat.set_status("online" if self._seat.away else "away"))

    def action_unread(self) -> None:
        """Mark the request as unread, for this agent."""
        if (number := self._which()) is not None:
            self._workspace.save_typed()
            if number == self._seat.open:
                self._screen.focus_list()
            self._workspace.run(self._seat.mark_unread(number))
            self._workspace.refresh()

    def action_closed(self) -> None:
        """Show what was closed lately, or hide it."""
        if (marked := self._screen.list.selected) is not None:
            self._screen.list.let_go(marked)
        self._workspace.run(self._seat.toggle_closed())
        self._workspace.refresh()
