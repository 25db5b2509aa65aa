"""Follows the desk's events for `helpdesk watch`, and keeps a file of how far they were told.

An event is told and its cursor kept without a pause between them, and a connection that is lost is
taken up where the last event ended: nothing is lost, and nothing told twice.
"""

import asyncio
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.command import wire_filter
from cli.options import Filters
from cli.output_file import open_output
from relay.errors import HelpdeskError, StartError

if TYPE_CHECKING:
    from cli.relay_client import Desk
    from relay.settings import Settings
    from relay.wire.agent_out import Event

    Tell = Callable[[Event], None]

LONGEST_CURSOR = 64
"""Characters, as the protocol has it."""


class Watcher:
    """Follows one desk, over any number of connections, until as many events as are asked for."""

    def __init__(
        self,
        settings: "Settings",
        chosen: Filters,
        tell: "Tell",
        file: Path | None,
        *,
        at_url: bool,
    ) -> None:
        """*tell* hears of each event, and *file* holds the cursor, if there is one."""
        self._settings, self._at_url = settings, at_url
        self._chosen, self._tell, self._file = chosen, tell, file
        self._left = chosen.limit
        self._cursor: str | None = None
        self._ended = self._met = False
        self._attempt = 0

    async def run(self, *, everything: bool) -> None:
        """Follow until SIGTERM or the last event.

        Raises :exc:`HelpdeskError` where coming back does not help.
        """
        from relay.client import reconnect_delay

        self._cursor = self._read()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - what runs here is a task's
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._end, task)
        try:
            while lost := await self._follow_once(everything=everything):
                if not self._attempt:
                    output.say(f"{lost} Coming back as soon as the relay answers.")
                # Jitter, so that not all who were cut off come back in the same moment.
                await asyncio.sleep(reconnect_delay(self._attempt, random.random()))  # noqa: S311
                self._attempt += 1
        except asyncio.CancelledError:
            if not self._ended:
                raise

    def _end(self, task: "asyncio.Task[object]") -> None:
        self._ended = True
        task.cancel()

    async def _follow_once(self, *, everything: bool) -> HelpdeskError | None:
        """Follow until the connection is lost, and return how, or None where all is told.

        Raises what is not worth a retry.
        """
        from cli.relay_client import running
        from relay.client import Disconnected, Unreachable

        try:
            async with running(self._settings, at_url=self._at_url) as desk:
                await self._follow(desk, everything=everything)
        except Unreachable as unreachable:
            if not self._met:
                raise
            return unreachable
        except Disconnected as lost:
            if not lost.may_reconnect:
                raise
            return lost
        return None

    async def _follow(self, desk: "Desk", *, everything: bool) -> None:
        from relay.wire import agent_in, agent_out

        if self._cursor is None and everything:
            self._cursor = f"{desk.welcome.epoch}:0"
        wanted = await wire_filter(desk, replace(self._chosen, limit=None))
        frame = agent_in.Follow(ref="follow", cursor=self._cursor, filter=wanted)
        try:
            following = await desk.ask(frame, agent_out.Following)
        except HelpdeskError as error:
            if self._file and self._cursor:
                raise StartError(f"{self._file}: {error}") from error
            raise
        self._met, self._attempt = True, 0
        self._keep(following.cursor)
        while self._left != 0:
            heard = await desk.connection.receive()
            if isinstance(heard, agent_out.Event):
                # No await between these two: what ends this command ends it before or after both.
                self._tell(heard)
                self._keep(heard.cursor)
                self._left = None if self._left is None else self._left - 1

    def _read(self) -> str | None:
        if self._file is None or not self._file.exists():
            return None
        kept = self._file.read_bytes()[: LONGEST_CURSOR + 1].strip()
        if not kept.isascii() or not 0 < len(kept) <= LONGEST_CURSOR:
            raise StartError(f"{self._file} holds no cursor; give another file with --cursor.")
        return kept.decode()

    def _keep(self, cursor: str) -> None:
        if self._file is not None and cursor != self._cursor:
            with open_output(str(self._file), flag="--cursor") as write:
                write(f"{cursor}\n".encode())
        self._cursor = cursor
