"""Folder of each test's desk."""

from pathlib import Path

import pytest


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return the path of a database that is not there yet."""
    return tmp_path / "desk.db"
