"""Several tabs share one conversation, whichever is closed, opened first or refused."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT_SOCKETS = """
  Object.assign(window, { dialled: 0, told: 0 });
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      window.dialled += 1;
    }
  };
  addEventListener('storage', ({ key }) => { window.told += key.endsWith(':open'); });
"""
LOADED_BY_NOW = """(async () => {
  for (const name of ['panel', 'texts/en']) await import(`/widget/${name}.js`);
  await new Promise((done) => setTimeout(done));
  return dialled;
})()"""


async def test_a_tab_from_before_the_chat_counts_what_is_unread_too(
    relay: FakeRelay, page: Page, context: BrowserContext
) -> None:
    await page.goto(relay.url)
    other = await context.new_page()
    await start(relay, other)
    await relay.heard("hello", 2)
    await other.close()
    await relay.until(lambda: len(relay.peers) == 1)
    await relay.say("Are you there?")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_a_widget_that_was_taken_off_does_not_come_back_with_another_tab_s_chat(
    relay: FakeRelay, page: Page, context: BrowserContext
) -> None:
    await page.add_init_script(COUNT_SOCKETS)
    await page.goto(relay.url)
    await page.evaluate("helpdesk.destroy()")
    await start(relay, await context.new_page())
    await page.wait_for_function("told > 0")
    assert await page.evaluate(LOADED_BY_NOW) == 0


async def test_what_a_closed_tab_left_unsent_goes_out_from_another(
    relay: FakeRelay, page: Page, context: BrowserContext
) -> None:
    await start(relay, page)
    other = await context.new_page()
    await other.goto(relay.url)
    await other.get_by_role("button", name="Help").click()
    await expect(other.get_by_role("log")).to_contain_text("Hello!")
    await relay.down()
    await write(page, "typed while you were away")
    await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("while you were")
    await page.close()
    await relay.up()
    await expect(other.get_by_role("log")).to_contain_text("typed while you were away")
    assert relay.request.messages[-1]["text"] == "typed while you were away"


async def test_a_visit_refused_in_one_tab_loses_nothing_that_was_typed_in_any(
    relay: FakeRelay, page: Page, context: BrowserContext
) -> None:
    other = await context.new_page()
    for tab in (page, other):
        await tab.add_init_script("window.helpdesk = [['identify', 'jwt']]")
    await start(relay, page)
    await other.goto(relay.url)
    await relay.heard("hello", 2)
    relay.unknown_identities.add("jwt")
    await relay.down()
    await write(page, "written while it restarts")
    await page.get_by_role("textbox", name="Message").fill("half a thought")
    await relay.up()
    await expect(page.get_by_text("no longer valid")).to_be_visible()
    # What the other tab keeps comes after the news of the token: it has been heard by then.
    await other.evaluate("localStorage.setItem('last', '1')")
    await page.wait_for_function("localStorage.getItem('last') === '1'")
    await expect(page.get_by_role("list", name="Not sent yet")).to_contain_text("while it restarts")
    await expect(page.locator("textarea")).to_have_value("half a thought")
    kept = await page.evaluate(
        "Object.keys(localStorage).filter((key) => /unsent|draft/.test(key))"
    )
    assert len(kept) == 2
