"""The widget on a page of another origin: embedding, two tabs, and before the click."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, WebSocket, expect

from tests.e2e.main_job.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Quiet(SimpleHTTPRequestHandler):
    """A web server that says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The origin of a shop, and the folder of its pages."""
    folder = tmp_path / "shop"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()
        thread.join()


def embed(stage: Stage, folder: Path, site: str) -> None:
    """Write the shop's page with the line that the command prints, and nothing else of ours."""
    line = f'<script async src="{stage.url}/widget.js" data-site="{site}"></script>'
    (folder / "index.html").write_text(f"<!doctype html><title>Shop</title>{line}")


async def test_a_listed_origin_has_its_own_site_with_its_own_greeting(
    tmp_path: Path, shop: tuple[str, Path], page: Page
) -> None:
    origin, folder = shop
    (tmp_path / "helpdesk.toml").write_text(
        f'[sites.shop]\norigins = ["{origin}"]\ngreeting = "Welcome to the shop!"\n'
    )
    stage = Stage(tmp_path)
    stage.start()
    embed(stage, folder, "shop")
    await page.goto(origin)
    await page.get_by_role("button", name="Help").click()
    # Nobody is online: the request is opened with the first message.
    await page.get_by_role("textbox", name="Message").fill("Is anybody there?")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("Welcome to the shop!")
    stage.stop()
    assert stage.query("SELECT site FROM help_request") == [("shop",)]


async def test_an_origin_that_is_not_listed_opens_nothing_and_says_so(
    stage: Stage, shop: tuple[str, Path], page: Page
) -> None:
    origin, folder = shop
    embed(stage, folder, "default")
    await page.goto(origin)
    async with page.expect_event("websocket"):
        await page.get_by_role("button", name="Help").click()
    await expect(
        page.get_by_role("dialog", name="Help").get_by_role("status").first
    ).to_be_visible()
    assert stage.query("SELECT 1 FROM help_request") == []


async def test_a_second_tab_goes_on_with_the_same_request(
    stage: Stage, context: BrowserContext, page: Page
) -> None:
    await page.goto(stage.url)
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Message").fill("from the first tab")
    await page.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("from the first tab")
    second = await context.new_page()
    await second.goto(stage.url)
    await second.get_by_role("button", name="Help").click()
    await expect(second.get_by_role("log")).to_contain_text("from the first tab")
    await second.get_by_role("textbox", name="Message").fill("from the second tab")
    await second.get_by_role("textbox", name="Message").press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("from the second tab")
    for tab in (page, second):
        await expect(tab.get_by_role("log").locator("li .text")).to_have_count(3)
    assert stage.query("SELECT count(*) FROM help_request") == [(1,)]


async def test_nothing_is_connected_or_stored_before_the_click(
    stage: Stage, context: BrowserContext, page: Page
) -> None:
    sockets: list[WebSocket] = []

    def note(socket: WebSocket) -> None:
        sockets.append(socket)

    page.on("websocket", note)
    await page.goto(stage.url)
    await expect(page.get_by_role("button", name="Help")).to_be_visible()
    kept = await page.evaluate("() => [localStorage.length, sessionStorage.length]")
    assert (kept, sockets, await context.cookies()) == ([0, 0], [], [])
