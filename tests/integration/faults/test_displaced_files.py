"""Files of a running relay's desk that are moved, removed or replaced: nothing more is
acknowledged, and nothing that was is lost."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fork_server import run_helpdesk
from tests.integration.faults.test_bad_disk import ready, refs, say
from tests.integration.faults.test_file_names import namespace
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import PROGRAM, customer_of, served, served_by
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

MOVED = "moved, removed or replaced"


def replace(database: Path) -> None:
    """Put an older desk in its place."""
    older = database.with_name("older")
    Bench(older).store.close()
    older.rename(database)


def remove_folder(database: Path) -> None:
    shutil.rmtree(database.parent)


def swap_link(database: Path) -> None:
    """Let the link lead to another desk."""
    other = database.with_name("other")
    Bench(other).store.close()
    database.unlink()
    database.symlink_to(other)


async def command(database: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code of a command on *database*, and what it says."""
    environment = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "COLUMNS": "500"}
    return await run_helpdesk(*arguments, f"--database={database}", environment=environment)


@pytest.mark.parametrize(
    "displace", [replace, remove_folder, swap_link], ids=lambda it: it.__name__
)
async def test_a_displaced_desk_acknowledges_nothing_more_and_is_saved_by_a_command(
    tmp_path: Path, displace: Callable[[Path], None]
) -> None:
    database, saved = tmp_path / "folder" / "desk.db", tmp_path / "saved"
    database.parent.mkdir()
    if displace is swap_link:
        database.symlink_to(tmp_path / "real.db")
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        kept, _ = await say(customer, range(3))
        assert len(kept) == 3
        displace(database)
        none, refused = await say(customer, range(3, 6))
        assert not none
        assert len(refused) == 3
        assert MOVED in await ready(relay, 503)
        page = await customer.ok("history", before=9_999, limit=3)
        assert len(page["messages"]) == 3
        async with asyncio.timeout(PATIENCE):  # until the relay listens elsewhere, too
            while MOVED not in (doctor := await command(database, "doctor"))[1]:
                pass
        assert doctor[0] == 1
        assert "no desk" not in doctor[1]
        for arguments in (("check",), ("requests", "list"), ("agent", "add", "Sam")):
            code, said = await command(database, *arguments)
            assert (code, MOVED in said) == (1, True), said
        assert (await command(database, "backup", str(saved)))[0] == 0
        await customer.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    assert sorted(refs(saved)) == sorted(kept)


def remove_socket(database: Path) -> None:
    Path(f"{database}.sock").unlink()


def has_socket(database: Path) -> bool:
    return Path(f"{database}.sock").exists()


def replace_socket(database: Path) -> None:
    other = database.with_name("other")
    other.write_text("of somebody else")
    other.rename(f"{database}.sock")


async def test_a_control_socket_that_is_removed_is_there_again_and_another_s_is_left_alone(
    tmp_path: Path,
) -> None:
    database = tmp_path / "desk.db"
    async with served(database, **FREE) as relay:
        remove_socket(database)
        async with asyncio.timeout(PATIENCE):
            while not has_socket(database):  # noqa: ASYNC110 - of a process
                await asyncio.sleep(0.01)
        assert (await command(database, "agent", "list"))[0] == 0
        replace_socket(database)
        relay.stop()
        assert await relay.process.wait() == 0
    assert has_socket(database)


async def test_a_desk_that_was_here_is_missed_by_every_command(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    Bench(database).store.close()
    database.unlink()
    for arguments in (("doctor",), ("check",), ("requests", "list"), ("serve", "--port=0")):
        code, said = await command(database, *arguments)
        assert (code, "There was a desk" in said) == (1, True), said


def entered(pid: int, *program: str) -> str:
    """Run *program* in the mount namespace of process *pid*; return what it says."""
    inside = ("nsenter", f"--target={pid}", "--mount", *program)
    done = subprocess.run(inside, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return done.stdout + done.stderr


@pytest.mark.skipif(namespace() != ("unshare", "--mount"), reason="no disk can be mounted here")
async def test_a_disk_that_is_mounted_over_the_folder_is_not_kept_in_use(tmp_path: Path) -> None:
    database = tmp_path / "folder" / "desk.db"
    database.parent.mkdir()
    own = ("unshare", "--mount", "sh", "-c", 'mount --make-rprivate / && exec "$@"', "sh")
    async with served_by((*own, *PROGRAM), database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        kept, _ = await say(customer, range(3))
        pid = relay.process.pid
        assert entered(pid, "mount", "-t", "tmpfs", "none", str(database.parent)) == ""
        assert MOVED in await ready(relay, 503)
        check = (PROGRAM[0], "check", f"--database={database}")
        async with asyncio.timeout(PATIENCE):  # until the relay listens elsewhere, too
            while MOVED not in await asyncio.to_thread(entered, pid, *check):
                pass
        assert entered(pid, "ls", "-A", str(database.parent)) == ""
        assert entered(pid, "umount", str(database.parent)) == ""
        await ready(relay, 200)
        more, _ = await say(customer, range(3, 6))
        assert (len(kept), len(more)) == (3, 3)
        await customer.socket.close()
    assert sorted(refs(database)) == sorted([*kept, *more])
