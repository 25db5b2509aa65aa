"""The Box, the HelpPanel and a request from its opening to its end."""

from __future__ import annotations

import pytest
from fake_relay import FakeRelay
from playwright.async_api import Page, expect

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_click_on_the_box_opens_the_panel_and_a_request_with_its_greeting(
    relay: FakeRelay, page: Page
) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
    assert [frame["type"] for frame in relay.frames[:2]] == ["hello", "open"]
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def test_both_sides_see_what_the_other_writes(relay: FakeRelay, page: Page) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Message").fill("Where is my kettle?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Where is my kettle?")
    assert (await relay.heard("send"))["text"] == "Where is my kettle?"
    await relay.claim("Sam")
    await relay.say("On its way.")
    await expect(page.get_by_role("log")).to_contain_text("On its way.")
    await expect(page.get_by_role("dialog")).to_contain_text("Sam is helping you.")
