"""What the tests of webhooks share: a database, and a relay on it that tells a receiver."""

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from relay.store.opening import open_database
from tests.integration.relay.helpers import FREE, Desk, running
from tests.integration.relay.served import Served, served
from tests.integration.webhooks.receiver import SECRET

Hooked = Callable[..., AbstractAsyncContextManager[Desk]]
Process = Callable[..., AbstractAsyncContextManager[Served]]


def hooks(url: str, **more: object) -> dict[str, dict[str, object]]:
    """Return settings with one webhook, which tells all words to *url*."""
    return {"crm": {"url": url, "secrets": [SECRET], "words": True, **more}}


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all its tables and nothing in them: copying it is quicker than migrating."""
    path = tmp_path_factory.mktemp("blank") / "desk.db"
    lock, engine = open_database(path)
    engine.dispose()
    lock.release()
    return path


@pytest.fixture
def database(blank: Path, tmp_path: Path) -> Path:
    """The file of this test's desk."""
    shutil.copy(blank, tmp_path / "desk.db")
    return tmp_path / "desk.db"


@pytest.fixture
def hooked(database: Path) -> Hooked:
    """Start a relay in this process that tells all words to the given address."""
    return lambda url, *clock, **more: running(
        database, *clock, messages_per_second=0, burst=0, webhooks=hooks(url, **more)
    )


@pytest.fixture
def process(database: Path) -> Process:
    """Start a relay in a process of its own that tells all words to the given address."""
    return lambda url, log="WARNING", **more: served(
        database, 0, **FREE, log_level=log, webhooks=json.dumps(hooks(url, **more))
    )
