"""The parts that every action uses: the model, the main screen, the link, the terminal."""

from collections.abc import Callable, Coroutine, Iterator
from time import monotonic
from typing import Any
from uuid import uuid4

from textual.app import App
from textual.timer import Timer

from helpdesk_tui.drafts import IdentityFile
from helpdesk_tui.effect_runner import DraftSaver, EffectRunner
from helpdesk_tui.keys import Keymap
from helpdesk_tui.link import Link
from helpdesk_tui.main_screen import MainScreen
from helpdesk_tui.model.effects import Connecting, Effects, LinkState
from helpdesk_tui.model.presence import TypingSignal
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.terminal import Terminal, clipboard
from helpdesk_tui.timings import Timings
from relay.settings.model import Console as Preferences
from relay.wire import agent_in

NONE_OPEN = "No request is open."
MARK_LOST = "The request that was marked is gone."


class Workspace:
    """Holds the parts of *app* and what all of its actions do with them."""

    def __init__(
        self,
        app: App[None],
        *,
        terminal: Terminal,
        link: Link,
        identity: IdentityFile,
        preferences: Preferences,
        send: Callable[[str], None],
        notice: str,
        timings: Timings,
    ) -> None:
        """*send* is given what the composer sends; *notice* stands where no request is open."""
        self.app, self.terminal, self.link = app, terminal, link
        self.timings = timings
        self.keymap = Keymap(preferences.keys)
        self.seat = Seat(lambda: uuid4().hex)
        self.main_screen = MainScreen(self.seat, send, monotonic, self.keymap, notice)
        self.draft_saver = DraftSaver(self.seat, identity, app.set_timer, self.show_notice)
        self.effect_runner = EffectRunner(self.seat, self.link, self.draft_saver, self)
        self.connection: LinkState = Connecting()
        self.typing = TypingSignal()
        self._join_timer: Timer | None = None

    def run(self, effects: Effects) -> None:
        """Run *effects*, one after the other."""
        self.effect_runner.run(effects)

    def show_notice(self, sentence: str) -> None:
        """Show *sentence* to the agent for some seconds."""
        self.main_screen.notice.add(sentence)

    def show_open(self) -> None:
        """Show the open request's draft, or that none is open."""
        self.main_screen.load_draft()

    def save_typed(self) -> None:
        """Make what the composer holds the open request's draft."""
        self.run(self.seat.draft(self.main_screen.composer.text))

    def refresh(self) -> None:
        """Draw everything as it now is; what the agent sees by that counts as read."""
        screen = self.main_screen
        in_front = not self.terminal.lent and self.app.screen is screen.screen
        if self.app.app_focus and in_front and screen.end_in_view and screen.composer_focused:
            self.run(self.seat.mark_read())
        screen.show(self.connection)

    def report_typing(self, on: bool | None) -> None:  # noqa: FBT001 - what the signal answers
        """Send the agent's typing state to the relay; None: unchanged."""
        if on is not None and self.seat.joined and self.seat.open is not None:
            self.link.send(agent_in.SetTyping(self.seat.open, on))

    def open(self, number: int) -> None:
        """Open request *number* and move the focus to its composer."""
        self.view(number)
        self.run(self.seat.enter())
        self.main_screen.focus_composer()
        self.refresh()

    def view(self, number: int) -> None:
        """Show request *number*, with the focus where it is: that marks nothing as read."""
        self.report_typing(self.typing.stop())
        self.save_typed()
        self.run(self.seat.open_request(number, passing=self._defers_join()))
        self.main_screen.show_chat(number)
        if self.main_screen.shows_customer:
            self.run(self.seat.fetch_earlier())
        self.refresh()

    def marked(self) -> int | None:
        """Return the marked request, if a key can mean it; say so if not."""
        requests = self.main_screen.list
        if requests.selected is None or requests.confirm_mark():
            return requests.selected
        self.show_notice(f"{MARK_LOST} Press the key again for #{requests.selected}.")
        return None

    def copy(self, text: str) -> None:
        """Copy *text* to the terminal's clipboard."""
        if sequence := clipboard(text):
            self.terminal.write(sequence)
            self.show_notice("Copied to the terminal's clipboard.")
        else:
            bare = self.keymap.display("everywhere.bare")
            self.show_notice(
                f"Too long for a terminal's clipboard; {bare} shows it bare, to select it."
            )

    def run_outside(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run *coroutine*, which lends the terminal, instead of one that does so already."""
        self.app.run_worker(coroutine, exclusive=True, group="outside", exit_on_error=False)

    async def lend_terminal(self, program: Callable[[], None]) -> None:
        """Suspend the console while *program* runs in the terminal, then draw anew."""
        if not await self.terminal.lend(program):
            self.show_notice("This terminal cannot be lent to another program.")
        self.app.refresh(layout=True)
        self.refresh()

    def _defers_join(self) -> bool:
        """Return whether requests are opened faster than anybody reads; the last is joined then.

        Each one that is joined costs the relay three frames, of which it accepts fifty a second.
        """
        deferred = self._join_timer is not None
        if self._join_timer:
            self._join_timer.stop()
        self._join_timer = self.app.set_timer(self.timings.join_delay, self._join_deferred)
        return deferred

    def _join_deferred(self) -> None:
        self._join_timer = None
        self.run(self.seat.join_deferred())


ACTION = "action_"
"""The prefix of the methods that Textual calls for actions."""


class ActionGroup:
    """Actions on one subject: a method ``action_NAME`` does the action ``app.NAME``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace, self._app = workspace, workspace.app
        self._seat, self._screen = workspace.seat, workspace.main_screen

    def methods(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Yield the methods that do actions, by name."""
        for name in dir(self):
            if name.startswith(ACTION):
                yield name, getattr(self, name)
