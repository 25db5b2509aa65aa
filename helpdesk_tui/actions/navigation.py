"""Actions that show something else: open, next, previous, search, filter, panes."""

from datetime import UTC, datetime

from helpdesk_tui.model.request_list import meets, next_request, query_of, searchable_text
from helpdesk_tui.model.stats import period_end, period_start, stats_lines
from helpdesk_tui.model.waiting_time import waited
from helpdesk_tui.widgets.dialogs import StatsDialog
from helpdesk_tui.widgets.picker import Choice, Picker
from helpdesk_tui.workspace import NONE_OPEN, ActionGroup


class NavigationActions(ActionGroup):
    """The actions that show something else."""

    def action_open(self) -> None:
        """Open the request that is marked in the list, or unfold the section that is."""
        if self._screen.list.selected is None:
            self._screen.list.action_fold()
        elif (number := self._workspace.marked()) is not None:
            self._workspace.open(number)

    def action_look(self) -> None:
        """Show the request that is marked in the list, and stay there."""
        if (number := self._workspace.marked()) is not None:
            self._workspace.view(number)

    def action_enter(self) -> None:
        """Enter the request that is shown."""
        if self._seat.open is not None:
            self._workspace.open(self._seat.open)

    def action_open_beside(self, step: int) -> None:
        """Open the request *step* rows from the open one."""
        if (number := self._screen.list.neighbour(self._seat.open, step)) is not None:
            self._workspace.open(number)

    def action_next(self) -> None:
        """Open the next request that needs the agent."""
        if (number := next_request(self._seat)) is None:
            self._workspace.show_notice("Nobody else needs you now.")
        else:
            self._workspace.open(number)

    def action_previous(self) -> None:
        """Open the request that was open before."""
        if (number := self._seat.previous) is None:
            self._workspace.show_notice("No other request was open before.")
        else:
            self._workspace.open(number)

    def action_switch(self) -> None:
        """Find a request by number, name, email, text or conditions, and open it."""
        now, known = datetime.now(UTC), self._seat.desk.known
        requests = dict(known)
        rows = [known.pop(row.number) for row in self._screen.list.rows if row.number in known]
        choices = [
            Choice(
                str(request.id),
                f"#{request.id} {request.customer.name}",
                waited(None if request.closed else request.waiting_since, now) or request.status,
                searchable_text(request) + "\n" + self._seat.search_text(request.id),
                request.last.text if request.last else "",
            )
            for request in (*rows, *known.values())
        ]

        def answer(chosen: str | None) -> None:
            if chosen is not None:
                self._workspace.open(int(chosen))

        def fits(text: str, choice: Choice) -> bool:
            query, wrong = query_of(text, now)
            if wrong or not choice.matches(query.words):
                return False
            return meets(self._seat, requests[int(choice.value)], query)

        def seek(text: str) -> None:
            self._workspace.run(self._seat.search(_words_of(text, now)))

        picker = Picker(
            "Open a request",
            choices,
            hint="No such request.",
            seek=seek,
            seek_delay=self._workspace.timings.seek_delay,
            sought=self._sought,
            fits=fits,
        )
        self._app.push_screen(picker, answer)

    def _sought(self, text: str) -> list[Choice]:
        """Return the request of that number, and what the relay has found for *text*, each once."""
        seat, number, now = self._seat, text.strip().removeprefix("#"), datetime.now(UTC)
        query, _ = query_of(text, now)
        known = seat.desk.known
        told = seat.found if seat.sought == _words_of(text, now) else ()
        hits = {
            hit.request: hit
            for hit in reversed(told)
            if not query.has_conditions
            or (hit.request in known and meets(seat, known[hit.request], query))
        }
        found = [
            Choice(str(hit.request), f"#{hit.request}", f"found: {hit.snippet}", "", hit.snippet)
            for hit in reversed(hits.values())
        ]
        if number.isascii() and number.isdigit() and len(number) < 16 and int(number) not in hits:
            found.insert(0, Choice(str(int(number)), f"#{int(number)}", "by its number"))
        return found

    def narrow(self) -> None:
        """Show what the filter leaves; closed requests are fetched if it asks for them."""
        query, _ = query_of(self._screen.filter.value, datetime.now(UTC))
        if "closed" in query.is_ and self._seat.desk.closed is None and self._seat.online:
            self._workspace.run(self._seat.toggle_closed())
        self._workspace.refresh()

    def action_filter(self) -> None:
        """Narrow the list to requests with some words."""
        self._screen.list_pane.add_class("-filtered")
        self._screen.screen.set_focus(self._screen.filter)

    def action_filter_off(self) -> None:
        """Show all requests again."""
        self._screen.filter.value = ""
        self.action_to_list()

    def action_to_list(self) -> None:
        """Focus the list; an empty filter is hidden."""
        self._screen.list_pane.set_class(bool(self._screen.filter.value), "-filtered")
        self._screen.screen.set_focus(self._screen.list)
        self._workspace.refresh()

    def action_leave(self) -> None:
        """Leave the composer for the list; the draft stays."""
        self._screen.focus_list()

    def action_hide_list(self) -> None:
        """Hide the list, or show it."""
        screen = self._screen.screen
        narrow = screen.has_class("-narrow")
        hidden = screen.has_class("-chat" if narrow else "-no-list")
        if self._seat.open is None:
            self._workspace.show_notice(f"{NONE_OPEN} There is only the list to show.")
        elif narrow and hidden:
            self._screen.focus_list()
        else:
            screen.set_class(not narrow and not hidden, "-no-list")
            if not hidden:
                self._screen.focus_composer()

    def action_info(self) -> None:
        """Show the customer beside the chat, or hide them."""
        if self._screen.toggle_customer():
            self._workspace.run(self._seat.fetch_earlier())
        self._workspace.refresh()

    def action_numbers(self) -> None:
        """Show what the desk's requests come to."""
        now = datetime.now(UTC)
        self._workspace.run(self._seat.count(period_start(now), period_end(now)))
        keys = self._workspace.keymap.keys_for("app.numbers")
        self._app.push_screen(
            StatsDialog(lambda: stats_lines(self._seat.desk, self._seat.stats, now), keys)
        )

    def action_reconnect(self) -> None:
        """Call the relay now."""
        self._workspace.link.reconnect()


def _words_of(text: str, now: datetime) -> str:
    """Return what of *text* is to be looked for in messages: all of it but conditions."""
    query, _ = query_of(text, now)
    return " ".join(query.words) if query.has_conditions else text
