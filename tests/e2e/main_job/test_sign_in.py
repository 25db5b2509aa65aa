"""A visitor chats, then signs in: the chat goes on in every tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.integration.relay.helpers import running
from tests.integration.relay.test_identity import KEY, signed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_signing_in_keeps_the_chat_in_the_page_in_another_tab_and_on_a_page_load(
    tmp_path: Path, context: BrowserContext, page: Page
) -> None:
    async with running(tmp_path / "desk.db", demo=True, identity_keys={"2026": KEY}) as desk:
        sam = await desk.agent("Sam")
        await page.goto(desk.url)
        await page.get_by_role("button", name="Help").click()
        await page.get_by_role("textbox", name="Message").fill("before")
        await page.get_by_role("textbox", name="Message").press("Enter")
        await sam.ok("join", request=1)
        other = await context.new_page()
        await other.goto(desk.url)
        await other.get_by_role("button", name="Help").click()
        await expect(other.get_by_role("log")).to_contain_text("before")
        await page.evaluate("(jwt) => helpdesk.identify(jwt)", signed(name="Ada"))
        await sam.receive(lambda it: "Ada signed in" in str(it), "the activity")
        loaded = await context.new_page()
        await loaded.add_init_script(f"window.helpdesk = [['identify', '{signed()}']]")
        await loaded.goto(desk.url)
        await loaded.get_by_role("button", name="Help").click()
        await sam.ok("send", request=1, text="an answer")
        for tab in (page, other, loaded):
            await expect(tab.get_by_role("log")).to_contain_text("an answer")
            await expect(tab.get_by_role("log")).to_contain_text("before")
        await other.get_by_role("textbox", name="Message").fill("from the other tab")
        await other.get_by_role("textbox", name="Message").press("Enter")
        await sam.message("from the other tab")
