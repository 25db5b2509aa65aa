"""The widget's looks: header, preview, place on the page, contact fields and motion."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from tests.e2e.widget.customer_actions import end, start, write
from tests.e2e.widget.fake_parts import Page
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONG = "The help desk of the United Tea and Kettle Trading Company, Bergen and Valparaíso"
HEAD = """(dialog) => {
  const head = dialog.querySelector('.head');
  const lines = [...head.querySelectorAll('h2, p')].map((line) => line.getClientRects().length);
  const { left, right } = head.getBoundingClientRect();
  const inside = [...head.children].every((one) => {
    const edge = one.getBoundingClientRect();
    return edge.left >= left && edge.right <= right;
  });
  return [head.offsetHeight, Math.max(...lines), inside];
}"""
MOVES = """(dialog) => {
  const { animationName, animationDuration } = getComputedStyle(dialog);
  return [animationName, animationDuration];
}"""
DOT = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"


def shop(relay: FakeRelay, attributes: str = "", body: str = "<p>Shop</p>") -> None:
    """Let the relay's origin have a page with the one line and *attributes*."""
    line = f'<script async src="/widget.js" {attributes}></script>'
    relay.pages["/shop"] = Page(f"<!doctype html><html lang=en><title>Shop</title>{line}{body}")


async def test_the_header_has_one_height_whoever_helps_and_whatever_happens(
    relay: FakeRelay, page: Tab
) -> None:
    relay.desk["name"] = LONG
    await start(relay, page)
    dialog = page.get_by_role("dialog")
    seen = [await dialog.evaluate(HEAD)]
    await relay.claim(LONG)
    await relay.say("Hello")
    await expect(dialog).to_contain_text("is helping you")
    seen.append(await dialog.evaluate(HEAD))
    await end(page)
    seen.append(await dialog.evaluate(HEAD))
    await page.set_viewport_size({"width": 320, "height": 560})
    seen.append(await dialog.evaluate(HEAD))
    assert seen == [seen[0]] * 4
    assert seen[0][1:] == [1, True]


async def test_the_away_message_is_the_first_thing_said_until_the_customer_has_written(
    relay: FakeRelay, page: Tab
) -> None:
    relay.desk |= {"online": False, "away_message": "Back on Monday."}
    shop(relay, 'data-greeting="Welcome"')
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    log = page.get_by_role("region", name="Conversation")
    await expect(log).to_contain_text("Hello!")
    first = "e => e.innerText.trim().split('\\n')[0]"
    assert await log.evaluate(first) == "Back on Monday."
    await write(page, "Hi")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    assert await log.evaluate("e => e.innerText.trim().split('\\n').at(-1)") == "Back on Monday."
    relay.desk |= {"online": True, "away_message": None}
    await relay.push({"type": "desk", "desk": relay.desk})
    await expect(log).not_to_contain_text("Back on Monday.")


async def test_each_contact_field_says_in_the_page_s_language_what_is_wrong_with_it(
    relay: FakeRelay, page: Tab
) -> None:
    shop(relay, 'data-lang="de" data-form="name* email*"')
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Hilfe").click()
    name, email = (page.get_by_role("textbox", name=label) for label in ("Name", "E-Mail"))
    await email.fill("keine Adresse")
    await page.get_by_role("textbox", name="Nachricht").fill("Guten Tag")
    before = await page.get_by_role("textbox", name="Nachricht").bounding_box()
    await page.keyboard.press("Enter")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description("Bitte ausfüllen.")
    await expect(email).to_have_accessible_description(
        "Bitte prüfen Sie die Adresse: name@example.org"
    )
    assert await page.get_by_role("textbox", name="Nachricht").bounding_box() == before
    assert relay.all("open") == []
    await name.fill("Ada")
    await expect(name).to_have_accessible_description("")
    await email.fill("ada@example.org")
    await email.press("Enter")
    assert (await relay.heard("open"))["ref"]
    await relay.until(lambda: relay.request.person == {"name": "Ada", "email": "ada@example.org"})


