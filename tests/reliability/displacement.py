"""Displaces the files of a desk under load: what was acknowledged has to be in what is saved."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.fork_server import run_helpdesk
from tests.integration.relay.helpers import FREE, Frame, Wire
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import Served, customer_of, served
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

NOTICED = 1.0
"""Seconds after which the relay has to answer 503."""


def move(database: Path) -> None:
    """Move the database."""
    database.rename(database.with_name("away"))


def remove(database: Path) -> None:
    """Remove the database."""
    database.unlink()


def replace(database: Path) -> None:
    """Put an empty desk in the place of the database."""
    other = database.with_name("other")
    Bench(other).store.close()
    other.rename(database)


def remove_folder(database: Path) -> None:
    """Remove the folder with all that is in it."""
    shutil.rmtree(database.parent)


def move_folder(database: Path) -> None:
    """Move the folder."""
    database.parent.rename(database.parent.with_name("elsewhere"))


def remove_log(database: Path) -> None:
    """Remove the write-ahead log."""
    Path(f"{database}-wal").unlink()


def remove_all(database: Path) -> None:
    """Remove every file of the desk, the control socket too."""
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()


WAYS: tuple[Callable[[Path], None], ...] = (
    move,
    remove,
    replace,
    remove_folder,
    move_folder,
    remove_log,
    remove_all,
)


@dataclass(frozen=True, slots=True)
class Displaced:
    """What came of it: how many messages were acknowledged, and which of those are lost."""

    acknowledged: int
    lost: int
    broken: tuple[str, ...]


async def displace_all_ways(folder: Path, random: Random) -> Displaced:
    """Displace a desk in each of :data:`WAYS`, each time with a relay of its own."""
    acknowledged, lost, broken = 0, 0, []
    for way in WAYS:
        own = folder / way.__name__
        own.mkdir()
        kept, saved, seconds = await _displace(own, way, random)
        acknowledged += len(kept)
        lost += len(kept - saved)
        if seconds > NOTICED:
            broken.append(f"{way.__name__}: noticed after {seconds:.1f} s")
    return Displaced(acknowledged, lost, tuple(broken))


async def _displace(
    own: Path, way: Callable[[Path], None], random: Random
) -> tuple[set[str], set[str], float]:
    database, saved = own / "desk" / "desk.db", own / "saved"
    database.parent.mkdir()
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        async with asyncio.TaskGroup() as group:
            talking = group.create_task(_talk(customer))
            await asyncio.sleep(0.2 + random.random())  # the load has to run for a while
            way(database)
            seconds = await _seconds_until_told(relay)
        kept = talking.result()
        await _saved(database, saved)
        await customer.socket.close()
        relay.stop()
        await relay.process.wait()
    with closing(sqlite3.connect(saved)) as file:
        found = {ref for (ref,) in file.execute("SELECT ref FROM message WHERE ref LIKE 's%'")}
    return kept, found, seconds


async def _talk(customer: Wire) -> set[str]:
    """Send texts until one is refused; return the refs of those that were acknowledged."""
    kept: set[str] = set()
    while True:
        ref = f"s{len(kept)}"
        await customer.send("send", ref=ref, text="x" * 500)

        def is_answer(frame: Frame, ref: str = ref) -> bool:
            return frame.get("ref") == ref

        answer = await customer.receive(is_answer, ref)
        if answer["type"] == "error":
            return kept
        kept.add(ref)


async def _seconds_until_told(relay: Served) -> float:
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE):
        while (await http(relay, "/readyz")).status != 503:  # noqa: ASYNC110 - of a process
            await asyncio.sleep(0.01)
    return asyncio.get_running_loop().time() - began


async def _saved(database: Path, target: Path) -> None:
    """Save the desk by a command, as soon as one reaches the relay."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}
    async with asyncio.timeout(PATIENCE):
        while True:
            command = ("backup", str(target), f"--database={database}")
            if not (await run_helpdesk(*command, environment=environment))[0]:
                return
