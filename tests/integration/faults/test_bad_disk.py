"""A full or failing disk: a running relay refuses writes, and recovers."""

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay.store.sqlite.integrity import check_database
from tests.integration.faults.strace import FAILED, count, traced
from tests.integration.relay.helpers import FREE, Frame, Wire
from tests.integration.relay.plain_http import http
from tests.integration.relay.relay_process import (
    PROGRAM,
    Served,
    agent_of,
    customer_of,
    served,
    served_by,
)
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

LONG = "x" * 4_000
AT_ONCE = 12


@dataclass
class Disk:
    """A small disk of the test's own; where none may be mounted, a relay whose files are short."""

    folder: Path
    mounted: bool

    def fill(self, relay: Served) -> None:
        """Leave no room at all."""
        if not self.mounted:
            relay.starve()
            return
        with (self.folder / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(b"x" * 4096)

    def clear(self, relay: Served) -> None:
        """Make room."""
        if self.mounted:
            (self.folder / "ballast").unlink()
        else:
            relay.feed()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ("-t", "tmpfs", "-o", "size=4m,mode=700", "none", str(folder))
    mounted = mount is not None and (
        subprocess.run([mount, *options], capture_output=True, check=False).returncode == 0
    )
    yield Disk(folder, mounted)
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


async def answer_to(client: Wire, ref: str) -> Frame:
    """Return the answer to what was sent as *ref*."""
    return await client.answer(ref)


async def say(client: Wire, numbers: range) -> tuple[set[str], set[str]]:
    """Send all *numbers* at once; return which refs were kept, and which refused."""
    for number in numbers:
        await client.send("send", ref=f"s{number}", text=f"{number} {LONG}"[:4_000])
    answers = [await answer_to(client, f"s{number}") for number in numbers]
    refused = {answer["ref"] for answer in answers if answer["type"] == "error"}
    assert {it["code"] for it in answers if it["ref"] in refused} <= {"unavailable"}
    return {answer["ref"] for answer in answers} - refused, refused


async def ready(relay: Served, status: int) -> str:
    """Wait until ``/readyz`` answers with *status*, and return what else it says."""
    async with asyncio.timeout(PATIENCE):
        while (reply := await http(relay, "/readyz")).status != status:  # noqa: ASYNC110 - of a process
            await asyncio.sleep(0.05)
    return reply.body.decode()


def refs(database: Path) -> list[str]:
    """Return the refs of all that customers have sent, in a desk that must be sound."""
    assert check_database(database).findings == ()
    with closing(sqlite3.connect(database)) as file:
        return [ref for (ref,) in file.execute("SELECT ref FROM message WHERE ref LIKE 's%'")]


async def test_on_a_full_disk_nothing_is_half_kept_and_room_is_noticed(disk: Disk) -> None:
    database = disk.folder / "desk.db"
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        sam = await agent_of(relay, await relay.hire("Sam"))
        await sam.ok("join", request=1)
        kept, _ = await say(customer, range(AT_ONCE))
        disk.fill(relay)
        refused: set[str] = set()
        for start in range(AT_ONCE, 400, AT_ONCE):
            more, refused = await say(customer, range(start, start + AT_ONCE))
            kept |= more
            if refused:
                break
        assert refused
        said = await ready(relay, 503)
        assert "the store refuses writes: d" in said, said
        page = await customer.ok("history", before=9_999, limit=3)
        assert len(page["messages"]) == 3
        assert (await http(relay, "/healthz")).status == 200

        disk.clear(relay)
        await ready(relay, 200)
        again, still = await say(customer, range(start, start + AT_ONCE))
        assert not still
        kept |= again
        await sam.ok("ping")
        heard = [push["message"]["seq"] for push in sam.waiting("message")]
        await customer.socket.close()
        await sam.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    assert sorted(refs(database)) == sorted(kept)
    assert heard == list(range(3, 3 + len(kept)))


@pytest.mark.parametrize("call", [3, 4, 5, 6])
async def test_a_sync_that_fails_refuses_what_it_was_for(database: Path, call: int) -> None:
    Bench(database).store.close()  # which counts calls of its own, until the tables are there
    trace = database.with_name("trace")
    fails = ("-e", f"inject=fsync,fdatasync:error=EIO:when={call}")
    async with served_by(traced(PROGRAM, trace, *fails), database, **FREE) as relay:
        customer = await customer_of(relay)
        opened = await customer.ask("open", ref="o")
        if opened["type"] == "error":
            await ready(relay, 200)
            await customer.ok("open", ref="o")
        kept: set[str] = set()
        for number in range(8):
            ok, refused = await say(customer, range(number, number + 1))
            if refused:
                await ready(relay, 200)
                ok, refused = await say(customer, range(number, number + 1))
            assert not refused
            kept |= ok
        await customer.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    assert count(FAILED, trace) > 0
    assert sorted(refs(database)) == sorted(kept)
