"""Database for desks without sockets, with the agents of the simulation."""

from pathlib import Path

import pytest

from relay.store.sqlite.database import open_database
from tests.integration.desk.simulation import hire


@pytest.fixture
def staffed(tmp_path: Path) -> Path:
    """A database with the agents 1, Sam, and 2, Kim."""
    path = tmp_path / "staffed.db"
    opened = open_database(path)
    opened.close()
    hire(path, ("Sam", "Kim"))
    return path
