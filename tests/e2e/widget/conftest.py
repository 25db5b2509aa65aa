"""Fixtures of the widget's own tests: a fake relay and a page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.e2e.widget.fake_relay import FakeRelay
from tests.patience import PATIENCE


@pytest_asyncio.fixture(loop_scope="session")
async def relay() -> AsyncIterator[FakeRelay]:
    """A relay of its own for each test."""
    async with FakeRelay() as fake:
        yield fake


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One customer's browser: its pages are tabs that share what is stored for an origin.

    Each test has a relay on a port of its own, hence an origin of its own.
    """
    made = await browser.new_context(reduced_motion="reduce")
    made.set_default_timeout(PATIENCE * 1000)
    await made.add_init_script("Math.random = () => 0.1")  # the part of each backoff that is waited
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """A tab; it and all others are closed after the test."""
    yield await context.new_page()
    for tab in context.pages:
        await tab.close()
