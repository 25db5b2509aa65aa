"""Fixtures of the webhooks' tests: a relay on the test's own database, with a receiver."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.integration.relay.conftest import blank, database
from tests.integration.relay.helpers import FREE, Desk, running
from tests.integration.relay.relay_process import Served, served
from tests.integration.webhooks.receiver import SECRET

__all__ = ["blank", "database", "hooked", "process"]

Hooked = Callable[..., AbstractAsyncContextManager[Desk]]
Process = Callable[..., AbstractAsyncContextManager[Served]]


def hooks(url: str, **more: object) -> dict[str, dict[str, object]]:
    """Return settings with one webhook, which tells all words to *url*."""
    return {"crm": {"url": url, "secrets": [SECRET], "words": True, **more}}


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
