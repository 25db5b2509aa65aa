"""Paths below that of the public URL, which a proxy passes on with it or without it."""

from collections.abc import AsyncIterator
from urllib.parse import urljoin

import pytest

from tests.free_port import free_port
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import Desk, wire
from tests.integration.relay.plain_http import http

OLD = "/widget/000000000000"
"""Folder of the files of an earlier release."""


@pytest.fixture(params=["https://desk.example/chat", "https://desk.example/chat/"])
async def below(request: pytest.FixtureRequest, start: Start) -> AsyncIterator[Desk]:
    """A relay with the demo page, whose public URL has a path."""
    async with start(demo=True, public_url=request.param, port=free_port()) as desk:
        yield desk


@pytest.mark.parametrize("prefix", ["", "/chat"])
async def test_everything_is_there_with_the_path_and_without_it(below: Desk, prefix: str) -> None:
    for path in ("/", "/widget.js", "/healthz", "/widget/panel.js", "/helpdesk.d.ts"):
        assert (await http(below, prefix + path)).status == 200, path
    async with await wire(f"{below.url}{prefix}", "customer", "https://desk.example") as customer:
        await customer.ok("hello")
    assert (await http(below, f"{prefix}/v1/customer", Origin="https://evil.example")).status == 403


async def test_the_demo_page_finds_the_widget_with_and_without_a_slash(below: Desk) -> None:
    assert b'src="/chat/widget.js"' in (await http(below, "/")).body
    reply = await http(below, "/chat?from=mail")
    assert (reply.status, reply.headers["location"]) == (308, "/chat/?from=mail")


@pytest.mark.parametrize("path", ["/chatty/widget.js", "/chat/chat/widget.js", "/chatwidget.js"])
async def test_other_paths_are_not_there(below: Desk, path: str) -> None:
    assert (await http(below, path)).status == 404


@pytest.mark.parametrize("prefix", ["", "/chat"])
@pytest.mark.parametrize("file", ["/panel.js", "/texts/de.js"])
async def test_an_open_page_finds_the_files_of_an_upgraded_relay(
    below: Desk, prefix: str, file: str
) -> None:
    reply = await http(below, f"{prefix}{OLD}{file}")
    assert reply.status == 302
    assert reply.headers["access-control-allow-origin"] == "*"
    # Wherever a proxy serves the relay, even where the relay does not know of it.
    for folder in ("https://desk.example", "https://desk.example/chat", "https://a.example/b/c"):
        assert (
            urljoin(f"{folder}{OLD}{file}", reply.headers["location"]) == f"{folder}/widget{file}"
        )


async def test_without_a_path_in_the_public_url_there_is_none(start: Start) -> None:
    async with start(demo=True) as desk:
        assert (await http(desk, "/chat/widget.js")).status == 404
        assert b'src="/widget.js"' in (await http(desk, "/")).body
