"""Chromium for all browser tests, and the timeout of its assertions."""

import os
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.patience import PATIENCE

expect.set_options(timeout=PATIENCE * 1000)

FLAGS = ["--no-sandbox", "--disable-gpu"]
"""Without a GPU, Chromium would emulate one on the processor to draw what nobody looks at."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without its windows, started once for all files of tests: half of the work."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        await chromium.close()
