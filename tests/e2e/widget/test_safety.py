"""Safety of the page: its scripts, its policies and its visitors' privacy."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, expect
from playwright.async_api import Page as Tab

from relay.server.static_files import encode, widget
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import WIDGET, FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG_TASKS = """new Promise((resolve) => {
  new PerformanceObserver((list, it) => resolve(list.getEntries().map((one) => one.duration)))
    .observe({ type: 'longtask', buffered: true });
  setTimeout(() => resolve([]), 300);
})"""
HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "javascript:document.title='owned'",
    "</li></ol><style>*{display:none}</style>",
    "'; DROP TABLE message; --",
    "{{constructor.constructor('document.title=1')()}} ${document.title='owned'} &lt;b&gt;",
    "\u202egnp.exe \u2066isolated\u2069 \u200b",
    "שלום, this is mixed עברית 123",
    "e\u0301" * 200 + "Z" + "\u0335\u0336" * 100,
    "🎉" * 500,
    "a" * 3000,
    "line\n\n\n\nline\ttab",
]


@pytest_asyncio.fixture(loop_scope="session")
async def shop() -> AsyncIterator[FakeRelay]:
    """Another origin, to embed the widget from."""
    async with FakeRelay() as other:
        yield other


def embedding(relay: FakeRelay) -> str:
    """Return a page with nothing but the one line."""
    line = f'<script async src="{relay.url}/widget.js" data-site="default"></script>'
    return f"<!doctype html><html lang=en><head><title>Shop</title>{line}</head><p>Shop</p></html>"


async def test_nothing_is_fetched_connected_or_stored_before_a_click(
    relay: FakeRelay, page: Tab, context: BrowserContext
) -> None:
    await page.goto(relay.url, wait_until="networkidle")
    await expect(page.get_by_role("button", name="Help")).to_be_visible()
    assert sorted(relay.paths) == ["/", "/widget.js"]
    assert relay.frames == []
    assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert await context.cookies() == []


async def test_drawing_the_box_takes_no_long_task(relay: FakeRelay, page: Tab) -> None:
    # A loaded machine makes any task long now and then; a task that is long is so every time.
    for _ in range(5):
        await page.goto(relay.url)
        await expect(page.get_by_role("button", name="Help")).to_be_visible()
        if await page.evaluate(LONG_TASKS) == []:
            return
    raise AssertionError("a long task each time")


async def test_opening_takes_two_files_and_at_most_22_kilobytes(
    relay: FakeRelay, page: Tab
) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await relay.heard("open")
    modules = sorted(path for path in relay.paths if path.startswith("/widget/"))
    assert modules == ["/widget/panel.js", "/widget/texts/en.js"]
    served = widget()
    sizes = [len(encode("gzip", served[path].body)) for path in ("/widget.js", *modules)]
    assert sizes[0] <= 5_000
    assert sum(sizes) <= 22_000


async def test_a_strict_policy_with_trusted_types_on_another_origin_is_never_violated(
    relay: FakeRelay, shop: FakeRelay, page: Tab
) -> None:
    policy = (
        f"default-src 'none'; script-src {relay.url}; connect-src {relay.url} "
        f"ws://127.0.0.1:{relay.port}; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    shop.pages["/"] = Page(embedding(relay), {"Content-Security-Policy": policy})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    await page.add_init_script(
        "addEventListener('securitypolicyviolation',"
        " (event) => console.error('violated', event.violatedDirective, event.blockedURI))"
    )
    await page.goto(shop.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
    panel = page.get_by_role("dialog")
    assert await panel.evaluate("e => getComputedStyle(e).display") == "flex"
    await page.get_by_role("textbox", name="Message").fill("<b>hi</b>")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("<b>hi</b>")
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="End chat").click()
    await page.get_by_role("button", name="End chat now").click()
    await expect(page.get_by_text("This chat has ended.")).to_be_visible()
    blocked_icon = [line for line in trouble if "favicon" in line or "img-src" in line]
    assert [line for line in trouble if line not in blocked_icon] == []


async def test_hostile_text_is_shown_as_text(relay: FakeRelay, page: Tab) -> None:
    await page.goto(relay.url)
    title = await page.title()
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await relay.claim("<i>Sam</i> \u202eevil")
    for text in HOSTILE:
        await relay.say(text)
    last = page.get_by_role("log").get_by_role("listitem").last
    await expect(last).to_contain_text("tab")
    shown = await page.get_by_role("log").locator(".text").all_text_contents()
    assert shown[1:] == HOSTILE
    names = {"LI", "P", "DIV", "BDI", "TIME"}
    tags = "e => [...new Set([...e.querySelectorAll('ol *')].map((each) => each.tagName))]"
    assert set(await page.get_by_role("log").evaluate(tags)) == names
    assert await page.title() == title
    width = "e => [e.scrollWidth, e.clientWidth]"
    across, room = await page.get_by_role("region", name="Conversation").evaluate(width)
    assert across == room


async def test_hostile_text_of_the_customers_own_goes_out_and_comes_back_unchanged(
    relay: FakeRelay, page: Tab
) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    for count, text in enumerate(HOSTILE, start=1):
        await page.get_by_role("textbox", name="Message").fill(text)
        await page.keyboard.press("Enter")
        assert (await relay.heard("send", count))["text"] == text.strip()
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("tab")
    shown = await page.get_by_role("log").locator(".text").all_text_contents()
    assert shown[1:] == [text.strip() for text in HOSTILE]


async def test_half_a_character_is_sent_as_a_replacement(relay: FakeRelay, page: Tab) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    field = page.get_by_role("textbox", name="Message")
    await field.evaluate("e => { e.value = 'half \\ud83d' }")
    await field.press("Enter")
    assert (await relay.heard("send"))["text"] == "half \ufffd"


async def test_a_text_over_the_limit_is_not_sent_and_says_so(relay: FakeRelay, page: Tab) -> None:
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    field = page.get_by_role("textbox", name="Message")
    await field.fill("🎉" * 4001)
    await field.press("Enter")
    await expect(page.get_by_text("Too long: 1 characters over the limit.")).to_be_visible()
    await field.fill("🎉" * 4000)
    await field.press("Enter")
    await relay.heard("send")
    assert len(relay.all("send")) == 1


async def test_a_panel_that_cannot_be_loaded_says_so_and_is_tried_again_at_the_next_click(
    relay: FakeRelay, page: Tab
) -> None:
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_text("Loading failed.")).to_be_visible()
    assert relay.frames == []
    await page.unroute_all()
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await expect(page.get_by_text("Loading failed.")).to_be_hidden()


async def test_a_page_that_runs_the_script_twice_has_one_box(
    relay: FakeRelay, shop: FakeRelay, page: Tab
) -> None:
    twice = embedding(relay).replace("<p>", f'<script src="{relay.url}/widget.js"></script><p>')
    shop.pages["/"] = Page(twice)
    await page.goto(shop.url, wait_until="networkidle")
    await expect(page.get_by_role("button", name="Help")).to_have_count(1)


async def test_no_module_can_make_markup_or_code_of_a_text() -> None:
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"
    styles = r"setAttribute\('(style|on)|(?<!-)style:"
    for file in WIDGET.glob("*.js"):
        code = file.read_text(encoding="utf-8")
        assert re.findall(f"{sinks}|{styles}", code) == [], file.name