async def test_a_new_text_is_shown_beside_the_box_as_text_and_opens_the_panel(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    await relay.claim("Sam")
    await page.get_by_role("button", name="Hide").click()
    await relay.say("<b>A tin</b> is set aside")
    preview = page.get_by_role("button", name="Sam: <b>A tin</b> is set aside")
    await expect(preview).to_be_visible()
    await preview.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(preview).to_have_count(0)
    await page.get_by_role("button", name="Hide").click()
    await relay.say("Still there?")
    await page.get_by_role("status").get_by_role("button", name="Hide").click()
    await expect(page.get_by_text("Still there?")).to_be_hidden()
    await expect(page.get_by_role("button", name="Help, 1 unread")).to_be_visible()
    await page.evaluate("helpdesk.settings({ preview: 'off' })")
    await relay.say("Hello?")
    await expect(page.get_by_role("button", name="Help, 2 unread")).to_be_visible()
    await expect(page.get_by_text("Hello?")).to_be_hidden()


async def test_a_site_places_the_widget_below_its_own_bar_and_shows_its_picture(
    relay: FakeRelay, page: Tab
) -> None:
    bar = "<button style='position: fixed; inset: 0; z-index: 9'>Bar</button>"
    shop(relay, f'data-z="5" data-side="left" data-avatar="{DOT}"', bar)
    await page.goto(f"{relay.url}/shop")
    box = page.get_by_role("button", name="Help")
    bounds = await box.bounding_box()
    assert bounds
    assert bounds["x"] < 100
    hit = "([x, y]) => document.elementFromPoint(x, y).textContent"
    centre = [bounds["x"] + bounds["width"] / 2, bounds["y"] + bounds["height"] / 2]
    assert await page.evaluate(hit, centre) == "Bar"
    await page.evaluate("helpdesk.settings({ z: '10' })")
    await box.click()
    picture = page.locator("helpdesk-widget .head img")
    await expect(picture).to_be_visible()
    await page.evaluate("helpdesk.settings({ avatar: '/none.png' })")
    await expect(page.locator("helpdesk-widget .head .face")).to_have_text("As")


@pytest.mark.parametrize(
    ("motion", "moves"), [("reduce", ["none", "0s"]), ("no-preference", ["rise", "0.15s"])]
)
async def test_the_panel_moves_only_where_motion_is_wanted(
    relay: FakeRelay, page: Tab, motion: Literal["reduce", "no-preference"], moves: list[str]
) -> None:
    await page.emulate_media(reduced_motion=motion)
    await start(relay, page)
    assert await page.get_by_role("dialog").evaluate(MOVES) == moves


async def test_the_open_box_is_a_close_mark_of_one_size(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    box = page.get_by_role("button", name="Help", expanded=True)
    bounds = await box.bounding_box()
    assert bounds
    assert bounds["width"] == bounds["height"]
    await box.click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_the_menu_obeys_the_keys_of_a_menu_and_goes_with_the_focus(
    relay: FakeRelay, page: Tab
) -> None:
    await start(relay, page)
    more, menu = page.get_by_role("button", name="More"), page.get_by_role("menu")
    await more.click()
    sound = page.get_by_role("menuitemcheckbox", name="Sound")
    leave = page.get_by_role("menuitem", name="End chat")
    await expect(sound).to_be_focused()
    for key, focused in (("End", leave), ("ArrowDown", sound), ("ArrowUp", leave), ("Home", sound)):
        await page.keyboard.press(key)
        await expect(focused).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(menu).to_be_hidden()
    await expect(more).to_be_focused()
    elsewhere = (page.get_by_role("region", name="Conversation"), page.get_by_role("heading").first)
    for place in elsewhere:
        await more.click()
        await expect(sound).to_be_focused()
        await place.click(position={"x": 2, "y": 2})
        await expect(menu).to_be_hidden()
        await expect(page.get_by_role("dialog")).to_be_visible()
    await more.click()
    await expect(sound).to_be_focused()
    await more.click()
    await expect(menu).to_be_hidden()
