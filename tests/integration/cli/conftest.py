"""Fixtures of the command's tests: a machine for each test."""

from pathlib import Path

import pytest

from tests.integration.cli.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine that nobody has used."""
    return Machine(tmp_path)
