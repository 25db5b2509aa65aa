"""Text of others never becomes markup, in any field: properties, in the browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.async_api import BrowserContext, Page, Route

from relay.markup import parse
from tests.e2e.widget.fake_parts import AT
from tests.e2e.widget.fake_relay import WIDGET

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKUP = [
    *("<img src=x onerror=hit()>", "<script>hit()</script>", "javascript:hit()", "{name}", "</p>"),
    *("https://a.example/?<b>", "mailto:a@b.example", "http://[", "data:text/html,x", "&lt;"),
    *('"', "'", "`", "\u202e", "\u2066", "\0", " onclick=hit() "),
    *("**", "*", "_", "```", "\n", "\n- ", "\n1. ", "\n2. ", "[x](javascript:hit())"),
]
TEXT = st.lists(st.sampled_from(MARKUP) | st.text(max_size=12), max_size=6).map("".join)
MESSAGE = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["text", "text", "activity"]),
        "text": TEXT,
        "activity": TEXT | st.sampled_from(["opened", "__proto__", "constructor"]),
        "by": st.fixed_dictionaries(
            {"role": st.sampled_from(["customer", "agent", "desk"]), "name": TEXT | st.none()}
        ),
    }
)
FORMATS = {"A", "STRONG", "EM", "CODE", "PRE", "UL"}
ELEMENTS = {"DIV", "OL", "LI", "P", "BDI", "TIME", "BUTTON", *FORMATS}
ATTRIBUTES = {
    *("class", "role", "aria-label", "aria-busy", "tabindex", "dir", "datetime", "hidden"),
    *("aria-hidden", "style"),
    *("href", "rel", "target", "type", "start"),
}
DRAW = """async ({ messages, unsent, name, refusal }) => {
  window.hits = 0;
  window.hit = () => { window.hits += 1; };
  const { setText } = await import('/elements.js');
  const { makeLog } = await import('/log.js');
  const { default: texts } = await import('/texts/en.js');
  const log = makeLog(
    { texts, lang: () => 'en', say: () => name, styles: new CSSStyleSheet() },
    { again() {}, discard() {} });
  const request = { id: 1, status: 'active', agent: { name }, read: { customer: 0, agent: 0 } };
  const refused = refusal && { code: 'invalid', message: refusal };
  log.show({ request, messages, unsent: [{ ref: 'r', text: unsent, refused }] }, true);
  const line = document.createElement('p');
  setText(line, texts.answered, name);
  document.body.replaceChildren(log.element, line);
  do await new Promise((resolve) => setTimeout(resolve));
  while (!log.element.querySelector('.unsent .text'));
  const all = [...log.element.querySelectorAll('*'), ...line.querySelectorAll('*')];
  return {
    hits: window.hits,
    elements: all.map((element) => element.tagName),
    attributes: all.flatMap((element) => element.getAttributeNames()),
    links: [...document.querySelectorAll('a')].map((link) => link.protocol),
    texts: [...log.element.querySelectorAll('[role=log] .text')].map((text) => text.textContent),
    unsent: log.element.querySelector('.unsent .text').textContent,
    line: line.textContent,
  };
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def tab(context: BrowserContext) -> AsyncIterator[Page]:
    async def serve(route: Route) -> None:
        name = route.request.url.removeprefix("http://widget.test/")
        if name:
            await route.fulfill(path=WIDGET / name, content_type="text/javascript")
        else:
            await route.fulfill(body="<!doctype html><body>", content_type="text/html")

    page = await context.new_page()
    await page.route("**/*", serve)
    await page.goto("http://widget.test/")
    yield page
    await page.close()


def shown(text: str) -> str:
    """Return the words of *text* as an element holds them: without marks, items side by side."""
    return "".join(
        ("" if block.kind in {"ul", "ol"} else "\n").join(
            "".join(piece.words for piece in line) for line in block.lines
        )
        for block in parse(text)
    )


@given(st.lists(MESSAGE, max_size=5), TEXT, TEXT, TEXT | st.none())
@settings(max_examples=60, deadline=None)
async def test_no_field_becomes_an_element_an_attribute_or_a_script(
    tab: Page, messages: list[dict[str, Any]], unsent: str, name: str, refusal: str | None
) -> None:
    numbered = [{**message, "seq": seq, "at": AT} for seq, message in enumerate(messages, start=1)]
    found = await tab.evaluate(
        DRAW, {"messages": numbered, "unsent": unsent, "name": name, "refusal": refusal}
    )
    assert found["hits"] == 0
    assert set(found["elements"]) <= ELEMENTS
    assert set(found["attributes"]) <= ATTRIBUTES
    assert set(found["links"]) <= {"http:", "https:", "mailto:"}
    assert found["texts"] == [shown(one["text"]) for one in messages if one["kind"] == "text"]
    assert found["unsent"] == shown(unsent)
    assert found["line"] == f"{name} is helping you."
