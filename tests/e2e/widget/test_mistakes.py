"""The widget with mistakes of the site and failures of the network."""

from __future__ import annotations

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_language_that_cannot_be_loaded_leaves_the_panel_and_may_be_tried_again(
    relay: FakeRelay, page: Tab
) -> None:
    uncaught: list[object] = []

    def note(error: object) -> None:
        uncaught.append(error)

    page.on("pageerror", note)
    await start(relay, page)
    await page.evaluate("window.codes = []; void helpdesk.on('error', (e) => codes.push(e.code))")
    await page.route("**/texts/de.js", lambda route: route.abort())
    await page.evaluate("helpdesk.setLocale('de')")
    await expect(page.get_by_text("Laden misslungen.")).to_be_visible()
    await write(page, "Still here")
    await expect(page.get_by_role("log")).to_contain_text("Still here")
    assert await page.evaluate("codes") == ["not_loaded"]
    await page.unroute("**/texts/de.js")
    await page.evaluate("helpdesk.setLocale('de')")
    await expect(page.get_by_role("button", name="Senden", exact=True)).to_be_visible()
    await expect(page.get_by_text("Laden misslungen.")).to_be_hidden()
    await expect(page.locator("dialog")).to_have_count(1)
    assert len(relay.all("hello")) == 1
    assert uncaught == []


async def test_a_wrong_call_is_an_error_event_and_stops_no_other_and_a_path_is_a_page(
    relay: FakeRelay, page: Tab
) -> None:
    uncaught: list[object] = []

    def note(error: object) -> None:
        uncaught.append(error)

    page.on("pageerror", note)
    await page.add_init_script(
        "window.codes = []; window.helpdesk = [['on', 'error', ({ code }) => codes.push(code)],"
        "['nosuch'], null, ['page', 'http://:'], ['settings', { label: 'Ask' }], ['page', '/cart']]"
    )
    await page.goto(relay.url)
    await page.get_by_role("button", name="Ask").click()
    assert (await relay.heard("hello"))["page"]["url"] == f"{relay.url}/cart"
    assert await page.evaluate("codes") == ["wrong_call"] * 3
    assert uncaught == []


async def test_a_site_that_cannot_say_who_the_customer_is_is_told_and_asked_again(
    relay: FakeRelay, page: Tab
) -> None:
    await page.add_init_script(
        "window.codes = []; window.helpdesk = ["
        "['on', 'error', ({ code }) => codes.push(code)],"
        "['identify', async () => { if (window.well) return 'jwt'; throw new Error('Down.'); }]]"
    )
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await page.wait_for_function("codes.length > 0")
    assert set(await page.evaluate("codes")) == {"no_identity"}
    await expect(page.get_by_text("Connecting…")).to_be_visible()
    await expect(page.get_by_text("cannot be reached")).to_be_hidden()
    await page.evaluate("window.well = true")
    assert (await relay.heard("hello"))["identity"] == "jwt"


async def test_calls_while_the_panel_cannot_be_loaded_leave_nothing_uncaught(
    relay: FakeRelay, page: Tab
) -> None:
    await page.add_init_script(
        "window.uncaught = []; window.codes = [];"
        "addEventListener('unhandledrejection', ({ reason }) => uncaught.push(`${reason}`));"
        "window.helpdesk = [['on', 'error', ({ code }) => codes.push(code)]]"
    )
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await page.goto(relay.url)
    await page.evaluate("helpdesk.open(); helpdesk.identify('jwt'); helpdesk.page('/cart')")
    await page.wait_for_function("codes.length > 0")
    await page.evaluate("new Promise((done) => setTimeout(done))")
    assert set(await page.evaluate("codes")) == {"not_loaded"}
    assert await page.evaluate("uncaught") == []


async def test_a_name_of_spaces_is_none(relay: FakeRelay, page: Tab) -> None:
    await page.add_init_script("window.helpdesk = [['settings', { form: 'name*' }]]")
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    name = page.get_by_role("textbox", name="Name")
    await name.fill("   ")
    await write(page, "Hi")
    assert await name.evaluate("(input) => input.matches(':focus:invalid')")
    await name.fill(" Ada ")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    assert relay.request.person == {"name": "Ada"}


async def test_logging_out_on_a_page_s_first_line_leaves_the_site_s_own_storage_alone(
    relay: FakeRelay, page: Tab
) -> None:
    await page.add_init_script(
        "localStorage.setItem('cart', '3 items'); localStorage.setItem('theme', 'dark');"
        "localStorage.setItem(`helpdesk:default@${location.host}:draft`, '{}');"
        "window.helpdesk = [['logout']]"
    )
    await page.goto(relay.url)
    await expect(page.get_by_role("button", name="Help")).to_be_visible()
    assert await page.evaluate("Object.keys(localStorage).sort()") == ["cart", "theme"]


async def test_only_the_language_itself_is_looked_at(relay: FakeRelay, page: Tab) -> None:
    await page.goto(relay.url)
    label = page.locator(".box span").first
    for tag, said in (
        ("pt_BR", "Ajuda"),
        ("arn-CL", "Help"),
        ("AR", "مساعدة"),
        ("jam", "Help"),
        ("constructor", "Help"),
    ):
        await page.evaluate("(tag) => helpdesk.setLocale(tag)", tag)
        await expect(label).to_have_text(said)


async def test_a_colour_is_opaque_and_its_own(relay: FakeRelay, page: Tab) -> None:
    await page.goto(relay.url)
    box = page.get_by_role("button", name="Help")
    back = "(e) => getComputedStyle(e).backgroundColor"
    own = await box.evaluate(back)
    await page.evaluate("helpdesk.settings({ color: 'currentColor' })")
    assert await box.evaluate(back) == own
    shown = []
    for colour in ("#0057ff11", "#0057ff"):
        await page.evaluate("(color) => helpdesk.settings({ color })", colour)
        shown.append(await box.evaluate(back))
    assert shown[0] == shown[1] != own


async def test_a_phone_s_panel_fills_it_whatever_the_page_calls_its_own(
    relay: FakeRelay, page: Tab
) -> None:
    relay.pages["/shop"] = Page(
        "<!doctype html><style>:root { --top: 560px; --high: 90px }</style>"
        '<script async src="/widget.js"></script>'
    )
    await page.set_viewport_size({"width": 400, "height": 700})
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    bounds = await page.get_by_role("dialog").bounding_box()
    assert bounds is not None
    assert (bounds["y"], bounds["height"]) == (0, 700)


async def test_who_gave_a_name_can_leave_an_email_when_nobody_is_there(
    relay: FakeRelay, page: Tab
) -> None:
    relay.desk |= {"online": False}
    await page.add_init_script("window.helpdesk = [['settings', { form: 'name' }]]")
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Name").fill("Ada")
    await write(page, "Anybody?")
    await expect(page.get_by_role("log")).to_contain_text("Anybody?")
    await expect(page.get_by_role("textbox", name="Name")).to_be_hidden()
    address = f"{'a' * 60}@{'b' * 60}.example.org"
    await page.get_by_role("textbox", name="Email").fill(address)
    await expect(page.get_by_role("textbox", name="Email")).to_have_value(address)
    assert await page.locator("[name=email]").get_attribute("maxlength") == "254"
    await write(page, "By mail, please.")
    await expect(page.get_by_role("log")).to_contain_text("By mail")
    await expect(page.get_by_role("textbox", name="Email")).to_be_hidden()
    assert relay.request.person["email"] == address
