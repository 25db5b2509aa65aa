"""The HTML of a text, with the cases that the widget shares."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from cli.formats import html_text

DATA = Path(__file__).parents[2] / "data"
MARKUP = [(case["text"], case["html"]) for case in json.loads((DATA / "markup.json").read_text())]
LINKS = [(case["text"], case["links"]) for case in json.loads((DATA / "links.json").read_text())]
ELEMENTS = {"a": "a", "b": "strong", "c": "code", "i": "em"}


def nested(found: re.Match[str]) -> str:
    """Return a piece of a case, whose element is named by its formats, with an element for each."""
    said = found[2]
    for each in found[1]:
        said = f"<{ELEMENTS[each]}>{said}</{ELEMENTS[each]}>"
    return said


@pytest.mark.parametrize(("text", "html"), MARKUP)
def test_an_export_shows_the_formats_that_the_widget_shows(text: str, html: str) -> None:
    expected = re.sub(r"<([abci]+)>(.*?)</\1>", nested, html)
    plain = re.sub(r' (dir|href|rel)="[^"]*"', "", html_text(text)).replace("<pre>\n", "<pre>")
    plain = plain.replace(' start="1"', "").replace(' start="7"', " start=7")
    assert plain.replace("&quot;", '"').replace("&#x27;", "'") == expected


@pytest.mark.parametrize(("text", "links"), LINKS)
def test_an_export_has_the_links_that_the_widget_has(text: str, links: list[str]) -> None:
    assert list(map(unescape, re.findall(r'href="([^"]*)"', html_text(text)))) == links
