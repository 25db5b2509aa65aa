"""The widget on a line of 8 kB/s: a long conversation comes, and its connection stays.

The line and the widget's timers are both faster here than outside, by the same factor.
"""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page, WebSocket, expect

from tests.e2e.main_job.stage import Stage
from tests.free_port import free_port
from tests.integration.relay.helpers import greeted, wire
from tests.patience import PATIENCE
from tests.reliability.proxy import between

pytestmark = pytest.mark.asyncio(loop_scope="session")

FASTER = 10
LINE = 8_000 * FASTER
"""Bytes a second."""
TIMERS = f"""
  const after = window.setTimeout;
  window.setTimeout = (act, ms, ...given) => after(act, ms / {FASTER}, ...given);
"""
SCROLL_UP = """async (view) => {
    while (!view.textContent.includes('How can we help')) {
        view.scrollTo(0, -1e6);
        await new Promise(requestAnimationFrame);
    }
}"""


async def test_a_long_conversation_comes_on_a_slow_line_over_one_connection(
    tmp_path: Path, page: Page
) -> None:
    sockets: list[WebSocket] = []

    def note(socket: WebSocket) -> None:
        sockets.append(socket)

    port = free_port()
    with between(port, rate=LINE) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        stage = Stage(tmp_path, port, {"HELPDESK_PUBLIC_URL": url})
        stage.start()
        sam = await greeted(await wire(stage.url, "agent"), token=await stage.hire("Sam"))
        await page.add_init_script(TIMERS)
        await page.goto(url)
        await page.get_by_role("button", name="Help").click()
        await expect(page.get_by_role("log")).to_contain_text("How can we help")
        await page.goto("about:blank")
        page.on("websocket", note)
        for number in range(120):
            await sam.send("send", ref=f"s{number}", request=1, text=f"{number} ".ljust(1800, "x"))
        await sam.answer("s119")
        await page.goto(url)
        await expect(page.get_by_role("log")).to_contain_text("119 x")
        async with asyncio.timeout(PATIENCE):
            await page.get_by_role("region", name="Conversation").evaluate(SCROLL_UP)
        assert len(sockets) == 1
        await sam.socket.close()
        stage.stop()
