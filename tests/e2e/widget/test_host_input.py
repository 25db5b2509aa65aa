"""The widget's input on pages with real libraries that take keys, wheel, touch and focus."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Route, expect

from tests.e2e.widget.fake_parts import Page as Served
from tests.e2e.widget.fake_relay import WIDGET, FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "s o f a. 123 ? and more"
KINDS = (
    "keydown keyup keypress beforeinput input paste wheel touchstart pointerdown mousedown click "
    "dragover drop focusin focusout"
)
SPY = f"""window.seen = []; window.spy = () => {{
  for (const type of {KINDS.split()!r}) for (const capture of [true, false]) {{
    document.addEventListener(type, (event) => event.target.localName === 'helpdesk-widget'
      && seen.push(type), {{ capture, passive: true }}); }} }}; spy()"""
FIELD = "<input id=own value=own>"
TALL = "<div style='height: 3000px'>Shop</div>"
# Each page: its scripts, its markup, and what it does when it has loaded.
LIBRARIES: dict[str, tuple[list[str], str, str]] = {
    "reveal.js": (
        ["reveal.js/dist/reveal.js"],
        "<div class=reveal><div class=slides><section>1</section><section>2</section></div></div>",
        "Reveal.initialize({ mouseWheel: true, hash: false })",
    ),
    "lenis": (["lenis/dist/lenis.js"], TALL, "new Lenis({ autoRaf: true })"),
    "bootstrap": (
        ["bootstrap/dist/js/bootstrap.bundle.js"],
        f"<div class=modal id=own-modal tabindex=-1><div class=modal-dialog>{FIELD}</div></div>",
        "new bootstrap.Modal('#own-modal').show()",
    ),
    "focus-trap": (
        ["tabbable/dist/index.umd.js", "focus-trap/dist/focus-trap.umd.js"],
        f"<div id=trap>{FIELD}</div>",
        "focusTrap.createFocusTrap('#trap').activate()",
    ),
    "micromodal": (
        ["micromodal/dist/micromodal.js"],
        f"<div id=mm aria-hidden=true><div data-micromodal-close tabindex=-1>{FIELD}</div></div>",
        "MicroModal.show('mm', { disableScroll: true })",
    ),
    "hotkeys-js": (
        ["hotkeys-js/dist/hotkeys.js"],
        "",
        "hotkeys('*', { capture: true }, (event) => event.preventDefault())",
    ),
    "mousetrap": (["mousetrap/mousetrap.js"], "", "Mousetrap.bind(['s', 'o', '?'], () => false)"),
    "swiper": (
        ["swiper/swiper-bundle.js"],
        "<div class=swiper><div class=swiper-wrapper><div class=swiper-slide>1</div>"
        "<div class=swiper-slide>2</div></div></div>",
        "new Swiper('.swiper', { keyboard: { enabled: true, onlyInViewport: false },"
        " mousewheel: { eventsTarget: 'body' } })",
    ),
    "body-scroll-lock": (
        ["body-scroll-lock/lib/bodyScrollLock.min.js"],
        f"<div id=lock>{FIELD}</div>",
        "bodyScrollLock.disableBodyScroll(document.querySelector('#lock'))",
    ),
    "aria-hidden": (
        [],
        f"<div id=only>{FIELD}</div>",
        "import('/node_modules/aria-hidden/dist/es2015/index.js').then((lib) => {"
        " lib.hideOthers(only); lib.inertOthers(only) })",
    ),
    "a trap that hears where the focus goes": (  # as @radix-ui/react-focus-scope does
        [],
        f"<div id=trap>{FIELD}</div>",
        "document.addEventListener('focusout', ({ relatedTarget: to }) => {"
        " if (to !== null && !trap.contains(to)) own.focus() }); own.focus()",
    ),
    "a modal dialog": ([], f"<dialog id=only>{FIELD}</dialog>", "only.showModal()"),
    "a modal dialog in a shadow root": (
        [],
        "<div id=shade></div>",
        "shade.attachShadow({ mode: 'open' }).innerHTML = '<dialog><input></dialog>';"
        " shade.shadowRoot.firstChild.showModal()",
    ),
    "two modal dialogs": (
        [],
        "<dialog id=inner>two</dialog><dialog id=outer>one</dialog>",
        "outer.showModal(); inner.showModal()",
    ),
    "keys taken by the window": (
        [],
        FIELD,
        "for (const type of ['keydown', 'wheel', 'mousedown', 'pointerdown', 'touchstart'])"
        " document.addEventListener(type, (event) => event.preventDefault(),"
        " { capture: true, passive: false })",
    ),
}


def page_with(name: str) -> Served:
    """Return the page with the library *name*; the widget's script comes before the library's."""
    scripts, markup, act = LIBRARIES[name]
    lines = "".join(f"<script src='/node_modules/{script}'></script>" for script in scripts)
    return Served(
        f"<!doctype html><html lang=en><title>Shop</title><script src='/widget.js'></script>"
        f"<body>{markup}{lines}<script>window.acts = () => {{ {act} }}</script></body>"
    )


async def add_ending(route: Route) -> None:
    """Answer with a module whose import leaves out the ending, which a bundler would add."""
    path = WIDGET / route.request.url.split("/", 3)[3]
    await route.fulfill(path=path if path.suffix else path.with_suffix(".js"))


async def try_out(relay: FakeRelay, page: Page) -> None:
    """Open the panel, write, send, scroll and hide it, as a customer does."""
    await page.get_by_role("button", name="Help").click()
    field = page.get_by_role("textbox", name="Message")
    await field.click()
    await page.keyboard.type(TEXT)
    await expect(field).to_have_value(TEXT)
    await page.keyboard.press("Enter")
    sent = await relay.heard("send")
    assert sent["text"] == TEXT
    await relay.say("line\n" * 60)
    scroller = page.get_by_role("region", name="Conversation")
    await scroller.hover()
    await page.mouse.wheel(0, -300)
    await scroller.evaluate(
        "e => new Promise((go) => { const look = () => "
        "e.scrollTop < -100 ? go() : setTimeout(look, 20); look(); })"
    )
    await field.focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Help")).to_be_hidden()


@pytest.mark.parametrize("name", LIBRARIES)
async def test_input_of_the_widget_stays_with_the_widget(
    relay: FakeRelay, page: Page, name: str
) -> None:
    relay.pages["/shop"] = page_with(name)
    await page.route("**/aria-hidden/**", add_ending)
    await page.goto(f"{relay.url}/shop")
    await page.evaluate(SPY)
    await page.evaluate("acts()")
    await try_out(relay, page)
    assert await page.evaluate("seen") == []
    own = page.locator("#own")
    if await own.count():
        assert await own.input_value() == "own"
    host = page.locator("helpdesk-widget")
    assert await host.get_attribute("inert") is None
    assert await host.get_attribute("aria-hidden") is None


async def test_the_widget_leaves_a_modal_dialog_with_its_end_and_keeps_the_draft(
    relay: FakeRelay, page: Page
) -> None:
    relay.pages["/shop"] = page_with("two modal dialogs")
    await page.goto(f"{relay.url}/shop")
    await page.get_by_role("button", name="Help").click()
    await page.get_by_role("textbox", name="Message").fill("half a thou")
    await page.evaluate("acts()")
    parent = "document.querySelector('helpdesk-widget').parentNode"
    assert await page.evaluate(f"{parent}.id") == "inner"
    await page.get_by_role("textbox", name="Message").press("Escape")
    await expect(page.get_by_role("dialog", name="Help")).to_be_hidden()
    assert await page.evaluate("[inner.open, outer.open]") == [True, True]
    await page.evaluate("inner.close()")
    await page.wait_for_function(f"{parent}.id === 'outer'")
    await page.evaluate("outer.remove()")
    await page.wait_for_function(f"{parent} === document.body")
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("textbox", name="Message")).to_have_value("half a thou")


async def test_a_key_or_button_that_was_pressed_on_the_page_is_released_there(
    relay: FakeRelay, page: Page
) -> None:
    relay.pages["/shop"] = Served(
        page_with("two modal dialogs").body.replace("<body>", f"<body>{FIELD}")
    )
    await page.goto(f"{relay.url}/shop")
    await page.evaluate(
        "window.ups = []; for (const type of ['keyup', 'pointerup'])"
        " document.addEventListener(type, (event) => ups.push(event.type))"
    )
    await page.get_by_role("button", name="Help").click()
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    assert await page.evaluate("ups") == []
    await page.locator("#own").hover()
    await page.mouse.down()
    await page.get_by_role("textbox", name="Message").hover()
    await page.mouse.up()
    await page.locator("#own").focus()
    await page.keyboard.down("a")
    await page.get_by_role("textbox", name="Message").focus()
    await page.keyboard.up("a")
    assert await page.evaluate("ups") == ["pointerup", "keyup"]


async def test_a_page_that_takes_what_is_dropped_leaves_the_composer_its_text(
    relay: FakeRelay, page: Page
) -> None:
    relay.pages["/shop"] = Served(page_with("a modal dialog in a shadow root").body + "<p>word</p>")
    await page.goto(f"{relay.url}/shop")
    await page.evaluate(SPY)
    await page.evaluate(
        "for (const type of ['dragover', 'drop'])"
        " document.addEventListener(type, (event) => event.preventDefault(), true)"
    )
    await page.get_by_role("button", name="Help").click()
    field = page.get_by_role("textbox", name="Message")
    await expect(page.get_by_role("log")).to_contain_text("Hello!")
    await expect(field).to_be_focused()  # or that would take the selection away
    await page.evaluate("getSelection().selectAllChildren(document.querySelector('p'))")
    await page.locator("p", has_text="word").drag_to(field)
    await expect(field).to_have_value("word")
    assert await page.evaluate("seen") == []
