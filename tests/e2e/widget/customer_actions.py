"""Actions of a customer that nearly every test needs."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.widget.fake_relay import FakeRelay


async def start(relay: FakeRelay, page: Page) -> None:
    """Open the demo page and a request on it."""
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")


async def write(page: Page, text: str) -> None:
    """Write a message and send it with Enter."""
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


async def end(page: Page) -> None:
    """End the chat."""
    await page.get_by_role("button", name="End chat").click()
    await page.get_by_role("button", name="End chat now").click()
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()
