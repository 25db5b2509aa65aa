"""The widget's colours, whichever the site has chosen, and the rings around what has the focus."""

from __future__ import annotations

from itertools import product
from typing import Literal

import pytest
from playwright.async_api import Page as Tab
from playwright.async_api import expect

from tests.e2e.widget.customer_actions import start
from tests.e2e.widget.fake_relay import FakeRelay

pytestmark = pytest.mark.asyncio(loop_scope="session")

ACCENTS = [
    f"rgb({red} {green} {blue})" for red, green, blue in product((0, 90, 170, 255), repeat=3)
]
TEXT, GRAPHICS = 4.5, 3.0
"""The least contrast of WCAG 2.2, 1.4.3 and 1.4.11."""
CONTRASTS = """(widget, accents) => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map(
      (part) => (part > 10 ? ((part / 255 + 0.055) / 1.055) ** 2.4 : part / 255 / 12.92));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const style = (selector) => getComputedStyle(widget.shadowRoot.querySelector(selector));
  return accents.map((color) => {
    helpdesk.settings({ color });
    const [box, head, face, send, field] = [
      '.box', '.head', '.head .face', '.composer .strong', 'textarea'].map(style);
    return [color, Math.min(...[box, head, face, send].map(
      (one) => contrast(one.color, one.backgroundColor))),
    contrast(field.outlineColor, field.backgroundColor), head.backgroundColor];
  });
}"""
RING = """(widget) => {
  const { outlineStyle, outlineWidth } = getComputedStyle(widget.shadowRoot.activeElement);
  return outlineStyle === 'none' ? '' : outlineWidth;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_any_colour_leaves_words_and_the_ring_of_a_field_readable(
    relay: FakeRelay, page: Tab, scheme: Literal["light", "dark"]
) -> None:
    await page.emulate_media(color_scheme=scheme)
    await start(relay, page)
    await expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    found = await page.locator("helpdesk-widget").evaluate(CONTRASTS, ACCENTS)
    assert len({back for *_, back in found}) == len(ACCENTS)
    assert [(color, text) for color, text, _, _ in found if text < TEXT] == []
    assert [(color, ring) for color, _, ring, _ in found if ring < GRAPHICS] == []


async def test_a_pointer_draws_no_strong_ring_and_a_key_does(relay: FakeRelay, page: Tab) -> None:
    await start(relay, page)
    widget = page.locator("helpdesk-widget")
    assert await widget.evaluate(RING) == "2px"
    await page.get_by_role("button", name="More").click()
    await expect(page.get_by_role("menuitemcheckbox", name="Sound")).to_be_focused()
    assert await widget.evaluate(RING) == ""
    await page.keyboard.press("ArrowDown")
    assert await widget.evaluate(RING) == "3px"
    await page.get_by_role("menuitem", name="End chat").click()
    await expect(page.get_by_role("button", name="End chat now")).to_be_focused()
    assert await widget.evaluate(RING) == ""
