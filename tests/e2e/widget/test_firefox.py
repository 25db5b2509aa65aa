"""The widget in Debian's Firefox: layout, chat, resuming and the end."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.widget.fake_relay import FakeRelay
from tests.e2e.widget.firefox import Firefox, firefox
from tests.e2e.widget.test_host_input import LIBRARIES, TEXT, page_with

ENTER = "\ue007"
ESCAPE = "\ue00c"
EDGE = "getBoundingClientRect()"
HEIGHT = f"{EDGE}.height"
ROOT = "document.querySelector('helpdesk-widget')?.shadowRoot"


def has(text: str) -> str:
    """Return what holds in the page when the panel shows *text*."""
    return f"{ROOT}?.querySelector('dialog')?.innerText.includes({text!r})"


def click(name: str) -> str:
    """Return what clicks the button *name* in the page."""
    return f"[...{ROOT}.querySelectorAll('button')].find((b) => b.innerText === {name!r}).click()"


async def a_long_log_shows_its_end(relay: FakeRelay, browser: Firefox) -> None:
    for count in range(9):
        await relay.say(f"{count} words to be wrapped " * 12)
    await browser.until(has("8 words"))
    edge = "getBoundingClientRect()"
    last = f"[...{ROOT}.querySelectorAll('ol:not(.unsent) li')].at(-1)"
    scroller = f"{ROOT}.querySelector('.scroll')"
    await browser.until(f"{last}.{edge}.bottom <= {scroller}.{edge}.bottom")
    assert await browser.evaluate(f"{scroller}.scrollHeight > 2 * {scroller}.clientHeight")
    box = f"{ROOT}.querySelector('.box').{edge}"
    assert await browser.evaluate(f"innerWidth - {box}.right") <= 40
    assert await browser.evaluate(f"innerHeight - {box}.bottom") == 20


async def a_page_that_moves_the_element_gives_focus_and_scroll_position_back(
    browser: Firefox,
) -> None:
    field, scroller = f"{ROOT}.querySelector('textarea')", f"{ROOT}.querySelector('.scroll')"
    await browser.evaluate(f"{scroller}.scrollTo(0, -200); {field}.setRangeText('half a thought')")
    await browser.evaluate(f"{field}.focus(); {field}.setSelectionRange(2, 6)")
    # Without a window that has the focus, Firefox sends no events of it.
    event = "new FocusEvent('focusin', { bubbles: true, composed: true })"
    await browser.evaluate(f"{field}.dispatchEvent({event})")
    await browser.evaluate("new Promise((go) => requestAnimationFrame(() => setTimeout(go)))")
    await browser.evaluate("document.body.prepend(document.querySelector('helpdesk-widget'))")
    await browser.until(f"{ROOT}.activeElement === {field} && {scroller}.scrollTop === -200")
    assert await browser.evaluate(f"{field}.selectionStart === 2 && {field}.selectionEnd === 6")
    await browser.evaluate(f"{scroller}.scrollTo(0, 0); {field}.setRangeText('', 0, 14)")


async def test_firefox_tells_the_same_story(tmp_path: Path) -> None:
    async with FakeRelay() as relay, firefox(tmp_path) as browser:
        await browser.goto(relay.url)
        await browser.until(f"{ROOT}?.querySelector('.box')")
        await browser.evaluate("helpdesk.settings({ color: 'yellow' })")
        look = f"getComputedStyle({ROOT}.querySelector('.box'))"
        # Where the browser cannot find what reads well on yellow, the Box keeps its own colours.
        finds = await browser.evaluate("CSS.supports('color', 'contrast-color(yellow)')")
        black, white = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
        assert await browser.evaluate(f"{look}.color") == (black if finds else white)
        assert await browser.evaluate(f"{ROOT}.host.matches(':popover-open')") is True
        await browser.evaluate(f"{ROOT}.querySelector('.box').click()")
        await browser.until(has("Hello! How can we help?"))
        await browser.type(f"From a fox{ENTER}")
        assert (await relay.heard("send"))["text"] == "From a fox"
        await relay.claim("Sam")
        await relay.say("Hello, fox. See https://example.org")
        await browser.until(has("Hello, fox."))
        assert await browser.evaluate(f"{ROOT}.querySelector('a').href") == "https://example.org/"
        await a_long_log_shows_its_end(relay, browser)
        await a_page_that_moves_the_element_gives_focus_and_scroll_position_back(browser)
        await browser.type("half a thou")
        await browser.goto(f"{relay.url}/?again")
        await browser.until(has("From a fox"))
        assert await browser.evaluate(f"{ROOT}.querySelector('textarea').value") == "half a thou"
        await relay.down()
        await browser.until(has("is kept on this device"))
        await relay.up()
        await relay.until(lambda: bool(relay.peers))
        for answer in ("Cancel", "End chat now"):
            await browser.evaluate(click("⋯"))
            await browser.until(
                f"{ROOT}.querySelector('[role=menu]')?.innerText.includes('End chat')"
            )
            await browser.evaluate(click("End chat"))
            await browser.evaluate(click(answer))
        await browser.until(has("This chat has ended."))
        await browser.until(has("How was this chat?"))
        await browser.evaluate(f"{ROOT}.querySelector('[type=radio][value=\"5\"]').click()")
        await browser.evaluate(click("Send"))
        await browser.until(has("Thank you for your rating."))


async def test_firefox_keeps_the_input_of_the_widget_from_libraries_too(tmp_path: Path) -> None:
    (tmp_path / "user.js").write_text('user_pref("font.size.variable.x-western", 24);')
    async with FakeRelay() as relay, firefox(tmp_path) as browser:
        # One needs a bundler, the other a window with focus, which the driver's has not.
        left_out = {"aria-hidden", "a modal dialog in a shadow root"}
        names = [name for name in LIBRARIES if name not in left_out]
        for count, name in enumerate(names, 1):
            relay.pages["/shop"] = page_with(name)
            await browser.goto(f"{relay.url}/shop?{count}")
            await browser.evaluate("acts()")
            await browser.evaluate("helpdesk.open()")
            await browser.until(f"{ROOT}.activeElement?.localName === 'textarea'")
            assert await browser.evaluate(f"{ROOT}.querySelector('.box').{HEIGHT}") >= 75, name
            top = await browser.evaluate(f"{ROOT}.querySelector('dialog').{EDGE}.top")
            assert top >= 0, "the browser's own font size pushes the panel out of the window"
            await browser.type(f"{TEXT}{ENTER}")
            assert (await relay.heard("send", count))["text"] == TEXT, name
            await browser.type(ESCAPE)
            await browser.until(f"!{ROOT}.querySelector('dialog').open")
