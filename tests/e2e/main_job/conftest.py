"""Fixtures of the end-to-end tests: a relay and a page."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.e2e.main_job.stage import Stage
from tests.patience import PATIENCE


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A relay that runs, on a machine of its own."""
    stage = Stage(tmp_path)
    stage.start()
    yield stage
    stage.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One customer's browser: its pages are tabs that share what is stored."""
    made = await browser.new_context()
    made.set_default_timeout(PATIENCE * 1000)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> Page:
    """A tab."""
    return await context.new_page()
