"""The Box, the HelpPanel and a request from its opening to its end."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_relay import FakeRelay

# What a phone's keyboard does to a page: it covers it, and only the visual viewport says so.
KEYBOARD = """
  const view = new EventTarget();
  Object.defineProperty(window, 'visualViewport', { value: view });
  window.keyboard = (seen) => {
    Object.assign(view, seen);
    view.dispatchEvent(new Event('resize'));
  };
"""

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_click_on_the_box_opens_the_panel_and_a_request_with_its_greeting(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    assert [frame["type"] for frame in relay.frames[:2]] == ["hello", "open"]
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()


async def test_hello_tells_where_the_customer_is_without_query_and_fragment(
    relay: FakeRelay, page: Page
) -> None:
    await page.goto(f"{relay.url}/?secret=1#part")
    await page.get_by_role("button", name="Help").click()
    hello = await relay.heard("hello")
    assert hello["page"]["url"] == f"{relay.url}/"
    assert hello["page"]["title"].startswith("Fern & Kettle")
    await page.evaluate("history.pushState(null, '', '/cart?coupon=1')")
    assert (await relay.heard("page"))["page"]["url"] == f"{relay.url}/cart"


async def test_both_sides_see_what_the_other_writes(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await write(page, "Where is my kettle?")
    await expect(page.get_by_role("log")).to_contain_text("Where is my kettle?")
    assert (await relay.heard("send"))["text"] == "Where is my kettle?"
    await relay.claim("Sam")
    await relay.say("On its way.")
    await expect(page.get_by_role("log")).to_contain_text("On its way.")
    await expect(page.get_by_role("dialog")).to_contain_text("Sam is helping you.")


async def test_shift_enter_breaks_the_line_and_composing_does_not_send(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(field).to_have_value("one\ntwo")
    await page.get_by_role("button", name="Send").click()
    assert (await relay.heard("send"))["text"] == "one\ntwo"
    await expect(field).to_have_value("")


async def test_typing_is_shown_on_both_sides(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await relay.claim("Sam")
    await page.get_by_role("textbox", name="Message").press_sequentially("Hm")
    assert (await relay.heard("typing"))["on"] is True
    await page.keyboard.press("Enter")
    assert (await relay.heard("typing", 2))["on"] is False
    typing = {"type": "typing", "request": relay.request.number, "by": "agent"}
    await relay.push(typing | {"on": True})
    await expect(page.get_by_text("Sam is typing…")).to_be_visible()
    await relay.push(typing | {"on": False})
    await expect(page.get_by_text("Sam is typing…")).to_have_count(0)


async def test_a_text_that_an_agent_has_read_is_marked_as_seen(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await write(page, "Hi")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    await expect(page.get_by_text("Seen", exact=True)).to_be_hidden()
    number = relay.request.number
    await relay.push({"type": "read", "request": number, "by": "agent", "seq": 3})
    await expect(page.get_by_text("Seen", exact=True)).to_be_visible()


async def test_hiding_the_panel_keeps_the_request_and_counts_what_is_unread(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    box = page.get_by_role("button", name="Help")
    await expect(box).to_be_focused()
    await expect(box).to_have_attribute("aria-expanded", "false")
    await relay.say("Are you there?")
    await page.get_by_role("button", name="Help, 1 unread", exact=True).click()
    await expect(page.get_by_role("log")).to_contain_text("Are you there?")
    await page.get_by_role("button", name="Hide").click()
    await expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible()
    await relay.until(lambda: relay.request.read["customer"] == 3)
    assert len(relay.all("open")) == 1
    assert relay.all("close") == []


async def test_the_customer_ends_the_chat_in_two_steps_and_can_begin_anew(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    await page.get_by_role("button", name="End chat now").click()
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Message")).to_be_hidden()
    assert len(relay.all("close")) == 1
    await page.get_by_role("button", name="Start a new request").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    await expect(page.get_by_role("log").locator("li .text")).to_have_count(1)
    await relay.until(lambda: len(relay.all("open")) == 2)
    first, second = relay.all("open")
    assert first["ref"] != second["ref"]


async def test_no_key_typed_as_a_chat_ends_opens_a_new_one(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await page.keyboard.type("I would")
    await relay.end()
    await expect(page.get_by_role("heading", name="Acme support")).to_be_focused()
    await page.keyboard.type(" like a tin")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio").first).to_be_visible()
    assert len(relay.all("open")) == 1
    await page.get_by_role("button", name="Start a new request").click()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("I would")


async def test_the_agent_ends_the_chat_and_the_box_then_opens_a_new_one(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await relay.end()
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()
    await page.get_by_role("button", name="Hide").click()
    await relay.until(lambda: not relay.peers)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_text("This chat has ended.")).to_be_hidden()
    await relay.heard("open", 2)
    await expect(page.get_by_role("log").locator("li .text")).to_have_count(1)


async def test_a_deleted_request_leaves_nothing_on_the_page(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await relay.push({"type": "gone", "request": relay.request.number})
    await expect(page.get_by_text("its record was deleted")).to_be_visible()
    await expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(0)


async def test_the_page_opens_and_hides_the_panel_by_itself(relay: FakeRelay, page: Page) -> None:
    await page.goto(relay.url)
    await page.wait_for_function("window.helpdesk?.open")
    await page.evaluate("helpdesk.open()")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.evaluate("helpdesk.close()")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.evaluate("helpdesk.toggle()")
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_small_screen_shows_the_panel_over_the_whole_page(
    relay: FakeRelay, page: Page
) -> None:
    await page.set_viewport_size({"width": 320, "height": 560})
    await start(relay, page)
    await relay.say("https://example.org/" + "very-long" * 30)
    await expect(page.get_by_role("log")).to_contain_text("very-long")
    size = "({ width: e.clientWidth, height: e.clientHeight, over: e.scrollWidth })"
    panel = await page.get_by_role("dialog").evaluate(f"e => {size}")
    assert panel == {"width": 320, "height": 560, "over": 320}
    names = ("More", "Hide")
    buttons = [page.get_by_role("button", name=name, exact=True) for name in names]
    boxes = [await button.bounding_box() for button in buttons]
    assert len({box["y"] + box["height"] / 2 for box in boxes if box}) == 1, "not in one line"
    scroller = await page.get_by_role("region", name="Conversation").evaluate(f"e => {size}")
    assert scroller["over"] == scroller["width"]
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_the_composer_stays_in_sight_above_a_phone_s_keyboard(
    relay: FakeRelay, page: Page
) -> None:
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.add_init_script(KEYBOARD)
    await start(relay, page)
    await page.evaluate("keyboard({ scale: 1, offsetTop: 30, height: 320 })")
    panel = await page.get_by_role("dialog").bounding_box()
    field = await page.get_by_role("textbox", name="Message").bounding_box()
    assert panel
    assert field
    assert (panel["y"], panel["height"]) == (30, 320)
    assert panel["y"] < field["y"] < field["y"] + field["height"] <= 350
    await expect(page.get_by_text("Hello! How can we help?")).to_be_in_viewport()
    await page.evaluate("keyboard({ scale: 2, offsetTop: 200, height: 300 })")  # two fingers
    assert await page.get_by_role("dialog").bounding_box() == panel
    await page.evaluate("keyboard({ scale: 1, offsetTop: 0, height: 640 })")
    full = await page.get_by_role("dialog").bounding_box()
    assert full
    assert (full["y"], full["height"]) == (0, 640)
