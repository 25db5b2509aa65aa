"""An open store for each test and each implementation; the database is made once, and copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.store.backend import Backend
from tests.contract.store.harness import StoreBench
from tests.contract.store.sqlite_backend import SqliteBackend

BACKENDS: list[Backend] = [SqliteBackend()]


@pytest.fixture(scope="session", params=BACKENDS, ids=lambda it: it.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Return the hooks of the store under test."""
    chosen: Backend = request.param
    return chosen


@pytest.fixture(scope="session")
def empty_database(backend: Backend, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the location of a database that nobody has written to."""
    return backend.create(tmp_path_factory.mktemp("contract"))


@pytest.fixture
def location(backend: Backend, empty_database: Path, tmp_path: Path) -> Path:
    """Return the location of a database of the test's own."""
    return backend.copy(empty_database, tmp_path)


@pytest.fixture
def bench(location: Path) -> Iterator[StoreBench]:
    """Return the open store of the test's own database."""
    with StoreBench(location) as opened:
        yield opened
