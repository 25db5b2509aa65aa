"""Makes the pictures of all states of the widget: `python -m tests.e2e.widget_states`.

A customer in a real browser reaches each state, with the fake relay of the widget's tests. The
states of a look are put side by side in one picture, `docs/pictures/widget-states-LOOK.webp`.
"""

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.e2e.widget import fake_parts
from tests.e2e.widget.fake_relay import FakeRelay

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
WIDE, PHONE = {"width": 490, "height": 720}, {"width": 320, "height": 600}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WIDE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "forced-colours": {"viewport": WIDE, "forced_colors": "active"},
    "right-to-left": {"viewport": WIDE, "locale": "ar"},
    "phone": {"viewport": PHONE, "has_touch": True},
}
SHOP = """<!doctype html><html lang="{lang}"><meta name="viewport" content="width=device-width">
<title>Fern &amp; Kettle</title><style>:root {{ color-scheme: light dark }}
body {{ margin: 24px; font: 16px/1.5 Georgia, serif; color: #888 }}</style>
<script async src="/widget.js" data-color="#2f6b4f" data-lang="{lang}"></script>
<h1>Four teas, picked this spring.</h1><p>Small harvests, sealed the day they arrive.</p>"""
SHEET = """<!doctype html><style>body {{ margin: 0; padding: 16px; background: #d9dbe0;
font: 15px system-ui; display: grid; gap: 16px; grid-template-columns: repeat(4, {width}px) }}
figure {{ margin: 0 }} img {{ inline-size: 100%; border-radius: 8px; display: block }}
figcaption {{ padding: 4px 2px; color: #222 }}</style>{figures}"""


class Desk:
    """A customer's page, and the relay behind it; the texts are found in any language."""

    def __init__(self, relay: FakeRelay, page: Page, lang: str) -> None:
        """Use *page*, whose widget speaks *lang*."""
        self.relay, self.page, self.lang = relay, page, lang

    async def text(self, name: str) -> str:
        """Return the widget's text called *name*."""
        code = f"import('/widget/texts/{self.lang}.js').then((all) => all.default.{name})"
        return str(await self.page.evaluate(code))

    async def click(self, name: str, role: Any = "button") -> None:
        """Click what is called as the text *name* says."""
        label = await self.text(name)
        await self.page.get_by_role(role, name=label, exact=True).click()

    async def box(self) -> None:
        """Click the Box."""
        await self.page.locator("helpdesk-widget .box").click()

    async def write(self, text: str) -> None:
        """Send *text* by Enter."""
        field = self.page.locator("helpdesk-widget textarea[name=text]")
        await field.fill(text)
        await field.press("Enter")
        await expect(self.page.get_by_role("log")).to_contain_text(text)


async def talk(desk: Desk) -> AsyncIterator[str]:
    """Lead a customer through a chat, and name each state."""
    relay, page = desk.relay, desk.page
    yield "before a click"
    await desk.box()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    yield "first open"
    await desk.write("Hi! Does the Morning Terrace come as loose leaves, too?")
    await desk.write("And is it in stock?")
    await relay.claim("Sam Okoro")
    await relay.say("Yes, all four do:\n- *Morning Terrace*, 50 g\n- _Honey Ridge_, 100 g")
    await relay.say("The list is at https://fern.example/teas_(loose), the code is `SPRING`.")
    await expect(page.get_by_role("log")).to_contain_text("The list is at")
    await desk.write("Lovely, thank you.")
    number = relay.request.number
    await relay.push({"type": "typing", "request": number, "by": "agent", "on": True})
    await expect(page.get_by_text("Sam Okoro", exact=False).last).to_be_visible()
    yield "a chat; the agent is typing"
    await desk.click("more")
    await expect(page.get_by_role("menu")).to_be_visible()
    yield "the menu"
    await desk.click("end", "menuitem")
    yield "before the end"
    await desk.click("cancel")
    await desk.click("hide")
    await relay.say("One more thing: shall I set a tin aside for you? It would wait until Friday.")
    await expect(page.locator("helpdesk-widget .peek")).to_be_visible()
    yield "hidden, with a new text"
    await desk.box()
    await relay.down()
    await page.locator("helpdesk-widget textarea[name=text]").fill("Yes, please!")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(await desk.text("unsent")).first).to_be_visible()
    yield "no connection"
    await relay.up()
    await expect(page.get_by_role("log")).to_contain_text("Yes, please!")


async def leave(desk: Desk) -> AsyncIterator[str]:
    """Lead a customer through the end of a chat, and to a desk where nobody is."""
    relay, page = desk.relay, desk.page
    await relay.end()
    await expect(page.get_by_role("radio").first).to_be_visible()
    yield "after the end"
    await page.get_by_role("radio").nth(3).check()
    yield "rating"
    await page.locator("helpdesk-widget .rating .strong").click()
    await expect(page.get_by_text(await desk.text("thanks"))).to_be_visible()
    yield "rated"
    away = "We are back on Monday at nine. Leave us a line, and we answer by mail."
    relay.desk |= {"online": False, "away_message": away}
    await relay.push({"type": "desk", "desk": relay.desk})
    await page.evaluate("helpdesk.logout(); helpdesk.settings({ form: 'name email*' })")
    await desk.box()
    await expect(page.locator("helpdesk-widget [name=email]")).to_be_visible()
    yield "nobody is there"
    await page.locator("helpdesk-widget [name=email]").fill("ada@example")
    field = page.locator("helpdesk-widget textarea[name=text]")
    await page.locator("helpdesk-widget [name=email]").fill("not an address")
    await field.fill("Do you send to Norway?")
    await field.press("Enter")
    yield "an address that is none"


async def states(browser: Browser, look: dict[str, Any]) -> list[tuple[str, bytes]]:
    """Return each state's name and picture."""
    lang = look.get("locale", "en")
    async with (
        FakeRelay() as relay,
        await browser.new_context(reduced_motion="reduce", **look) as context,
    ):
        relay.desk["name"] = "Fern & Kettle"
        relay.pages["/shop"] = fake_parts.Page(SHOP.format(lang=lang))
        page = await context.new_page()
        await page.goto(f"{relay.url}/shop")
        desk = Desk(relay, page, lang)
        await expect(page.locator("helpdesk-widget .box")).to_be_visible()
        return [
            (state, await page.screenshot()) for part in (talk, leave) async for state in part(desk)
        ]


async def sheet(browser: Browser, taken: list[tuple[str, bytes]], width: int) -> bytes:
    """Return a WebP picture with the pictures side by side."""
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
        f"<figcaption>{name}</figcaption></figure>"
        for name, picture in taken
    )
    page = await browser.new_page(viewport={"width": 4 * width + 80, "height": 100})
    await page.set_content(SHEET.format(width=width, figures=figures))
    width, height = await page.evaluate("[document.body.offsetWidth, document.body.offsetHeight]")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    devtools = await page.context.new_cdp_session(page)
    shot = await devtools.send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": 75, "captureBeyondViewport": True, "clip": clip},
    )
    await page.close()
    return base64.b64decode(shot["data"])


def keep(look: str, picture: bytes) -> None:
    """Keep the picture of all states in *look*."""
    (PICTURES / f"widget-states-{look}.webp").write_bytes(picture)


async def main() -> None:
    """Make all pictures."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, look in LOOKS.items():
            taken = await states(browser, look)
            keep(name, await sheet(browser, taken, look["viewport"]["width"]))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
