"""Commands that run as root on the desk of a service's user: its files stay that user's."""

import os
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from relay.store.backends import database_at
from tests.contract.store.actions import opens
from tests.integration.faults.other_user import NOBODY, as_nobody, why_impossible
from tests.integration.faults.test_bad_disk import refs, say
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import PROGRAM, customer_of, served_by
from tests.integration.store.sqlite_harness import Bench

OBSTACLE = why_impossible()
pytestmark = pytest.mark.skipif(OBSTACLE != "", reason=OBSTACLE)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that belongs to nobody, below one that everybody may enter."""
    with TemporaryDirectory(prefix="helpdesk-owners-") as outer:
        Path(outer).chmod(0o755)
        own = Path(outer) / "desk"
        own.mkdir(0o700)
        os.chown(own, NOBODY, NOBODY)
        (Path(outer) / "keep").mkdir()
        yield own


def owners(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Return user, group and mode of each file in *folder*."""
    return {
        path.name: (it.st_uid, it.st_gid, stat.S_IMODE(it.st_mode))
        for path in folder.iterdir()
        for it in [path.stat()]
    }


def test_what_root_makes_in_a_desks_folder_belongs_to_the_folders_owner(folder: Path) -> None:
    database, saved = folder / "desk.db", folder.parent / "saved"
    own = (NOBODY, NOBODY, 0o600)
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
        names = {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.lock"}
        assert owners(folder) == dict.fromkeys(names, own)
    database_at(database).backup(saved)
    database.chmod(0o640)
    kept = database_at(database).restore(saved, datetime.now(UTC)).kept
    assert kept is not None
    assert owners(folder)["desk.db"] == (NOBODY, NOBODY, 0o640)
    database.unlink()
    database_at(database).restore(saved, datetime.now(UTC))
    found = owners(folder)
    assert found.pop(kept.name) == (NOBODY, NOBODY, 0o640)
    assert set(found.values()) == {own}


async def test_the_service_works_on_what_root_has_restored(folder: Path) -> None:
    database, saved = folder / "desk.db", folder.parent / "saved"
    with Bench(folder.parent / "other.db") as bench:
        bench.do(opens("ada", "Help"))
    database_at(folder.parent / "other.db").backup(saved)
    database_at(database).restore(saved, datetime.now(UTC))
    program = as_nobody(folder.parent / "keep", *PROGRAM)
    async with served_by(program, database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        kept, refused = await say(customer, range(3))
        assert not refused
        await customer.socket.close()
        relay.stop()
        assert await relay.process.wait() == 0
    assert sorted(refs(database)) == sorted(kept)


@pytest.mark.parametrize("end", ["", "-wal", ".lock"])
def test_a_file_that_the_service_may_not_open_is_told_with_its_owner(
    folder: Path, end: str
) -> None:
    database = folder / "desk.db"
    Bench(database).store.close()
    file = Path(f"{database}{end}")
    file.touch()
    os.chown(file, 0, 0)
    file.chmod(0o600)
    program = as_nobody(folder.parent / "keep", *PROGRAM, f"--database={database}", "--port=0")
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Permission denied: {file} belongs to root, and nobody may not use it" in done.stderr
    assert "damaged" not in done.stderr


@pytest.mark.parametrize("arguments", [("serve", "--port=0"), ("check",), ("requests", "list")])
def test_a_folder_that_a_command_may_not_enter_is_told_with_its_owner(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    database = folder / "desk.db"
    Bench(database).store.close()
    os.chown(folder, 0, 0)
    program = as_nobody(folder.parent / "keep", PROGRAM[0], *arguments, f"--database={database}")
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"Permission denied: {folder} belongs to root, and nobody may not use it" in done.stderr
