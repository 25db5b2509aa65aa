"""Focus, caret and scroll position on pages whose libraries replace or morph what is shown."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.widget.customer_actions import start
from tests.e2e.widget.fake_parts import Page as Served
from tests.e2e.widget.fake_relay import WIDGET, FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

MODULES = WIDGET / "node_modules"
# Each library: its script, and what replaces the page's content.
LIBRARIES: dict[str, tuple[str, str]] = {
    "turbo": ("@hotwired/turbo/dist/turbo.es2017-umd.js", "Turbo.visit('/next')"),
    "turbo, morphing": (
        "@hotwired/turbo/dist/turbo.es2017-umd.js",
        "Turbo.visit(location.href, { action: 'replace' })",
    ),
    "htmx": (
        "htmx.org/dist/htmx.js",
        "htmx.ajax('GET', '/next', { target: 'body', swap: 'outerHTML' })",
    ),
    "idiomorph": (
        "idiomorph/dist/idiomorph.js",
        "fetch('/next').then((answer) => answer.text()).then((page) =>"
        " Idiomorph.morph(document.body, new DOMParser().parseFromString(page, 'text/html').body))",
    ),
    "none, moving it": ("", "document.body.prepend(document.querySelector('helpdesk-widget'))"),
}
PAGE = """<!doctype html><meta name=turbo-refresh-method content=morph>
<meta name=turbo-refresh-scroll content=preserve><title>Shop</title>
<script {script}></script><script async src=/widget.js data-turbo-eval=false></script>
<body><h1 id=head>{head}</h1><input id=own><p>Words</p>"""
STATE = """() => {
  const root = document.querySelector('helpdesk-widget').shadowRoot;
  const { activeElement: field } = root;
  return [field?.name, field?.selectionStart, field?.selectionEnd, document.hasFocus()];
}"""

SCROLL = """async (region) => {
  region.scrollTop = -300;
  await new Promise((resolve) => region.getRootNode().addEventListener('scroll', resolve, true));
  return region.scrollTop;
}"""


def serve(relay: FakeRelay, script: str) -> None:
    """Have the relay serve two pages with *script*."""
    source = f"src=/node_modules/{script}" if script else ""
    for path, head in (("/shop", "Before"), ("/next", "After")):
        relay.pages[path] = Served(PAGE.format(script=source, head=head))


async def conversation(relay: FakeRelay, page: Page) -> None:
    """Show a conversation that is longer than the panel on the page `/shop`."""

    async def module(route: Route) -> None:
        file = MODULES / route.request.url.partition("/node_modules/")[2]
        await route.fulfill(path=file, content_type="text/javascript")

    await page.route("**/node_modules/**", module)
    await start(relay, page)
    for number in range(3, 60):
        relay.request.append("text", "agent", f"line {number}")
    await page.goto(f"{relay.url}/shop")
    await expect(page.get_by_role("log")).to_contain_text("line 59")


@pytest.mark.parametrize("name", LIBRARIES)
async def test_focus_caret_and_scroll_position_are_given_back(
    relay: FakeRelay, page: Page, name: str
) -> None:
    script, act = LIBRARIES[name]
    serve(relay, script)
    await conversation(relay, page)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("half a thought")
    await field.evaluate("(field) => field.setSelectionRange(2, 6)")
    region = page.get_by_role("region", name="Conversation")
    before = await region.evaluate(SCROLL)
    assert before == -300
    relay.pages["/shop"] = relay.pages["/next"]
    await page.evaluate(f"() => {{ {act}; }}")
    if name != "none, moving it":
        await expect(page.locator("#head")).to_have_text("After")
    await expect(field).to_be_focused()
    assert await page.evaluate(STATE) == ["text", 2, 6, True]
    assert await region.evaluate("(region) => region.scrollTop") == before
    await page.keyboard.type("X")
    await expect(field).to_have_value("haX thought")


async def test_the_focus_that_is_on_the_page_stays_there(relay: FakeRelay, page: Page) -> None:
    serve(relay, "")
    await conversation(relay, page)
    await page.get_by_role("textbox", name="Message").focus()
    await page.locator("#own").focus()
    await page.evaluate(LIBRARIES["none, moving it"][1])
    await relay.say("news")
    await expect(page.get_by_role("log")).to_contain_text("news")
    await expect(page.locator("#own")).to_be_focused()
