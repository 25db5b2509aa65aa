"""Fixture of a desk: a real relay in this process, on a real file and a free port."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from relay.store.sqlite.database import open_database
from tests.integration.relay.helpers import Desk, running

Start = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all its tables and nothing in them: copying it is quicker than migrating."""
    path = tmp_path_factory.mktemp("blank") / "desk.db"
    opened = open_database(path)
    opened.close()
    return path


@pytest.fixture
def database(blank: Path, tmp_path: Path) -> Path:
    """The file of this test's desk."""
    shutil.copy(blank, tmp_path / "desk.db")
    return tmp_path / "desk.db"


@pytest.fixture
def start(database: Path) -> Start:
    """Start a relay with the given settings on this test's database."""
    return lambda *clock, **settings: running(database, *clock, **settings)


@pytest.fixture
async def desk(start: Start) -> AsyncIterator[Desk]:
    """A relay with the default settings."""
    async with start() as running_desk:
        yield running_desk
