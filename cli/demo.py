"""`helpdesk demo`: runs a relay, a page and the console on a database that is deleted afterwards.

The relay is a process of its own (:mod:`cli.demo_relay`), so that neither slows the other down.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Annotated

import typer

from cli import output
from cli.options import FLAGS
from relay.errors import StartError

AGENT = "Sam"
PATIENCE = 15.0
"""Seconds that the relay may take to end; it promises 10."""


@dataclass(frozen=True, slots=True)
class DemoRelay:
    """A relay that runs for the demo alone."""

    url: str
    database: Path


def demo(
    port: Annotated[
        str | None,
        typer.Option(metavar=FLAGS["port"].metavar, help=FLAGS["port"].help, show_default=False),
    ] = None,
) -> None:
    """Try Helpdesk: run a relay, a demo page and the console."""
    from cli.tui import require_terminal, run_console

    require_terminal()
    with _relay(port) as relay:
        token = _add_agent(relay.database)
        output.info(f"the page to try it on is {relay.url}/ - open it in a browser.")
        notice = f"The page to try it on:\n{relay.url}/"
        code = run_console(relay.url, token, relay.database.with_name("console"), notice)
    output.info(f"the demo is over; {relay.url}/ and all that was written there are gone.")
    raise typer.Exit(code)


@contextmanager
def _relay(port: str | None) -> Iterator[DemoRelay]:
    """Run a relay in a child process; it ends with this block, and with this process."""
    # -P: a folder named `cli` where the command is called must not be taken for ours.
    command = [sys.executable, "-P", "-m", "cli.demo_relay", *([port] if port else [])]
    with (
        TemporaryFile("w+") as log,
        # Away from the terminal's signals: Ctrl+C there is the console's.
        subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            relay = _announced(process, log)
            try:
                yield relay
            finally:
                _end(process)
                _retell(log)
        finally:
            _end(process)


def _announced(process: subprocess.Popen[str], log: IO[str]) -> DemoRelay:
    """Return what the relay says of itself when it is ready; raise what it said if it is not."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.wait()
        why = _lines(log) or ["The demo's relay ended before it was ready; try again."]
        raise StartError(why[-1])
    said = json.loads(line)
    return DemoRelay(said["url"], Path(said["database"]))


def _end(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _retell(log: IO[str]) -> None:
    """Repeat on stderr what the relay wrote while the console had the screen."""
    for line in _lines(log):
        output.info(line)


def _lines(log: IO[str]) -> list[str]:
    log.seek(0)
    return [line.removeprefix(f"{output.NAME}: ") for line in log.read().splitlines()]


def _add_agent(database: Path) -> str:
    import asyncio

    from cli.relay_client import admin_client
    from relay.settings import Settings
    from relay.wire import agent_in, agent_out

    async def add() -> str:
        async with admin_client(Settings(database=str(database))) as client:
            frame = agent_in.AgentAdd(ref="add", name=AGENT, role="admin")
            return (await client.ask(frame, agent_out.AgentAdded)).token

    return asyncio.run(add())
