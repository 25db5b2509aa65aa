"""Measures the widget with a long conversation on a slow processor: the longest tasks.

``python -m benchmarks.widget_log [MESSAGES] [SLOWDOWN]``: by default 8,000 messages on a processor
that Chromium throttles four times.
"""

from __future__ import annotations

import asyncio
import os
import sys

from playwright.async_api import Page, async_playwright

from tests.e2e.widget.fake_parts import HelpRequest
from tests.e2e.widget.fake_relay import FakeRelay

DEFAULTS = ["8000", "4"]
GOAL_MS = 100
TEXTS = [
    "Hello, I have a question about my order.",
    "**Of course**: see https://a.example/wiki/Order_(open), and tell me the number.\n- one\n- two",
    "It is `4711`, ordered on Tuesday. " * 4,
]
OBSERVE = """
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)))
  .observe({ type: 'longtask', buffered: true });
"""
LONGEST = "Math.max(0, ...window.tasks.splice(0))"
QUIET = "new Promise((resolve) => setTimeout(resolve, 1500))"
SCROLL = """async ([region, by, times]) => {
  for (let time = 0; time < times; time++) {
    region.scrollTop += by;
    await new Promise(requestAnimationFrame);
  }
  return region.querySelectorAll('li').length;
}"""


def conversation(length: int) -> HelpRequest:
    """Return a request with *length* messages of both sides."""
    request = HelpRequest(42, status="active", agent="Sam")
    for number in range(length):
        role = "agent" if number // 2 % 2 else "customer"
        request.append("text", role, f"{TEXTS[number % len(TEXTS)]} ({number})")
    return request


async def longest(page: Page, what: str) -> float:
    """Wait until the page is quiet, print its longest task since the last time, and return it."""
    await page.evaluate(QUIET)
    duration: float = await page.evaluate(LONGEST)
    print(f"{what:44} {duration:6.0f} ms")
    return duration


async def measure(relay: FakeRelay, page: Page) -> list[float]:
    """Load the page, show the panel, scroll up and down, write."""
    found = []
    await page.reload()
    found.append(await longest(page, "page with the panel hidden"))
    await page.get_by_role("button", name="Help").click()
    region = page.get_by_role("region", name="Conversation")
    await region.wait_for()
    found.append(await longest(page, "panel opened"))
    handle = await region.element_handle()
    for by, what in ((-400, "scrolled up"), (400, "scrolled down")):
        rows = await page.evaluate(SCROLL, [handle, by, 400])
        found.append(await longest(page, f"{what} by 160,000 px, {rows} rows drawn"))
    await relay.say("A new one")
    await page.get_by_role("textbox", name="Message").fill("Thank you")
    await page.keyboard.press("Enter")
    found.append(await longest(page, "a message received, another sent"))
    return found


async def main() -> None:
    """Measure, and end with 1 if the goal is missed."""
    length, slowdown = (int(given) for given in [*sys.argv[1:], *DEFAULTS[len(sys.argv) - 1 :]])
    async with FakeRelay() as relay, async_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium-headless-shell")
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.add_init_script(OBSERVE)
        await page.goto(relay.url)
        await page.get_by_role("button", name="Help").click()
        await relay.heard("open")
        await page.get_by_role("button", name="Hide").click()
        for requests in relay.customers.values():
            requests[:] = [conversation(length)]
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
        for newest in (length, 50):
            relay.newest = newest
            print(f"{length:,} messages, {newest:,} of them in welcome, {slowdown} times slower")
            found = await measure(relay, page)
            await page.get_by_role("button", name="Hide").click()
        await browser.close()
    sys.exit(max(found) > GOAL_MS)


if __name__ == "__main__":
    asyncio.run(main())
