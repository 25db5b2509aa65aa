"""The message log: formats of texts."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.e2e.widget.customer_actions import start, write
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
