"""Follows the event stream for `helpdesk watch`, and keeps its cursor in a file.

An event is written and its cursor kept without an await between them, and a lost connection is
resumed after the last event: no event is lost, and none is written twice.
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
from cli.filters import Filters
from cli.output_file import open_output
from relay.errors import HelpdeskError, StartError
from relay.files import read_regular

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.settings import Settings
    from relay.wire.agent_out import Event

    WriteEvent = Callable[[Event], None]

LONGEST_CURSOR = 64
"""Characters, as the protocol has it."""
LARGEST_FILE = 4096
"""Bytes of a file with a cursor."""


class Watcher:
    """Follows one desk, over any number of connections, until as many events as are asked for."""

    def __init__(
        self,
        settings: "Settings",
        chosen: Filters,
        write: "WriteEvent",
        file: Path | None,
        *,
        at_url: bool,
    ) -> None:
        """*write* is called with each event; *file* holds the cursor, if there is one."""
        self._settings, self._at_url = settings, at_url
        self._chosen, self._write, self._file = chosen, write, file
        self._left = chosen.limit
        self._cursor: str | None = None
        self._ended = self._met = False
        self._attempt = 0

    async def run(self, *, everything: bool) -> None:
        """Follow until SIGTERM or the last event, reconnecting with backoff.

        Raises :exc:`HelpdeskError` if no retry helps.
        """
        from relay.client import reconnect_delay

        self._cursor = self._read_cursor()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - what runs here is a task's
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._end, task)
        try:
            while lost := await self._follow_once(everything=everything):
                if not self._attempt:
                    output.info(f"{lost} Coming back as soon as the relay answers.")
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
        """Follow until the connection is lost, and return the error; None after the last event.

        Raises an error that no retry helps.
        """
        from cli.relay_client import running_client
        from relay.client import Disconnected, Unreachable

        try:
            async with running_client(self._settings, at_url=self._at_url) as client:
                await self._follow(client, everything=everything)
        except Unreachable as unreachable:
            if not self._met:
                raise
            return unreachable
        except Disconnected as lost:
            if not lost.may_reconnect:
                raise
            return lost
        return None

    async def _follow(self, client: "RelayClient", *, everything: bool) -> None:
        from relay.wire import agent_in, agent_out

        if self._cursor is None and everything:
            self._cursor = f"{client.welcome.epoch}:0"
        wanted = await wire_filter(client, replace(self._chosen, limit=None))
        follow = agent_in.Follow(ref="follow", cursor=self._cursor, filter=wanted)
        try:
            following = await client.ask(follow, agent_out.Following)
        except HelpdeskError as error:
            if self._file and self._cursor:
                raise StartError(f"{self._file}: {error}") from error
            raise
        self._met, self._attempt = True, 0
        self._save_cursor(following.cursor)
        while self._left != 0:
            frame = await client.connection.receive()
            if isinstance(frame, agent_out.Event):
                # No await between these two: what ends this command ends it before or after both.
                self._write(frame)
                self._save_cursor(frame.cursor)
                self._left = None if self._left is None else self._left - 1

    def _read_cursor(self) -> str | None:
        if self._file is None or not self._file.exists():
            return None
        kept = read_regular(self._file, LARGEST_FILE).strip()
        if not kept.isascii() or not 0 < len(kept) <= LONGEST_CURSOR:
            raise StartError(f"{self._file} holds no cursor; give another file with --cursor.")
        return kept.decode()

    def _save_cursor(self, cursor: str) -> None:
        if self._file is not None and cursor != self._cursor:
            with open_output(str(self._file), flag="--cursor") as write:
                write(f"{cursor}\n".encode())
        self._cursor = cursor
