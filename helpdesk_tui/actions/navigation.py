"""Actions that show something else: open, next, previous, search, filter, panes."""

from datetime import UTC, datetime

from textual import events, on
from textual.widgets import Input

from helpdesk_tui.app_base import NONE_OPEN, Workplace
from helpdesk_tui.model.request_list import haystack, next_needing
from helpdesk_tui.model.stats import page, since, until
from helpdesk_tui.model.waiting_time import waited
from helpdesk_tui.widgets.dialogs import Figures
from helpdesk_tui.widgets.picker import Choice, Picker


class Moving(Workplace):
    """The actions that show something else."""

    def action_open(self) -> None:
        """Open the request that is marked in the list."""
        if (number := self.panes.list.chosen) is not None:
            self.open(number)

    def action_look(self) -> None:
        """Show the request that is marked in the list, and stay there."""
        if (number := self.panes.list.chosen) is not None:
            self.look(number)

    def action_enter(self) -> None:
        """Go into the request that is shown."""
        if self.seat.open is not None:
            self.open(self.seat.open)

    @on(events.DescendantFocus)
    def _go_in(self) -> None:
        """Take note that the agent has gone into the open request, by whatever way."""
        if self.panes.inside:
            self.do(self.seat.enter())
            self.show_all()

    def action_open_beside(self, step: int) -> None:
        """Open the request *step* rows from the open one."""
        if (number := self.panes.list.beside(self.seat.open, step)) is not None:
            self.open(number)

    def action_next(self) -> None:
        """Open the next request that needs the agent."""
        if (number := next_needing(self.seat)) is None:
            self.say("Nobody else needs you now.")
        else:
            self.open(number)

    def action_previous(self) -> None:
        """Open the request that was open before."""
        if (number := self.seat.before) is None:
            self.say("No other request was open before.")
        else:
            self.open(number)

    def action_switch(self) -> None:
        """Find a request by number, name, email or text, and open it."""
        now, known = datetime.now(UTC), self.seat.desk.known
        rows = [known.pop(row.number) for row in self.panes.list.rows if row.number in known]
        choices = [
            Choice(
                str(request.id),
                f"#{request.id} {request.customer.name}",
                waited(None if request.closed else request.waiting_since, now) or request.status,
                haystack(request) + "\n" + self.seat.said_in(request.id),
                request.last.text if request.last else "",
            )
            for request in (*rows, *known.values())
        ]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self.open(int(chosen))

        def seek(text: str) -> None:
            self.do(self.seat.search(text))

        title, hint = "Open a request", "No such request."
        self.push_screen(Picker(title, choices, hint=hint, seek=seek, sought=self._sought), answer)

    def _sought(self, text: str) -> list[Choice]:
        """Return the request of that number, and what the relay has found for *text*, each once."""
        seat, number = self.seat, text.strip().removeprefix("#")
        hits = {hit.request: hit for hit in reversed(seat.found if seat.sought == text else ())}
        found = [
            Choice(str(hit.request), f"#{hit.request}", f"found: {hit.snippet}", "", hit.snippet)
            for hit in reversed(hits.values())
        ]
        if number.isascii() and number.isdigit() and len(number) < 16 and int(number) not in hits:
            found.insert(0, Choice(str(int(number)), f"#{int(number)}", "by its number"))
        return found

    def action_filter(self) -> None:
        """Narrow the list to requests with some words."""
        self.panes.list_pane.add_class("-filtered")
        self.panes.screen.set_focus(self.panes.filter)

    def action_filter_off(self) -> None:
        """Show all requests again."""
        self.panes.filter.value = ""
        self.action_to_list()

    def action_to_list(self) -> None:
        """Go from the filter to the list; a filter that narrows nothing goes."""
        self.panes.list_pane.set_class(bool(self.panes.filter.value), "-filtered")
        self.panes.screen.set_focus(self.panes.list)
        self.show_all()

    @on(Input.Changed, "#filter")
    def _narrow(self) -> None:
        self.show_all()

    def action_leave(self) -> None:
        """Leave the composer for the list; the draft stays."""
        self.panes.leave()

    def action_hide_list(self) -> None:
        """Hide the list, or show it."""
        screen = self.panes.screen
        narrow = screen.has_class("-narrow")
        hidden = screen.has_class("-chat" if narrow else "-no-list")
        if self.seat.open is None:
            self.say(f"{NONE_OPEN} There is only the list to show.")
        elif narrow and hidden:
            self.panes.leave()
        else:
            screen.set_class(not narrow and not hidden, "-no-list")
            if not hidden:
                self.panes.go_in()

    def action_info(self) -> None:
        """Show the customer beside the chat, or hide them."""
        if self.panes.turn_info():
            self.do(self.seat.see_earlier())
        self.show_all()

    def action_numbers(self) -> None:
        """Show what the desk's requests come to."""
        now = datetime.now(UTC)
        self.do(self.seat.count(since(now), until(now)))
        keys = self.keymap.of("app.numbers")
        self.push_screen(Figures(lambda: page(self.seat.desk, self.seat.numbers, now), keys))

    def action_hurry(self) -> None:
        """Call the relay now."""
        self.link.hurry()
