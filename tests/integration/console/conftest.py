"""The relay that the console's tests run against."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.console.fake_relay import FakeRelay, running


@pytest.fixture
async def relay() -> AsyncIterator[FakeRelay]:
    """Yield a relay that is running and knows no request."""
    async with running(FakeRelay()) as fake:
        yield fake
