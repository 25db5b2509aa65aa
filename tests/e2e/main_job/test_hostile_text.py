"""Hostile text goes from the widget through relay and console and back, and stays text."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.main_job.stage import Stage
from tests.e2e.main_job.terminal import Terminal

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAYLOADS = {
    "clear the screen": "\x1b[2J\x1b[H",
    "colours": "\x1b[31mred",
    "set the clipboard": "\x1b]52;c;aGFja2Vk\x07",
    "set the clipboard, ended by ST": "\x1b]52;c;aGFja2Vk\x1b\\",
    "set the title": "\x1b]0;owned\x07",
    "a link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "ask the terminal": "\x1b[6n\x1b[c\x05",
    "a device control string": "\x1bPq#0;2;0;0;0\x1b\\",
    "C1 CSI": "\x9b2J\x9b31m",
    "C1 OSC": "\x9d52;c;aGFja2Vk\x9c",
    "other controls": "\x00\x07\x08\x0b\x0c\x0e\x0f\x7f",
    "a lone carriage return": "shown\rhidden",
    "bidirectional overrides": "\u202egnp.exe\u202c \u2066x\u2069 \u061c",
    "invisible characters": "a\u200b\u200e\u200f\ufeff\u2060b \U000e0041",
    "line separators": "one\u2028two\u2029three",
    "markup": "[bold red]x[/] [/nope] [@click=app.quit]x[/]",
    "HTML": "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
    "a template": "{{constructor.constructor('return 1')()}} ${7*7} %s %n",
    "SQL": "'); DROP TABLE message; --",
    "a link with a script": "javascript:document.title='owned'",
    "right-to-left text": "مرحبا، أحتاج إلى مساعدة שלום",
    "combining marks": "Z" + "\u0351\u0346\u0321\u0489" * 12,
}
FORBIDDEN = [
    *(b"\x1b[2J\x1b[H", b"\x1b]52", b"\x1b]0;owned", b"\x1b]8;;http://evil", b"\x1b[6n", b"\x1bPq"),
    *(char.encode() for char in "\x9b\x9d\x9c\u202e\u2066\u061c\u200b\u2028\u2029\U000e0041"),
    *(bytes([byte]) for byte in (0, 5, 0x0B, 0x0C, 0x7F)),
]


async def write(page: Page, text: str) -> None:
    """Put *text* into the composer exactly as it is, and send it."""
    composer = page.get_by_role("textbox", name="Message")
    await composer.evaluate(
        "(box, text) => { box.value = text; box.dispatchEvent(new Event('input')); }", text
    )
    await composer.press("Enter")


def assert_harmless(console: Terminal) -> None:
    """The console runs, and nothing but its own sequences has come to the terminal."""
    assert console.alive
    for sequence in FORBIDDEN:
        assert sequence not in console.raw, sequence


async def test_hostile_text_is_only_text_for_the_agent_and_again_for_the_customer(
    stage: Stage, page: Page
) -> None:
    async with stage.console(await stage.hire("Sam")) as console:
        await console.shows("online as Sam")
        await page.goto(stage.url)
        await page.get_by_role("button", name="Help").click()
        await console.shows("#1")
        console.press("\r")
        await console.shows("Write an answer")
        for number, payload in enumerate(PAYLOADS.values()):
            await write(page, f"<{number}> {payload}")
            await console.shows(f"<{number}>")
            console.paste(f"({number}) {payload}")
            await console.shows(f"({number})")
            console.press("\r")
            await expect(page.get_by_role("log")).to_contain_text(f"({number})")
        assert_harmless(console)
    title = await page.title()
    assert "owned" not in title
    assert await page.locator("helpdesk-widget img, helpdesk-widget script").count() == 0
    assert len(stage.query("SELECT 1 FROM message")) > 2 * len(PAYLOADS)


async def test_what_cannot_be_text_is_refused_and_what_is_long_is_whole(
    stage: Stage, page: Page
) -> None:
    async with stage.console(await stage.hire("Sam")) as console:
        await console.shows("online as Sam")
        await page.goto(stage.url)
        await page.get_by_role("button", name="Help").click()
        await write(page, "a lone surrogate \ud800 here")
        await write(page, "\U0001f525" * 4000)
        await expect(page.get_by_role("log")).to_contain_text("\U0001f525" * 4000)
        await console.shows("#1")
        console.press("\r")
        await console.shows("\U0001f525" * 10)
        await write(page, "and on it goes")
        await console.shows("and on it goes")
        assert_harmless(console)
    assert "\U0001f525" * 4000 in stage.stored_texts()
