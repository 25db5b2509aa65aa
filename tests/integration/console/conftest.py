"""The relay that the console's tests run against."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.integration.console.fake_relay import FakeRelay, running
from tests.integration.console.terminal import stop_fork_server


@pytest.fixture
async def relay() -> AsyncIterator[FakeRelay]:
    """Yield a relay that is running and knows no request."""
    async with running(FakeRelay()) as fake:
        yield fake


@pytest.fixture(scope="session", autouse=True)
def no_fork_server_stays() -> Iterator[None]:
    """Stop the fork server after the last test."""
    yield
    stop_fork_server()
