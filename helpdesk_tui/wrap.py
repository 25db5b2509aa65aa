"""Text into lines of a width in cells. Pure; breaks a word only where there is no space."""

import re

from rich.cells import cell_len, chop_cells

_WORDS = re.compile(r"\S+\s*|\s+")


def wrap(text: str, width: int) -> list[str]:
    """Return *text* as lines of at most *width* cells; a blank line stays one."""
    return [line for paragraph in text.split("\n") for line in _lines(paragraph, max(2, width))]


def cut(text: str, width: int) -> str:
    """Return *text* in at most *width* cells, with an ellipsis where it was longer."""
    if cell_len(text) <= width:
        return text
    return chop_cells(text, width - 1)[0] + "…" if width > 2 else "…"[:width]


def fit(text: str, width: int) -> str:
    """Return *text* in exactly *width* cells: cut, or padded."""
    text = cut(text, width)
    return text + " " * (width - cell_len(text))


def _lines(paragraph: str, width: int) -> list[str]:
    if cell_len(paragraph) <= width:
        return [paragraph]
    paragraph = paragraph.rstrip()
    return (_ascii_lines if paragraph.isascii() else _any_lines)(paragraph, width)


def _any_lines(paragraph: str, width: int) -> list[str]:
    lines: list[str] = []
    line, used = "", 0
    for word in _WORDS.findall(paragraph):
        bare = cell_len(word.rstrip())
        if used and used + bare > width:
            lines.append(line.rstrip())
            line, used = "", 0
        if bare > width:
            *pieces, rest = chop_cells(word.rstrip(), width)
            lines += pieces
            word = rest + word[len(word.rstrip()) :]  # noqa: PLW2901 - what is left of it
        line += word
        used += cell_len(word)
    return [*lines, line]


def _ascii_lines(paragraph: str, width: int) -> list[str]:
    """Do the same where a character is a cell, which is most of the time and much faster."""
    lines = []
    while len(paragraph) > width:
        space = paragraph.rfind(" ", 0, width + 1)
        end = space if space >= 0 else width
        lines.append(paragraph[:end].rstrip())
        paragraph = paragraph[end:].lstrip(" ")
    return [*lines, paragraph]
