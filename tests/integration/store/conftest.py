"""Fixture of an open store; the schema is made once, and copied."""

import resource
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.store.sqlite_harness import Bench


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database of this program's schema that nobody has written to."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    Bench(path).store.close()
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    """Return the path of a database of the test's own."""
    return Path(shutil.copy(empty_database, tmp_path / "helpdesk.db"))


@pytest.fixture
def bench(database: Path) -> Iterator[Bench]:
    """Return the open store of the test's own database."""
    with Bench(database) as opened:
        yield opened


@pytest.fixture
def disk_of() -> Iterator[Callable[[int], None]]:
    """Return what lets no file of this process grow beyond so many bytes, until the test ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
