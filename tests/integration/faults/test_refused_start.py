"""`helpdesk serve` with an unusable file: a sentence, exit code 1, and the file unchanged."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.store.actions import opens
from tests.integration.relay.relay_process import PROGRAM
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE


def newer(database: Path) -> None:
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")


def killed(database: Path) -> None:
    """Be newer, with a log that was never carried over."""
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("PRAGMA wal_autocheckpoint=0")
        file.execute("UPDATE alembic_version SET version_num = '9999'")
        file.commit()
        left = {end: Path(f"{database}{end}").read_bytes() for end in ("", "-wal", "-shm")}
    for end, content in left.items():
        Path(f"{database}{end}").write_bytes(content)


def foreign(database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("CREATE TABLE places (url TEXT)")


def no_database(database: Path) -> None:
    database.write_bytes(b"Dear diary, " * 1_000)


def damaged(database: Path) -> None:
    with closing(sqlite3.connect(database)) as file:
        ((page,),) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'message'")
    content = bytearray(database.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xa5" * 4096
    database.write_bytes(content)


def left(database: Path) -> None:
    """Be killed, so that messages lie in the log alone."""
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("PRAGMA wal_autocheckpoint=0")
        file.execute("INSERT INTO meta VALUES ('said', 'yes')")
        file.commit()
        log = Path(f"{database}-wal").read_bytes()
    Path(f"{database}-wal").write_bytes(log)


def missing(database: Path) -> None:
    left(database)
    database.unlink()


def emptied(database: Path) -> None:
    left(database)
    database.write_bytes(b"")


def contents(folder: Path) -> dict[str, object]:
    """Return every file but the lock, which says who tried; of the log's index only its name."""
    return {
        path.name: None if path.name.endswith("-shm") else (path.read_bytes(), path.stat().st_mtime)
        for path in folder.iterdir()
        if path.suffix != ".lock"
    }


@pytest.mark.parametrize(
    ("spoil", "because"),
    [
        (newer, "newer Helpdesk"),
        (killed, "newer Helpdesk"),
        (foreign, "not a Helpdesk database"),
        (no_database, "no Helpdesk database or is damaged"),
        (damaged, "damaged"),
        (missing, "only its log is there"),
        (emptied, "only its log is there"),
    ],
)
async def test_a_start_is_refused_in_a_sentence(
    database: Path, spoil: Callable[[Path], None], because: str
) -> None:
    with Bench(database) as bench:
        bench.do(opens("ada", "Help"))
    spoil(database)
    before = contents(database.parent)
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "--port=0", f"--database={database}", stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode == 1
    [sentence] = said.decode().splitlines()
    assert because in sentence
    assert contents(database.parent) == before
