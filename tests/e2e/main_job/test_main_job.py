"""The main job end to end: a browser, a console in a pseudo-terminal, a relay that is killed."""

from collections import Counter

import pytest
from playwright.async_api import Page, expect

from tests.e2e.main_job.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def said(page: Page) -> list[str]:
    """Return the texts in the page's log, the desk's and both people's."""
    bubbles = page.get_by_role("log").locator("li .text")
    return [text.strip() for text in await bubbles.all_inner_texts()]


async def write(page: Page, text: str) -> None:
    """Send *text* as a customer does."""
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.get_by_role("textbox", name="Message").press("Enter")


async def test_a_customer_and_an_agent_talk_from_the_click_to_the_end(
    stage: Stage, page: Page
) -> None:
    async with stage.console(stage.add_agent("Sam")) as console:
        await console.shows("online as Sam")
        await page.goto(stage.url)
        await page.get_by_role("button", name="Help").click()
        log = page.get_by_role("log")
        await expect(log).to_contain_text("Hello! How can we help you?")
        await console.shows("#1")

        await page.get_by_role("textbox", name="Message").press_sequentially("My parcel", delay=20)
        console.press("\r")
        await write(page, "My parcel is late")
        await console.shows("My parcel is late", "Write an answer")
        console.press("Let me")
        await expect(page.get_by_text("is typing")).to_be_visible()
        console.press(" look\r")
        await expect(log).to_contain_text("Let me look")
        await page.get_by_role("textbox", name="Message").press_sequentially("Than", delay=20)
        await console.shows("typing")

        await page.reload()
        log = page.get_by_role("log")
        await expect(log).to_contain_text("Let me look")
        await write(page, "Thank you")
        await console.hears("Thank you")
        assert Counter(await said(page)).most_common(1)[0][1] == 1

        await page.get_by_role("button", name="More").click()
        await page.get_by_role("menuitem", name="End chat").click()
        await page.get_by_role("button", name="End chat now").click()
        await expect(page.get_by_text("This chat has ended")).to_be_visible()
        await console.shows("mine 0 · 0 waiting")
    assert stage.stored_texts() == [
        "Hello! How can we help you?",
        "My parcel is late",
        "Let me look",
        "Thank you",
    ]
    assert stage.query("SELECT status, agent_id FROM help_request") == [("closed", 1)]


async def test_a_relay_that_is_killed_loses_no_line_and_doubles_none(
    stage: Stage, page: Page
) -> None:
    async with stage.console(await stage.hire("Sam")) as console:
        await console.shows("online as Sam")
        await page.goto(stage.url)
        await page.get_by_role("button", name="Help").click()
        await write(page, "before, by the customer")
        await console.shows("before, by the customer")
        console.press("\r")
        await console.shows("Write an answer")
        console.press("before, by the agent\r")
        await expect(page.get_by_role("log")).to_contain_text("before, by the agent")

        stage.kill()
        await console.until(lambda text: "online as Sam" not in text, "that it is offline")
        await write(page, "meanwhile, by the customer")
        console.press("meanwhile, by the agent\r")
        await console.shows("unsent, goes out by itself")
        await expect(page.get_by_text("meanwhile, by the customer")).to_be_visible()
        stage.start()

        await console.shows("online as Sam", "meanwhile, by the customer")
        await expect(page.get_by_role("log")).to_contain_text("meanwhile, by the agent")
        await expect(page.get_by_role("log")).to_contain_text("meanwhile, by the customer")
        await write(page, "after, by the customer")
        await console.hears("after, by the customer")
        await expect(page.get_by_role("log")).to_contain_text("after, by the customer")
        shown = console.conversation
    lines = [f"{when}, by the {who}" for when in ("before", "meanwhile") for who in WHO]
    lines.append("after, by the customer")
    stored = stage.stored_texts()
    for line in lines:
        assert stored.count(line) == 1
        assert (await said(page)).count(line) == 1
        assert shown.count(line) == 1
    numbers = stage.query("SELECT seq, customer_seq FROM message ORDER BY seq")
    assert [seq for seq, _ in numbers] == list(range(1, len(numbers) + 1))
    assert [seen for _, seen in numbers if seen] == list(range(1, len(numbers) + 1))


WHO = ("customer", "agent")
