"""Emoji by name: `:tada:` as one types it, and all that have a name in Unicode to choose from."""

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import name

from rich._emoji_codes import EMOJI
from rich.emoji import Emoji

_BEGUN = re.compile(r"(?:^|[^\w:]):([a-z0-9_+-]{2,})$")
_NAMED = re.compile(r"(?<![\w:]):([a-z0-9_+-]+):$")
_BLOCKS = (range(0x1F300, 0x1F650), range(0x1F680, 0x1F700), range(0x1F900, 0x1FB00))
_SYMBOLS = range(0x2600, 0x27C0)
_JOINED = re.compile("\u200d|[\U0001f3fb-\U0001f3ff]")
"""Code points that join emoji, which terminals draw in different widths."""
_NAMES = sorted(
    (known for known, emoji in EMOJI.items() if not _JOINED.search(emoji)),
    key=lambda known: (len(known), known),
)
_MODIFIERS = range(0x1F3FB, 0x1F400)
"""Colours of skin, which are nothing alone."""


def replace_shortcode(text: str) -> str:
    """Return *text* with the emoji that the name at its end means, or nothing if it is no name.

    A colon right behind a word begins none: that is a time, an address or a line of `passwd`.
    """
    found = _NAMED.search(text)
    emoji = found and Emoji.replace(found[0])
    return text[: found.start()] + emoji if found and emoji and emoji != found[0] else ""


def shortcode_prefix(text: str) -> str:
    """Return how the name of an emoji begins at the end of *text*; nothing in a time or address."""
    found = _BEGUN.search(text)
    return found[1] if found else ""


def find_shortcodes(beginning: str, most: int) -> tuple[tuple[str, str], ...]:
    """Return at most *most* emoji with a name that begins so, or a word in it, and that name.

    The shortest names come first; each emoji is there once.
    """
    found: dict[str, str] = {}
    for inside in (False, True):
        for called in _NAMES:
            fits = f"_{beginning}" in called if inside else called.startswith(beginning)
            if fits and len(found) < most:
                found.setdefault(EMOJI[called], called)
    return tuple(found.items())


@cache
def all_emoji() -> tuple[tuple[str, str], ...]:
    """Return each emoji of one character and its name, as Unicode has it."""
    return tuple(_named())


def _named() -> Iterator[tuple[str, str]]:
    for block in (*_BLOCKS, _SYMBOLS):
        for point in block:
            if point not in _MODIFIERS and (known := name(chr(point), "")):
                yield chr(point), known.lower()
