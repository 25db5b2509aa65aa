"""A customer leaves a message while no agent is online, and rates the chat, with the real relay."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.main_job.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_message_left_while_nobody_is_there_waits_and_its_chat_can_be_rated(
    stage: Stage, page: Page
) -> None:
    await page.goto(stage.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help you?")
    await page.get_by_role("textbox", name="Name").fill("Ada")
    assert stage.query("SELECT status FROM help_request") == [("waiting",)]
    await page.get_by_role("textbox", name="Email").fill("ada@example.org")
    await page.get_by_role("textbox", name="Message").fill("Do you ship to Malta?")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Do you ship to Malta?")
    assert stage.query("SELECT name, email FROM customer") == [("Ada", "ada@example.org")]
    assert stage.query("SELECT status FROM help_request") == [("waiting",)]
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    await page.get_by_role("button", name="End chat now").click()
    await page.get_by_role("radio", name="4, Good").check()
    await page.get_by_role("textbox", name="Comment").fill("Quick")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("You rated the chat")
    await page.reload()  # an ended chat leaves nothing in the browser
    await expect(page.get_by_role("button", name="Start a new request")).to_be_visible()
    await expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(0)


async def test_a_customer_who_erases_their_data_leaves_no_row_behind(
    stage: Stage, page: Page
) -> None:
    await page.goto(stage.url)
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Email").fill("ada@example.org")
    await page.get_by_role("textbox", name="Message").fill("my secret")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("my secret")
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Erase my data").click()
    await page.get_by_role("button", name="Erase now").click()
    await expect(page.get_by_text("Your data has been erased.")).to_be_visible()
    for table in ("customer", "help_request", "message"):
        assert stage.query(f"SELECT 1 FROM {table}") == []
