"""The app without its actions: the parts that every action uses, and how effects are run."""

import os
import sys
from pathlib import Path
from time import monotonic
from typing import ClassVar
from uuid import uuid4

from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.timer import Timer

from helpdesk_tui import terminal, theme
from helpdesk_tui.drafts import Memory
from helpdesk_tui.effect_runner import Carrier, Keeper
from helpdesk_tui.keys import OPENING, Keymap, Where, bindings
from helpdesk_tui.link import Link, News
from helpdesk_tui.main_screen import Panes
from helpdesk_tui.model.effects import Connecting, Effects, LinkState
from helpdesk_tui.model.presence import TypingSignal
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.terminal import Driver
from relay.settings.model import Console as Preferences
from relay.wire import agent_in

PASSING = 0.15
"""Seconds in which another request is opened where a key is held down."""
NONE_OPEN = "No request is open."


class Workplace(App[None]):
    """The app without its actions. *preferences* are what the agent has set."""

    TITLE = "Helpdesk"
    CSS = theme.STYLES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.EVERYWHERE)]
    ENABLE_COMMAND_PALETTE = False  # there is one of our own, over the same table of keys
    HORIZONTAL_BREAKPOINTS = theme.BREAKPOINTS

    def __init__(
        self, url: str, token: str, state_dir: Path, notice: str, preferences: Preferences
    ) -> None:
        super().__init__(driver_class=Driver)
        self.failure: str | None = None
        self.preferences, self.state_dir = preferences, state_dir
        self.keymap = Keymap(preferences.keys)
        self.set_keymap(self.keymap.changed)
        self.seat = Seat(lambda: uuid4().hex)
        self.panes = Panes(self.seat, self.write, monotonic, self.keymap, notice)
        self.link = Link(url, token, self.take_news, monotonic)
        self.keeper = Keeper(self.seat, Memory(state_dir, url, token), self.set_timer, self.say)
        self.carrier = Carrier(self.seat, self.link, self.keeper, self)
        self.connection: LinkState = Connecting()
        self.typing = TypingSignal()
        self.in_tmux = "TMUX" in os.environ
        self.away_from_screen = False
        self._resting: Timer | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Open no dialog over another one: the key is for the one that is there."""
        del parameters
        return action not in OPENING or not isinstance(self.screen, ModalScreen)

    def take_news(self, news: News) -> None:
        """Take *news* from the link's thread."""
        raise NotImplementedError

    def write(self, text: str) -> None:
        """Send *text*, which the composer holds."""
        raise NotImplementedError

    def do(self, effects: Effects) -> None:
        """Carry out *effects*."""
        self.carrier.do(effects)

    def say(self, sentence: str) -> None:
        """Say *sentence* to the agent."""
        self.panes.notice.say(sentence)

    def show_open(self) -> None:
        """Show the open request's draft, or that none is open."""
        self.panes.load_draft()

    def before_recall(self) -> Effects:
        """Take in what the composer holds."""
        return self.seat.draft(self.panes.composer.text)

    def show_all(self) -> None:
        """Show everything as it now is; what the agent sees by that is read."""
        looks = self.app_focus and not self.away_from_screen and self.screen is self.panes.screen
        if looks and self.panes.end_in_view and self.panes.inside:
            self.do(self.seat.see())
        self.panes.show(self.connection)

    def pop_screen(self) -> AwaitComplete:
        """Close what lies over the console; what came under it is seen now."""
        closing = super().pop_screen()
        self.call_next(self.show_all)
        return closing

    def say_typing(self, on: bool | None) -> None:  # noqa: FBT001 - what the signal answers
        """Tell the relay that the agent writes, or no longer does; None: nothing new."""
        if on is not None and self.seat.joined and self.seat.open is not None:
            self.link.ask(agent_in.SetTyping(self.seat.open, on))

    def open(self, number: int) -> None:
        """Open request *number* and go into it, to the composer."""
        self.look(number)
        self.do(self.seat.enter())
        self.panes.go_in()
        self.show_all()

    def look(self, number: int) -> None:
        """Show request *number* to an agent who stays outside: nothing is read by that."""
        self.say_typing(self.typing.stop())
        self.do(self.seat.draft(self.panes.composer.text))
        self.do(self.seat.open_request(number, passing=self._passes()))
        self.panes.list.choose(number)
        self.panes.screen.add_class("-chat")
        if self.panes.screen.has_class("-info"):
            self.do(self.seat.see_earlier())
        self.panes.look()
        self.show_all()

    def _passes(self) -> bool:
        """Return whether requests are opened faster than anybody reads; the last is watched then.

        Each one that is watched costs the relay three frames, of which it takes fifty a second.
        """
        passing = self._resting is not None
        if self._resting:
            self._resting.stop()
        self._resting = self.set_timer(PASSING, self._rest)
        return passing

    def _rest(self) -> None:
        self._resting = None
        self.do(self.seat.stay())

    def meant(self) -> int | None:
        """Return the request that a key means: the marked one in the list, else the open one."""
        return self.panes.list.chosen if self.panes.list.has_focus else self.seat.open

    def put_out(self, sequence: str) -> None:
        """Write a control sequence of our own to the terminal, if the screen is ours now."""
        if sequence and self._driver and not self.away_from_screen:
            self._driver.write(sequence)
            self._driver.flush()

    def copy(self, text: str) -> None:
        """Put *text* into the terminal's clipboard."""
        if sequence := terminal.clipboard(text):
            self.put_out(sequence)
            self.say("Copied to the terminal's clipboard.")
        else:
            bare = self.keymap.shown("everywhere.bare")
            self.say(f"Too long for a terminal's clipboard; {bare} shows it bare, to select it.")

    def copy_to_clipboard(self, text: str) -> None:
        """Do what a text field's own keys for copying ask for, as with all that is copied."""
        self._clipboard = text
        self.copy(text)

    @property
    def has_browser(self) -> bool:
        """Whether a link opened here is seen here: not over SSH, nor without a desktop."""
        desktop = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        return bool(desktop) and "SSH_CONNECTION" not in os.environ
