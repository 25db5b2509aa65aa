"""A network that drops packets silently: the widget shows it, reconnects, and nothing is lost."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.main_job.stage import Stage
from tests.e2e.main_job.test_main_job import said, write
from tests.free_port import free_port
from tests.integration.relay.helpers import greeted, wire
from tests.reliability.proxy import between

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER_WITHIN = 11_000
"""Milliseconds that the widget gives the relay to answer, and one second more."""
NOTICED_WITHIN = 20_000 + ANSWER_WITHIN
"""Milliseconds: so much longer it waits until it asks whether the relay is there."""


async def test_the_widget_notices_a_network_that_swallows_everything_and_loses_nothing(
    tmp_path: Path, page: Page
) -> None:
    port = free_port()
    with between(port) as proxy:
        url = f"http://127.0.0.1:{proxy.port}"
        stage = Stage(tmp_path, port, {"HELPDESK_PUBLIC_URL": url})
        stage.start()
        sam = await greeted(await wire(stage.url, "agent"), token=await stage.hire("Sam"))
        await page.clock.install()
        await page.goto(url)
        await page.get_by_role("button", name="Help").click()
        await write(page, "before")
        await expect(page.get_by_role("log")).to_contain_text("before")
        await sam.ok("join", request=1)
        lost = page.get_by_text("The help desk cannot be reached")
        await expect(lost).to_be_hidden()

        proxy.fall_silent()
        await write(page, "meanwhile, by the customer")
        await sam.ok("send", request=1, text="meanwhile, by the agent")
        await page.clock.run_for(NOTICED_WITHIN)
        await expect(lost).to_be_visible()
        proxy.recover()
        await page.clock.run_for(ANSWER_WITHIN)
        await expect(page.get_by_role("log")).to_contain_text("meanwhile, by the agent")
        await expect(lost).to_be_hidden()
        await sam.message("meanwhile, by the customer")
        assert stage.stored_texts()[1:] == [*MEANWHILE]
        assert (await said(page))[1:] == [*MEANWHILE]
        await sam.socket.close()
        stage.stop()


MEANWHILE = ("before", "meanwhile, by the agent", "meanwhile, by the customer")
