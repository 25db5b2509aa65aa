"""The message log: formats, groups by author, and long conversations."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.widget.customer_actions import read_up_to, start, write
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

PARSER = "/widget/markup.js"


async def test_links_and_marks_are_shown_and_their_parser_is_loaded_for_the_first(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await write(page, "Plain words")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Plain words")
    assert PARSER not in relay.paths
    await relay.say("**See** https://a.example/wiki/Foo_(bar):\n- *one*\n- `two`")
    await expect(log.locator("strong")).to_have_text("See")
    address = "https://a.example/wiki/Foo_(bar)"
    await expect(log.get_by_role("link", name=address)).to_have_attribute("href", address)
    await expect(log.locator("ul li")).to_have_text(["one", "two"])
    await write(page, "2*3*4 and **mine**")
    await expect(log.locator(".text").last).to_have_text("2*3*4 and mine")
    assert (await relay.heard("send", 2))["text"] == "2*3*4 and **mine**"
    assert relay.paths.count(PARSER) == 1


async def test_texts_are_shown_as_typed_where_the_parser_cannot_be_loaded(
    relay: FakeRelay, page: Page
) -> None:
    await page.route(f"**{PARSER}", lambda route: route.abort())
    await start(relay, page)
    await relay.say("**See** https://a.example")
    await expect(page.get_by_role("log")).to_contain_text("**See** https://a.example")


async def test_a_group_has_one_face_and_one_time_and_own_texts_no_name_to_be_seen(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    log = page.get_by_role("log")
    await expect(log.locator(".activity")).to_have_count(0)
    await write(page, "Hello")
    await expect(log).to_contain_text("Hello")
    await relay.claim("Sam Reed")
    for text in ("one", "two"):
        await relay.say(text)
    await expect(log).to_contain_text("two")
    relay.request.messages[-1]["at"] = "2026-11-22T10:39:59.000Z"
    late = relay.request.append("text", "agent", "three") | {"at": "2026-11-22T10:45:00.000Z"}
    relay.request.messages[-1] = late
    await page.reload()
    await expect(log).to_contain_text("three")
    assert await log.locator("li:not(.follows) .face").all_inner_texts() == ["A", "SR", "SR"]
    rows = log.get_by_role("listitem")
    await expect(rows.filter(has_text="Hello").last).to_contain_text("You")
    await expect(log.locator(".activity")).to_have_text(["Sam Reed took the request"])


async def long_conversation(relay: FakeRelay, page: Page, length: int) -> None:
    """Open a request of *length* messages, with the panel shown."""
    await start(relay, page)
    for number in range(3, length + 1):
        relay.request.append("text", "agent", f"line {number}")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text(f"line {length}")


PLACE = """(log, text) => {
  const row = [...log.querySelectorAll('li')].find((one) => one.textContent.includes(text));
  return row ? Math.round(row.getBoundingClientRect().top) : null;
}"""
SETTLED = "() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 50))"


async def test_of_a_long_conversation_only_what_is_near_is_drawn_and_it_stays_in_place(
    relay: FakeRelay, page: Page
) -> None:
    await long_conversation(relay, page, 400)
    log, region = page.get_by_role("log"), page.get_by_role("region", name="Conversation")
    assert await log.get_by_role("listitem").count() <= 40
    texts, most = await read_up_to(page, "line 200")
    assert texts == [f"line {number}" for number in range(200, 401)]
    assert most <= 100
    where = await log.evaluate(PLACE, "line 210")
    await relay.say("news")
    await page.evaluate(SETTLED)
    assert await log.evaluate(PLACE, "line 210") == where
    await expect(log).not_to_contain_text("news")
    shown = set()
    for _ in range(200):
        await region.evaluate("(region) => { region.scrollTop += 250; }")
        await page.evaluate("() => new Promise(requestAnimationFrame)")
        shown |= set(await log.locator(".text").all_inner_texts())
        if "news" in shown:
            break
    assert shown >= {f"line {number}" for number in range(200, 401)}
    assert await log.get_by_role("listitem").count() <= 100


async def test_the_end_of_a_long_conversation_is_one_step_away(
    relay: FakeRelay, page: Page
) -> None:
    await long_conversation(relay, page, 400)
    await read_up_to(page, "line 150")
    await write(page, "Here I am")
    log = page.get_by_role("log")
    await expect(log.get_by_text("Here I am")).to_be_in_viewport()
    await expect(log).to_contain_text("line 400")
    assert await log.get_by_role("listitem").count() <= 100


async def test_nothing_is_drawn_while_the_panel_is_hidden(relay: FakeRelay, page: Page) -> None:
    await long_conversation(relay, page, 100)
    await page.get_by_role("button", name="Hide").click()
    await page.reload()
    await expect(page.get_by_role("button", name="Help")).to_have_accessible_name("Help")
    await relay.heard("hello", 3)
    await relay.say("unread")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    rows = page.locator("[role=log] li")
    await expect(rows).to_have_count(0)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("unread")
    assert 0 < await rows.count() <= 40
