"""One database under two names: the second relay, or command, is refused with a sentence."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.integration.faults.test_bad_disk import say
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import PROGRAM, customer_of, served

MOUNT = 'mount --make-rprivate / && mount --bind "$1" "$2" && shift 2 && exec "$@"'


def namespace() -> tuple[str, ...]:
    """Return the command for a mount namespace of one's own, or nothing where none can be made."""
    for flags in (("--mount",), ("--mount", "--user", "--map-root-user")):
        try:
            made = subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False)
        except FileNotFoundError:
            return ()
        if made.returncode == 0:
            return ("unshare", *flags)
    return ()


async def refusal(*program: str) -> str:
    """Return what *program* says, which has to end with exit code 1."""
    process = await asyncio.create_subprocess_exec(*program, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 1
    return said.decode()


@pytest.mark.skipif(not namespace(), reason="no mount namespace can be made here")
async def test_a_file_that_is_mounted_by_itself_is_refused_beside_its_relay(
    tmp_path: Path,
) -> None:
    database, alone = tmp_path / "desk.db", tmp_path / "container" / "desk.db"
    alone.parent.mkdir()
    alone.touch()
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        mounted = (*namespace(), "sh", "-c", MOUNT, "sh", str(database), str(alone))
        for arguments in (("serve", "--port=0"), ("agent", "add", "Sam")):
            said = await refusal(*mounted, PROGRAM[0], *arguments, f"--database={alone}")
            assert "mounted by itself" in said
            assert "mount the folder" in said
        kept, refused = await say(customer, range(3))
        assert (len(kept), len(refused)) == (3, 0)
        await customer.socket.close()


async def test_a_hard_link_is_refused_beside_its_relay(tmp_path: Path) -> None:
    database, link = tmp_path / "desk.db", tmp_path / "link.db"
    async with served(database, **FREE):
        os.link(database, link)
        for arguments in (("serve", "--port=0"), ("agent", "add", "Sam")):
            said = await refusal(PROGRAM[0], *arguments, f"--database={link}")
            assert "has 2 names (hard links)" in said
