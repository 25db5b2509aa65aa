"""Makes the pictures of the documents from the running program: `python -m tests.e2e.pictures`."""

import asyncio
import os
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, async_playwright

from helpdesk_tui.app import Console
from relay.client import RelayConnection, connect_customer
from relay.wire import customer
from relay.wire.objects import PageObject
from tests.e2e.main_job.stage import Stage

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZE = (110, 30)
NARROW = (60, 24)
OTHERS = {
    "Bruno": "Is the pot in your window for sale?",
    "Chiara Rossi": "The coupon says it has expired, but it is from today.",
}


def without_fonts(svg: str) -> str:
    """Return *svg* without the fonts that it would fetch from elsewhere."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def keep(console: Console, name: str) -> None:
    """Keep what *console* shows as the picture *name*."""
    (PICTURES / f"{name}.svg").write_text(without_fonts(console.export_screenshot()))


async def others(stage: Stage) -> list[RelayConnection[customer.RelayFrame]]:
    """Let two more customers wait."""
    waiting = []
    for name, text in OTHERS.items():
        connection = await connect_customer(stage.url)
        page = PageObject("https://fern-and-kettle.example/pots", "Pots", "")
        await connection.call(customer.Hello(ref="hello", page=page))
        await connection.call(customer.Open(ref="open", name=name, text=text))
        waiting.append(connection)
    return waiting


async def chat(stage: Stage, page: Page) -> None:
    """Let a customer ask in *page*, and an agent answer; take the pictures."""
    await page.goto(stage.url)
    await page.get_by_role("button", name="Help").click()
    box = page.get_by_role("textbox", name="Message")
    await box.fill("Hi! Does the Morning Terrace come as loose leaves, too?")
    await box.press("Enter")
    console = Console(stage.url, stage.add_agent("Sam"), stage.home)
    log = page.get_by_role("log")
    async with console.run_test(size=SIZE) as pilot:
        waiting = await others(stage)
        await pilot.pause(1)
        await pilot.press("enter")
        await pilot.pause(0.5)
        await pilot.press(*"Yes, all four do. Shall I set a tin aside for you?", "enter")
        await log.get_by_text("set a tin aside").wait_for()
        await box.fill("That would be lovely, thank you.")
        await box.press("Enter")
        await pilot.pause(1)
        await pilot.press(*"Done: it waits under your na")
        await page.get_by_text("Sam is typing").wait_for()
        await pilot.pause(1)
        keep(console, "console")
        await pilot.press("escape", "f9")
        await pilot.pause(1)
        keep(console, "console-numbers")
        await pilot.press("escape")
        await pilot.resize_terminal(*NARROW)
        await pilot.pause(1)
        keep(console, "console-narrow")
        await page.mouse.move(0, 0)
        await page.screenshot(path=PICTURES / "widget.png")
        for connection in waiting:
            await connection.close()


async def main() -> None:
    """Run a relay for the pictures alone."""
    PICTURES.mkdir(exist_ok=True)
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with TemporaryDirectory(prefix="helpdesk-pictures-") as folder:
        stage = Stage(Path(folder))
        stage.start()
        async with async_playwright() as playwright:
            browser: Browser = await playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox"]
            )
            page = await browser.new_page(viewport={"width": 1000, "height": 640})
            await chat(stage, page)
            await browser.close()
        stage.stop()


if __name__ == "__main__":
    asyncio.run(main())
