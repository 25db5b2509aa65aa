"""Notifications and state shared by tabs: sound, title, badge, draft."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.widget.customer_actions import start
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

BEEPS = """
  Object.assign(window, { beeps: 0, decided: 0, asked: 0 });
  const { start } = OscillatorNode.prototype;
  OscillatorNode.prototype.start = function () { window.beeps += 1; start.call(this); };
  const { locks } = navigator;
  const request = locks.request.bind(locks);
  // Which tab sounds is settled as soon as each has been given the lock or not.
  locks.request = (name, options, act) => request(name, options, (lock) => {
    const done = act(lock);
    if (name.includes(':sound ')) window.decided += 1;
    return done;
  });
  const { getItem } = Storage.prototype;
  Storage.prototype.getItem = function (key) {
    if (key.endsWith(':sound')) window.asked += 1;
    return getItem.call(this, key);
  };
"""
WATCH_LOG = """
  window.added = [];
  const { insertBefore } = Node.prototype;
  Node.prototype.insertBefore = function (row, at) {
    const log = this.parentNode;
    if (log?.role === 'log') window.added.push(log.ariaBusy);
    return insertBefore.call(this, row, at);
  };
"""
HIDDEN = """
  Object.defineProperty(document, 'hidden', { get: () => window.away, configurable: true });
  window.leave = (away) => {
    window.away = away;
    document.dispatchEvent(new Event('visibilitychange'));
  };
"""


async def test_of_two_tabs_that_nobody_looks_at_one_sounds_and_both_count(
    relay: FakeRelay, page: Page, context: BrowserContext
) -> None:
    await page.add_init_script(BEEPS + HIDDEN)
    await start(relay, page)
    await page.get_by_role("button", name="Hide").click()
    other = await context.new_page()
    await other.add_init_script(BEEPS + HIDDEN)
    await other.goto(relay.url)
    await relay.until(lambda: len(relay.peers) == 2)
    await relay.say("Hello?")
    for tab in (page, other):
        await expect(tab.get_by_role("button", name="Help, 1 unread")).to_be_visible()
        await tab.wait_for_function("decided === 1")
    assert await page.evaluate("beeps") + await other.evaluate("beeps") == 1
    await other.get_by_role("button", name="Help, 1 unread").click()
    await expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible()


async def test_sound_and_title_flash_stay_off_once_they_are_turned_off(
    relay: FakeRelay, page: Page
) -> None:
    await page.add_init_script(BEEPS + HIDDEN)
    await start(relay, page)
    title = await page.title()
    await page.evaluate("leave(true)")
    await relay.say("one")
    await page.wait_for_function("document.title === '(1) Messages' && beeps === 1")
    await page.evaluate("leave(false)")
    assert await page.title() == title
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitemcheckbox", name="Sound").click()
    await page.get_by_role("menuitemcheckbox", name="Flash the page title").click()
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("one")
    await page.evaluate("leave(true)")
    await relay.say("two")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    await page.wait_for_function("asked === 1")  # for this text
    assert await page.evaluate("[document.title, beeps]") == [title, 0]


async def test_a_title_that_flashes_shows_both_in_turn_unless_motion_is_to_be_reduced(
    relay: FakeRelay, page: Page
) -> None:
    await page.emulate_media(reduced_motion="no-preference")
    await page.add_init_script(HIDDEN)
    await start(relay, page)
    title = await page.title()
    await page.evaluate("leave(true)")
    await relay.say("one")
    for shown in ("(1) Messages", title, "(1) Messages"):
        await page.wait_for_function("(shown) => document.title === shown", arg=shown)
    await page.evaluate("leave(false)")
    assert await page.title() == title


async def test_a_title_that_flashes_counts_on_and_gives_the_page_s_own_back(
    relay: FakeRelay, page: Page
) -> None:
    await page.add_init_script(HIDDEN)
    await start(relay, page)
    title = await page.title()
    await page.evaluate("leave(true)")
    for count, text in enumerate(("one", "two"), 1):
        await relay.say(text)
        await page.wait_for_function(
            "(words) => document.title === words", arg=f"({count}) Messages"
        )
    await page.evaluate("leave(false)")
    assert await page.title() == title


async def test_what_was_said_before_a_reload_is_not_announced_again(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await relay.say("before")
    await page.add_init_script(WATCH_LOG)
    await page.reload()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("before")
    assert set(await page.evaluate("added")) == {"true"}
    await expect(log).to_have_attribute("aria-busy", "false")
    await relay.say("after")
    await expect(log).to_contain_text("after")
    assert (await page.evaluate("added"))[-1] == "false"


async def test_tabs_have_one_draft(relay: FakeRelay, page: Page, context: BrowserContext) -> None:
    await start(relay, page)
    other = await context.new_page()
    await other.goto(relay.url)
    await other.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Message").fill("half a thou")
    field = other.get_by_role("textbox", name="Message")
    await expect(field).to_have_value("half a thou")
    await field.press_sequentially("ght")
    await field.press("Enter")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    assert (await relay.heard("send"))["text"] == "half a thought"
