"""Actions of a customer that nearly every test needs."""

from __future__ import annotations

from playwright.async_api import Page, expect

from tests.e2e.widget.fake_relay import FakeRelay

READ_UP_TO = """async (region, first) => {
  const texts = () => [...region.querySelectorAll('li .text')].map((text) => text.innerText);
  let all = texts();
  let most = 0;
  while (!all.includes(first)) {
    region.scrollTop = -region.scrollHeight;
    await new Promise((resolve) => setTimeout(resolve));
    const known = texts().indexOf(all[0]);
    if (known < 0) throw Error(`${all[0]} has gone while it was in view`);
    all = [...texts().slice(0, known), ...all];
    most = Math.max(most, region.querySelectorAll('li').length);
  }
  return [all.slice(all.indexOf(first)), most];
}"""


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
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    await page.get_by_role("button", name="End chat now").click()
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()


async def read_up_to(page: Page, first: str) -> tuple[list[str], int]:
    """Scroll up to the text *first*; return the texts below, and the most rows that were drawn."""
    region = page.get_by_role("region", name="Conversation")
    texts, most = await region.evaluate(READ_UP_TO, first)
    return texts, most


async def rate(page: Page, star: str) -> None:
    """Rate the chat that has ended, by the name of a star."""
    await page.get_by_role("radio", name=star).check()
    await page.get_by_role("button", name="Send").click()


async def erase(page: Page) -> None:
    """Ask in the menu for everything to be erased."""
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Erase my data").click()
