"""Keys in the composer: input methods, pages that allow no forms, clicks while loading."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_parts import Page as Served
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

PRESS = """(field, [key, keyCode, isComposing]) => field.dispatchEvent(new KeyboardEvent('keydown',
  { key, keyCode, isComposing, bubbles: true, composed: true, cancelable: true }))"""


async def test_keys_that_an_input_method_takes_send_and_hide_nothing(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("\u3053\u3093")
    for key in ("Enter", "Escape"):
        await field.evaluate(PRESS, [key, 229, False])  # Safari, after compositionend
        await field.evaluate(PRESS, [key, 13, True])
        await field.dispatch_event("compositionstart")
        await field.evaluate(PRESS, [key, 13, False])
        await field.dispatch_event("compositionend")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(field).to_have_value("\u3053\u3093")
    assert relay.all("send") == []
    await field.press("Enter")
    assert (await relay.heard("send"))["text"] == "\u3053\u3093"


async def test_a_frame_that_allows_no_forms_can_send(relay: FakeRelay, page: Page) -> None:
    sandbox = "sandbox='allow-scripts allow-same-origin' width=900 height=700"
    relay.pages["/outer"] = Served(f"<!doctype html><iframe {sandbox} src='/'>")
    await page.goto(f"{relay.url}/outer")
    inner = page.frame_locator("iframe")
    await inner.get_by_role("button", name="Help").click()
    field = inner.get_by_role("textbox", name="Message")
    await field.fill("by a key")
    await field.press("Enter")
    await field.fill("by a click")
    await inner.get_by_role("button", name="Send").click()
    assert (await relay.heard("send", 2))["text"] == "by a click"
    assert page.url == f"{relay.url}/outer"


async def test_clicks_while_the_panel_loads_open_it_once_and_are_seen_to_work(
    relay: FakeRelay, page: Page
) -> None:
    loaded = asyncio.Event()

    async def hold(route: Route) -> None:
        await loaded.wait()
        await route.continue_()

    await page.route("**/panel.js", hold)
    await page.goto(relay.url)
    box = page.get_by_role("button", name="Help")
    for _ in range(4):
        await box.click()
    await expect(box).to_have_attribute("aria-busy", "true")
    loaded.set()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(box).to_have_attribute("aria-busy", "false")
    await write(page, "Hi")
    await relay.heard("send")
    await box.click()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert len(relay.all("open")) == 1


async def test_of_calls_while_the_panel_loads_the_last_one_counts(
    relay: FakeRelay, page: Page
) -> None:
    await page.goto(relay.url)
    await page.evaluate("Promise.all([helpdesk.open(), helpdesk.close()])")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert relay.all("open") == []
    await page.evaluate("Promise.all([helpdesk.open(), helpdesk.close(), helpdesk.open()])")
    await expect(page.get_by_role("dialog")).to_be_visible()
