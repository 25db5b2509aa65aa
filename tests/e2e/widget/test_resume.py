"""Resuming without loss or duplicates: lost connections, reloads, gaps and second tabs."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import BrowserContext, expect
from playwright.async_api import Page as Tab

from tests.e2e.widget.customer_actions import read_up_to, start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import FakeRelay
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORED = "Object.keys(localStorage).filter((key) => key.includes('unsent'))"
RECORD = """node => {
    window.said = [];
    const watcher = new MutationObserver(() => said.push(node.textContent));
    watcher.observe(node, { childList: true, subtree: true, characterData: true });
}"""
"""Keeps all that a node has said: some of it stands for a moment alone."""


SCROLL_UP = """async (view) => {
    while (!view.textContent.includes('How can we help?')) {
        view.scrollTo(0, -1e6);
        await new Promise(requestAnimationFrame);
    }
}"""


async def texts(page: Tab) -> list[str]:
    """Return every text shown in the log and below it, in order."""
    return await page.get_by_role("dialog").locator("li .text").all_inner_texts()


async def test_a_reload_continues_the_request_and_leaves_the_focus_alone(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await write(page, "first")
    await expect(page.get_by_role("log")).to_contain_text("first")
    await page.get_by_role("textbox", name="Message").fill("half a thou")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("first")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a thou")
    assert await page.evaluate("document.activeElement === document.body")
    first, second = relay.all("hello")
    assert first["token"] is None
    assert second["token"] == "hdc_1"
    assert len(relay.all("open")) == 1


async def test_a_hidden_panel_stays_hidden_after_a_reload_but_listens(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.get_by_role("button", name="Hide").click()
    await page.reload()
    await relay.heard("hello", 2)
    await relay.say("Still here")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_what_is_written_while_the_relay_is_away_goes_out_once_when_it_is_back(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.get_by_role("dialog").evaluate(RECORD)
    await relay.down()
    await page.wait_for_function("said.some((it) => it.includes('The help desk is restarting.'))")
    await expect(page.get_by_text("is kept on this device")).to_be_visible()
    for text in ("one", "two", "three"):
        await write(page, text)
    unsent = page.get_by_role("list", name="Not sent yet")
    await expect(unsent.get_by_role("listitem").filter(has_text="Not sent yet")).to_have_count(3)
    assert len(await page.evaluate(STORED)) == 3
    await relay.up()
    await expect(page.get_by_role("log")).to_contain_text("three")
    await expect(page.get_by_text("The help desk")).to_have_count(0)
    assert await texts(page) == ["Hello! How can we help?", "one", "two", "three"]
    assert [m["text"] for m in relay.request.messages[2:]] == ["one", "two", "three"]
    assert await page.evaluate(STORED) == []


async def test_what_was_not_acknowledged_survives_a_reload(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    relay.silent.add("send")
    await write(page, "stored, but the answer is lost")
    await write(page, "not even sent")
    await relay.heard("send")
    relay.silent.clear()
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("not even sent")
    wanted = ["Hello! How can we help?", "stored, but the answer is lost", "not even sent"]
    assert await texts(page) == wanted
    assert [m["text"] for m in relay.request.messages[2:]] == wanted[1:]


async def test_a_lost_acknowledgement_doubles_nothing(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    relay.silent.add("send")
    await write(page, "once")
    await relay.heard("send")
    relay.silent.clear()
    await relay.drop(1012)
    await expect(page.get_by_role("log")).to_contain_text("once")
    await expect(page.get_by_text("Sending…")).to_have_count(0)
    assert await texts(page) == ["Hello! How can we help?", "once"]
    assert len(relay.request.messages) == 3


async def test_frames_that_come_twice_or_late_are_shown_once_and_in_order(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    relay.silent.add("history")
    for text in ("three", "four", "five"):
        relay.request.append("text", "agent", text)
    log = relay.request.messages
    for at in (4, 2, 2, 3, 4, 0):
        await relay.push({"type": "message", "request": relay.request.number, "message": log[at]})
    await expect(page.get_by_role("log")).to_contain_text("four")
    assert await texts(page) == ["Hello! How can we help?", "three", "four", "five"]


async def test_older_messages_come_as_the_customer_scrolls_up(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    for number in range(3, 201):
        relay.request.append("text", "agent", f"line {number}")
    relay.newest = 50
    await page.reload()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("line 200")
    assert relay.all("history") == []
    async with asyncio.timeout(PATIENCE):
        await page.get_by_role("region", name="Conversation").evaluate(SCROLL_UP)
    assert [frame["before"] for frame in relay.all("history")] == [151, 101, 51]


async def test_a_long_log_comes_newest_first_and_its_holes_are_shown_until_filled(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.get_by_role("button", name="Hide").click()
    for number in range(3, 431):
        relay.request.append("text", "agent", f"line {number}")
    relay.newest = 20
    relay.silent.add("history")
    await relay.drop(1013)
    await relay.heard("history")
    await page.get_by_role("button", name="Help").click()
    gap = page.get_by_role("listitem").filter(has_text="Some messages are not here yet.")
    await expect(gap).to_have_count(1)
    await expect(page.get_by_role("log")).to_have_attribute("aria-busy", "true")
    relay.silent.clear()
    await relay.drop(1013)
    await expect(gap).to_have_count(0)
    await expect(page.get_by_role("log")).to_have_attribute("aria-busy", "false")
    expected = ["Hello! How can we help?", *(f"line {number}" for number in range(3, 431))]
    assert (await read_up_to(page, expected[0]))[0] == expected


async def test_a_restored_database_makes_the_page_forget_what_it_had(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await relay.say("lost by the restore")
    await expect(page.get_by_role("log")).to_contain_text("lost by the restore")
    relay.request.messages.pop()
    relay.epoch = "epoch-2"
    await relay.drop(1012)
    await expect(page.get_by_role("log")).not_to_contain_text("lost by the restore")
    assert await texts(page) == ["Hello! How can we help?"]


async def test_a_text_that_came_too_fast_waits_and_goes_out(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    wait = {"code": "rate_limited", "message": "Too many messages.", "retry_after": 0.2}
    relay.refusals["send"] = [wait]
    await write(page, "patience")
    await expect(page.get_by_role("log")).to_contain_text("patience")
    assert len({frame["ref"] for frame in relay.all("send")}) == 1
    assert len(relay.all("send")) == 2


async def test_a_refused_text_says_why_and_can_be_sent_again(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    relay.refusals["send"] = [{"code": "invalid", "message": "text has 5000 characters"}] * 2
    await write(page, "too much")
    await expect(page.get_by_text("Not sent: That could not be accepted.")).to_be_visible()
    await page.get_by_role("button", name="Edit and send again").click()
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_have_value("too much")
    await field.fill("still too much")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Discard").click()
    await expect(page.get_by_role("list", name="Not sent yet")).to_be_hidden()
    assert await page.evaluate(STORED) == []


async def test_a_text_for_a_request_that_was_closed_meanwhile_is_kept_as_not_sent(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await relay.down()
    await write(page, "one more thing")
    relay.request.status = "closed"
    await relay.up()
    unsent = page.get_by_role("list", name="Not sent yet")
    await expect(unsent).to_contain_text("Not sent: This chat has ended.")
    await expect(unsent).to_contain_text("one more thing")


async def test_a_visit_that_the_relay_ends_is_tried_again_by_a_reload_alone(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await relay.drop(4000)
    await expect(page.get_by_text("no longer knows this visit")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_be_hidden()
    assert len(relay.all("hello")) == 1
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
    assert relay.all("hello")[-1]["token"] == "hdc_1"


async def test_a_second_tab_shows_the_same_request_and_both_follow(
    relay: FakeRelay, page: Tab, context: BrowserContext
) -> None:
    await start(relay, page)
    await write(page, "from the first")
    other = await context.new_page()
    await other.goto(relay.url)
    await other.get_by_role("button", name="Help").click()
    await expect(other.get_by_role("log")).to_contain_text("from the first")
    await write(other, "from the second")
    await expect(page.get_by_role("log")).to_contain_text("from the second")
    await relay.say("to both")
    for tab in (page, other):
        await expect(tab.get_by_role("log")).to_contain_text("to both")
        assert (await texts(tab))[1:] == ["from the first", "from the second", "to both"]
    assert len(relay.customers) == 1


async def test_two_tabs_that_open_at_once_are_one_customer_with_one_request(
    relay: FakeRelay, page: Tab, context: BrowserContext
) -> None:
    other = await context.new_page()
    tabs = (page, other)
    relay.delays["open"] = 0.3
    for tab in tabs:
        await tab.goto(relay.url)
    await asyncio.gather(*(tab.get_by_role("button", name="Help").click() for tab in tabs))
    for tab in tabs:
        await expect(tab.get_by_role("log")).to_contain_text("Hello! How can we help?")
    assert [len(requests) for requests in relay.customers.values()] == [1]


async def test_an_opening_cut_off_by_a_reload_is_taken_up_again(
    relay: FakeRelay, page: Tab
) -> None:
    relay.silent.add("open")
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await relay.heard("open")
    relay.silent.clear()
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
    assert len(relay.customers["hdc_1"]) == 1


async def test_a_browser_that_denies_storage_chats_and_says_what_it_cannot_keep(
    relay: FakeRelay, page: Tab
) -> None:
    denied = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
    for name in ("localStorage", "sessionStorage"):
        await page.add_init_script(f"Object.defineProperty(window, '{name}', {denied})")
    await start(relay, page)
    await write(page, "hello")
    await expect(page.get_by_role("log")).to_contain_text("hello")
    await relay.down()
    await expect(page.get_by_text("is kept until you leave this page")).to_be_visible()
    await write(page, "later")
    await relay.up()
    await expect(page.get_by_role("log")).to_contain_text("later")


async def test_the_way_back_to_a_page_finds_the_request_again(relay: FakeRelay, page: Tab) -> None:
    relay.pages["/other"] = Page("<!doctype html><title>Other</title><p>Elsewhere")
    await start(relay, page)
    await page.goto(f"{relay.url}/other")
    await relay.until(lambda: not relay.peers)
    await page.go_back()
    await relay.until(lambda: len(relay.peers) == 1)
    await relay.say("welcome back")
    await expect(page.get_by_role("log")).to_contain_text("welcome back")


async def test_a_tab_that_slept_catches_up(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    browser = await page.context.new_cdp_session(page)
    await browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    await relay.say("not heard")
    for peer in relay.peers:
        peer.socket.transport.abort()
    await relay.until(lambda: not relay.peers)
    await relay.say("not heard either")
    await browser.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(page.get_by_role("log")).to_contain_text("not heard either")
    assert await texts(page) == ["Hello! How can we help?", "not heard", "not heard either"]
