"""Console run in a test: keys in, the text of the screen out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from rich.console import RenderableType
from textual import events
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.keys import key_to_character
from textual.message import Message
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen

from helpdesk_tui.app import Console
from helpdesk_tui.main_screen import MainScreen
from helpdesk_tui.timings import Timings
from helpdesk_tui.widgets.virtual_list import VirtualList
from relay.settings.model import Console as Preferences
from tests.integration.console.fake_relay import TOKEN
from tests.patience import PATIENCE

LOOK_EVERY = 0.01
"""Seconds between two looks at the screen."""
QUICK = Timings(backoff=lambda _: 0.1)
"""What is tried again is tried again soon, but is seen to wait before."""


class Drawing:
    """Draws a screen when a test looks at it, and only then, unless *always*.

    Without a terminal, Textual draws every update and throws it away. The tests in a real terminal
    draw every update.
    """

    def __init__(self, *, always: bool) -> None:
        self._always, self._draw = always, Compositor.render_update
        self._texts: dict[Compositor, str] = {}

    def update(self, compositor: Compositor, **options: Any) -> RenderableType | None:
        """Take the place of :meth:`Compositor.render_update`."""
        self._texts.pop(compositor, None)
        if self._always:
            return self._draw(compositor, **options)
        compositor._dirty_regions.clear()
        return None

    def text(self, console: Console) -> str:
        """Return the text of the screen of *console*."""
        compositor = console.screen._compositor
        if compositor not in self._texts:
            visible_screen_stack.set(console._background_screens)
            strips = compositor.render_strips()
            self._texts[compositor] = "\n".join(strip.text for strip in strips)
        return self._texts[compositor]


class Traffic:
    """Counts the messages that widgets begin with, but for those that come by themselves."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, message: Message) -> None:
        self.count += not isinstance(message, events.Callback | events.Timer)


class ConsoleSession:
    """Presses keys and waits for what should be seen."""

    def __init__(
        self, console: Console, pilot: Pilot[None], traffic: Traffic, drawing: Drawing
    ) -> None:
        self.console, self.pilot = console, pilot
        self._traffic, self._drawing = traffic, drawing
        self.panes = console.query_one(MainScreen)
        self.workspace, self.seat = console.workspace, console.workspace.seat

    async def press(self, *keys: str) -> None:
        """Press *keys*, as fast as a terminal passes them on, and wait until they are worked off.

        Textual's own way waits after each one, which is slower than anybody types, and takes a
        process for idle to which a busy machine gives no time.
        """
        for key in keys:
            self.console.post_message(events.Key(key, key_to_character(key)))
        await self.settled()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size, and wait until all is laid out anew."""
        size = Size(width, height)
        driver = self.console._driver
        assert isinstance(driver, HeadlessDriver)
        driver._size = size
        self.console.post_message(events.Resize(size, size))
        await self.until(lambda: all(_has(one, size) for one in self.console.screen_stack))
        await self.settled()

    async def settled(self) -> None:
        """Wait until no widget has anything more to work off, and the screen shows it.

        That is so after a round through all of them in which none had a message for another.
        """
        for _ in ("what was told", "what the layout that follows tells"):
            if not await self._quiet():
                return  # it has ended
            for screen in self.console.screen_stack:
                screen._on_timer_update()

    async def _quiet(self) -> bool:
        """Wait for the round; return whether the console still runs."""
        async with asyncio.timeout(PATIENCE):
            before = -1
            while (
                before != self._traffic.count
                or not self.console.input.is_empty
                or any(map(_is_busy, self.console._registry))
            ):
                before = self._traffic.count
                if not await self.pilot._wait_for_screen():
                    return False
        return True

    async def write(self, text: str) -> None:
        """Press the keys of *text*."""
        await self.press(*text)

    @property
    def screen(self) -> str:
        """The text on the screen."""
        return self._drawing.text(self.console)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until *true*; fail with the screen."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    await asyncio.sleep(LOOK_EVERY)
                    self.console.screen._on_timer_update()
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
        self.panes.list.select(number)
        await self.press("enter")
        await self.until(lambda: f"#{number} " in self.screen and bool(self.panes.timeline.items))


@contextmanager
def case(name: object) -> Iterator[None]:
    """Name the case of a table in which a test fails."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"in {name}")
        raise


def _is_busy(pump: MessagePump) -> bool:
    """Whether *pump* is being mounted, or has messages that it has not begun with."""
    return not pump._closed and not (pump._is_mounted and pump._message_queue.empty())


def _has(screen: Screen[Any], size: Size) -> bool:
    """Return whether *screen*, with all lists in it, is laid out for *size*."""
    widths = [(lines.size.width, lines._laid_out_for) for lines in screen.query(VirtualList)]
    return screen._compositor.size == size and all(now in {0, known} for now, known in widths)


@asynccontextmanager
async def console_session(
    url: str,
    state_dir: Path,
    token: str = TOKEN,
    *,
    size: tuple[int, int] = (100, 30),
    preferences: Preferences | None = None,
    timings: Timings = QUICK,
    draws: bool = False,
) -> AsyncIterator[ConsoleSession]:
    """Run a console at the relay at *url* until the block ends; see :class:`Drawing`."""
    console = Console(url, token, state_dir, preferences=preferences, timings=timings)
    traffic, drawing = Traffic(), Drawing(always=draws)

    def update(compositor: Compositor, **options: Any) -> RenderableType | None:
        return drawing.update(compositor, **options)

    with patch.object(Compositor, "render_update", update):
        async with console.run_test(
            size=size, notifications=True, tooltips=True, message_hook=traffic
        ) as pilot:
            yield ConsoleSession(console, pilot, traffic, drawing)
            console.exit()  # and not only Textual's end of a test, which closes screens amid news
            assert console._task
            await asyncio.wait([console._task], timeout=PATIENCE)
