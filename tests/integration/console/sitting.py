"""A console as a test sits at it: keys in, the screen's text out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual import events
from textual.keys import key_to_character
from textual.pilot import Pilot

from helpdesk_tui.app import Console
from helpdesk_tui.panes import Panes
from relay.settings.console import Console as Preferences
from tests.integration.console.fake_relay import TOKEN

LONGEST_WAIT = 8.0


class Sitting:
    """Presses keys and waits for what should be seen."""

    def __init__(self, console: Console, pilot: Pilot[None]) -> None:
        self.console, self.pilot = console, pilot
        self.panes = console.query_one(Panes)

    async def press(self, *keys: str) -> None:
        """Press *keys*, as fast as a terminal passes them on, and wait until they are worked off.

        Textual's own way waits after each one, which is slower than anybody types.
        """
        for key in keys:
            self.console.post_message(events.Key(key, key_to_character(key)))
        await self.pilot.pause()

    async def write(self, text: str) -> None:
        """Press the keys of *text*."""
        await self.press(*text)

    @property
    def screen(self) -> str:
        """The text on the screen."""
        strips = self.console.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until *true*; fail with the screen."""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                while not true():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"never came true; the screen:\n{self.screen}") from None

    async def sees(self, text: str) -> None:
        """Wait until *text* is on the screen."""
        await self.until(lambda: text in self.screen)

    async def sees_no(self, text: str) -> None:
        """Wait until *text* is no longer on the screen."""
        await self.until(lambda: text not in self.screen)

    async def open(self, number: int) -> None:
        """Open request *number* and wait for its messages."""
        await self.sees(f"#{number}")
        self.panes.list.choose(number)
        await self.press("enter")
        await self.until(lambda: f"#{number} " in self.screen and bool(self.panes.timeline.items))


@asynccontextmanager
async def sitting(
    url: str,
    state_dir: Path,
    token: str = TOKEN,
    size: tuple[int, int] = (100, 30),
    preferences: Preferences | None = None,
) -> AsyncIterator[Sitting]:
    """Sit at a console of the relay at *url* until the block ends."""
    console = Console(url, token, state_dir, preferences=preferences)
    async with console.run_test(size=size, notifications=True, tooltips=True) as pilot:
        yield Sitting(console, pilot)
