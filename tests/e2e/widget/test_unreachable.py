"""A relay that cannot be reached, or that takes no more connections from this customer."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, expect
from playwright.async_api import Page as Tab

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTEN = """
  window.codes = [];
  window.helpdesk = [['settings', { fallback: 'help@shop.example', 'fallback.de': '/kontakt' }],
    ['on', 'error', ({ code }) => codes.push(code)]];
"""
HIDDEN_FEATURES = {
    "popover": "delete HTMLElement.prototype.showPopover;",
    "light-dark": "const supports = CSS.supports; CSS.supports = (...given) =>"
    " !`${given}`.includes('light-dark') && supports.apply(CSS, given);",
}
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


async def test_a_page_that_never_gets_in_says_so_and_shows_the_other_way(
    relay: FakeRelay, page: Tab
) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    await page.add_init_script(LISTEN)
    relay.refuses = True
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    away = page.get_by_role("link", name="help@shop.example")
    await expect(page.get_by_text("cannot connect to the help desk")).to_be_visible()
    await expect(away).to_have_attribute("href", "mailto:help@shop.example")
    await page.evaluate("helpdesk.setLocale('de')")
    link = page.get_by_text("So erreichen Sie uns").get_by_role("link")
    await expect(link).to_have_attribute("href", "/kontakt")
    await page.evaluate("helpdesk.setLocale('en')")
    await expect(away).to_be_visible()
    assert await page.evaluate("codes") == ["unreachable"]
    assert sum("HELPDESK_ALLOWED_ORIGINS" in text for text in told) == 1
    relay.refuses = False
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await expect(away).to_be_hidden()


async def test_a_link_of_a_panel_that_cannot_be_loaded_leads_only_where_links_may(
    relay: FakeRelay, page: Tab
) -> None:
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await page.goto(relay.url)
    for fallback, href in [
        ("https://shop.example/contact", "https://shop.example/contact"),
        ("mailto:help@shop.example", "mailto:help@shop.example"),
        ("javascript:alert(1)", None),
        ("", None),
    ]:
        await page.evaluate("(fallback) => helpdesk.settings({ fallback })", fallback)
        await page.get_by_role("button", name="Help").click()
        await expect(page.get_by_text("Loading failed.")).to_be_visible()
        link = page.locator("helpdesk-widget").get_by_role("link")
        if href is None:
            await expect(link).to_have_count(0)
        else:
            await expect(link).to_have_attribute("href", href)


async def test_the_tab_in_front_takes_the_place_of_hidden_ones_which_return_when_shown(
    relay: FakeRelay, page: Tab, context: BrowserContext
) -> None:
    relay.most = 1
    await start(relay, page)
    await page.evaluate(HIDE, True)
    front = await context.new_page()
    await front.goto(relay.url)
    await front.get_by_role("button", name="Help").click()
    await write(front, "from the front")
    await expect(front.get_by_role("log")).to_contain_text("from the front")
    await front.evaluate(HIDE, True)
    await page.evaluate(HIDE, False)
    await expect(page.get_by_role("log")).to_contain_text("from the front")
    assert len(relay.peers) == 1
    assert len(relay.all("open")) == 1


@pytest.mark.parametrize("missing", ["popover", "light-dark"])
async def test_a_browser_without_what_is_needed_shows_a_sentence_and_the_other_way(
    relay: FakeRelay, page: Tab, missing: str
) -> None:
    await page.add_init_script(LISTEN + HIDDEN_FEATURES[missing])
    await page.goto(relay.url)
    line = page.get_by_text("This browser is too old for our chat.")
    await expect(line).to_have_count(1)
    away = line.get_by_role("link", name="help@shop.example")
    await expect(away).to_have_attribute("href", "mailto:help@shop.example")
    await expect(page.get_by_role("button", name="Help")).to_have_count(0)
    assert await page.evaluate("helpdesk.open()") is False
    await page.evaluate("helpdesk.setLocale('de')")
    assert await page.evaluate("helpdesk.toggle()") is False
    await expect(page.get_by_text("Dieser Browser ist zu alt")).to_have_count(1)
    assert relay.all("hello") == []
