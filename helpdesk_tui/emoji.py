"""Emoji by name: `:tada:` as one types it, and all that have a name in Unicode to choose from."""

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import name

from rich.emoji import Emoji

_NAMED = re.compile(r":([a-z0-9_+-]+):$")
_BLOCKS = (range(0x1F300, 0x1F650), range(0x1F680, 0x1F700), range(0x1F900, 0x1FB00))
_SYMBOLS = range(0x2600, 0x27C0)
_MODIFIERS = range(0x1F3FB, 0x1F400)
"""Colours of skin, which are nothing alone."""


def with_emoji(text: str) -> str:
    """Return *text* with the emoji that the name at its end means, or nothing if it is no name."""
    found = _NAMED.search(text)
    emoji = found and Emoji.replace(found[0])
    return text[: found.start()] + emoji if found and emoji and emoji != found[0] else ""


@cache
def all_emoji() -> tuple[tuple[str, str], ...]:
    """Return each emoji of one character and its name, as Unicode has it."""
    return tuple(_named())


def _named() -> Iterator[tuple[str, str]]:
    for block in (*_BLOCKS, _SYMBOLS):
        for point in block:
            if point not in _MODIFIERS and (known := name(chr(point), "")):
                yield chr(point), known.lower()
