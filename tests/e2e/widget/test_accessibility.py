"""Accessibility of the widget: axe with every rule in every state, keyboard, live regions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Tab

from tests.e2e.widget.customer_actions import end, rate, start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import WIDGET, FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

AXE = (WIDGET / "node_modules" / "axe-core" / "axe.min.js").read_text()
PAGE = """<!doctype html><html lang="en"><head><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<script async src="/widget.js" data-label="Help" data-lang="LANG"></script></head>
<body><main><h1>Shop</h1></main></body></html>"""
RUN = """async () => {
  for (const animation of document.getAnimations()) animation.finish();
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  // The page around it has no headings or landmarks of its own to speak of.
  const found = await axe.run(document.querySelector('helpdesk-widget'), { rules });
  return found.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);
}"""
TEXT_AND_BACK = """(widget) => {
  const back = (element) => {
    const { backgroundColor } = getComputedStyle(element);
    if (!backgroundColor.endsWith(', 0)')) return backgroundColor;
    return element.parentElement ? back(element.parentElement) : 'rgb(255, 255, 255)';
  };
  const own = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  return [...widget.shadowRoot.querySelectorAll('*')]
    .filter((element) => element.checkVisibility() && [...element.childNodes].some(own))
    .map((element) => [element.textContent, getComputedStyle(element).color, back(element)]);
}"""
LOOKS: dict[str, dict[str, Any]] = {
    "wide": {},
    "320 px wide": {"viewport": {"width": 320, "height": 640}},
    "right to left": {"locale": "ar"},
    "400 % zoom": {"viewport": {"width": 320, "height": 256}},
}
COLOURS: list[dict[str, Any]] = [
    {"color_scheme": "light"},
    {"color_scheme": "dark"},
    {"forced_colors": "active"},
]
ENGLISH = "import('/widget/texts/en.js').then((all) => helpdesk.settings({ texts: all.default }))"


async def while_talking(relay: FakeRelay, page: Tab) -> AsyncIterator[str]:
    """Lead *page* through what the widget looks like before and in a chat, and name each."""
    box = page.get_by_role("button", name="Help")
    await expect(box).to_be_visible()
    yield "closed"
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await box.click()
    await expect(page.get_by_role("status")).not_to_be_empty()
    yield "not loaded"
    await page.unroute_all()
    await box.click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await relay.claim("Sam")
    await relay.say("See https://example.org")
    await write(page, "Thanks")
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    yield "talking"
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Erase my data").click()
    yield "about to erase"
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="More").click()
    await expect(page.get_by_role("menu")).to_be_visible()
    yield "menu"
    await page.keyboard.press("Escape")
    relay.refusals["send"] = [{"code": "invalid", "message": "No."}]
    await write(page, "never")
    await expect(page.get_by_role("button", name="Discard")).to_be_visible()
    await page.get_by_role("textbox", name="Message").fill("a" * 4001)
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    yield "refused, too long, and about to end"
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Discard").click()
    await page.get_by_role("button", name="Hide").click()
    await relay.say("Still there?")
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    await expect(page.get_by_role("button", name="Sam: Still there?")).to_be_visible()
    yield "unread"


async def to_the_end(relay: FakeRelay, page: Tab) -> AsyncIterator[str]:
    """Lead *page* on: through what has trouble, ends, or finds nobody there."""
    await page.get_by_role("button", name="Help").click()
    await relay.down()
    await write(page, "later")
    await expect(page.get_by_text("is kept on this device")).to_be_visible()
    yield "offline"
    await relay.up()
    await expect(page.get_by_role("log")).to_contain_text("later")
    await end(page)
    await page.get_by_role("radio", name="4, Good").check()
    yield "rating"
    await rate(page, "5, Great")
    await expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    yield "rated"
    relay.desk["online"] = False
    await relay.push({"type": "desk", "desk": relay.desk})
    await page.get_by_role("button", name="Start a new request").click()
    await expect(page.get_by_role("textbox", name="Email")).to_be_visible()
    yield "away"
    await page.evaluate("helpdesk.logout(); helpdesk.settings({ form: 'name email*' })")
    await page.get_by_role("button", name="Help").click()
    await write(page, "Hi")
    await expect(page.get_by_role("textbox", name="Email")).to_be_focused()
    await expect(page.get_by_text("Please fill this in.")).to_be_visible()
    yield "form"
    await relay.drop(4003)
    await expect(page.get_by_text("has ended the connection")).to_be_visible()
    yield "refused by the relay"


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_in_any_state(
    relay: FakeRelay, browser: Browser, look: str
) -> None:
    language = LOOKS[look].get("locale", "en")
    relay.pages["/shop"] = Page(PAGE.replace("LANG", language))
    async with await browser.new_context(reduced_motion="reduce", **LOOKS[look]) as context:
        page = await context.new_page()
        await page.goto(f"{relay.url}/shop")
        await page.evaluate(AXE)
        await page.evaluate(ENGLISH)
        found = {}
        for states in (while_talking, to_the_end):
            async for state in states(relay, page):
                for colours in COLOURS if look == "wide" else COLOURS[:1]:
                    await page.emulate_media(**{"forced_colors": "none", **colours})
                    found[state, *colours.values()] = await page.evaluate(RUN)
        direction = await page.get_by_role("dialog").evaluate("e => getComputedStyle(e).direction")
    assert len({state for state, _ in found}) == 13
    assert {name: violations for name, violations in found.items() if violations} == {}
    assert direction == ("rtl" if language == "ar" else "ltr")


async def test_forced_colours_leave_no_text_unseen(relay: FakeRelay, page: Tab) -> None:
    await page.emulate_media(forced_colors="active")
    await start(relay, page)
    await write(page, "Hi")
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    pairs = await page.locator("helpdesk-widget").evaluate(TEXT_AND_BACK)
    assert len(pairs) > 8
    assert [name for name, text, back in pairs if text == back] == []


async def test_axe_finds_nothing_in_arabic_whose_panel_is_on_the_left(
    relay: FakeRelay, page: Tab
) -> None:
    relay.pages["/shop"] = Page(PAGE.replace("LANG", "ar"))
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await relay.say("مرحبا")
    relay.refusals["send"] = [{"code": "invalid", "message": "Not shown."}]
    field = page.get_by_role("textbox")
    await field.fill("Hi")
    await field.press("Enter")
    refused = page.get_by_role("listitem").filter(has_text="تعذّر قبول ذلك")
    text, row = await refused.get_by_text("Hi").bounding_box(), await refused.bounding_box()
    assert text
    assert row
    assert text["x"] == row["x"]
    await page.get_by_role("button", name="المزيد").click()
    await page.evaluate(AXE)
    assert await page.evaluate(RUN) == []
    bounds = await page.get_by_role("dialog").bounding_box()
    assert bounds is not None
    assert bounds["x"] < 100


async def test_every_rule_is_on_and_would_be_heard(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    await page.evaluate(AXE)
    await page.get_by_role("button", name="Hide").evaluate(
        "e => { e.style.cssText = 'color: #eee; min-width: 9px; min-height: 9px; width: 9px;"
        " height: 9px; font-size: 9px'; e.removeAttribute('aria-label'); e.textContent = '' }"
    )
    assert "button-name" in {rule for rule, _ in await page.evaluate(RUN)}


async def test_the_keyboard_alone_does_everything(relay: FakeRelay, page: Tab) -> None:
    relay.pages["/shop"] = Page(PAGE.replace("LANG", "en"))
    await page.goto(f"{relay.url}/shop")

    async def to(role: Any, name: str) -> None:
        goal = page.get_by_role(role, name=name, exact=True)
        for _ in range(20):
            await page.keyboard.press("Tab")
            if await goal.evaluate("e => e.getRootNode().activeElement === e"):
                return
        raise AssertionError(f"Tab does not lead to {name}")

    await to("button", "Help")
    await page.keyboard.press("Enter")
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_be_focused()
    await page.keyboard.type("By keyboard")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("By keyboard")
    await to("button", "More")
    await page.keyboard.press("Enter")
    sound = page.get_by_role("menuitemcheckbox", name="Sound")
    await expect(sound).to_be_focused()
    await page.keyboard.press("Space")
    await expect(sound).not_to_be_checked()
    await page.keyboard.press("Escape")
    for answer in ("Escape", "Enter"):
        await page.keyboard.press("Enter")
        await expect(sound).to_be_focused()
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="End chat now")).to_be_focused()
        await page.keyboard.press(answer)
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()
    await to("radio", "1, Bad")
    await page.keyboard.press("ArrowRight")
    await to("button", "Send")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Thank you for your rating.")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Help")).to_be_focused()


async def test_each_message_is_announced_once_and_history_not_at_all(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.get_by_role("log").evaluate(
        """(log) => {
          window.added = [];
          new MutationObserver((records) => {
            if (log.getAttribute('aria-busy') === 'true') return;
            for (const { addedNodes } of records) {
              for (const node of addedNodes) added.push(node.textContent);
            }
          }).observe(log, { childList: true, subtree: true, characterData: true });
        }"""
    )
    await relay.say("one")
    message = relay.request.messages[-1]
    push = {"type": "message", "request": relay.request.number, "message": message}
    await relay.push(push)
    await write(page, "two")
    await relay.heard("send")
    await relay.say("three")
    await expect(page.get_by_role("log")).to_contain_text("three")
    added = await page.evaluate("added")
    assert [sum(word in text for text in added) for word in ("one", "two", "three")] == [1, 1, 1]
    assert json.dumps(added).count("Hello!") == 0
