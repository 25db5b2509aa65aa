"""The older widget, as a browser may have kept it, at a relay of this program."""

import os
from pathlib import Path

from playwright.async_api import Page, Route, async_playwright, expect

from tests.compatibility.release import Release
from tests.e2e.main_job.stage import Stage
from tests.integration.relay.helpers import greeted, wire
from tests.patience import PATIENCE


async def an_older_widget_works_at_a_new_relay(release: Release, home: Path) -> None:
    """A page with the older script opens a request, talks, comes back after a reload, and ends."""
    stage = Stage(home)
    with stage.running():
        token = stage.add_agent("Sam")
        async with async_playwright() as playwright:
            path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            launch = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            async with await launch as browser:
                page = await browser.new_page()
                page.set_default_timeout(PATIENCE * 1000)
                served = await _serve_older(page, release.folder / "web_widget")
                await _talk(page, stage, token)
                assert served, "the page has not asked for the widget"
    assert stage.stored_texts()[1:] == ["My parcel is late", "Let me look", "Thank you"]
    assert stage.query("SELECT status FROM help_request") == [("closed",)]


async def _serve_older(page: Page, widget: Path) -> list[str]:
    """Answer what *page* asks of the widget with the older files; return the list of the paths."""
    served: list[str] = []

    async def answer(route: Route) -> None:
        path = route.request.url.partition("/widget")[2].partition("?")[0]
        name = "widget.js" if path == ".js" else path.lstrip("/")
        served.append(name)
        body = (widget / name).read_bytes()
        await route.fulfill(body=body, content_type="text/javascript; charset=utf-8")

    await page.route("**/widget.js*", answer)
    await page.route("**/widget/**", answer)
    return served


async def _talk(page: Page, stage: Stage, token: str) -> None:
    async with await greeted(await wire(stage.url, "agent"), token=token) as agent:
        await page.goto(stage.url)
        await page.get_by_role("button", name="Help").click()
        log, box = page.get_by_role("log"), page.get_by_role("textbox", name="Message")
        await expect(log).to_contain_text("Hello! How can we help you?")
        await box.fill("My parcel is late")
        await box.press("Enter")
        await agent.ok("join", request=1)
        await agent.ok("send", request=1, text="Let me look")
        await expect(log).to_contain_text("Let me look")
        await page.reload()
        await expect(page.get_by_role("log")).to_contain_text("Let me look")
        await page.get_by_role("textbox", name="Message").fill("Thank you")
        await page.get_by_role("textbox", name="Message").press("Enter")
        await agent.message("Thank you")
        await page.get_by_role("button", name="End chat").click()
        await page.get_by_role("button", name="End chat now").click()
        await expect(page.get_by_text("This chat has ended")).to_be_visible()
