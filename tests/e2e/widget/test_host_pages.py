"""The widget on difficult pages: policies, styles, DOM morphing, copies, back-forward cache."""

from __future__ import annotations

import os

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import async_playwright, expect

from tests.e2e.widget.customer_actions import end, rate, start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

LINE = '<script async src="/widget.js"></script>'
PLAIN = f"<!doctype html><html lang=en><head><title>Shop</title>{LINE}</head><body><p>Shop</p>"
HOSTILE_LOOK = """<style>
  * { all: unset !important; user-select: none !important; }
  button, dialog, ol, p { display: none !important; }
  helpdesk-widget { display: none !important; visibility: hidden !important; opacity: 0 !important;
    transform: scale(0) !important; position: static !important; font-size: 99px !important; }
  ::backdrop { display: block !important; background: red !important; }
  .cover { position: fixed !important; inset: 0 !important; z-index: 2147483647 !important;
    display: block !important; background: white !important; }
  :root { --accent: red; --ink: red; --back: red; }
</style><div class=cover></div>"""
LOOKS = """() => [...document.querySelector('helpdesk-widget').shadowRoot.querySelectorAll(
  '.box, dialog, h2, .text, textarea, .strong')].map((element) => {
    const style = getComputedStyle(element);
    const { width, height, x, y } = element.getBoundingClientRect();
    return [element.className || element.localName, style.color, style.backgroundColor,
      style.fontSize, style.display, style.userSelect,
      Math.round(width), Math.round(height), Math.round(x)];
  })"""


async def test_a_nonce_and_trusted_types_are_enough(relay: FakeRelay, page: Tab) -> None:
    policy = (
        f"default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; connect-src {relay.url} "
        f"ws://127.0.0.1:{relay.port}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    nonced = PLAIN.replace("<script ", "<script nonce=abc ").replace(
        "<head>", '<head><link rel=icon href="data:,">'
    )
    relay.pages["/shop"] = Page(nonced, {"Content-Security-Policy": policy})
    await page.add_init_script(
        "window.violated = []; addEventListener('securitypolicyviolation',"
        " (event) => violated.push(event.violatedDirective + event.blockedURI))"
    )
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    await write(page, "https://example.org")
    await expect(page.get_by_role("log").get_by_role("link")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    async with page.expect_download():
        await page.get_by_role("menuitem", name="Download transcript").click()
    await end(page)
    await rate(page, "3, Okay")
    await relay.heard("rate")
    panel = page.get_by_role("dialog")
    assert await panel.evaluate("e => getComputedStyle(e).display") == "flex"
    assert [one for one in await page.evaluate("violated") if "img" not in one] == []


async def test_a_page_with_hostile_styles_changes_nothing(relay: FakeRelay, page: Tab) -> None:
    looks = []
    relay.pages["/kind"] = Page(PLAIN)
    relay.pages["/hostile"] = Page(PLAIN.replace("<p>", HOSTILE_LOOK + "<p>"))
    for path in ("/kind", "/hostile"):
        await page.goto(relay.url + path)
        await page.evaluate("localStorage.clear()")
        await page.reload()
        await page.get_by_role("button", name="Help").click()
        await write(page, "Hi")
        await expect(page.get_by_role("log")).to_contain_text("Hi")
        looks.append(await page.evaluate(LOOKS))
        await page.evaluate("sessionStorage.clear(); helpdesk.logout()")
    assert looks[0] == looks[1]
    assert len(looks[0]) >= 6


async def test_a_morph_that_takes_it_away_brings_it_back_as_it_was(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await write(page, "one")
    await page.get_by_role("textbox", name="Message").fill("half a thou")
    await page.evaluate(
        """() => {
          const widget = document.querySelector('helpdesk-widget');
          const copy = widget.cloneNode(true);
          widget.remove();
          document.body.append(copy, widget);
        }"""
    )
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a thou")
    await page.evaluate(
        "document.documentElement.replaceChild(document.createElement('body'), document.body)"
    )
    await expect(page.get_by_role("log")).to_contain_text("one")
    await relay.say("two")
    await expect(page.get_by_role("log")).to_contain_text("two")
    await expect(page.locator("helpdesk-widget")).to_have_count(1)
    assert await page.locator("helpdesk-widget").evaluate("e => e.matches(':popover-open')")
    assert len(relay.all("hello")) == 1


@pytest.mark.parametrize("talking", [False, True])
async def test_the_way_back_finds_the_page_as_it_was(relay: FakeRelay, talking: bool) -> None:
    """Playwright turns that cache off, and only the whole of Chromium has it."""
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox"],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        page = await browser.new_page()
        await page.add_init_script(
            "addEventListener('pageshow', ({ persisted }) => persisted && fetch('/persisted'))"
        )
        relay.pages["/other"] = Page("<!doctype html><title>Other</title><p>Elsewhere")
        await page.goto(relay.url)
        await page.get_by_role("button", name="Help").click()
        await relay.heard("open")
        await page.get_by_role("button", name="Hide").click()
        if not talking:
            await page.evaluate("helpdesk.logout()")
        await page.goto(f"{relay.url}/other")
        # The driver itself waits for a load that such a way back has not.
        await page.evaluate("setTimeout(() => history.back())")
        await relay.until(lambda: "/persisted" in relay.paths)
        if talking:
            await relay.until(lambda: len(relay.peers) == 1)
        await browser.close()


@pytest.mark.parametrize(
    "markup",
    [
        "<iframe name=helpdesk sandbox srcdoc=x></iframe>",
        "<form id=helpdesk><input name=destroy></form>",
        "<a id=helpdesk></a><a id=helpdesk name=destroy></a>",
    ],
)
async def test_elements_named_as_the_widget_do_not_keep_it_away(
    relay: FakeRelay, page: Tab, markup: str
) -> None:
    relay.pages["/shop"] = Page(
        f"<!doctype html><html lang=en><title>Shop</title>{markup}<script src=/widget.js></script>"
    )
    await page.goto(f"{relay.url}/shop")
    await expect(page.get_by_role("button", name="Help")).to_be_visible()
    assert await page.evaluate("typeof helpdesk.open") == "function"
