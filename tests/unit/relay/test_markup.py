"""The formatting of texts, with the cases that the widget shares, and of hostile texts."""

import json
from html import escape
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from relay.markup import Block, addresses, parse

DATA = Path(__file__).parents[2] / "data"


class Case(TypedDict, total=False):
    """A text, and how it is shown or the addresses in it."""

    text: str
    html: str
    links: list[str]


def cases(name: str) -> list[Case]:
    """Return the cases of the file *name*."""
    read: list[Case] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return read


def drawn(block: Block) -> str:
    """Return *block* as the cases draw it: an element for each piece, named by its formats."""
    lines = [
        "".join(
            f"<{piece.formats}>{escape(piece.words, quote=False)}</{piece.formats}>"
            if piece.formats
            else escape(piece.words, quote=False)
            for piece in line
        )
        for line in block.lines
    ]
    if block.kind in {"p", "pre"}:
        inner = "\n".join(lines)
        return f"<{block.kind}>{inner}</{block.kind}>"
    start = f" start={block.start}" if block.start > 1 else ""
    items = "".join(f"<li>{line}</li>" for line in lines)
    return f"<{block.kind}{start}>{items}</{block.kind}>"


@pytest.mark.parametrize("case", cases("markup"), ids=lambda case: repr(case["text"]))
def test_a_text_is_formatted_as_the_widget_does(case: Case) -> None:
    assert "".join(map(drawn, parse(case["text"]))) == case["html"]


@pytest.mark.parametrize("case", cases("links"), ids=lambda case: repr(case["text"]))
def test_addresses_are_found_as_the_widget_does(case: Case) -> None:
    assert list(addresses(case["text"])) == case["links"]


def test_there_are_enough_cases() -> None:
    assert len(cases("links")) >= 60
    assert len(cases("markup")) >= 60


MARKS = st.lists(
    st.sampled_from([*"*_`-()[] \na1.é次", "**", "```", "https://a.example", "- ", "1. "]),
    max_size=40,
)


@given(MARKS.map("".join) | st.text())
@example("```\n```\n```")
def test_nothing_but_marks_is_left_out(text: str) -> None:
    shown = "\n".join(
        "".join(piece.words for piece in line) for block in parse(text) for line in block.lines
    )
    rest = iter(text)
    assert all(character in rest for character in shown)
    if "```" not in text:  # whose line may name a language
        assert [one for one in shown if one.isalpha()] == [one for one in text if one.isalpha()]


@pytest.mark.parametrize(
    "part", ["**a ", "*a* ", "`a", "https://a.example/x_ ", "https://", "1. a\n"]
)
def test_a_long_text_is_parsed_once(part: str) -> None:
    assert parse(part * (100_000 // len(part)))
