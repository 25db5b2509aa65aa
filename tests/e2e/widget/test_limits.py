"""The widget under a relay's limits, refusals and network failures."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import Route, expect

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_limit_of_zero_characters_is_none(relay: FakeRelay, page: Tab) -> None:
    relay.limits |= {"text": 0}
    await start(relay, page)
    await write(page, "a" * 5000)
    await expect(page.get_by_role("log")).to_contain_text("aaa")
    await expect(page.get_by_text("Too long")).to_have_count(0)


async def test_a_text_too_large_for_a_frame_is_not_sent_and_says_so(
    relay: FakeRelay, page: Tab
) -> None:
    relay.limits |= {"text": 0, "frame": 1000}
    await start(relay, page)
    await write(page, "ü" * 500)
    await expect(page.get_by_text("Too large to send")).to_be_visible()
    await write(page, "ü" * 400)
    await relay.heard("send")
    assert len(relay.all("send")) == 1


async def test_a_text_refused_by_a_chat_that_ended_is_edited_in_a_new_request(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await relay.down()
    await write(page, "one more thing")
    relay.request.status = "closed"
    await relay.up()
    await page.get_by_role("button", name="Edit and send again").click()
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("one more thing")
    await relay.heard("open", 2)
    await field.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("one more thing")


async def test_a_log_at_its_end_stays_there_and_one_scrolled_up_stays_where_it_is(
    relay: FakeRelay, page: Tab
) -> None:
    await page.set_viewport_size({"width": 800, "height": 700})
    await start(relay, page)
    for count in range(12):
        await relay.say(f"{count} " + "words to be wrapped " * 9)
    await expect(page.get_by_role("log")).to_contain_text("11 words")
    await page.set_viewport_size({"width": 320, "height": 300})
    log = await page.get_by_role("region", name="Conversation").element_handle()
    assert log is not None
    bottom = "(e) => e.getBoundingClientRect().bottom"
    last = "[...e.querySelectorAll('li')].at(-1)"
    below = f"({bottom})({last}) - ({bottom})(e)"
    await page.wait_for_function(f"e => e.clientHeight < 250 && {below} <= 0", arg=log)
    await relay.say("12 and the last")
    await page.wait_for_function(
        f"e => {last}.textContent.includes('12 and') && {below} <= 0", arg=log
    )
    await log.evaluate("e => { e.scrollTop = -300 }")
    await page.wait_for_function("e => e.scrollTop === -300", arg=log)
    place = "e => e.querySelectorAll('li')[10].getBoundingClientRect().y"
    before = await log.evaluate(place)
    await relay.say("13 while reading")
    await expect(page.get_by_role("log")).to_contain_text("13 while reading")
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert abs(await log.evaluate(place) - before) < 2
    await page.set_viewport_size({"width": 320, "height": 350})
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert await log.evaluate(f"e => {below}") > 100


async def test_a_page_with_an_open_request_gets_its_panel_when_the_modules_are_back(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_text("Loading failed.")).to_be_visible()
    await page.unroute_all()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
    await expect(page.get_by_text("Loading failed.")).to_be_hidden()


async def test_a_panel_that_was_not_there_is_fetched_again_by_and_by(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.get_by_role("button", name="Hide").click()
    await page.clock.install()
    asked: asyncio.Queue[Route] = asyncio.Queue()
    await page.route("**/widget/panel.js", asked.put, times=2)
    await page.reload()
    for seconds in (2, 4):
        async with page.expect_console_message(lambda said: "imported module" in said.text):
            await (await asked.get()).abort()
        await page.clock.run_for(seconds * 1000)
    await relay.heard("hello", 2)
    await relay.say("Still here")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
