"""The queue of the agent's input: each key, click and paste is handled whole before the next."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.events import Event
from textual.message_pump import MessagePump
from textual.widgets import Input, TextArea

SPINS = 200
"""Turns of the loop in which a key may be handled before the queue sleeps between two looks."""
LOOK_EVERY = 0.005
"""Seconds between two such looks."""


class InputQueue:
    """Gives input to *handle* one event at a time, in its order, in the message pump of *app*.

    Textual passes a key to the queue of the focused widget and runs bindings and what follows from
    a key in other queues. Of two keys in one read, the second may therefore be handled first, or
    by the widget that had the focus before the first. Here, a key is handled once no widget has
    anything left to do: not before the focus has moved, the dialog is open, the draft is kept.

    *here* is set unless another program has the terminal. What was read before that program could
    read it was meant for it, and is given to *drop*, as a number of keys.
    """

    def __init__(
        self,
        app: App[None],
        handle: Callable[[Event], Awaitable[None]],
        here: asyncio.Event,
        drop: Callable[[int], None],
    ) -> None:
        self._app, self._handle, self._here, self._drop = app, handle, here, drop
        self._waiting: deque[Event] = deque()
        self._arrived = asyncio.Event()

    @property
    def is_empty(self) -> bool:
        """True if all input has been given to the app."""
        return not self._waiting

    def takes(self, event: Event) -> bool:
        """Queue *event* if it is input that comes from the terminal; return whether it is."""
        if not isinstance(event, events.InputEvent | events.Paste) or event.is_forwarded:
            return False
        self._waiting.append(event)
        self._arrived.set()
        return True

    async def run(self) -> None:
        """Handle what arrives, until the app ends."""
        in_text = False
        while True:
            while not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            if not (in_text and self._is_text(self._waiting[0])):
                await self._settled()
                if not self._here.is_set():
                    await self._discard_lent()
                    continue
            in_text = self._is_text(self._waiting[0])
            self._app.call_later(self._handle, self._waiting.popleft())

    def _is_text(self, event: Event) -> bool:
        """Return whether *event* types a letter into a field, or moves the mouse over it.

        That moves no focus, so the next need not wait for it: the field has a queue of its own.
        """
        if not isinstance(self._app.focused, Input | TextArea):
            return False
        if isinstance(event, events.Key):
            return event.key == "space" or (len(event.key) == 1 and event.key.isalnum())
        return isinstance(event, events.MouseMove)

    async def _settled(self) -> None:
        """Wait until no widget has a message left, nor one that it has begun with."""
        spins = 0
        while any(map(_is_busy, (self._app, *self._app._registry))):
            spins += 1
            await asyncio.sleep(0 if spins < SPINS else LOOK_EVERY)

    async def _discard_lent(self) -> None:
        """Wait until the terminal is back, and drop what was typed before it was away."""
        await self._here.wait()
        keys = sum(isinstance(event, events.Key | events.Paste) for event in self._waiting)
        self._waiting.clear()
        if keys:
            self._drop(keys)


def _is_busy(pump: MessagePump) -> bool:
    """Return whether *pump* is being mounted, or has messages that it has not begun with.

    No handler of the console waits in the midst of a message, so one that is begun is done.
    """
    if pump._closed or pump._closing:
        return False
    unfinished = bool(pump._next_callbacks) or not pump._is_mounted
    return unfinished or not pump._message_queue.empty()
