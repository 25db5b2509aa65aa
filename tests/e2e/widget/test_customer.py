"""Further acts of a customer: forms, rating, transcript, erasing."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.widget.customer_actions import end, erase, rate, start, write
from tests.e2e.widget.fake_parts import Page as Served
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = "<script async src='/widget.js'></script>"
STORED = "JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])"


async def test_a_click_opens_a_request_with_a_greeting_when_nobody_is_there_too(
    relay: FakeRelay, page: Page
) -> None:
    relay.desk |= {"online": False, "away_message": "Back on Monday."}
    await start(relay, page)
    await expect(page.get_by_role("dialog").get_by_text("Back on Monday.")).to_be_visible()
    assert [set(frame) for frame in relay.all("open")] == [{"type", "ref"}]
    await page.get_by_role("textbox", name="Name").fill("Ada")
    await page.get_by_role("textbox", name="Email").fill("ada@example.org")
    await write(page, "Do you ship to Malta?")
    await expect(page.get_by_role("log")).to_contain_text("Do you ship to Malta?")
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    assert relay.request.person == {"name": "Ada", "email": "ada@example.org"}
    await expect(page.get_by_role("textbox", name="Name")).to_be_hidden()
    first, second = relay.all("open")
    assert first["ref"] != second["ref"]
    assert second["text"] == "Do you ship to Malta?"
    await write(page, "And to Gozo?")
    assert (await relay.heard("send"))["text"] == "And to Gozo?"
    assert len(relay.customers) == len(relay.customers["hdc_1"]) == 1


async def test_a_question_may_be_left_without_a_name_or_later_by_who_was_offline(
    relay: FakeRelay, page: Page
) -> None:
    relay.desk |= {"online": False}
    await start(relay, page)
    await write(page, "Anybody?")
    assert (await relay.heard("send"))["text"] == "Anybody?"
    await relay.down()
    await page.get_by_role("textbox", name="Email").fill("ada@example.org")
    await write(page, "Then by mail, please.")
    await relay.up()
    await expect(page.get_by_role("log")).to_contain_text("by mail")
    assert relay.request.person == {"email": "ada@example.org"}
    assert [m["text"] for m in relay.request.messages[2:]] == ["Anybody?", "Then by mail, please."]


async def test_who_wrote_stays_with_a_refused_text_and_with_a_draft(
    relay: FakeRelay, page: Page
) -> None:
    relay.desk |= {"online": False}
    await start(relay, page)
    await page.get_by_role("textbox", name="Name").fill("Ada")
    email = page.get_by_role("textbox", name="Email")
    await email.fill("ada@example.org")
    await page.get_by_role("textbox", name="Message").fill("Do you ship")
    await page.reload()
    await expect(email).to_have_value("ada@example.org")
    relay.refusals["open"] = [{"code": "invalid", "message": "No."}]
    await write(page, "Do you ship to Malta?")
    await expect(email).to_be_hidden()
    await page.get_by_role("button", name="Edit and send again").click()
    await expect(email).to_have_value("ada@example.org")
    await email.fill("ada@example.com")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Do you ship to Malta?")
    assert relay.request.person == {"name": "Ada", "email": "ada@example.com"}
    await expect(email).to_be_hidden()


async def test_a_form_before_the_chat_insists_on_what_the_site_must_know(
    relay: FakeRelay, page: Page
) -> None:
    await page.add_init_script("window.helpdesk = [['settings', { form: 'name email*' }]]")
    await page.goto(relay.url)
    await page.get_by_role("button", name="Help").click()
    await write(page, "Hi")
    assert relay.all("open") == []
    await page.get_by_role("textbox", name="Email").fill("ada@example.org")
    await write(page, "Hi")
    await expect(page.get_by_role("log")).to_contain_text("Hi")
    assert relay.request.person == {"email": "ada@example.org"}
    await end(page)
    await page.get_by_role("button", name="Start a new request").click()
    await relay.heard("open", 2)  # nothing is asked a second time


async def test_the_log_is_parted_by_days(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await relay.say("That was years ago")
    await write(page, "and this is today")
    await expect(page.get_by_role("log")).to_contain_text("and this is today")
    relay.request.messages[-1]["at"] = "2030-01-02T10:00:00.000Z"
    await page.reload()
    days = page.get_by_role("log").locator(".day")
    await expect(days).to_have_count(2)
    await expect(days.last).to_contain_text("January 2")


async def test_the_last_own_text_is_marked_as_sent_until_it_is_seen(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await write(page, "Hi")
    await expect(page.get_by_text("Sent", exact=True)).to_be_visible()
    mark = {"type": "read", "request": relay.request.number, "by": "agent", "seq": 3}
    await relay.push(mark)
    await expect(page.get_by_text("Seen", exact=True)).to_be_visible()


async def test_links_lead_to_the_web_and_nowhere_else(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await relay.say("See (https://example.org/a?b=1&c=2), or javascript:alert(1) data:text/html,x")
    link = page.get_by_role("log").get_by_role("link")
    await expect(link).to_have_count(1)
    await expect(link).to_have_attribute("href", "https://example.org/a?b=1&c=2")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    await expect(page.get_by_role("log")).to_contain_text("(https://example.org/a?b=1&c=2), or")


async def test_near_the_limit_the_room_that_is_left_is_counted(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    field = page.get_by_role("textbox", name="Message")
    await field.fill("a" * 3500)
    await expect(page.get_by_text("characters left")).to_be_hidden()
    await field.fill("a" * 3960)
    await expect(page.get_by_text("At most 50 characters left")).to_be_visible()


async def test_a_chat_that_ended_is_rated_with_a_comment(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await end(page)
    await page.get_by_role("radio", name="3, Okay").check()
    assert relay.all("rate") == []
    await page.get_by_role("textbox", name="Comment").fill("Quick & kind")
    await rate(page, "4, Good")
    await expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    rated = await relay.heard("rate")
    assert (rated["score"], rated["comment"]) == (4, "Quick & kind")
    await expect(page.get_by_role("radio")).to_have_count(0)
    await page.get_by_role("button", name="Change rating").click()
    await expect(page.get_by_role("radio", name="4, Good")).to_be_checked()
    await expect(page.get_by_role("textbox", name="Comment")).to_have_value("Quick & kind")
    await rate(page, "5, Great")
    assert (await relay.heard("rate", 2))["score"] == 5
    await page.wait_for_function(f"!{STORED}.includes('hdc_')")


async def test_who_ends_a_chat_leaves_nothing_to_the_next_person(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await write(page, "a secret")
    await page.get_by_role("textbox", name="Message").fill("half a secret")
    await end(page)
    stored = await page.evaluate(STORED)
    assert "secret" not in stored
    assert "hdc_" not in stored
    await page.get_by_role("button", name="Start a new request").click()
    await relay.heard("open", 2)
    assert relay.all("hello")[-1]["token"] is None
    assert len(relay.customers) == 2
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("")
    await expect(page.get_by_role("log")).not_to_contain_text("secret")


async def test_another_signed_in_customer_finds_and_sends_nothing_of_the_last_one(
    relay: FakeRelay, page: Page
) -> None:
    ada, bob = (f"x.{b64encode(json.dumps({'sub': name}).encode()).decode()}.x" for name in "ab")
    relay.pages["/ada"], relay.pages["/bob"], relay.pages["/nobody"] = (
        Served(f"<!doctype html><script>window.helpdesk = {calls}</script>{SCRIPT}")
        for calls in (f"[['identify', '{ada}']]", f"[['identify', '{bob}']]", "[]")
    )
    await page.goto(f"{relay.url}/ada")
    await page.get_by_role("button", name="Help").click()
    field = page.get_by_role("textbox", name="Message")
    await write(page, "first")
    await relay.heard("send")
    await relay.down()
    await write(page, "unsent by Ada")
    await field.fill("draft by Ada")
    await page.goto("about:blank")  # or it would connect again, and send what is hers
    await relay.up()
    await page.goto(f"{relay.url}/nobody")
    await relay.heard("hello", 2)
    await expect(page.get_by_role("textbox", name="Message", include_hidden=True)).to_have_value("")
    assert len(relay.all("send")) == 1
    await page.goto(f"{relay.url}/bob")
    await page.get_by_role("button", name="Start a new request").click()
    await relay.heard("open", 2)
    await expect(field).to_have_value("")
    assert "Ada" not in await page.evaluate(STORED)
    assert len(relay.all("send")) == 1


async def test_a_comment_that_is_not_sent_yet_survives_a_reload(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await relay.end()
    await page.get_by_role("radio", name="5, Great").check()
    comment = page.get_by_role("textbox", name="Comment")
    await comment.fill("Quick & kind")
    await page.reload()
    await expect(comment).to_have_value("Quick & kind")
    await rate(page, "5, Great")
    assert (await relay.heard("rate"))["comment"] == "Quick & kind"
    await page.reload()
    await expect(page.get_by_text("Thank you for your rating.")).to_be_visible()
    hidden = page.get_by_role("textbox", name="Comment", include_hidden=True)
    await expect(hidden).to_have_value("")


async def test_a_rating_given_offline_goes_out_when_the_relay_is_back(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await end(page)
    await expect(page.get_by_role("radio", name="5, Great")).to_be_visible()
    await relay.down()
    await rate(page, "5, Great")
    await page.wait_for_function("Object.keys(localStorage).some((key) => /rating/.test(key))")
    await relay.up()
    assert (await relay.heard("rate"))["score"] == 5


async def test_the_transcript_is_downloaded_as_text(
    relay: FakeRelay, page: Page, tmp_path: Path
) -> None:
    await start(relay, page)
    await write(page, "<b>one</b>")
    await relay.heard("send")
    await relay.claim("Sam")
    await relay.say("two")
    await expect(page.get_by_role("log")).to_contain_text("two")
    own = {"opened": "You came to us", "composer": "Your words"}
    await page.evaluate("(texts) => helpdesk.settings({ texts })", own)
    await expect(page.get_by_role("textbox", name="Your words")).to_be_visible()
    await page.get_by_role("button", name="More").click()
    async with page.expect_download() as download:
        await page.get_by_role("menuitem", name="Download transcript").click()
    saved = await download.value
    assert saved.suggested_filename == f"chat-{relay.request.number}.txt"
    await saved.save_as(tmp_path / "chat.txt")
    lines = (tmp_path / "chat.txt").read_text().splitlines()
    assert [re.split(r"M \S+ ", line)[-1] for line in lines if "two" in line or "one" in line] == [
        "You: <b>one</b>",
        "Sam: two",
    ]
    assert re.fullmatch(r".*M (UTC|GMT\S*|[A-Z]+) You came to us", lines[0])


async def test_erasing_asks_once_and_leaves_nothing_behind(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    await write(page, "my secret")
    await expect(page.get_by_role("log")).to_contain_text("my secret")
    await erase(page)
    await page.get_by_role("button", name="Cancel").click()
    assert relay.all("forget") == []
    await page.get_by_role("textbox", name="Message").fill("half a secret")
    await erase(page)
    await page.get_by_role("button", name="Erase now").click()
    await expect(page.get_by_text("Your data has been erased.")).to_be_visible()
    await expect(page.get_by_role("log")).to_have_text("")
    await expect(page.locator("textarea")).to_have_value("")
    assert await page.evaluate("Object.keys(localStorage)") == []
    await page.get_by_role("button", name="Start a new request").click()
    await relay.heard("open", 2)
    assert relay.all("hello")[-1]["token"] is None


async def test_erasing_again_has_nothing_to_erase_and_never_erases_what_comes_after(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    for _ in range(2):
        await erase(page)
        await page.get_by_role("button", name="Erase now").click()
        await expect(page.get_by_text("Your data has been erased.")).to_be_visible()
    assert await page.evaluate("Object.keys(localStorage)") == []
    await page.get_by_role("button", name="Start a new request").click()
    await write(page, "a new chat")
    await expect(page.get_by_role("log")).to_contain_text("a new chat")
    await page.reload()
    await expect(page.get_by_role("log")).to_contain_text("a new chat")
    assert len(relay.all("forget")) == 1


async def test_an_erasure_asked_for_without_a_connection_comes_before_the_next_request(
    relay: FakeRelay, page: Page
) -> None:
    await start(relay, page)
    await end(page)
    await relay.down()
    await erase(page)
    await page.get_by_role("button", name="Erase now").click()
    await page.get_by_role("button", name="Start a new request").click()
    await expect(page.get_by_text("Erasing your data…")).to_be_visible()
    await relay.up()
    await expect(page.get_by_text("Your data has been erased.")).to_be_visible()
    assert relay.customers == {}
    assert len(relay.all("open")) == 1


async def test_a_held_request_is_not_erased_and_says_why(relay: FakeRelay, page: Page) -> None:
    await start(relay, page)
    relay.refusals["forget"] = [{"code": "forbidden", "message": "A request of yours is held."}]
    await erase(page)
    await page.get_by_role("button", name="Erase now").click()
    why = page.get_by_role("status").get_by_text("That is not possible right now.")
    await expect(why).to_be_visible()
    await write(page, "still here")
    await expect(page.get_by_role("log")).to_contain_text("still here")
