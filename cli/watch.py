"""`helpdesk watch`: the desk's events as lines, and a file that knows how far they were written.

A line and then its cursor are written without a pause between them, and a connection that is lost
is taken up where the last line ended: nothing is lost, and nothing written twice.
"""

import asyncio
import random
import signal
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Never

import typer

from cli import filters, flags, output
from cli.asking import AsJson, Quiet, settings_of, wire_filter, with_desk
from cli.filters import Filters
from cli.writing import STDOUT, target
from relay.errors import HelpdeskError, StartError

if TYPE_CHECKING:
    from cli.desk import Desk
    from relay.settings import Settings
    from relay.wire.agent_hears import Event

    Tell = Callable[[Event], None]

LONGEST_CURSOR = 64
"""Characters, as the protocol has it."""


@with_desk
@filters.filter_flags
def watch(
    cursor: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Go on where FILE says, and keep it up to date."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Begin with what is stored, unless FILE says where.")
    ] = False,
    json: AsJson = False,
    quiet: Quiet = False,
    **given: str | None,
) -> None:
    """Write a line for each of the desk's events, as they happen, until it is ended."""
    chosen = filters.taken(given, datetime.now().astimezone())
    if chosen.limit is not None:
        raise flags.WrongUse("--limit: a watch goes on until it is ended.")
    if cursor == STDOUT:
        raise flags.WrongUse("--cursor: stdout cannot be read; give a file.")
    file = None if cursor is None else Path(flags.in_utf_8("--cursor", cursor))
    tell = _as_json if json else _as_line
    watcher = Watcher(settings_of(given), chosen, tell, file, at_url=given["url"] is not None)
    asyncio.run(watcher.run(everything=everything, quiet=quiet))


class Watcher:
    """Follows one desk, over any number of connections."""

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
        self._cursor: str | None = None
        self._ended = self._met = False
        self._attempt = 0

    async def run(self, *, everything: bool, quiet: bool) -> None:
        """Follow until SIGTERM; raise :exc:`HelpdeskError` where coming back does not help."""
        from relay.client import pause_before

        self._cursor = self._read()
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - what runs here is a task's
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._end, task)
        try:
            while True:
                lost = await self._follow_once(everything=everything)
                if not (quiet or self._attempt):
                    output.say(f"{lost} Coming back as soon as the relay answers.")
                # Jitter, so that not all who were cut off come back in the same moment.
                await asyncio.sleep(pause_before(self._attempt, random.random()))  # noqa: S311
                self._attempt += 1
        except asyncio.CancelledError:
            if not self._ended:
                raise

    def _end(self, task: "asyncio.Task[object]") -> None:
        self._ended = True
        task.cancel()

    async def _follow_once(self, *, everything: bool) -> HelpdeskError:
        """Follow until the connection is lost, and return how; raise what is not worth a retry."""
        from cli.desk import running
        from relay.client import Disconnected, Unreachable

        try:
            async with running(self._settings, at_url=self._at_url) as desk:
                await self._follow(desk, everything=everything)
        except Unreachable as unreachable:
            if not self._met:
                raise
            return unreachable
        except Disconnected as lost:
            if not lost.come_back:
                raise
            return lost

    async def _follow(self, desk: "Desk", *, everything: bool) -> Never:
        from relay.wire import agent, agent_hears

        if self._cursor is None and everything:
            self._cursor = f"{desk.welcome.epoch}:0"
        wanted = await wire_filter(desk, self._chosen)
        frame = agent.Follow(ref="follow", cursor=self._cursor, filter=wanted)
        try:
            following = await desk.ask(frame, agent_hears.Following)
        except HelpdeskError as error:
            if self._file and self._cursor:
                raise StartError(f"{self._file}: {error}") from error
            raise
        self._met, self._attempt = True, 0
        self._keep(following.cursor)
        while True:
            heard = await desk.connection.receive()
            if isinstance(heard, agent_hears.Event):
                # No await between these two: what ends this command ends it before or after both.
                self._tell(heard)
                self._keep(heard.cursor)

    def _read(self) -> str | None:
        if self._file is None or not self._file.exists():
            return None
        kept = self._file.read_bytes()[: LONGEST_CURSOR + 1].strip()
        if not kept.isascii() or not 0 < len(kept) <= LONGEST_CURSOR:
            raise StartError(f"{self._file} holds no cursor; give another file with --cursor.")
        return kept.decode()

    def _keep(self, cursor: str) -> None:
        if self._file is not None and cursor != self._cursor:
            with target(str(self._file), flag="--cursor") as write:
                write(f"{cursor}\n".encode())
        self._cursor = cursor


def _as_json(event: "Event") -> None:
    from msgspec import to_builtins

    plain = to_builtins(event)
    del plain["type"]
    output.as_json(plain)


def _as_line(event: "Event") -> None:
    from cli.spoken import event_line

    output.data(event_line(event.request, event.message))
