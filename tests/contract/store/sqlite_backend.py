"""The hooks of the store in SQLite."""

import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from relay.store.sqlite import maintenance
from tests.contract.store.backend import Fault, Moment
from tests.contract.store.harness import StoreBench, eventually
from tests.contract.store.sqlite_faults import let_fail


class SqliteBackend:
    """Makes files."""

    name = "sqlite"

    def create(self, folder: Path) -> Path:
        path = folder / "empty.db"
        StoreBench(path).store.close()
        return path

    def copy(self, location: Path, folder: Path) -> Path:
        own = Path(mkdtemp(dir=folder))
        return Path(shutil.copy(location, own / "helpdesk.db"))

    def idle(self, location: Path) -> None:
        waits = (
            "SELECT 1 FROM message WHERE text IS NOT NULL"
            " AND id > (SELECT coalesce(max(id), 0) FROM search_docsize) LIMIT 1"
        )
        with closing(sqlite3.connect(f"{location.as_uri()}?mode=ro", uri=True)) as file:
            eventually(lambda: not file.execute(waits).fetchall())

    @contextmanager
    def no_room(self, location: Path) -> Iterator[None]:
        # The limit on the size of this process's files is a full disk that can be taken away.
        log = location.with_name(location.name + "-wal")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    @contextmanager
    def failing_calls(self, moment: Moment) -> Iterator[Fault]:
        fault = Fault(moment)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(maintenance, "INTERVAL", 0.01)
            let_fail(patch, fault)
            yield fault

    @contextmanager
    def damaging(self, location: Path) -> Iterator[Callable[[], None]]:
        with closing(sqlite3.connect(location)) as file:
            find = "SELECT rootpage FROM sqlite_master WHERE name = 'message'"
            ((page,),) = file.execute(find).fetchall()

        def damage() -> None:
            code = (
                f"f = open({str(location)!r}, 'r+b')\n"
                f"f.seek({page - 1} * 4096)\n"
                "f.write(b'x' * 4096)"
            )
            # Another process: closing the file in this one would end SQLite's own locks on it.
            subprocess.run([sys.executable, "-c", code], check=True)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                maintenance, "INTERVAL", 60.0
            )  # or else the table may be in memory by then
            yield damage
