"""Settings and methods for a site's owner."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import BrowserContext, expect
from playwright.async_api import Page as Tab

from tests.e2e.widget.customer_actions import start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVENTS = "['ready', 'open', 'close', 'message', 'unread', 'error']"
NOTE = f"""
  window.noted = [];
  window.helpdesk = window.helpdesk || [];
  for (const name of {EVENTS}) helpdesk.push(['on', name, (detail) => noted.push([name, detail])]);
"""
NOT_LOADED = {
    "de-AT": "Laden misslungen. Erneut versuchen.",
    "fr": "Échec. Réessayez.",
    "es": "Error. Reintente.",
    "pt-BR": "Falhou. Tente de novo.",
    "ar": "فشل. حاول ثانية.",
    "ja": "失敗。再試行してください。",
    "nl": "Loading failed. Try again.",
}
RATIO = """(element) => {
  const light = (name) => {
    const [r, g, b] = getComputedStyle(element)[name].match(/[\\d.]+/g).map(Number)
      .map((part) => part / (getComputedStyle(element)[name].startsWith('color') ? 1 : 255))
      .map((part) => (part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [light('color'), light('backgroundColor')].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}"""
SHOW_EACH = f"""(element, colours) => colours.map((color) => {{
  helpdesk.settings({{ color }});
  return [color, getComputedStyle(element).backgroundColor, ({RATIO})(element)];
}})"""


def shop(relay: FakeRelay, attributes: str = "") -> None:
    """Let the relay's origin have a page with the one line and *attributes*."""
    line = f'<script async src="/widget.js" {attributes}></script>'
    relay.pages["/shop"] = Page(
        f"<!doctype html><html lang=en><title>Shop</title>{line}<p>Shop</p>"
    )


async def test_events_come_in_order_and_can_be_taken_off(relay: FakeRelay, page: Tab) -> None:
    await page.add_init_script(NOTE)
    await start(relay, page)
    await write(page, "Hi")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    await page.get_by_role("button", name="Hide").click()
    await relay.claim("Sam")
    await relay.say("Hello")
    await page.wait_for_function("noted.length === 6")
    noted = await page.evaluate("noted")
    assert [name for name, _ in noted] == ["ready", "open", "message", "close", "message", "unread"]
    assert noted[2][1]["text"] == "Hi"
    assert {key: noted[4][1][key] for key in ("by", "name", "text")} == {
        "by": "agent",
        "name": "Sam",
        "text": "Hello",
    }
    assert noted[5][1] == 1
    await page.evaluate("window.off = helpdesk.on('unread', () => noted.push('late')); off()")
    await relay.say("Hello?")
    await page.wait_for_function("noted.length === 8")


async def test_attributes_set_label_side_language_theme_and_greeting(
    relay: FakeRelay, page: Tab
) -> None:
    texts = json.dumps({"send": "Off it goes"}).replace('"', "&quot;")
    shop(
        relay,
        f'data-site="shop" data-position="left" data-label="Ask" data-theme="dark" '
        f'data-greeting="Hello there" data-texts="{texts}"',
    )
    await page.goto(f"{relay.url}/shop")
    box = page.get_by_role("button", name="Ask")
    await box.click()
    assert (await relay.heard("hello"))["site"] == "shop"
    await expect(page.get_by_role("dialog", name="Ask")).to_contain_text("Hello there")
    await expect(page.get_by_role("button", name="Off it goes")).to_be_visible()
    bounds = await box.bounding_box()
    assert bounds is not None
    assert bounds["x"] < 100
    scheme = "e => getComputedStyle(e).colorScheme"
    assert await page.get_by_role("dialog").evaluate(scheme) == "dark"


async def test_a_panel_that_cannot_be_loaded_is_told_in_the_visitors_language_or_the_site_s_words(
    relay: FakeRelay, page: Tab
) -> None:
    shop(relay)
    await page.route("**/widget/panel.js", lambda route: route.abort())
    await page.goto(f"{relay.url}/shop")
    for lang, sentence in NOT_LOADED.items():
        await page.evaluate("(lang) => { helpdesk.setLocale(lang); helpdesk.open(); }", lang)
        await expect(page.get_by_role("status")).to_have_text(sentence)
    await page.evaluate(
        "window.codes = []; void helpdesk.on('error', (error) => codes.push(error.code))"
    )
    assert (
        await page.evaluate("helpdesk.settings({ failed: 'Komt zo.' }); helpdesk.open()") is False
    )
    await expect(page.get_by_role("status")).to_have_text("Komt zo.")
    assert await page.evaluate("codes") == ["not_loaded"]


async def test_the_panel_starts_open_without_focus_and_opens_nothing_by_itself(
    relay: FakeRelay, page: Tab
) -> None:
    shop(relay, 'data-open data-box="hidden"')
    await page.goto(f"{relay.url}/shop")
    field = page.get_by_role("textbox", name="Message")
    await expect(field).to_be_visible()
    await expect(page.get_by_role("button", name="Help", exact=True)).to_be_hidden()
    assert await page.evaluate("document.activeElement === document.body")
    assert relay.all("open") == []
    await field.fill("Hi")
    await field.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    await page.get_by_role("button", name="Hide").click()
    await page.reload()
    await relay.heard("hello", 2)
    await expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_whatever_colour_is_chosen_its_text_stands_out(
    relay: FakeRelay, page: Tab, theme: str
) -> None:
    colours = [
        "#fff",
        "#000",
        "#777777",
        "#0057ff",
        "yellow",
        "rgb(120 120 120)",
        "hsl(330 80% 50%)",
        "oklch(0.6 0.1 300)",
        "rebeccapurple",
        "var(--brand)",
        "var(--text)",
        "var(--nothing)",
    ]
    colours += [
        f"#{red:x}{green:x}{blue:x}"
        for red in (0, 7, 15)
        for green in (0, 7, 15)
        for blue in (0, 8)
    ]
    shop(relay, f'data-theme="{theme}"')
    await page.goto(f"{relay.url}/shop")
    await page.add_style_tag(
        content=":root { --brand: #777; --text: currentColor; color: #808080 }"
    )
    box = page.get_by_role("button", name="Help")
    default = await box.evaluate("e => getComputedStyle(e).backgroundColor")
    shown = await box.evaluate(SHOW_EACH, colours)
    assert len(shown) == len(colours)
    assert [colour for colour, back, _ in shown if back == default] == []
    assert [colour for colour, _, ratio in shown if ratio < 4.5] == []
    for nonsense in ("no colour", "red} * {display: none", "url(x)"):
        await page.evaluate("(color) => helpdesk.settings({ color })", nonsense)
        assert await box.evaluate("e => getComputedStyle(e).backgroundColor") == default


async def test_an_identity_is_sent_and_an_expired_one_is_asked_for_again(
    relay: FakeRelay, page: Tab
) -> None:
    relay.unknown_identities.add("jwt-1")
    await page.add_init_script(
        "let count = 0; window.helpdesk = [['identify', async () => `jwt-${++count}`]]"
    )
    await start(relay, page)
    assert [frame["identity"] for frame in relay.all("hello")] == ["jwt-1", "jwt-2"]
    await page.evaluate("helpdesk.identify('jwt-other')")
    assert (await relay.heard("hello", 3))["identity"] == "jwt-other"


async def test_an_identity_that_stays_bad_is_not_asked_for_for_ever(
    relay: FakeRelay, page: Tab
) -> None:
    relay.unknown_identities.add("bad")
    await page.add_init_script(NOTE + "helpdesk.push(['identify', () => 'bad'])")
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_text("Your sign-in is no longer valid.")).to_be_visible()
    assert len(relay.all("hello")) == 2
    errors = "noted.filter(([name]) => name === 'error')"
    await page.wait_for_function(f"{errors}.length === 2")
    codes = await page.evaluate(f"{errors}.map(([, error]) => error.code)")
    assert codes == ["unauthorized", "4000"]


async def test_a_page_that_changes_by_itself_says_where_it_is(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    await page.evaluate("helpdesk.page('https://shop.example/cart', 'Cart')")
    assert (await relay.heard("page"))["page"]["url"] == "https://shop.example/cart"


async def test_logging_out_forgets_the_customer_in_all_tabs(
    relay: FakeRelay, page: Tab, context: BrowserContext
) -> None:
    await start(relay, page)
    await write(page, "private")
    await expect(page.get_by_role("log")).to_contain_text("private")
    other = await context.new_page()
    await other.goto(relay.url)
    await other.get_by_role("button", name="Help").click()
    await expect(other.get_by_role("log")).to_contain_text("private")
    await other.get_by_role("textbox", name="Message").fill("half a secret")
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a secret")
    await page.evaluate("helpdesk.logout()")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(other.get_by_role("log")).not_to_contain_text("private")
    for tab in (page, other):
        await expect(tab.locator("textarea")).to_have_value("")
    await relay.until(lambda: not relay.peers)
    assert await page.evaluate("Object.keys(localStorage)") == []
    hellos = len(relay.all("hello"))
    await page.get_by_role("button", name="Help").click()
    await relay.heard("open", 2)
    # The other tab may be back by now as well, with the token of the new customer.
    assert relay.all("hello")[hellos]["token"] is None


async def test_a_destroyed_widget_is_gone_until_the_script_comes_again(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.evaluate("helpdesk.destroy()")
    await relay.until(lambda: not relay.peers)
    await expect(page.locator("helpdesk-widget")).to_have_count(0)
    await page.add_script_tag(url=f"{relay.url}/widget.js")
    await expect(page.get_by_role("log")).to_contain_text("Hello!")


async def test_a_module_import_makes_the_same_widget(relay: FakeRelay, page: Tab) -> None:
    relay.pages["/module"] = Page(
        "<!doctype html><title>Shop</title><script type=module>"
        "import helpdesk from '/widget/module.js'; await helpdesk.open();</script>"
    )
    await page.goto(f"{relay.url}/module")
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert re.fullmatch(r"https?://.*", (await relay.heard("hello"))["page"]["url"])


async def test_a_site_lifts_the_box_and_keeps_everything_in_the_tab(
    relay: FakeRelay, page: Tab
) -> None:
    """An element with the id `helpdesk` is a property of the window, and no queue."""
    relay.pages["/shop"] = Page(
        "<!doctype html><title>Shop</title><p id=helpdesk>Help</p><script type=module>"
        "import helpdesk from '/widget/module.js';"
        "helpdesk.settings({ remember: 'session', offset: '0 0 60px' });</script>"
    )
    await page.goto(f"{relay.url}/shop")
    box = page.get_by_role("button", name="Help")
    await expect(box).to_be_visible()
    assert await box.evaluate("e => innerHeight - e.getBoundingClientRect().bottom") == 80
    await box.click()
    await relay.heard("open")
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert await page.evaluate("localStorage.length") == 0
    assert "hdc_" in await page.evaluate("JSON.stringify({ ...sessionStorage })")


async def test_a_browser_without_a_language_and_an_element_in_the_way_of_the_queue_do_no_harm(
    relay: FakeRelay, page: Tab
) -> None:
    await page.add_init_script("Object.defineProperty(navigator, 'language', { value: undefined })")
    relay.pages["/shop"] = Page(
        "<!doctype html><title>Shop</title><form id=helpdesk><input name=push></form>"
        '<script async src="/widget.js"></script>'
    )
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    assert (await relay.heard("hello"))["locale"] == "en"
    await page.evaluate("helpdesk.setLocale('de')")
    await expect(page.get_by_role("button", name="Senden", exact=True)).to_be_visible()


async def test_the_language_is_the_site_s_and_may_change_while_talking(
    relay: FakeRelay, page: Tab
) -> None:
    shop(relay)
    relay.pages["/shop"].body = relay.pages["/shop"].body.replace("lang=en", "lang=fr-CA")
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Aide").click()
    await page.get_by_role("textbox", name="Message").fill("half a thou")
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    for tag, button in (("de", "Senden"), ("es-MX", "Enviar"), ("ja", "送信"), ("nl", "Send")):
        await page.evaluate("(tag) => helpdesk.setLocale(tag)", tag)
        await expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_value("half a thou")
        await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await expect(page.get_by_role("button", name="Help", exact=True)).to_be_visible()
    assert (await relay.heard("page", 4))["locale"] == "nl"
    assert len(relay.all("hello")) == 1
    await page.keyboard.type("ght")
    await expect(page.get_by_role("textbox")).to_have_value(re.compile("ght"))


async def test_words_that_the_site_changes_are_shown_in_the_panel_that_is_there(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await page.evaluate(
        "helpdesk.settings({ greeting: 'Good evening', label: 'Ask', texts: { send: 'Off' } })"
    )
    await expect(page.get_by_role("dialog", name="Ask")).to_contain_text("Good evening")
    await expect(page.get_by_role("button", name="Off", exact=True)).to_be_visible()
    await expect(page.get_by_role("log")).to_contain_text("Hello! How can we help?")
